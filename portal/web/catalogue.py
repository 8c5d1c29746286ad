"""The translation catalogue: every text of code, templates and declarations, with Babel and without gettext's tools.

``collect`` reads all texts, ``update`` brings the catalogue of a language up to date and keeps its translations,
``faults`` names what is missing or wrong in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

from portal.derive.texts import declared_texts
from portal.settings.env import SETTINGS

KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    # What is wrong with an input: templates that the portal says in the reader's language.
    "Unreadable": None,
    "Problem": None,
    "_refuse": (3,),
}
HEADER = "# The texts of Plumbline. Written by `make messages`, which keeps the translations."
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|\{\w*\}|%[sd]")


def path_of(language: str) -> Path:
    """Where Django looks for the catalogue of ``language``, such as "zh-hans"."""
    return Path(settings.LOCALE_PATHS[0]) / to_locale(language) / "LC_MESSAGES" / "django.po"


def collect() -> Catalog:
    """A catalogue of all texts, without translations."""
    texts = Catalog(charset="utf-8")
    for place, line, message, comments, context in _found():
        texts.add(message, locations=[(place, line)], auto_comments=comments, context=context)
    return texts


def _found() -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    project: Path = settings.PROJECT
    for path in sorted([*project.glob("mlcore/*.py"), *project.glob("portal/**/*.py")]):
        if "migrations" not in path.parts:
            yield from _in_code(path.relative_to(project), path.read_bytes())
    for path in sorted(project.glob("templates/**/*")):
        if path.is_file():
            # Within brackets the indentation of a template does not matter to the reader of Python.
            code = f"({templatize(path.read_text(), origin=str(path))}\n)"
            yield from _in_code(path.relative_to(project), code.encode())
    for text in (*declared_texts(), *(setting.help for setting in SETTINGS)):
        yield "declarations", 1, text, [], None


def _in_code(place: Path, code: bytes) -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    for line, message, comments, context in extract("python", BytesIO(code), KEYWORDS, ["Translators:"]):
        yield str(place), line, message, comments, context


def load(language: str) -> Catalog:
    """The stored catalogue; an empty one when there is none yet."""
    path, locale = path_of(language), to_locale(language)
    if not path.is_file():
        return Catalog(locale=locale, project="Plumbline", header_comment=HEADER, charset="utf-8", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=locale)


def update(language: str, texts: Catalog) -> Catalog:
    """Write the catalogue of ``language`` with exactly ``texts``, keeping the translations that it has.

    Without line numbers and with the first date kept, so that a review shows the changed texts and nothing else.
    """
    catalogue, path = load(language), path_of(language)
    catalogue.update(texts, no_fuzzy_matching=True, update_creation_date=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(
            file, catalogue, width=120, omit_header=False, sort_output=True, ignore_obsolete=True, include_lineno=False
        )
    return catalogue


def faults(catalogue: Catalog, texts: Catalog) -> Iterator[str]:
    """What keeps ``catalogue`` from being the whole and right translation of ``texts``, a sentence each."""
    stored = {(message.context, message.id): message for message in catalogue if message.id}
    wanted = {(message.context, message.id) for message in texts if message.id}
    for context, text in sorted(wanted - stored.keys(), key=str):
        yield f"not in the catalogue, run `make messages`: {_shown(text, context)}"
    for context, text in sorted(stored.keys() - wanted, key=str):
        yield f"no longer in the code, run `make messages`: {_shown(text, context)}"
    for message in stored.values():
        yield from _wrong(message)


def _wrong(message: Message) -> Iterator[str]:
    text = message.id if isinstance(message.id, str) else message.id[-1]
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    if message.fuzzy:
        yield f"marked as fuzzy: {_shown(message.id, message.context)}"
    if not all(strings):
        yield f"not translated: {_shown(message.id, message.context)}"
        return
    expected = set(PLACEHOLDER.findall(text))
    for string in strings:
        given = set(PLACEHOLDER.findall(str(string)))
        if given != expected:
            yield (
                f"{_shown(message.id, message.context)}: the text has {sorted(expected)}, "
                f"its translation {sorted(given)}"
            )


def _shown(text: str | tuple[str, ...] | list[str], context: str | None) -> str:
    first = text if isinstance(text, str) else text[0]
    return repr(first) + (f" ({context})" if context else "")
