from django.urls import path

from portal.tools import paste, views

app_name = "tools"
urlpatterns = [
    path("", views.calculator_list, name="list"),
    path("<slug:slug>/", views.page, name="page"),
    path("<slug:slug>/results", views.recompute, name="results"),
    path("<slug:slug>/rows", paste.preview, name="paste"),
]
