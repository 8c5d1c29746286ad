from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class CatalogueConfig(AppConfig):
    name = "portal.catalogue"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from portal.catalogue.live import refresh
        from portal.planning.catalog.edits import connect

        if settings.CATALOGUE_POLL_SECONDS is not None:
            connect(refresh)
