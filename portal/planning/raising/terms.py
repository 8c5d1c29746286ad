"""The cap table and the terms of a round from what was typed, and the field that a refusal is about."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from mlcore.reading import Invalid, resolve
from mlcore.spec import Param, Range
from portal.planning.equity.money import Refused
from portal.planning.equity.rounding import LEGAL, YC_GUIDE, RoundingRules
from portal.planning.equity.table import CapTable, Kind, Position
from portal.planning.equity.terms import (
    Basis,
    Counting,
    Investor,
    PoolChange,
    PoolIncrease,
    PoolTarget,
    Pricing,
    ProRata,
    ProRataSource,
    Protected,
    RoundTerms,
)
from portal.planning.raising.inputs import INSIDE, LAWYERS, SHARES, TARGET
from portal.planning.raising.instruments import name_of, notes_of, safes_of, typed
from portal.planning.uncertainty import median

SERIES = "Round"


def middle(inputs: Any) -> Any:
    """The instance with every range at its median, as a single case is computed."""
    return resolve(inputs, _median)


def _median(path: str, param: Param, value: Range | float) -> float:
    return median(value, param.low, param.high) if isinstance(value, Range) else value


def company(x: Any) -> CapTable:
    positions = tuple(
        Position(holder=name_of(row, at), security=name_of(row, at), kind=Kind(row.kind), quantity=Fraction(row.shares))
        for at, row in enumerate(x.holders)
    )
    return CapTable(positions=positions, reserved=Fraction(x.pool_now), promised=Fraction(x.promised))


def terms_of(x: Any, *, protected: bool = False) -> RoundTerms:
    """``protected`` adds the protected classes, below whose price the exact engine refuses a round.

    Raises:
        Refused: what the instruments say contradicts itself.
    """
    parts = [typed(row.share) for row in x.investors]
    new_money = typed(x.new_money)
    return RoundTerms(
        series=SERIES,
        closing=x.closing,
        pre_money=typed(x.pre_money),
        investors=tuple(
            Investor(name=name_of(row, at), amount=new_money * part / sum(parts))
            for at, (row, part) in enumerate(zip(x.investors, parts, strict=True))
        ),
        pricing=Pricing(x.pricing),
        pool=_pool(x),
        safes=safes_of(x),
        notes=notes_of(x),
        pro_rata=tuple(
            ProRata(holder=name_of(row, at), share=typed(row.pro_rata))
            for at, row in enumerate(x.holders)
            if row.pro_rata
        ),
        pro_rata_source=ProRataSource(x.pro_rata_source),
        shadow_series=x.shadow_series,
        protected=tuple(
            Protected(security=name_of(row, at), conversion_price=typed(row.protected_price))
            for at, row in enumerate(x.holders)
            if protected and row.protected_price
        ),
    )


def rounding_of(x: Any) -> RoundingRules:
    return LEGAL if x.rounding == LAWYERS else YC_GUIDE


def _pool(x: Any) -> PoolChange:
    inside = x.pool_bearers == INSIDE
    if x.pool_by == TARGET:
        return PoolTarget(
            share=typed(x.pool_target), counting=Counting(x.pool_counting), basis=Basis(x.pool_basis),
            inside_pre_money=inside,
        )  # fmt: skip
    return PoolIncrease(shares=Fraction(x.pool_shares), inside_pre_money=inside)


# Refusals

_TABLES = {
    "safes": ("safes",), "notes": ("notes",), "convertibles": ("notes", "safes"), "investors": ("investors",),
    "pro_rata": ("holders",), "protected": ("holders",), "positions": ("holders",),
}  # fmt: skip
_FIELDS = {
    "pro_rata": "pro_rata", "protected": "protected_price", "positions": "shares", "past_maturity": "past_due",
    "below_threshold": "below", "partial_period": "partial",
    "pool": "pool_target", "pool.share": "pool_target", "pool.shares": "pool_shares", "round": "pre_money",
    "draws": "pre_money", "pro_rata_source": "pro_rata_source", "rounding": "rounding",
}  # fmt: skip


def field_of(where: str, x: Any) -> str:
    """The input that the engine's ``where`` is about: ``safes.Seed.cap`` is ``safes.0.cap``."""
    kind, _, rest = where.partition(".")
    for table in _TABLES.get(kind, ()):
        found = [(at, name_of(row, at), row) for at, row in enumerate(getattr(x, table))]
        # Of two with one name the later one is too many; names may hold dots.
        for at, name, row in reversed(found):
            if rest != name and not rest.startswith(name + "."):
                continue
            said = rest[len(name) + 1 :]
            field = _FIELDS.get(kind) or _FIELDS.get(said, said)
            return f"{table}.{at}.{field if hasattr(row, field) else 'name'}"
    if kind in _TABLES:
        return _TABLES[kind][0]
    field = _FIELDS.get(where) or _FIELDS.get(kind, "")
    return "pool_shares" if field == "pool_target" and x.pool_by == SHARES else field


def invalid(refused: Refused, x: Any) -> Invalid:
    return Invalid({field_of(refused.where, x): [refused.problem]})
