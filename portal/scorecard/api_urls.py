"""Addresses below ``/api/v1/scorecard/``."""

from django.urls import path

from portal.scorecard import api

app_name = "scorecard-api"
urlpatterns = [
    path("", api.ScorecardView.as_view(), name="scorecard"),
    path("layouts/", api.LayoutsView.as_view(), name="layouts"),
    path("<slug:slug>/", api.FamilyView.as_view(), name="family"),
]
