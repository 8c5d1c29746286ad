"""Template tags of every page: icons, figures in the reader's language, charts."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.derive import wording

register = template.Library()

# What would end the script element or open a comment in it, as JSON escapes.
_SCRIPT_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the sprite (``static/icons.txt``), 16 px, in the colour of the text, hidden from screen readers."""
    return format_html('<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>', static("vendor/icons.svg"), name)


@register.simple_tag
def figure(value: Any, unit: str = "") -> str:
    """``value`` with its unit, as the reader's language writes it."""
    return wording.figure(value, unit)


@register.simple_tag
def chart(name: str, drawing: dict[str, Any], label: str, height: int = 280) -> SafeString:
    """A place for a chart and the JSON that ``charts.js`` paints there.

    Args:
        name: the chart's id within the page, such as "fan".
        drawing: ``{"data", "layout", "ticks"}`` as made by ``portal.charts``.
        label: the sentence that a screen reader says in place of the picture.
        height: pixels kept free until it is painted: one that the style sheet has a class for: 40 to 740.
    """
    return format_html(
        '<div class="plot h{}" id="ch-{}" data-chart="j-{}" hx-morph-skip role="img" aria-label="{}"></div>'
        '<script type="application/json" id="j-{}" data-label="{}">{}</script>',
        height,
        name,
        name,
        label,
        name,
        label,
        mark_safe(json.dumps(drawing, allow_nan=False).translate(_SCRIPT_ESCAPES)),  # noqa: S308  escaped above
    )
