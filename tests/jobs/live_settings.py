"""Settings of the real processes that live tests start: production's, with sample runners and short times."""

from portal.jobs import runners
from portal.settings.base import *  # noqa: F403

for _name in ("count", "talk", "make", "raises", "deaf", "stuck"):
    runners.register(_name, f"tests.jobs.sample_runners:{_name}")

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
JOB_LEASE_SECONDS = 5.0
JOB_BEAT_SECONDS = 0.5
JOB_SWEEP_SECONDS = 0.5
JOB_RING_SECONDS = 1.5
JOB_GRACE_SECONDS = 2.0
