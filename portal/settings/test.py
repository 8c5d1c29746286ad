"""Settings of the test run: a state folder of its own, quick password hashes, a cache in memory."""

import atexit
import os
import shutil
import tempfile

# All processes of a test run share one state folder and one secret; the one that made the folder removes it.
if "STATE_DIR" not in os.environ:
    os.environ["STATE_DIR"] = tempfile.mkdtemp(prefix="plumbline-test-")
    atexit.register(shutil.rmtree, os.environ["STATE_DIR"], ignore_errors=True)
os.environ.setdefault("SECRET_KEY", "a key for tests only, not a secret, long enough for Django's checks")
os.environ.setdefault("LOG_LEVEL", "WARNING")

from portal.settings.base import *  # noqa: F403

if not ENV["DATABASE_URL"]:  # noqa: F405
    # A file as in production: threads share it by its locks, which a database in memory does not have.
    DATABASES["default"]["TEST"] = {"NAME": STATE / "test.sqlite3"}  # noqa: F405
CATALOGUE_POLL_SECONDS = None  # a test that edits the catalogue says so
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
