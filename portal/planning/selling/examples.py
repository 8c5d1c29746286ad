"""Worked exits of others, and starting points of the page."""

from __future__ import annotations

from typing import Any

from portal.planning.calculator import Example, Preset

OVF = "ogulcan-ozyavuz/algorithmic-game-theory-for-private-equity at 2cc17f5, docs/"
LIQPREF = "Ceesaxp/liqpref-waterfall-py, "

# A sale without costs, debts, carve-out and pool, of which one common share is looked at.
PLAIN = {"costs": 0, "cost_share": 0, "carve_out": 0, "pool": 0, "debts": [], "own_shares": 1, "own_carve_out": 0}


def common(name: str, shares: float) -> dict[str, Any]:
    return {"name": name, "kind": "common", "shares": shares}


def options(name: str, shares: float, strike: float) -> dict[str, Any]:
    return {"name": name, "kind": "options", "shares": shares, "strike": strike}


def preferred(name: str, shares: float, invested: float, **others: Any) -> dict[str, Any]:
    return {"name": name, "kind": "preferred", "shares": shares, "invested": invested, **others}


A = preferred("A", 2_000_000, 5_000_000)
CAPPED_A = {**A, "participation": "capped", "cap": 2}
GAME = [common("Common", 8_000_000), {**CAPPED_A, "rank": 2}, preferred("B", 1_500_000, 9_000_000)]
ROUNDS = [
    common("Founders", 8_000_000),
    preferred("Angel", 1_000_000, 1_000_000, rank=2),
    preferred("A", 18_000_000 / 7, 3_000_000, rank=2),
    preferred("B", 60_000_000 / 7, 4_000_000),
]

EXAMPLES = (
    Example(
        inputs={**PLAIN, "exit_value": 35_000_000, "classes": [common("Common", 8_000_000), A],
                "own_shares": 8_000_000},
        expected={"class_proceeds": [28_000_000, 7_000_000], "converts": [False, True], "own_proceeds": 28_000_000,
                  "preference_cost": 0, "all_convert_at": 25_000_000, "common_starts_at": 5_000_000},
        source=OVF + "fixtures.md F1",
    ),
    Example(
        inputs={**PLAIN, "exit_value": 40_000_000, "classes": [common("Common", 8_000_000), CAPPED_A]},
        expected={"class_proceeds": [30_000_000, 10_000_000], "converts": [False, False]},
        source=OVF + "fixtures.md F5a",
    ),
    Example(
        inputs={**PLAIN, "exit_value": 60_000_000, "classes": GAME},
        expected={"class_proceeds": [40_800_000, 10_200_000, 9_000_000], "converts": [False, True, False]},
        source="README 1.2 of the same, in millions to three places; the game whose choices depend on each other",
    ),
    Example(
        inputs={**PLAIN, "exit_value": 6_000_000, "classes": ROUNDS},
        expected={"class_proceeds": [0, 500_000, 1_500_000, 4_000_000], "nothing_for_common": True,
                  "overhang": 8 / 6},
        source=OVF + "rounds.md MR-X1: B is paid first, the others share by claim",
    ),
    Example(
        inputs={**PLAIN, "exit_value": 20_000_000, "classes": [
            common("Common", 700_000),
            preferred("A", 200_000, 2_000_000, participation="capped", cap=2),
            preferred("B", 100_000, 1_000_000, participation="full"),
        ]},
        expected={"class_proceeds": [13_125_000, 4_000_000, 2_875_000]},
        source=LIQPREF + "tests/test_waterfall.py: what the cap cuts off goes to the others",
    ),
    Example(
        inputs={**PLAIN, "exit_value": 100_000_000, "classes": [
            common("Entrepreneur", 40), preferred("Investor", 60, 50_000_000, participation="capped", cap=3),
        ]},
        expected={"class_proceeds": [20_000_000, 80_000_000]},
        source="B. Feld and J. Mendelson, Venture Deals, chapter 4, case 3, corrected: an early edition prints “same "
        "as case 1”, but 80 million is below the cap of 150",
    ),
    Example(
        inputs={**PLAIN, "exit_value": 200, "classes": [common("Sponsor", 100), options("Options", 100 / 9, 1)]},
        expected={"class_proceeds": [190, 10], "converts": [False, True]},
        source="wallstreetoasis.com/forums/clarification-on-option-proceeds: what is paid on exercise is shared too",
    ),
    Example(
        inputs={**PLAIN, "exit_value": 20_600_000, "classes": [common("Founders", 9_000_000)], "own_shares": 9_000_000,
                "safes": [{"name": "Angel", "amount": 1_000_000, "cap": 10_000_000},
                          {"name": "Friend", "amount": 100_000}],
                "notes": [{"name": "Lender", "principal": 500_000, "rate": 0, "at_sale": "repay"}]},
        expected={"note_gets": [500_000], "debt_paid": 500_000, "safe_shares": [1_000_000, 0],
                  "safe_gets": [2_000_000, 100_000], "safe_converts": [True, False], "own_proceeds": 18_000_000,
                  "to_safes": 2_100_000, "fully_diluted": 10_000_000, "all_convert_at": 10_600_000},
        source="By hand: the note is paid first, the SAFE without a cap gets its amount, and 1M at a cap of 10M is a "
        "tenth of 9M shares and itself, so a tenth of the 20M that are left.",
    ),
    Example(
        inputs={**PLAIN, "exit_value": 10_000_000, "costs": 100_000, "cost_share": 0.01, "carve_out": 0.1,
                "own_carve_out": 0.5, "own_shares": 60,
                "classes": [common("Founders", 60), preferred("A", 40, 4_000_000)],
                "debts": [{"name": "Bank", "claim": 2_000_000, "rank": 1},
                          {"name": "Venture debt", "claim": 1_000_000, "rank": 2}]},
        expected={"costs_paid": 200_000, "debt_paid": 3_000_000, "carved_out": 680_000, "for_classes": 6_120_000,
                  "class_proceeds": [2_120_000, 4_000_000], "own_proceeds": 2_460_000,
                  "own_by_shares": 4_012_000, "preference_cost": 1_552_000, "terms_cost": [0, 1_552_000]},
        source="By hand: 10M − 0.2M of costs − 3M of debts; a tenth is carved out, A takes its 4M of the rest.",
    ),
)  # fmt: skip

