from django.urls import path

from portal.web import views

urlpatterns = [
    path("", views.home, name="home"),
    path("go/", views.go, name="go"),
]
