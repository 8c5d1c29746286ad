"""Addresses below ``/api/v1/interchange/``."""

from django.urls import path

from portal.interchange import api

app_name = "interchange-api"
urlpatterns = [
    path("ocf", api.OpenPackageView.as_view(), name="ocf"),
    path("cap-table/ocf", api.WritePackageView.as_view(), name="ocf-export"),
    path("<slug:slug>/<str:suffix>", api.ExportView.as_view(), name="export"),
]
