from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    name = "portal.plans"
    verbose_name = _("Scenarios")

    def ready(self) -> None:
        from portal.jobs import housekeeping

        housekeeping.register("portal.plans.services:scenarios_purge")
