"""The engine against published worked rounds."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from portal.planning.equity.legal import LegalTable, closed, legal_table
from portal.planning.equity.money import exact
from portal.planning.equity.round import Solution, solve_round
from portal.planning.equity.table import CapTable
from tests.planning.equity.golden_rounds import EXACT, ROUNDED, RoundCase
from tests.planning.equity.rounds import rules_of, table_of, terms_of


def facts(case: RoundCase) -> tuple[CapTable, Any]:
    table = table_of(common=case.common, granted=case.granted, reserved=case.reserved, promised=case.promised)
    terms = terms_of(
        pre_money=case.pre_money, new_money=case.new_money, safes=case.safes, pool=case.pool, pricing=case.pricing
    )
    return table, terms


def figures(table: CapTable, terms: Any, result: Solution | LegalTable) -> dict[str, Any]:
    """Everything that a case may expect, by the names used there."""
    new = [each.shares for each in result.purchases]
    converted = [each.shares for each in result.conversions]
    return {
        "total": result.total,
        "price": result.price,
        "increase": result.increase,
        "reserved": result.reserved,
        "conversions": converted,
        "conversion_prices": [each.price for each in result.conversions],
        "capitalization": [each.capitalization for each in result.conversions],
        "basis": [each.basis for each in result.conversions],
        "new": new,
        "amounts": [each.amount for each in result.purchases],
        "ownership": closed(table, terms, result).ownership(diluted=True),
        "pre": table.shares + table.granted + result.reserved,
        "post": result.total - sum(new) - result.increase,
        "implied_post": round(result.price * result.total),
    }


def check(expected: Any, found: Any, rtol: float) -> None:
    if isinstance(expected, dict):
        for name, value in expected.items():
            check(value, found[name], rtol)
    elif isinstance(expected, list):
        # Of pairs the source may print only the first, and of one quantity nothing.
        for value, mine in zip(expected, found, strict=False):
            check(value, mine, rtol)
    elif expected in ("cap", "discount", "round price"):
        assert found == expected
    elif expected is not None:
        wanted = exact(expected)
        assert abs(found - wanted) <= Fraction(rtol) * abs(wanted), (float(found), float(wanted))


@pytest.mark.parametrize("case", EXACT, ids=lambda case: case.name)
def test_exact_rounds(case: RoundCase) -> None:
    table, terms = facts(case)
    check(dict(case.expected), figures(table, terms, solve_round(table, terms)), case.rtol)


@pytest.mark.parametrize("case", ROUNDED, ids=lambda case: case.name)
def test_rounds_in_whole_shares(case: RoundCase) -> None:
    table, terms = facts(case)
    result = legal_table(table, terms, rules_of(case.rounding))
    assert result.identity
    check(dict(case.expected), figures(table, terms, result), case.rtol)
