"""Published worked cases about runway, burn and ranges, each with where it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    inputs: dict[str, Any]
    expected: dict[str, Any]
    source: str


FLAT_RUNWAY = Case(
    inputs={"cash": 500_000, "net_burn": 62_500},
    expected={"months": 8},
    source="Fixture of a fundraising engine's documents; 500,000 ÷ 62,500",
)

# The page itself compares the flat runway of 13 months with break-even in month 15 and concludes "default dead".
# That is an error: with the burn that shrinks month by month the company keeps $235,449 at its lowest.
DEFAULT_ALIVE_TRAP = Case(
    inputs={"cash": 800_000, "revenue": 20_000, "growth": 0.10, "expenses": 80_000},
    expected={"flat_runway": 13.3333, "break_even_after": 15, "lowest_cash": 235_449.63, "default_alive": True},
    source="Inputs: runwaymodeler.net/blog-default-alive.html; expected values recomputed month by month",
)

BURN_MULTIPLE = Case(
    inputs={"net_burn": 3_000_000, "net_new_arr": 1_000_000},
    expected={"multiple": 3.0},
    source="David Sacks, talk transcript, lawwu.github.io/transcripts/SjDmtKF4EZA",
)
# Sacks's bands, by the burn multiple at which each begins.
BURN_BANDS = {"amazing": 0, "great": 1, "good": 1.5, "suspect": 2, "bad": 3}

LOG_NORMAL_5_TO_10 = Case(
    inputs={"low": 5, "high": 10},
    expected={"mu": 1.956011502714073, "sigma": 0.2107017784, "mean": 7.2299, "p5": 5, "p95": 10},
    source="Squiggle, “5 to 10”: the 90% interval of a log-normal when both ends are positive",
)

NORMAL_25_TO_35 = Case(
    inputs={"low": 25, "high": 35},
    expected={"mean": 30, "deviation": 3.0397841595588457},
    source="Guesstimate README, [25, 35]: a 90% confidence interval of a normal",
)
