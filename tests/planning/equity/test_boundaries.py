"""What is just allowed beside what is just refused, at every bound of the engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from portal.planning.equity.events import Issue
from portal.planning.equity.ledger import as_of
from portal.planning.equity.money import Refused, exact, not_negative, part, positive
from portal.planning.equity.rounding import LEGAL, RoundingRules
from portal.planning.equity.safes import discount_of_rate
from portal.planning.equity.terms import ProRata, Protected
from portal.planning.equity.vesting import Allocation, Schedule
from tests.planning.equity.golden_waterfall import preferred
from tests.planning.equity.test_notes import note
from tests.planning.equity.test_rounds import CAPPED, solved

DAY = date(2024, 1, 1)
ROUNDING = {name: getattr(LEGAL, name) for name in LEGAL.__dataclass_fields__}


def rights(*shares: str) -> dict[str, Any]:
    return {"pro_rata": tuple(ProRata(holder=f"p{n}", share=share) for n, share in enumerate(shares))}


def schedule(**facts: Any) -> Schedule:
    return Schedule(**{"start": DAY, "months": 48, "allocation": Allocation.FRACTIONAL} | facts)


def issued(shares: Any) -> Any:
    event = Issue(on=DAY, security="a", holder="a", stock_class="common", shares=shares)
    return as_of([event], DAY)


@pytest.mark.parametrize(
    ("make", "allowed", "refused"),
    [
        (exact, 10**18, 10**18 + 1),
        (exact, -(10**18), -(10**18) - 1),
        (exact, "0" * 59 + "1", "0" * 60 + "1"),
        (positive, Fraction(1, 10**9), 0),
        (not_negative, 0, Fraction(-1, 10**9)),
        (part, 0, Fraction(-1, 10**9)),
        (part, "99.999999%", 1),
        (discount_of_rate, 1, "100.01%"),
        (discount_of_rate, "0.01%", 0),
        (issued, 10**15, 10**15 + 1),
        (issued, 1, 0),
        (lambda n: RoundingRules(**ROUNDING | {"price_places": n}), 0, -1),
        (lambda n: RoundingRules(**ROUNDING | {"price_places": n}), 12, 13),
        (lambda n: RoundingRules(**ROUNDING | {"conversion_places": n}), 12, 13),
        (lambda n: schedule(months=n), 1, 0),
        (lambda n: schedule(months=n), 600, 601),
        (lambda n: schedule(every=n), 48, 49),
        (lambda n: schedule(every=n), 1, 0),
        (lambda n: schedule(day=n), 1, 0),
        (lambda n: schedule(day=n), 31, 32),
        (lambda n: schedule(cliff_months=n), 0, -1),
        (lambda n: schedule(cliff_months=n), 48, 49),
        (lambda n: schedule(cliff_months=n, cliff_portion="10%"), 47, 48),
        (lambda n: note(rate=n), 0, "-0.01%"),
        (lambda n: note(threshold=n), 0, -1),
        (lambda day: note(maturity=day), date(2025, 4, 1), date(2025, 3, 31)),
        (lambda day: note().interest(day), date(2025, 3, 31), date(2025, 3, 30)),
        (lambda cap: preferred("A", 1, 10, rank=1, participating=True, multiple=2, cap=cap), 2, "1.999"),
        (lambda cap: solved({"amount": 1_000_000, "post": cap}, pre_money=10**9), 1_000_001, 1_000_000),
        (lambda share: solved(pool=share), "79.99%", "80%"),
        (lambda share: solved(**rights("50%", share)), "49.99%", "50%"),
        (lambda share: solved(CAPPED | {"pro_rata": True}, **rights(share)), "89.99%", "90%"),
    ],
)
def test_bounds(make: Callable[[Any], Any], allowed: Any, refused: Any) -> None:
    make(allowed)
    with pytest.raises(Refused):
        make(refused)


def test_protection_is_triggered_below_the_conversion_price_only() -> None:
    price = solved().price
    solved(protected=(Protected(security="seed", conversion_price=price),))
    with pytest.raises(Refused, match="waiver"):
        solved(protected=(Protected(security="seed", conversion_price=price + Fraction(1, 10**9)),))
