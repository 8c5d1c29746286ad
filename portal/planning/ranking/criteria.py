"""What segments are judged by, and the segments that the page starts with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlcore.spec import Range, number, text

ASSUMED = "Assumption: put in your own."

# Field, label, and whether more is better.
CRITERIA = (
    ("market", "Market size", True),
    ("growth", "Growth", True),
    ("pain", "Pain", True),
    ("pay", "Willingness to pay", True),
    ("reach", "Ease of reaching", True),
    ("competition", "Competition", False),
    ("regulation", "Regulation", False),
    ("fit", "Fit with us", True),
)
NAMES = tuple(name for name, _, _ in CRITERIA)
LABELS = tuple(label for _, label, _ in CRITERIA)
MORE_IS_BETTER = tuple(more for _, _, more in CRITERIA)
TOP = 10.0  # of the scale


def _score(label: str, help: str) -> Any:
    return number(label, default=5, low=0, high=TOP, help=help)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    name: str = text("Segment", help="A field of application or a group of customers.", max_length=60)
    market: float = _score("Market size", "From 0, hardly anyone, to 10, the largest that you could serve.")
    growth: float = _score("Growth", "From 0, shrinking, to 10, doubling every year.")
    pain: float = _score("Pain", "How much the problem costs them today: 0 for none, 10 for one they must solve now.")
    pay: float = _score("Willingness to pay", "From 0, only for free, to 10, with a budget waiting.")
    reach: float = _score("Ease of reaching", "From 0, long tenders behind closed doors, to 10, they come to you.")
    competition: float = _score("Competition", "From 0, nobody, to 10, strong rivals everywhere. Less is better.")
    regulation: float = _score("Regulation", "From 0, none, to 10, approval before every sale. Less is better.")
    fit: float = _score("Fit with us", "From 0, nothing of ours helps, to 10, made for what we are best at.")
    fact: str = text("Figure", help="A figure that bears on the scores, with its date.", max_length=200)
    source: str = text("Source of the figure", help="Who published it, and when.", max_length=200)


def _starting(name: str, fact: str, source: str, *scores: tuple[float, float]) -> Segment:
    ranges: dict[str, Any] = {field: Range.of(*ends) for field, ends in zip(NAMES, scores, strict=True)}
    return Segment(name=name, fact=fact, source=source, **ranges)


# Scores are our judgement, as ranges, in the order of CRITERIA; the figures are as published.
SEGMENTS = (
    _starting(
        "Health", "66% of US physicians used AI in 2024, 38% in 2023.",
        "American Medical Association, survey of physicians on augmented intelligence, February 2025",
        (8, 10), (6, 8.5), (7, 9.5), (5, 8), (2, 4.5), (5, 8), (7.5, 9.5), (3, 7),
    ),
    _starting(
        "Finance", "30.6% of Canadian finance and insurance businesses used AI in the year to spring 2025.",
        "Statistics Canada, Canadian Survey on Business Conditions, second quarter of 2025",
        (8, 10), (5, 7.5), (6, 8.5), (7.5, 9.5), (3, 5.5), (6.5, 9), (6.5, 9), (3, 7),
    ),
    _starting(
        "Transport", "70% of transport and logistics companies asked in the US say that they use AI, 2025.",
        "Penske, Transportation Leaders Survey, May 2025",
        (6, 8.5), (4.5, 7), (5, 8), (4, 6.5), (3.5, 6), (4, 6.5), (4, 6.5), (3, 7),
    ),
    _starting(
        "Education", "60% of US public school teachers used an AI tool in the school year 2024–25.",
        "Gallup and Walton Family Foundation, Teaching for Tomorrow, June 2025",
        (5.5, 8), (5, 7.5), (4.5, 7), (2, 4), (2.5, 5), (5, 7.5), (4, 6.5), (3, 7),
    ),
    _starting(
        "Industry", "More than 40% of German manufacturers used AI in 2025.",
        "ifo Institute, business survey, June 2025",
        (7, 9.5), (4, 6.5), (5.5, 8), (5.5, 8), (3, 5.5), (4, 6.5), (3, 5.5), (3, 7),
    ),
    _starting(
        "Retail", "About 34% of German trading companies used AI in 2025, 10% two years before.",
        "ifo Institute, business survey, June 2025",
        (7, 9), (4.5, 7), (4.5, 7), (4, 6.5), (4.5, 7), (6, 8.5), (2, 4), (3, 7),
    ),
    _starting(
        "Public sector", "11 US federal agencies listed 1,110 uses of AI in 2024, 571 in 2023.",
        "US Government Accountability Office, GAO-25-107653, July 2025",
        (6.5, 9), (4, 6.5), (5, 7.5), (4.5, 7), (1, 3), (3.5, 6), (6.5, 9), (3, 7),
    ),
    _starting(
        "Law", "30.2% of US lawyers said in 2024 that their office used AI tools.",
        "American Bar Association, Artificial Intelligence TechReport 2024",
        (4.5, 7), (6, 8.5), (6.5, 9), (7, 9), (4.5, 7), (6, 8.5), (4.5, 7), (3, 7),
    ),
    _starting(
        "Media", "35.6% of Canadian information and cultural businesses used AI in the year to spring 2025.",
        "Statistics Canada, Canadian Survey on Business Conditions, second quarter of 2025",
        (5, 7.5), (5, 7.5), (5, 7.5), (3.5, 6), (5, 7.5), (7, 9), (2.5, 5), (3, 7),
    ),
    _starting(
        "Developer tools", "84% of developers used AI tools in 2025 or planned to.",
        "Stack Overflow, Developer Survey 2025",
        (5.5, 8), (7, 9.5), (6, 8.5), (6, 8.5), (7, 9), (8.5, 10), (0.5, 2), (3, 7),
    ),
)  # fmt: skip
