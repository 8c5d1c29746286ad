"""Rounds and instruments that the terms do not determine: each refused by name, with its reason."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from portal.planning.equity.capitalization import POST_MONEY_SAFE
from portal.planning.equity.legal import legal_table
from portal.planning.equity.money import Refused
from portal.planning.equity.round import solve_round
from portal.planning.equity.rounding import LEGAL, Rounding
from portal.planning.equity.safes import Safe, converting
from portal.planning.equity.system import converted_at_caps
from portal.planning.equity.terms import Basis, Counting, PoolTarget, ProRata, ProRataSource, Protected
from tests.planning.equity.rounds import safe_of, safes_of, table_of, terms_of
from tests.planning.equity.test_notes import note
from tests.planning.equity.test_rounds import CAPPED, TABLE, solved


@pytest.mark.parametrize(
    ("make", "where", "says"),
    [
        (lambda: solved(*[{"amount": 2_000_000, "post": 4_000_000}] * 2), "safes", "100%"),
        (lambda: solved({"amount": 5_000_000, "post": 4_000_000}, pre_money=900_000_000), "safes", "125%"),
        (lambda: solved(pool="90%"), "pool", "110%"),
        (lambda: solved({"amount": 9_000_000, "discount": "50%"}), "round", "no single round"),
        (lambda: solved({"amount": 0, "post": 1}), "safes.a.amount", "above zero"),
        (lambda: solved({"amount": None, "post": 1}), "safes.a.amount", "got None"),
        (lambda: solved({"amount": 1, "post": 0}), "safes.a.cap", "above zero"),
        (lambda: solved({"amount": 1, "discount": "100%"}), "safes.a.discount", "less than 100%"),
        (lambda: solved({"amount": 1, "discount": -1}), "safes.a.discount", "-100%"),
        (lambda: solved(pre_money=0), "round.pre_money", "above zero"),
        (lambda: solved(new_money=()), "investors", "at least one"),
        (lambda: solved(new_money=(0,)), "investors.x.amount", "above zero"),
        (lambda: table_of(common=0), "positions", "shares in issue"),
        (lambda: table_of(common=-1), "positions.common.quantity", "zero or more"),
        (lambda: PoolTarget(share="100%", counting=Counting.UNALLOCATED, basis=Basis.POST_MONEY), "pool.share", "100%"),
        (lambda: solved(pro_rata=(ProRata(holder="p", share="60%"), ProRata(holder="q", share="50%"))), "pro_rata",
         "110%"),
        (lambda: solved(pro_rata=(ProRata(holder="p", share="1%"), ProRata(holder="p", share="1%"))), "pro_rata.p",
         "Two entries"),
        (lambda: solved(CAPPED | {"pro_rata": True}, pro_rata_source=ProRataSource.ENLARGES), "pro_rata_source",
         "state it"),
        (lambda: solved(CAPPED, protected=(Protected(security="seed", conversion_price=2),)), "protected.seed",
         "below the conversion price 2 of seed"),
        (lambda: solved({"amount": 1, "mfn": "stated election"}), "safes.a.elects", "name of the elected"),
        (lambda: solved({"amount": 1, "mfn": "stated election", "elects": "x"}, CAPPED), "safes.a.elects", "got x"),
        (lambda: solved(CAPPED, {"amount": 1, "mfn": "stated election", "elects": "a"}), "safes.b.elects", "got a"),
        (lambda: solved(CAPPED | {"mfn": "best price"}), "safes.a.mfn", "no cap and no discount of its own"),
        (lambda: solved({"amount": 1, "mfn": "best price"}, notes=(note(),)), "safes.a.mfn", "not determined"),
        (lambda: solved(CAPPED, notes=(note(name="a"),)), "convertibles.a", "Two entries"),
        (lambda: converting([safe_of("a", CAPPED)] * 2), "safes.a.name", "Two SAFEs"),
        (lambda: converted_at_caps(TABLE, converting(safes_of([{"amount": 1}]))), "convertibles.a.cap", "has none"),
        (lambda: converted_at_caps(TABLE, converting(safes_of([{"amount": 9, "post": 9}]))), "safes", "100%"),
        (lambda: legal_table(TABLE, terms_of(pre_money=1, new_money=(1,), pool=Fraction(1, 2)), LEGAL), "pool.shares",
         "whole shares"),
        (lambda: legal_table(TABLE, terms_of(pre_money=10, new_money=(9,), safes=[{"amount": 1, "post": 9}]),
                             replace(LEGAL, conversion_places=2, conversion=Rounding.DOWN)),
         "rounding.conversion_places", "rounds to zero at 2 places"),
    ],
)  # fmt: skip
def test_what_is_not_determined_is_refused(make: Any, where: str, says: str) -> None:
    with pytest.raises(Refused) as refused:
        make()
    assert refused.value.where == where
    assert says in str(refused.value)
    assert "{" not in str(refused.value)


def test_one_safe_that_buys_everything_by_its_own_rule_is_refused() -> None:
    rules = replace(POST_MONEY_SAFE, include_other_converting_securities=False)
    safe = Safe(name="a", holder="a", amount=5, cap=4, rules=rules)
    with pytest.raises(Refused, match="whole company"):
        solve_round(TABLE, replace(terms_of(pre_money=10, new_money=(1,)), safes=(safe,)))
