"""The words that stand behind every number of a round, in full."""

from __future__ import annotations

from datetime import date

from portal.planning.equity.legal import legal_table
from portal.planning.equity.round import solve_round
from portal.planning.equity.rounding import LEGAL
from portal.planning.equity.trace import SENTENCES
from tests.planning.equity.rounds import table_of, terms_of
from tests.planning.equity.test_notes import note

TABLE = table_of(common=8_000_000, granted=300_000, reserved=100_000, promised=250_000)
ROUND = terms_of(
    pre_money="12000000.125", new_money=("2999999.995",), pricing="dollars invested", pool="10%",
    safes=[
        {"amount": "1000000.555", "post": "10000000.25"},
        {"amount": 250_000, "discount": "12.5%"},
        {"amount": 40_000, "mfn": "stated election", "elects": "d"},
        {"amount": 99_999, "post": 90_000_000},
    ],
    notes=(note(principal="500000.25", issued=date(2025, 9, 30)),),
)  # fmt: skip
EXACT = [
    "Series A: 14,565,010.987925 shares fully diluted after the round: the only number that agrees with every term.",
    "Series A: Each further share in the total leaves at least 0.587023 of a share over, so that no other total fits.",
    "Series A: Price 1.160655 = (12,000,000.12 pre-money + 3,000,000 new money + 1,904,958.72 converting) ÷ 14,565,010.987925 shares.",  # noqa: E501
    "pool: 1,456,501.098792 shares more in the pool, which then has 1,706,501.098792 not granted.",
    "a: 1,052,376.898415 shares = 1,000,000.56 ÷ 0.95023, where 0.95023 = cap 10,000,000.25 ÷ 10,523,763.406557 shares.",  # noqa: E501
    "b: 246,166.332084 shares = 250,000 ÷ 1.015573, where 1.015573 = round price 1.160655 less 12.5%.",
    "c: Converts on the terms of d.",
    "c: 34,463.286492 shares = 40,000 ÷ the round price 1.160655.",
    "d: 86,157.354647 shares = 99,999 ÷ the round price 1.160655.",
    "note: 514,959.16 converts = 500,000.25 principal + 14,958.91 interest to 2026-03-31.",
    "note: 554,599.534919 shares = 514,959.16 ÷ 0.928524, where 0.928524 = round price 1.160655 less 20%.",
    "x: 2,584,746.482575 shares = 3,000,000 ÷ 1.160655.",
    "common: 8,000,000 shares as before.",
    "options: 300,000 shares as before.",
]
WHOLE = [
    "Series A: All whole shares add up to 14,564,980, which gives the price 1.16066 that they were bought at.",
    "Series A: Price 1.16066 = (12,000,000.12 pre-money + 3,000,000 new money + 1,904,958.72 converting) ÷ 14,564,980 shares.",  # noqa: E501
    "pool: 1,456,498 shares more in the pool, which then has 1,706,498 not granted.",
    "a: 1,052,366 shares = 1,000,000.56 ÷ 0.95024, where 0.95024 = cap 10,000,000.25 ÷ 10,523,746 shares.",
    "b: 246,164 shares = 250,000 ÷ 1.01558, where 1.01558 = round price 1.16066 less 12.5%.",
    "c: Converts on the terms of d.",
    "c: 34,463 shares = 40,000 ÷ the round price 1.16066.",
    "d: 86,157 shares = 99,999 ÷ the round price 1.16066.",
    "note: 514,959.16 converts = 500,000.25 principal + 14,958.91 interest to 2026-03-31.",
    "note: 554,596 shares = 514,959.16 ÷ 0.92853, where 0.92853 = round price 1.16066 less 20%.",
    "x: 2,584,736 shares = 3,000,000 ÷ 1.16066.",
    "common: 8,000,000 shares as before.",
    "options: 300,000 shares as before.",
]


def test_the_trace_of_the_exact_round() -> None:
    assert [str(step) for step in solve_round(TABLE, ROUND).steps] == EXACT


def test_the_trace_of_the_whole_shares() -> None:
    result = legal_table(TABLE, ROUND, LEGAL)
    assert [str(step) for step in result.steps] == WHOLE
    assert {step.text for step in result.steps} <= set(SENTENCES)


def test_the_price_under_each_convention_and_a_pool_outside_it() -> None:
    told = {
        pricing: str(solve_round(TABLE, terms_of(pre_money=12_000_000, new_money=(3_000_000,), pool=1_000_000,
                                                 pricing=pricing)).steps[2])
        for pricing in ("percentage ownership", "pre-money method")
    }  # fmt: skip
    # 8.55M shares and promised options before the round, 1M more in the pool: 12M ÷ 9.55M either way.
    assert told == {
        "percentage ownership":
            "Series A: Price 1.256545 = (12,000,000 pre-money + 3,000,000 new money) ÷ 11,937,500 shares.",
        "pre-money method":
            "Series A: Price 1.256545 = 12,000,000 pre-money ÷ 9,550,000 shares before conversions and new money.",
    }  # fmt: skip
