from django.apps import AppConfig


class ToolsConfig(AppConfig):
    name = "portal.tools"

    def ready(self) -> None:
        """Find every calculator now: a broken one stops the start, with its name."""
        from portal.planning.registry import all_calculators

        all_calculators()
