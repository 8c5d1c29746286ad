"""The words in which facts about investors are put, and how what is typed as a list or a day is read."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

UNKNOWN = "unknown"
NOT_KNOWN = "Not known"

ROUNDS = {
    "pre_seed": "Pre-seed round",
    "seed": "Seed round",
    "series_a": "Series A",
    "series_b": "Series B",
    "growth": "Series C and later",
}
INVESTS_AT = {UNKNOWN: NOT_KNOWN, **ROUNDS}
ORDER = {name: at for at, name in enumerate(ROUNDS)}

LEADS, FOLLOWS, EITHER = "leads", "follows", "either"
LEADING = {UNKNOWN: NOT_KNOWN, LEADS: "Leads", FOLLOWS: "Follows", EITHER: "Leads or follows"}

RESERVES = {UNKNOWN: NOT_KNOWN, "yes": "Keeps reserves", "no": "Keeps none"}
COMPUTE = {UNKNOWN: NOT_KNOWN, "none": "None", "credits": "Credits", "cluster": "Cluster"}
INTROS = {UNKNOWN: NOT_KNOWN, "cold": "Nobody", "known": "Somebody you know", "close": "A founder they backed"}

LISTED, CONTACTED, MEETING, DILIGENCE, TERMS, COMMITTED, PASSED = (
    "listed", "contacted", "meeting", "diligence", "terms", "committed", "passed",
)  # fmt: skip
PIPELINE = {
    LISTED: "To contact",
    CONTACTED: "Contacted",
    MEETING: "First meeting",
    DILIGENCE: "Due diligence",
    TERMS: "Term sheet",
    COMMITTED: "Committed",
    PASSED: "Passed",
}
OPEN = (LISTED, CONTACTED, MEETING, DILIGENCE, TERMS)
ANSWERED = (COMMITTED, PASSED)  # where no next step is due any more

_ANY = frozenset({"any", "all", "generalist", "global", "worldwide", "不限", "任何", "全部", "全球"})
_NONE = frozenset({"none", "no", "nobody", "无", "没有"})
_SEPARATORS = re.compile(r"[,;/|\n，；、]")
_MARKS = str.maketrans("", "", "{}*")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def listed(text: str) -> dict[str, str]:
    """The parts of “AI, developer tools”, as typed, by what they are compared by; “none” and “any” are none of them."""
    parts = (part.strip() for part in _SEPARATORS.split(text))
    keyed = {_key(part): part for part in parts}
    return {key: part for key, part in keyed.items() if key and key not in _ANY | _NONE}


def names_any(text: str) -> bool:
    """Whether a list says that anything fits: “any”, “global”."""
    return any(_key(part) in _ANY for part in _SEPARATORS.split(text))


def names_none(text: str) -> bool:
    """Whether a list says that it is known to be empty: “none”."""
    return any(_key(part) in _NONE for part in _SEPARATORS.split(text))


def in_common(one: str, other: str) -> list[str]:
    """The parts of the first list that some part of the other repeats, narrows or widens: all words of the one are
    among those of the other, as in “AI” and “AI infrastructure”."""
    others = [set(key.split()) for key in listed(other)]
    return [
        part
        for key, part in listed(one).items()
        if any(set(key.split()) <= words or words <= set(key.split()) for words in others)
    ]


def same_names(one: str, other: str) -> list[str]:
    """The parts of the first list that the other holds too, whatever their capitals and spaces: companies."""
    others = {key.replace(" ", "") for key in listed(other)}
    return [part for key, part in listed(one).items() if key.replace(" ", "") in others]


def day_of(text: str) -> date | None:
    """The day that a text like 2027-01-31 names; None for an empty one.

    Raises:
        ValueError: it is no day.
    """
    text = text.strip()
    if not text:
        return None
    if not _DAY.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def plain(text: str) -> str:
    """A text of the reader's own within a sentence, whose places and emphasis are written with these marks."""
    return text.translate(_MARKS).strip()


def _key(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))
