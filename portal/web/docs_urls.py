from django.urls import path
from drf_spectacular.views import SpectacularSwaggerSplitView

from portal.web import docs

app_name = "docs"
urlpatterns = [
    path("", docs.index, name="index"),
    path("calculators/<slug:slug>", docs.calculator, name="calculator"),
    path("tasks/<slug:slug>", docs.task, name="task"),
    path("settings", docs.environment, name="settings"),
    path("guides/<slug:slug>", docs.guide, name="guide"),
    path(
        "api",
        SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="docs/api.html"),
        name="api",
    ),
]
