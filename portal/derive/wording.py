"""Ranges, sentences, problems and changes in the reader's language; single figures are ``portal.derive.figures``.

Pages, documents and chart labels speak through here. What programs read (API, command line, exports) keeps plain
numbers.
"""

from __future__ import annotations

import math
import re
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from mlcore.reading import Problem
from mlcore.spec import Family, Param, Range
from portal.derive.figures import NOTHING, figure, unit_name, writer
from portal.planning.calculator import Sentence

_EMPHASIS = re.compile(r"\*([^*]+)\*")

# The words that mlcore.reading puts into its problems; what is not listed is the reader's own text and stays.
_CAME = (
    _("nothing"), _("true or false"), _("text"), _("a number"), _("a list"), _("an object"), _("something else"),
)  # fmt: skip
# The places of problems that hold the label of an input or an output, or the title of a calculator.
_LABELS = ("table", "output", "calculator")

FAMILIES: dict[Family, str] = {
    Family.LOGNORMAL: _("log-normal"),
    Family.NORMAL: _("normal"),
    Family.UNIFORM: _("uniform"),
    Family.TRIANGLE: _("triangle"),
    Family.PERT: _("PERT"),
    Family.BETA: _("beta"),
}


def range_words(p5: Any, p95: Any, unit: str = "") -> str:
    """An interval as a phrase that can stand in a sentence; an end that never comes is said, not printed."""
    if p5 == p95:
        return figure(p5, unit)
    if isinstance(p95, float) and math.isinf(p95):
        return gettext("{low} or later").format(low=figure(p5, unit))
    return gettext("between {low} and {high}").format(low=figure(p5, unit), high=figure(p95, unit))


def change(value: Any, before: Any, unit: str = "") -> str:
    """How far ``value`` is from ``before``, with an arrow; shares in percentage points."""
    if not all(isinstance(v, int | float) and math.isfinite(v) for v in (value, before)):
        return gettext("no change") if value == before else gettext("was {before}").format(before=figure(before, unit))
    if figure(value, unit) == figure(before, unit):
        return gettext("no change")
    # Between the figures as they are written: 24.1 less 23.8 is 0.3, whatever stands behind.
    step = value - before if unit == "month" else float(f"{value:.3g}") - float(f"{before:.3g}")
    if unit == "month":
        size = figure(abs(step), "months")
    elif unit == "%":
        size = figure(abs(step) * 100, "points")
    else:
        size = figure(abs(step), unit)
    return f"{'↑' if step > 0 else '↓'} {size}"


def sentence_text(sentence: Sentence) -> str:
    """The sentence in the reader's language, with its figures, without emphasis."""
    return _EMPHASIS.sub(r"\1", gettext(sentence.text)).format(**_figures(sentence))


def sentence_html(sentence: Sentence) -> SafeString:
    """The same for a page: what stands between asterisks is bold, and everything is escaped."""
    pattern = _EMPHASIS.sub(r"<b>\1</b>", str(escape(gettext(sentence.text))))
    return mark_safe(pattern.format(**{name: escape(text) for name, text in _figures(sentence).items()}))  # noqa: S308


def problem_text(problem: Problem) -> str:
    """What was wanted and what came, in the reader's language."""
    values = {name: gettext(v) if v in _CAME or name in _LABELS else v for name, v in problem.values.items()}
    return gettext(problem.template).format(**values)


def spread_words(value: Any) -> str:
    """What a range means, for the chip under its box: ``90% sure, log-normal``; empty for a single number."""
    if not isinstance(value, Range):
        return ""
    family = gettext(FAMILIES[value.family])
    if value.family in (Family.LOGNORMAL, Family.NORMAL, Family.BETA):
        return gettext("90% sure, {family}").format(family=family)
    return gettext("always within, {family}").format(family=family)


def bounds_words(param: Param) -> str:
    """What a declared number permits: ``from 0% to 100%``, ``at least 1``; empty where everything is."""
    if param.low is not None and param.high is not None:
        return gettext("from {low} to {high}").format(low=_bound(param, param.low), high=_bound(param, param.high))
    if param.low is not None:
        return gettext("at least {low}").format(low=_bound(param, param.low))
    if param.high is not None:
        return gettext("at most {high}").format(high=_bound(param, param.high))
    return ""


def _bound(param: Param, value: float) -> str:
    return figure(value, param.unit)


def _figures(sentence: Sentence) -> dict[str, str]:
    return {name: figure(value, unit) for name, (value, unit) in sentence.figures.items()}


__all__ = [
    "FAMILIES", "NOTHING", "bounds_words", "change", "figure", "problem_text", "range_words", "sentence_html",
    "sentence_text", "spread_words", "unit_name", "writer",
]  # fmt: skip
