"""Addresses below ``/api/v1/scenarios/``."""

from django.urls import path

from portal.plans import api

app_name = "plans-api"
urlpatterns = [
    path("", api.ScenariosView.as_view(), name="scenarios"),
    path("compare", api.CompareView.as_view(), name="compare"),
    path("from-job", api.FromJobView.as_view(), name="from-job"),
    path("<str:uid>/", api.OneScenarioView.as_view(), name="scenario"),
    path("<str:uid>/export", api.ExportView.as_view(), name="export"),
    path("<str:uid>/undelete", api.UndeleteView.as_view(), name="undelete"),
    path("<str:uid>/duplicate", api.DuplicateView.as_view(), name="duplicate"),
    path("<str:uid>/send", api.SendView.as_view(), name="send"),
    path("<str:uid>/revisions/", api.RevisionsView.as_view(), name="revisions"),
    path("<str:uid>/revisions/<int:number>/restore", api.RestoreView.as_view(), name="restore"),
]
