"""Published exit waterfalls: the stack, the exit value, what each class gets, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.planning.equity.waterfall import Common, Preferred

OVF = "ogulcan-ozyavuz/algorithmic-game-theory-for-private-equity @2cc17f5 (Apache-2.0), "
LIQPREF = "Ceesaxp/liqpref-waterfall-py, "


def common(name: str, shares: Any, strike: Any = 0) -> Common:
    return Common(name=name, shares=shares, strike=strike)


def preferred(name: str, shares: Any, invested: Any, rank: int, **others: Any) -> Preferred:
    return Preferred(name=name, shares=shares, invested=invested, rank=rank, **others)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitCase:
    name: str
    classes: tuple[Common | Preferred, ...]
    exit_value: int
    expected: Mapping[str, Any]
    source: str
    rtol: float = 0


ONE = (common("common", 8_000_000), preferred("A", 2_000_000, 5_000_000, rank=1))
CAPPED = (common("common", 8_000_000), preferred("A", 2_000_000, 5_000_000, rank=1, participating=True, cap=2))
EQUAL = (*ONE, preferred("B", 1_500_000, 9_000_000, rank=1))
STACKED = (ONE[0], preferred("A", 2_000_000, 5_000_000, rank=2), preferred("B", 1_500_000, 9_000_000, rank=1))
GAME = (
    ONE[0],
    preferred("A", 2_000_000, 5_000_000, rank=2, participating=True, cap=2),
    preferred("B", 1_500_000, 9_000_000, rank=1),
)


def rounds(angel: Any, b_rank: int) -> tuple[Common | Preferred, ...]:
    return (
        common("founders", 8_000_000),
        preferred("angel", 1_000_000, angel, rank=2),
        preferred("A", "18000000/7", 3_000_000, rank=2),
        preferred("B", "60000000/7", 4_000_000, rank=b_rank),
    )


TWO_PARTICIPATING = (
    common("Common", 700_000),
    preferred("A", 200_000, 2_000_000, rank=1, participating=True, cap=2),
    preferred("B", 100_000, 1_000_000, rank=1, participating=True),
)


def eight(**e: Any) -> tuple[Common | Preferred, ...]:
    return (
        preferred("E", 1_500_000, 13_500_000, rank=3, **e),
        preferred("D", 870_000, 30_450_000, rank=4),
        preferred("C", 600_000, 18_600_000, rank=5),
        preferred("B2", 67_000, 1_675_000, rank=6),
        preferred("B1", 165_000, 3_630_000, rank=6),
        preferred("A2", 108_000, 1_944_000, rank=7),
        preferred("A1", 185_000, 3_145_000, rank=8),
        preferred("Seed", 79_000, 1_145_500, rank=9),
        common("Common", 650_000),
        common("ESOP", 500_000),
    )


CAPS_CONVERT = LIQPREF + "doc/PARTICIPATION_CAP_LOGIC.md, corrected: it keeps E at 27.0M because it forbids conversion"

EXITS = (
    ExitCase(
        name="wf-F1", classes=ONE, exit_value=35_000_000, expected={"common": 28_000_000, "A": 7_000_000},
        source=OVF + "docs/fixtures.md F1",
    ),
    ExitCase(
        name="wf-F2", classes=ONE, exit_value=15_000_000, expected={"common": 10_000_000, "A": 5_000_000},
        source=OVF + "docs/fixtures.md F2",
    ),
    ExitCase(
        name="wf-F3", classes=ONE, exit_value=25_000_000, expected={"common": 20_000_000, "A": 5_000_000},
        source=OVF + "docs/fixtures.md F3",
    ),
    ExitCase(
        name="wf-F5a", classes=CAPPED, exit_value=40_000_000, expected={"common": 30_000_000, "A": 10_000_000},
        source=OVF + "docs/fixtures.md F5a",
    ),
    ExitCase(
        name="wf-F5b", classes=CAPPED, exit_value=60_000_000, expected={"common": 48_000_000, "A": 12_000_000},
        source=OVF + "docs/fixtures.md F5b",
    ),
    ExitCase(
        name="wf-F6", classes=STACKED, exit_value=10_000_000, expected={"common": 0, "A": 1_000_000, "B": 9_000_000},
        source=OVF + "docs/fixtures.md F6",
    ),
    ExitCase(
        name="wf-F7", classes=EQUAL, exit_value=10_000_000,
        expected={"common": 0, "A": "25000000/7", "B": "45000000/7"}, source=OVF + "docs/fixtures.md F7",
    ),
    ExitCase(
        name="wf-F8b", classes=EQUAL, exit_value=20_000_000,
        expected={"common": 6_000_000, "A": 5_000_000, "B": 9_000_000}, source=OVF + "docs/fixtures.md F8b",
    ),
    ExitCase(
        name="wf-MR-X1", classes=rounds(1_000_000, 1), exit_value=6_000_000,
        expected={"founders": 0, "angel": 500_000, "A": 1_500_000, "B": 4_000_000},
        source=OVF + "docs/rounds.md MR-X1",
    ),
    ExitCase(
        name="wf-MR-X2", classes=rounds(1_000_000, 2), exit_value=6_000_000,
        expected={"founders": 0, "angel": 750_000, "A": 2_250_000, "B": 3_000_000},
        source=OVF + "docs/rounds.md MR-X2",
    ),
    ExitCase(
        name="wf-MR-X3", classes=rounds("3500000/3", 1), exit_value=6_000_000,
        expected={"founders": 0, "angel": 560_000, "A": 1_440_000, "B": 4_000_000},
        source=OVF + "docs/rounds.md MR-X3",
    ),
    ExitCase(
        name="wf-MR-X4", classes=rounds(1_000_000, 1), exit_value=141_000_000,
        expected={"founders": 56_000_000, "angel": 7_000_000, "A": 18_000_000, "B": 60_000_000},
        source=OVF + "docs/rounds.md MR-X4",
    ),
    ExitCase(
        name="lp-captable3-50M", classes=eight(), exit_value=50_000_000,
        expected={"E": 13_500_000, "D": 30_450_000, "C": 6_050_000, "Common": 0},
        source=LIQPREF + "doc/WATERFALL_LOGIC.md",
    ),
    *(
        ExitCase(
            name=f"lp-captable3-capped-converts-{exit_value}", classes=eight(participating=True, cap=2),
            exit_value=exit_value, expected={"E": e}, source=CAPS_CONVERT,
        )
        for exit_value, e in (
            (100_000_000, 27_000_000), (170_000_000, "63750000000/1181"), (250_000_000, "93750000000/1181"),
        )
    ),
    ExitCase(
        name="lp-part-6M", classes=TWO_PARTICIPATING, exit_value=6_000_000,
        expected={"A": 2_600_000, "B": 1_300_000, "Common": 2_100_000}, source=LIQPREF + "tests/test_waterfall.py",
    ),
    ExitCase(
        name="lp-cap-20M", classes=TWO_PARTICIPATING, exit_value=20_000_000,
        expected={"A": 4_000_000, "B": 2_875_000, "Common": 13_125_000}, source=LIQPREF + "tests/test_waterfall.py",
    ),
    ExitCase(
        name="vd-part-3x", exit_value=100_000_000, expected={"inv": 80_000_000, "ent": 20_000_000},
        classes=(common("ent", 40), preferred("inv", 60, 50_000_000, rank=1, participating=True, cap=3)),
        source="Venture Deals, chapter 4, case 3, corrected: an early edition prints “same as case 1”",
    ),
    ExitCase(
        name="option-strike-wso", classes=(common("sponsor", 100), common("options", "100/9", 1)), exit_value=200,
        expected={"sponsor": 190, "options": 10},
        source="wallstreetoasis.com/forums/clarification-on-option-proceeds: exercise cash is shared too",
    ),
)  # fmt: skip

# Payments to A and B for each pair of choices at 60M, in millions to three places.
MATRIX_AT_60M = {
    frozenset(): (10.0, 9.0),
    frozenset("B"): (10.0, 7.895),
    frozenset("A"): (10.2, 9.0),
    frozenset("AB"): (10.435, 7.826),
}
MATRIX_SOURCE = OVF + "README 1.2"
# Exit values at which A's participation reaches its cap, at which A converts, and at which B does.
GAME_BREAKPOINTS = {("cap reached", "A"): 39_000_000, ("converts", "A"): 59_000_000, ("converts", "B"): 69_000_000}
# All breakpoints of the same stack, preferences included (README 4.5).
GAME_EXITS = (9_000_000, 14_000_000, 39_000_000, 59_000_000, 69_000_000)

# Claims of one rank with other multiples: 2 × 10M, 1.5 × 5M and 1.25 × 5M out of 20M, printed in millions.
TIER = {"claims": (20_000_000, 7_500_000, 6_250_000), "money": 20_000_000, "printed": (11.85, 4.44, 3.70)}
TIER_SOURCE = LIQPREF + "doc/PRIORITY_GROUPS.md"
# Two lenders of one rank: OVF docs/debt.md D4.
LENDERS = {"claims": (1_160_000, 580_000), "exit": 870_000, "paid": (580_000, 290_000)}

# The same stack by the option-pricing method: OVF README 4.5 states it to the dollar.
OPTION_PRICING = {
    "inputs": {"equity_value": 60_000_000, "volatility": 0.6, "years": 3, "risk_free": 0.04},
    "printed": {"common": 37_693_023, "A": 11_470_283, "B": 10_836_694},
}
