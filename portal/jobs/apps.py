from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "portal.jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        """Raises ImproperlyConfigured for settings that would fail only when somebody comes."""
        import portal.celery  # noqa: F401  so that shared tasks find our broker in the web process too
        from portal.jobs.admission import rate_read
        from portal.jobs.models import Job

        rate_read(settings.DEMO_RATE)
        unknown = sorted(set(settings.WORKER_QUEUES) - set(Job.Queue.values))
        if unknown:
            raise ImproperlyConfigured(
                f"WORKER_QUEUES: wanted some of {', '.join(Job.Queue.values)}, got {unknown[0]!r}"
            )
