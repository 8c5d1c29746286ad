"""Convertible notes and interest by day count and compounding."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.planning.equity.capitalization import TYPICAL_NOTE
from portal.planning.equity.interest import Compounding, DayCount, PartialPeriod, accrued, months_later, years
from portal.planning.equity.money import Refused
from portal.planning.equity.notes import Election, ExitElection, Note
from portal.planning.equity.rounding import Rounding, whole

START, END = date(2025, 1, 1), date(2027, 1, 1)


def note(**facts: Any) -> Note:
    plain = {
        "name": "note", "holder": "lender", "principal": 500_000, "rate": "6%", "issued": date(2025, 3, 31),
        "maturity": date(2027, 3, 31), "day_count": DayCount.ACTUAL_365_FIXED, "compounding": Compounding.SIMPLE,
        "discount": "20%", "rules": TYPICAL_NOTE, "threshold": 1_000_000,
    }  # fmt: skip
    return Note(**(plain | facts))


def interest(day_count: DayCount, compounding: Compounding, end: date = END, **how: Any) -> Fraction:
    return accrued(Fraction(1_000_000), Fraction(8, 100), START, end, day_count=day_count, compounding=compounding,
                   **how)  # fmt: skip


def test_published_accruals() -> None:
    """OVF docs/debt.md A1 to A5: a million at 8% over two years."""
    fixed = DayCount.ACTUAL_365_FIXED
    assert interest(fixed, Compounding.SIMPLE) == 160_000
    assert interest(fixed, Compounding.ANNUAL) == 166_400
    assert float(interest(fixed, Compounding.QUARTERLY)) == pytest.approx(171_659.3810022656, rel=1e-12)
    assert float(interest(fixed, Compounding.SEMIANNUAL)) == pytest.approx(169_858.56, rel=1e-12)
    assert float(interest(DayCount.ACTUAL_360, Compounding.SIMPLE)) == pytest.approx(162_222.22222222222, rel=1e-12)


def test_a_venture_lenders_claim_with_its_end_of_term_fee() -> None:
    """OVF docs/debt.md D5: 2M at 10% simple for two years and 3% of principal at the end make 2.46M."""
    owed = 2_000_000 + 2 * interest(DayCount.ACTUAL_365_FIXED, Compounding.SIMPLE) * Fraction(10, 8)
    assert owed + Fraction(3, 100) * 2_000_000 == 2_460_000


@pytest.mark.parametrize(
    ("start", "end", "day_count", "expected"),
    [
        (date(2024, 1, 1), date(2025, 1, 1), DayCount.ACTUAL_365_FIXED, Fraction(366, 365)),
        (date(2024, 1, 1), date(2025, 1, 1), DayCount.ACTUAL_ACTUAL_ISDA, 1),
        (date(2023, 7, 1), date(2024, 7, 1), DayCount.ACTUAL_ACTUAL_ISDA, Fraction(184, 365) + Fraction(182, 366)),
        (date(2025, 1, 31), date(2025, 3, 31), DayCount.THIRTY_360_US, Fraction(60, 360)),
        (date(2025, 1, 30), date(2025, 3, 31), DayCount.THIRTY_360_US, Fraction(60, 360)),
        (date(2025, 1, 29), date(2025, 3, 31), DayCount.THIRTY_360_US, Fraction(62, 360)),
        (date(2025, 2, 28), date(2025, 3, 31), DayCount.THIRTY_360_US, Fraction(30, 360)),
        (date(2024, 2, 29), date(2025, 2, 28), DayCount.THIRTY_360_US, 1),
        (date(2025, 5, 5), date(2025, 5, 5), DayCount.ACTUAL_360, 0),
    ],
)
def test_day_counts(start: date, end: date, day_count: DayCount, expected: Fraction) -> None:
    assert years(start, end, day_count) == expected


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.dates(date(2000, 1, 1), date(2060, 1, 1)))
@settings(max_examples=60, deadline=None)
def test_compound_interest_by_hand(one: date, other: date) -> None:
    """Whole months counted day by day, and the rest at simple interest."""
    start, end = sorted((one, other))
    month, periods = start, 0
    while months_later(start, periods + 1) <= end:
        periods += 1
        month = months_later(start, periods)
    expected = Fraction(121, 120) ** periods
    how = {"day_count": DayCount.ACTUAL_365_FIXED, "compounding": Compounding.MONTHLY}
    found = accrued(Fraction(1), Fraction(1, 10), start, end, partial_period=PartialPeriod.NOTHING, **how)
    assert found == expected - 1
    simple = expected * (1 + Fraction((end - month).days, 3650))
    assert accrued(Fraction(1), Fraction(1, 10), start, end, partial_period=PartialPeriod.SIMPLE, **how) == simple - 1
    if month != end:
        with pytest.raises(Refused, match="say what the part of a period earns"):
            accrued(Fraction(1), Fraction(1, 10), start, end, **how)


def test_months_are_counted_from_the_start() -> None:
    start = date(2022, 1, 31)
    assert [months_later(start, n) for n in (1, 2, 13)] == [date(2022, 2, 28), date(2022, 3, 31), date(2023, 2, 28)]
    assert months_later(start, 1, 15) == date(2022, 2, 15)


def test_a_published_note_in_two_rounds() -> None:
    """OVF docs/debt.md C1 and C2: 530,000 at the cap of $1.00, or at $0.88 with the discount; 0.9M does not qualify."""
    loan = note(cap=8_000_000)
    closing = date(2026, 3, 31)
    assert loan.owed(closing) == 530_000
    assert [loan.price(price, Fraction(8_000_000)) for price in (Fraction(3, 2), Fraction(11, 10))] == [
        1, Fraction(88, 100)
    ]  # fmt: skip
    assert float(loan.owed(closing) / Fraction(88, 100)) == pytest.approx(602_272.7272727273, rel=1e-12)
    assert loan.converts(new_money=Fraction(3_000_000), closing=closing)
    with pytest.raises(Refused, match="less than the 1,000,000 of a qualified financing"):
        loan.converts(new_money=Fraction(900_000), closing=closing)


def test_a_published_note_at_its_discount() -> None:
    """FundersClub's SAFE primer: 25,000 at 20% off $5.00 is $4.00, below the cap's $4.1667, and buys 6,250 shares."""
    loan = note(principal=25_000, rate=0, cap=5_000_000)
    price = loan.price(Fraction(5), Fraction(6_000_000, 5))
    assert price == 4
    assert whole(loan.principal / price, Rounding.DOWN) == 6_250
    assert round(float(note(cap=5_000_000, discount=0).price(Fraction(5), Fraction(6_000_000, 5))), 4) == 4.1667


def test_elections_decide_where_the_note_does_not() -> None:
    small, late = Fraction(1), date(2027, 4, 1)
    assert note(below_threshold=Election.CONVERT).converts(new_money=small, closing=date(2026, 1, 1))
    assert not note(below_threshold=Election.KEEP).converts(new_money=small, closing=date(2026, 1, 1))
    assert note(past_maturity=Election.CONVERT).converts(new_money=Fraction(10**7), closing=late)
    assert not note(past_maturity=Election.KEEP).converts(new_money=Fraction(10**7), closing=late)
    assert note().converts(new_money=Fraction(1_000_000), closing=date(2027, 3, 31))
    with pytest.raises(Refused, match="due on 2027-03-31"):
        note().converts(new_money=Fraction(10**7), closing=late)


def test_interest_stops_at_maturity() -> None:
    assert note().owed(date(2030, 1, 1)) == note().owed(date(2027, 3, 31)) == 560_000


def test_what_a_note_claims_at_an_exit() -> None:
    day = date(2026, 3, 31)
    assert note().exit_claim(day, ExitElection.REPAY) == 530_000
    assert note().exit_claim(day, ExitElection.MULTIPLE, Fraction(2)) == 1_030_000
    assert note().exit_claim(day, ExitElection.CONVERT) == 0
    assert note(cap=8_000_000).exit_shares(day, Fraction(8_000_000)) == 530_000
    with pytest.raises(Refused, match="without a cap"):
        note().exit_shares(day, Fraction(8_000_000))
    for wrong in ((ExitElection.MULTIPLE, None), (ExitElection.REPAY, Fraction(2))):
        with pytest.raises(Refused, match="exactly where"):
            note().exit_claim(day, *wrong)


@pytest.mark.parametrize(
    ("facts", "where"),
    [
        ({"principal": 0}, "notes.note.principal"),
        ({"rate": -1}, "notes.note.rate"),
        ({"discount": 1}, "notes.note.discount"),
        ({"threshold": -1}, "notes.note.threshold"),
        ({"maturity": date(2025, 3, 31)}, "notes.note.maturity"),
    ],
)
def test_impossible_notes_are_refused(facts: dict[str, Any], where: str) -> None:
    with pytest.raises(Refused) as refused:
        note(**facts)
    assert refused.value.where == where


def test_days_out_of_order_are_refused() -> None:
    with pytest.raises(Refused, match="after 2025-01-01"):
        note().owed(date(2025, 1, 1))
    for compounding in Compounding:
        with pytest.raises(Refused, match="on or after"):
            interest(DayCount.ACTUAL_360, compounding, date(2024, 1, 1))
