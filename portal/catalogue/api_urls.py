"""Addresses below ``/api/v1/catalogue/``."""

from django.urls import path

from portal.catalogue import api

app_name = "catalogue-api"
urlpatterns = [
    path("", api.CatalogueView.as_view(), name="catalogue"),
    *api.table_urls(),
]
