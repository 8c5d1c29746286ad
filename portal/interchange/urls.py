from django.urls import path, re_path

from portal.interchange import views

app_name = "interchange"
urlpatterns = [
    path("ocf", views.ocf, name="ocf"),
    path("cap-table/ocf", views.ocf_export, name="ocf-export"),
    re_path(r"^(?P<slug>[a-z0-9-]+)\.(?P<suffix>xlsx|csv|json)$", views.download, name="download"),
]
