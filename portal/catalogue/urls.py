from django.urls import path

from portal.catalogue import views

app_name = "catalogue"
urlpatterns = [
    path("", views.catalogue, name="list"),
    path("<slug:slug>/", views.table, name="table"),
    path("<slug:slug>.csv", views.export, name="export"),
]
