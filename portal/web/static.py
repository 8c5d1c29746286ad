"""Static files: names with a hash of the contents, compressed once, served beside Django without blocking it."""

from __future__ import annotations

from typing import Any
from wsgiref.headers import Headers

from asgiref.typing import ASGI3Application
from django.conf import settings
from django.core.files.base import ContentFile
from rjsmin import jsmin
from servestatic import ServeStaticASGI
from servestatic.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """Also rewrites the imports between our own JavaScript modules to the hashed names, and minifies these modules:
    comments and indentation are a quarter of what they weigh."""

    support_js_module_import_aggregation = True
    # The libraries import nothing, and to look through their megabytes for it takes seconds of every set-up.
    _js_module_import_aggregation_patterns = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )

    def _save(self, name: str, content: Any) -> str:
        if name.startswith("js/"):
            content = ContentFile(jsmin(b"".join(content.chunks())))
        return super()._save(name, content)


def with_static_files(application: ASGI3Application) -> ASGI3Application:
    """``application`` behind the files that ``collectstatic`` left in ``STATIC_ROOT``.

    Only these files are compressed: pages and event streams pass through untouched.
    """
    return ServeStaticASGI(
        application,
        root=settings.STATIC_ROOT,
        prefix=settings.STATIC_URL,
        allow_all_origins=False,
        add_headers_function=_headers,
    )


def _headers(headers: Headers, path: str, url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
