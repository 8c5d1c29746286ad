from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemosConfig(AppConfig):
    name = "portal.demos"
    verbose_name = _("Demos")

    def ready(self) -> None:
        from portal.jobs import housekeeping, runners

        runners.register("task", "portal.demos.runner:run", describe="portal.demos.present:describe")
        housekeeping.register("portal.demos.services:uploads_expire")
