from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "portal.web"

    def ready(self) -> None:
        import portal.web.health  # noqa: F401  so that a worker leaves its heartbeat
