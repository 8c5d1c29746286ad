"""Every address. Pages have a language prefix where it is not English; API, streams and probes have none."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from portal.web.health import healthz, readyz
from portal.web.views import robots

handler400 = "portal.api.errors.bad_request"
handler403 = "portal.api.errors.not_permitted"
handler404 = "portal.api.errors.not_found"
handler500 = "portal.api.errors.server_error"

urlpatterns = [
    path("robots.txt", robots),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("api/v1/calculators/", include("portal.tools.api_urls")),
    path("api/v1/jobs/", include("portal.jobs.api_urls")),
    path("api/v1/scenarios/", include("portal.plans.api_urls")),
    path("api/v1/catalogue/", include("portal.catalogue.api_urls")),
    path("api/v1/interchange/", include("portal.interchange.api_urls")),
    path("api/v1/scorecard/", include("portal.scorecard.api_urls")),
    path("api/v1/", include("portal.demos.api_urls")),
    path("api/", include("portal.api.urls")),
    *i18n_patterns(
        path("", include("portal.web.urls")),
        path("scenarios/", include("portal.plans.urls")),
        path("catalogue/", include("portal.catalogue.urls")),
        path("scorecard/", include("portal.scorecard.urls")),
        path("interchange/", include("portal.interchange.urls")),
        path("demos/", include("portal.demos.urls")),
        path("docs/", include("portal.web.docs_urls")),
        path("jobs/", include("portal.jobs.urls")),
        path("tools/", include("portal.tools.urls")),
        path("accounts/", include("portal.accounts.urls")),
        path("admin/", admin.site.urls),
        prefix_default_language=False,
    ),
]
