"""Addresses below ``/api/`` that belong to no app. Included last: what nothing else took does not exist."""

from django.urls import path

from portal.api import views

app_name = "api"
urlpatterns = [
    path("v1/", views.RootView.as_view(), name="root"),
    path("v1/schema/", views.SchemaView.as_view(), name="schema"),
    path("<path:rest>", views.nothing),
]
