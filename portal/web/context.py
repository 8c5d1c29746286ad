"""What every page's frame shows: the navigation with its counts, the languages, the theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse, translate_url
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from portal.jobs.selectors import jobs_of, visitor_of
from portal.jobs.states import State

THEMES = ("light", "dark")
_TAGS = {"zh-hans": "zh-Hans"}  # Django's language codes to those of HTML, where they differ
_NAMES = {"en": "English", "zh-hans": "中文"}


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    url: str
    icon: str
    label: str


def pages() -> list[Page]:
    """The pages of the navigation, in its order."""
    items = (
        ("home", "house", _("Home")),
        ("tools:list", "calculator", _("Tools")),
        ("plans:list", "layers", _("Scenarios")),
        ("demos:list", "flask-conical", _("Demos")),
        ("jobs:list", "cpu", _("Jobs")),
        ("catalogue:list", "table", _("Catalogue")),
        ("scorecard:list", "target", _("Scorecard")),
        ("docs:index", "book-open", _("Docs")),
        ("docs:api", "code", _("API")),
    )
    return [Page(name, reverse(name), icon, label) for name, icon, label in items]


def frame(request: HttpRequest) -> dict[str, Any]:
    language = get_language() or settings.LANGUAGE_CODE
    theme = request.COOKIES.get("theme", "")
    return {
        "html_lang": _TAGS.get(language, language),
        "languages": _languages(request, language),
        # Fragments are rendered with this context too and do not look at the navigation.
        "nav": SimpleLazyObject(lambda: _nav(request)),
        "theme": theme if theme in THEMES else "",
    }


def _languages(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    """The same page in each language."""
    here = request.get_full_path()
    found = []
    for code, _name in settings.LANGUAGES:
        url = translate_url(here, code)
        absolute = f"{request.scheme}://{request.get_host()}{url}"
        tag = _TAGS.get(code, code)
        found.append({"tag": tag, "name": _NAMES[code], "url": url, "absolute": absolute, "current": code == current})
    return found


def _nav(request: HttpRequest) -> list[dict[str, Any]]:
    known = pages()
    # The API page lies below the documents: of all items that match, the deepest is where we are.
    here = max((page.url for page in known if _is_within(request.path, page)), key=len, default="")
    return [
        {
            "url": page.url,
            "icon": page.icon,
            "label": page.label,
            "current": "" if page.url != here else ("page" if page.url == request.path else "true"),
            **(_running(request) if page.name == "jobs:list" else {}),
        }
        for page in known
    ]


def _is_within(path: str, page: Page) -> bool:
    return path == page.url or (page.name != "home" and path.startswith(page.url))


def _running(request: HttpRequest) -> dict[str, Any]:
    count = jobs_of(request.user, visitor_of(request)).filter(state=State.RUNNING).count()
    return {"count": count, "count_label": ngettext("%d running", "%d running", count) % count}
