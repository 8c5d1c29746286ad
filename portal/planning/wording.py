"""Plain English for machines' answers: API, command line and logs. Pages format in the reader's language instead."""

from __future__ import annotations

import math
import re
from datetime import date
from typing import Any

from mlcore.numbers import write_number
from portal.planning.calculator import Sentence
from portal.planning.calendar import from_month

_EMPHASIS = re.compile(r"\*([^*]+)\*")


def say(sentence: Sentence) -> str:
    """The sentence with its figures filled in and without marks of emphasis."""
    figures = {place: figure(value, unit) for place, (value, unit) in sentence.figures.items()}
    return _EMPHASIS.sub(r"\1", sentence.text).format(**figures)


def figure(value: Any, unit: str) -> str:
    """A value as it stands in a sentence, to three figures: $1.24M, 12%, Aug 2028, 3.5 months."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    if isinstance(value, date):
        return f"{value:%b %Y}" if unit == "month" else f"{value.day} {value:%b %Y}"
    if math.isinf(value):
        return "never"
    if unit == "month":
        return f"{from_month(value):%b %Y}"
    percent = unit.startswith("%")
    text = write_number(float(f"{value:.3g}"), percent=percent)
    if unit.startswith("USD"):
        return f"−${text[1:]}{unit[3:]}" if text.startswith("-") else f"${text}{unit[3:]}"
    if percent:
        return text + unit[1:]
    return f"{text} {unit}".strip() if unit != "×" else f"{text}×"
