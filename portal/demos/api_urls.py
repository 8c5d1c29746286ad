"""Addresses below ``/api/v1/``: the uploads, and one set for each action of each ML task."""

from django.urls import include, path

from portal.demos import api

app_name = "demos-api"
urlpatterns = [
    path("tasks/", api.TasksView.as_view(), name="tasks"),
    path("tasks/", include(api.action_urls())),
    path("uploads/", api.UploadsView.as_view(), name="uploads"),
    path("uploads/<str:uid>/", api.OneUploadView.as_view(), name="upload"),
]
