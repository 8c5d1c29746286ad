"""Django settings. What an operator may change is in ``env.py``; nothing here reads the environment itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal.settings import env

PROJECT = Path(__file__).resolve().parents[2]
ENV = env.read()
STATE = PROJECT / ENV["STATE_DIR"]


def _state_text(name: str) -> str:
    """What set-up wrote into the state folder under ``name``; empty when there is none."""
    path = STATE / name
    return path.read_text().strip() if path.is_file() else ""


SECRET_KEY = ENV["SECRET_KEY"] or _state_text("secret-key")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        f"no secret key: run `make install`, which writes {STATE / 'secret-key'}, or set SECRET_KEY"
    )
DEBUG = ENV["DEBUG"]
ALLOWED_HOSTS = list(ENV["ALLOWED_HOSTS"])
CSRF_TRUSTED_ORIGINS = list(ENV["CSRF_TRUSTED_ORIGINS"])

INSTALLED_APPS = [
    "portal.web",
    "portal.api",
    "portal.interchange",
    "portal.plans",
    "portal.demos",
    "portal.tools",
    "portal.jobs",
    "portal.scorecard",
    "portal.catalogue",
    "portal.accounts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "rest_framework",
    "knox",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.web.errors.PageErrors",
    "portal.catalogue.middleware.one_catalogue",
]

ROOT_URLCONF = "portal.urls"
ASGI_APPLICATION = "portal.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PROJECT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.web.context.frame",
                "portal.accounts.context.sign_up",
            ]
        },
    }
]

# --- records -----------------------------------------------------------------------------------------------------

if ENV["DATABASE_URL"]:
    DATABASES = {"default": dj_database_url.parse(ENV["DATABASE_URL"], conn_health_checks=True)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": STATE / "plumbline.sqlite3",
            "OPTIONS": {
                # Writers queue for the lock at the start of a transaction instead of failing in its middle.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = ENV["REDIS_URL"] or _state_text("redis-url")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
UPLOADS = STATE / "uploads"
ARTIFACTS = STATE / "artifacts"
MAX_UPLOAD_BYTES = ENV["MAX_UPLOAD_MB"] * 1_000_000
UPLOAD_HOURS = ENV["UPLOAD_HOURS"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # bytes of a form or JSON body; files stream past it
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_000  # a table of 200 rows has one a cell

# --- people ------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "allauth.account.auth_backends.AuthenticationBackend",
    "sesame.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# Where mails can be sent, addresses are verified, and then signing up does not tell whether an account exists.
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if ENV["EMAIL_URL"] else "none"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "portal.accounts.adapter.Adapter"
SIGN_UP = ENV["SIGN_UP"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
SESAME_ONE_TIME = True
SESAME_MAX_AGE = 3600  # seconds


def _mail(address: str) -> dict[str, Any]:
    """Django's mail settings from a URL; without one, mails are written to the log."""
    url = urlsplit(address)
    if not address:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if not url.hostname:
        raise ImproperlyConfigured("EMAIL_URL: wanted a host, such as smtp://user:password@host:587")
    return {
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or (465 if url.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_USE_TLS": url.scheme == "smtp" and bool(url.username),
        "EMAIL_TIMEOUT": 10,
    }


globals().update(_mail(ENV["EMAIL_URL"]))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV["EMAIL_FROM"]

# --- catalogue ---------------------------------------------------------------------------------------------------

CATALOGUE_POLL_SECONDS: float | None = 5.0  # until an edit is seen by every process; None: never looked for

# --- language and time -------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [PROJECT / "portal" / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
USE_THOUSAND_SEPARATOR = False  # numbers are written by Babel, see portal.derive.wording

# --- files served ------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = STATE / "static"
STATICFILES_DIRS = [PROJECT / "static" / "own", ("vendor", PROJECT / "static" / "vendor")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG  # the files as they are in the project, see portal.asgi
        else "portal.web.static.Storage"
    },
}
SERVESTATIC_KEEP_ONLY_HASHED_FILES = True

# --- headers -----------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {"camera": [], "geolocation": [], "microphone": [], "payment": [], "usb": []}
CSRF_FAILURE_VIEW = "portal.web.errors.csrf_failed"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV["HTTPS"] else None
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV["HTTPS"]
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes ask the process itself, past the proxy
SECURE_HSTS_SECONDS = 31_536_000 if ENV["HTTPS"] else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = ENV["HTTPS"]

# --- API ---------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "knox.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["portal.api.parsers.StrictJSONParser"],
    "EXCEPTION_HANDLER": "portal.api.errors.handler",
    "NUM_PROXIES": 0,  # the server sets REMOTE_ADDR from a trusted proxy; what a client sends is not believed
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
}

API_RATE = ENV["API_RATE"]
SPECTACULAR_SETTINGS = {
    "TITLE": "Plumbline",
    "DESCRIPTION": "Plan an AI company with numbers that can be checked, and run the models that they rest on. "
    "Calculators are open to visitors, at the rate that the RateLimit headers state; the rest asks for a token.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": True,
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {"JobModeEnum": "portal.jobs.models.Job.Mode"},
    "PREPROCESSING_HOOKS": ["portal.api.schema.only_versioned"],
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "portal.api.schema.finish"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "docExpansion": "none", "tagsSorter": "alpha"},
}
KNOX_TOKEN_MODEL = "accounts.Token"  # noqa: S105  a model, not a secret
REST_KNOX = {"TOKEN_PREFIX": "plumb_"}  # so that a scanner for leaked secrets can know one

# --- jobs --------------------------------------------------------------------------------------------------------

DEVICE_USD_PER_HOUR = ENV["DEVICE_USD_PER_HOUR"]
DEVICE_WATTS = ENV["DEVICE_WATTS"]
DEMO_RATE = ENV["DEMO_RATE"]
CIFAR10 = ENV["CIFAR10"]
HUB_ENABLED = ENV["HUB_ENABLED"]
HUB_MODELS = ENV["HUB_MODELS"]
WORKER_QUEUES = ENV["WORKER_QUEUES"]
JOB_LEASE_SECONDS = 30.0  # after which a silent worker has lost its job
JOB_BEAT_SECONDS = 5.0  # between two renewals of a lease
JOB_POLL_SECONDS = 1.0  # until a running job sees that it was cancelled
JOB_GRACE_SECONDS = 30.0  # until a run that was asked to stop is ended with its process
JOB_SWEEP_SECONDS = 10.0  # between two rounds of housekeeping
JOB_RING_SECONDS = 15.0  # until a waiting job's doorbell is rung again
JOB_SECONDS = {"interactive": 300.0, "training": 43_200.0}  # longest attempt, by mode
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "cpu"
# The row is the job and the message only a doorbell, so it is acknowledged early and never redelivered.
CELERY_TASK_ACKS_LATE = False
# Only for a run that blocks the interpreter itself; any other is stopped by its keeper, with its state saved.
CELERY_TASK_TIME_LIMIT = max(JOB_SECONDS.values()) + 2 * JOB_GRACE_SECONDS
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "global_keyprefix": "plumbline:",
    "socket_keepalive": True,
    "socket_connect_timeout": 2.0,
    "health_check_interval": 25,
    "max_retries": 0,  # a request that finds no broker does not wait for one; workers have a setting of their own
}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": ENV["LOG_LEVEL"]},
    # The access log already has each 4xx; what remains is worth the terminal.
    "loggers": {"django.request": {"level": "ERROR"}},
}
