"""The web process, as an ASGI application."""

import os
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

from portal.web.body_limit import with_body_limit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.base")
application: Any = get_asgi_application()

if settings.DEBUG:  # the project's files as they are, so that a change shows at the next load
    application = ASGIStaticFilesHandler(application)
else:
    from portal.web.static import with_static_files

    application = with_static_files(application)

FORM_BYTES = 1_000_000  # what a form may hold beside a file
application = with_body_limit(application, most=settings.MAX_UPLOAD_BYTES + FORM_BYTES)
