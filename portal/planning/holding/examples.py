"""Worked cap tables with their sources, and starting points of the page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from mlcore.reading import to_json
from portal.planning.calculator import Example, Preset
from portal.planning.holding import columns as col
from portal.planning.holding.inputs import STAFF, YOUNG

A = "Series A"
SERIES_A = (
    *YOUNG,
    col.LedgerEvent(on=date(2026, 9, 15), kind=col.ROUND, terms=A),
)  # fmt: skip
ROUND_A: dict[str, Any] = {
    "rounds": [{"name": A, "pre_money": 15_000_000, "pool_target": 0.1}],
    "buyers": [{"name": "Lead", "series": A, "amount": 3_000_000}, {"name": "Fund", "series": A, "amount": 1_000_000}],
}
SPLIT = (
    *SERIES_A,
    col.LedgerEvent(
        on=date(2026, 10, 1), kind=col.EXERCISE, security="ES-1", shares=40_000, stock_class="Common", into="CS-3"
    ),
    col.LedgerEvent(
        on=date(2026, 10, 15), kind=col.TRANSFER, security="CS-2", holder="Ben's trust", shares=500_000, into="CS-4"
    ),
    col.LedgerEvent(on=date(2026, 11, 2), kind=col.SPLIT, ratio="5:1"),
    col.LedgerEvent(on=date(2026, 11, 16), kind=col.FORFEIT, security="ES-2", shares=600_000),
    col.LedgerEvent(
        on=date(2026, 12, 1), kind=col.GRANT, security="ES-3", holder="Eve", shares=400_000, price=0.11, terms=STAFF
    ),
    col.LedgerEvent(
        on=date(2026, 12, 1), kind=col.WARRANT, security="W-1", holder="Bank", shares=100_000, price=0.26
    ),
)  # fmt: skip


def _cells(rows: Iterable[col.LedgerEvent]) -> list[dict[str, Any]]:
    """The rows as JSON, without the cells that are as a new row has them."""
    blank = to_json(col.LedgerEvent())
    return [{name: value for name, value in to_json(row).items() if value != blank[name]} for row in rows]


PRESETS = (
    Preset(slug="young", label="Two founders, a pool and SAFEs", inputs={}),
    Preset(slug="series-a", label="After a Series A", inputs={**ROUND_A, "events": _cells(SERIES_A)}),
    Preset(slug="split", label="After a split", inputs={**ROUND_A, "events": _cells(SPLIT)}),
)

FOUNDED = "2024-01-01"
NOBODY: dict[str, Any] = {"founders": [{"name": "Founders"}], "vestings": [], "safes": []}


def _issue(shares: int, **cells: Any) -> dict[str, Any]:
    return {"on": FOUNDED, "security": "CS-1", "holder": "Founders", "shares": shares, "stock_class": "Common", **cells}


def _vesting(day: str, vested: int) -> Example:
    return Example(
        inputs={
            **NOBODY, "as_of": day, "events": [_issue(480, on="2021-01-30", terms="Monthly")],
            "vestings": [{"name": "Monthly", "months": 48, "cliff": 12}],
        },
        expected={"vested": vested, "unvested": 480 - vested, "founders_vested": vested, "diluted": 480},
        source="Open Cap Format 1.2.0, explainer of vesting terms, example 3: on the day of the start or the last of a "
        "shorter month. Where the page prints 31 January 2022 for the cliff it means the 30th.",
    )  # fmt: skip


EXAMPLES = (
    *(_vesting(day, vested) for day, vested in (
        ("2022-01-29", 0), ("2022-01-30", 120), ("2022-02-28", 130), ("2022-03-29", 130), ("2025-01-30", 480),
    )),
    Example(
        inputs={
            **NOBODY, "as_of": "2026-12-31",
            "events": [
                _issue(6_000_000), {"on": "2025-01-01", "kind": "round", "terms": A},
            ],
            "rounds": [{"name": A, "pre_money": 8_000_000, "pool_target": 0.2}],
            "buyers": [{"name": "Lead", "series": A, "amount": 2_000_000}],
        },
        expected={"price_used": 1, "diluted": 10_000_000, "founders_part": 0.6, "pool_available": 2_000_000,
                  "outstanding": 8_000_000, "raised": 2_000_000, "class_part": [0.6, 0.2, 0.2]},
        source="Venture Hacks, “The Option Pool Shuffle”",
    ),
    Example(
        inputs={
            **NOBODY, "as_of": "2026-12-31",
            "events": [
                _issue(9_000_000), {"on": FOUNDED, "kind": "pool", "shares": 1_000_000},
                {"on": "2024-06-01", "kind": "safe", "security": "SAFE-1", "holder": "Angel", "price": 1_000_000,
                 "terms": "Cap"},
                {"on": "2025-01-01", "kind": "round", "terms": A},
            ],
            "safes": [{"name": "Cap", "cap": 10_000_000}],
            "rounds": [{"name": A, "pre_money": 12_000_000, "pool_target": 0.1}],
            "buyers": [{"name": "Lead", "series": A, "amount": 2_000_000}],
        },
        expected={"price_used": 1.04836, "diluted": 13_354_265, "pool_available": 1_335_426, "convertibles": 0,
                  "holder_shares": [9_000_000, 1_907_741, 1_111_098, 0]},
        source="1984vc/cap-table (MIT), SKILL.md: a round in whole shares",
    ),
    Example(
        inputs={
            **NOBODY, "as_of": "2025-01-01", "founders": [{"name": "Ana"}],
            "vestings": [{"name": "Monthly"}],
            "events": [
                _issue(6_000_000, holder="Ana"),
                _issue(4_000_000, security="CS-2", holder="Bo"),
                {"on": "2024-01-15", "kind": "pool", "shares": 1_000_000},
                {"on": "2024-02-01", "kind": "grant", "security": "ES-1", "holder": "Eve", "shares": 48_000,
                 "price": 0.10, "terms": "Monthly", "starts": "2024-01-01"},
                {"on": "2024-03-01", "kind": "transfer", "security": "CS-1", "holder": "Cy", "shares": 1_000_000,
                 "into": "CS-3"},
                {"on": "2024-04-01", "kind": "cancel", "security": "CS-2", "shares": 500_000},
                {"on": "2024-05-01", "kind": "forfeit", "security": "ES-1", "shares": 8_000},
                {"on": "2024-06-01", "kind": "split", "ratio": "3:2"},
                {"on": "2025-01-01", "kind": "exercise", "security": "ES-1", "shares": 15_000, "into": "CS-4",
                 "stock_class": "Common"},
            ],
        },
        expected={"outstanding": 14_265_000, "granted": 45_000, "pool": 1_440_000, "diluted": 15_750_000,
                  "founders_shares": 7_500_000, "vested": 14_268_000, "unvested": 42_000,
                  "holder_shares": [7_500_000, 5_250_000, 1_500_000, 15_000, 0],
                  "holder_options": [0, 0, 0, 45_000, 0]},
        source="By hand: 6 million less 1 million transferred, 4 million less half a million bought back, times 3 ÷ 2; "
        "of 40,000 options 60,000, of which 12 of 48 months of 72,000 have vested and 15,000 are exercised.",
    ),
)  # fmt: skip
