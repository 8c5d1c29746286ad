from django.urls import path, re_path

from portal.plans import page_views, views

app_name = "plans"
urlpatterns = [
    path("", views.scenario_list, name="list"),
    path("save", page_views.save, name="save"),
    path("compare", views.comparison, name="compare"),
    path("from-job", views.from_job, name="from-job"),
    path("samples", views.samples, name="samples"),
    re_path(r"^(?P<uid>scn_[0-9a-f]+)\.(?P<suffix>json|csv)$", views.export, name="export"),
    path("<str:uid>/", page_views.page, name="page"),
    path("<str:uid>/update", page_views.update, name="update"),
    path("<str:uid>/revisions", page_views.revisions, name="revisions"),
    path("<str:uid>/rename", views.rename, name="rename"),
    path("<str:uid>/duplicate", views.duplicate, name="duplicate"),
    path("<str:uid>/restore", views.restore, name="restore"),
    path("<str:uid>/delete", views.delete, name="delete"),
    path("<str:uid>/undelete", views.undelete, name="undelete"),
    path("<str:uid>/send", views.send, name="send"),
]