SERIES_B = [
    common("Common", 8_000_000),
    options("Options", 1_500_000, 0.4),
    preferred("Seed", 2_000_000, 2_000_000),
    preferred("Series A", 3_500_000, 10_500_000),
    preferred("Series B", 4_000_000, 30_000_000),
]
PRESETS = (
    Preset(
        slug="before-a-round", label="SAFEs and a note, sold before a round",
        inputs={
            "exit_value": "3M to 25M", "costs": 150_000, "largest_price": 25_000_000, "own_shares": 4_000_000,
            "pool": 600_000, "classes": [common("Common", 8_500_000), options("Options", 600_000, 0.05)],
            "safes": [
                {"name": "Accelerator", "amount": 125_000, "cap": 1_800_000},
                {"name": "Angels", "amount": 400_000, "cap": 6_000_000},
                {"name": "Seed fund", "amount": 750_000, "cap": 12_000_000},
            ],
            "notes": [{"name": "Family", "principal": 150_000, "maturity": "2028-01-15", "at_sale": "multiple",
                       "multiple": 2}],
            "debts": [],
        },
    ),
    Preset(
        slug="seed-early", label="Seed company sold early",
        inputs={
            "exit_value": "3M to 15M", "costs": 120_000, "carve_out": "10%", "own_carve_out": "40%",
            "largest_price": 20_000_000, "own_shares": 4_500_000, "pool": 1_000_000, "debts": [],
            "classes": [
                common("Common", 9_000_000), options("Options", 500_000, 0.1), preferred("Seed", 2_400_000, 3_000_000),
            ],
        },
    ),
    Preset(
        slug="series-b", label="Series B, 1× without participation",
        inputs={"exit_value": "40M to 350M", "largest_price": 250_000_000, "own_shares": 3_500_000,
                "pool": 1_200_000, "classes": SERIES_B},
    ),
    Preset(
        slug="twice-participating", label="Series B, 2× with participation and paid first",
        inputs={
            "exit_value": "40M to 350M", "largest_price": 250_000_000, "own_shares": 3_500_000, "pool": 1_200_000,
            "classes": [
                *SERIES_B[:2], *({**row, "rank": 2} for row in SERIES_B[2:4]),
                {**SERIES_B[4], "multiple": 2, "participation": "full"},
            ],
        },
    ),
)  # fmt: skip
