"""Addresses below ``/api/v1/calculators/``."""

from django.urls import path

from portal.tools import api

app_name = "tools-api"
urlpatterns = [
    path("", api.ListView.as_view(), name="calculators"),
    *api.calculation_urls(),
    path("<slug:slug>/", api.DetailView.as_view(), name="calculator"),
]
