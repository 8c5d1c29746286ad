"""Addresses below ``/jobs/``."""

from django.urls import path

from portal.jobs import stream, views

app_name = "jobs"
urlpatterns = [
    path("", views.job_list, name="list"),
    path("events", stream.list_events, name="list-events"),
    path("<str:uid>/", views.job_page, name="page"),
    path("<str:uid>/now", views.job_now, name="now"),
    path("<str:uid>/made", views.job_made, name="made"),
    path("<str:uid>/events", stream.job_events, name="events"),
    path("<str:uid>/cancel", views.job_cancel_post, name="cancel"),
    path("<str:uid>/retry", views.job_retry_post, name="retry"),
]
