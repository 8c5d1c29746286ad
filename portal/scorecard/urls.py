from django.urls import path

from portal.scorecard import views

app_name = "scorecard"
urlpatterns = [
    path("", views.scorecard, name="list"),
    path("layouts/", views.layouts, name="layouts"),
    path("<slug:slug>/", views.family, name="family"),
]
