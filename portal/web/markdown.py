"""Markdown of our own files as HTML: no raw HTML, no scripts, no images; code is coloured by Pygments."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound


def _code(text: str, language: str, _attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return ""  # markdown-it then escapes the text itself
    return highlight(text, lexer, HtmlFormatter(nowrap=True, classprefix="hl-"))


def _heading(tokens: Any, at: int, _options: Any, _env: Any) -> str:
    """A page has its h1 already, so the file's own headings stand one below."""
    token = tokens[at]
    level = min(int(token.tag[1]) + 1, 6)
    return f"<h{level}>" if token.nesting == 1 else f"</h{level}>\n"


_parser = MarkdownIt("commonmark", {"html": False, "highlight": _code}).enable("table").disable("image")
_parser.renderer.rules["heading_open"] = _parser.renderer.rules["heading_close"] = _heading  # type: ignore[attr-defined]


def html_of(text: str) -> SafeString:
    """``text`` as HTML; markup in it is shown, not obeyed."""
    return mark_safe(_parser.render(text))  # noqa: S308  html=False escapes what the file holds
