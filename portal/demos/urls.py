from django.urls import path

from portal.demos import views

app_name = "demos"
urlpatterns = [
    path("", views.task_list, name="list"),
    path("runs/<str:uid>/results", views.results, name="results"),
    path("runs/<str:uid>/stop", views.stop, name="stop"),
    path("<slug:slug>/", views.page, name="page"),
    path("<slug:slug>/train/", views.train, name="train"),
    path("<slug:slug>/<slug:action>/run", views.run, name="run"),
    path("<slug:slug>/<slug:action>/quote", views.quote_now, name="quote"),
    path("<slug:slug>/<slug:action>/code", views.code, name="code"),
]
