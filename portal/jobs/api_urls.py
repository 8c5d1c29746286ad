"""Addresses below ``/api/v1/jobs/``."""

from django.urls import path

from portal.jobs import api, stream

app_name = "jobs-api"
urlpatterns = [
    path("", api.JobsView.as_view(), name="jobs"),
    path("<str:uid>/", api.OneJobView.as_view(), name="job"),
    path("<str:uid>/cancel", api.CancelView.as_view(), name="cancel"),
    path("<str:uid>/retry", api.RetryView.as_view(), name="retry"),
    path("<str:uid>/events", stream.job_events, name="events"),
    path("<str:uid>/artifacts/<str:name>", api.ArtifactView.as_view(), name="artifact"),
]
