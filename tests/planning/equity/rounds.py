"""Rounds from the facts of a golden case, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from portal.planning.equity.capitalization import POST_MONEY_SAFE, PRE_MONEY_SAFE
from portal.planning.equity.money import exact
from portal.planning.equity.rounding import LEGAL, YC_GUIDE, Rounding, RoundingRules
from portal.planning.equity.safes import Mfn, Safe, discount_of_rate
from portal.planning.equity.table import CapTable, Kind, Position
from portal.planning.equity.terms import (
    Basis,
    Counting,
    Investor,
    PoolIncrease,
    PoolTarget,
    Pricing,
    RoundTerms,
)

CLOSING = date(2026, 3, 31)


def table_of(*, common: Any, granted: Any = 0, reserved: Any = 0, promised: Any = 0) -> CapTable:
    positions = [Position(holder="founders", security="common", quantity=common)]
    if granted:
        positions.append(Position(holder="team", security="options", kind=Kind.OPTION, quantity=granted))
    return CapTable(positions=tuple(positions), reserved=reserved, promised=promised)


def safe_of(name: str, facts: Mapping[str, Any]) -> Safe:
    """``{amount, post | pre: cap, discount | rate, mfn, elects, pro_rata}``."""
    cap = facts.get("post", facts.get("pre"))
    return Safe(
        name=name,
        holder=name,
        amount=facts["amount"],
        cap=None if cap is None else exact(cap),
        discount=discount_of_rate(facts["rate"]) if "rate" in facts else exact(facts.get("discount", 0)),
        rules=PRE_MONEY_SAFE if "pre" in facts else POST_MONEY_SAFE,
        mfn=Mfn(facts["mfn"]) if "mfn" in facts else None,
        elects=facts.get("elects"),
        pro_rata=facts.get("pro_rata", False),
    )


def safes_of(facts: Iterable[Mapping[str, Any]]) -> tuple[Safe, ...]:
    """Named a, b, c, ... in the order of their issue."""
    return tuple(safe_of(chr(ord("a") + place), each) for place, each in enumerate(facts))


def pool_of(pool: Any, **how: Any) -> PoolIncrease | PoolTarget:
    """Shares more, or as text a target of the unallocated pool in all shares after the round."""
    if isinstance(pool, str):
        how = {"counting": Counting.UNALLOCATED, "basis": Basis.POST_MONEY, **how}
        return PoolTarget(share=exact(pool), **how)
    return PoolIncrease(shares=pool, **how)


def terms_of(
    *,
    pre_money: Any,
    new_money: tuple[Any, ...],
    safes: Iterable[Mapping[str, Any]] = (),
    pool: Any = 0,
    pricing: str = "percentage ownership",
    **others: Any,
) -> RoundTerms:
    """Investors are named x, y, z, ...; a round without other facts closes on ``CLOSING``."""
    investors = tuple(Investor(name="xyzuvw"[place], amount=exact(amount)) for place, amount in enumerate(new_money))
    return RoundTerms(
        series="Series A",
        closing=others.pop("closing", CLOSING),
        pre_money=exact(pre_money),
        investors=investors,
        pricing=Pricing(pricing),
        pool=pool if isinstance(pool, (PoolIncrease, PoolTarget)) else pool_of(pool),
        safes=safes_of(safes),
        **others,
    )


def rules_of(name: str) -> RoundingRules:
    if name in ("legal", "yc guide"):
        return LEGAL if name == "legal" else YC_GUIDE
    kind, *places = name.split()
    how = {"primer": Rounding.DOWN, "nearest": Rounding.NEAREST}[kind]
    return RoundingRules(
        price_places=int(places[0]), price=how, conversion_places=int(places[-1]), conversion=how,
        conversion_shares=how, new_shares=how, pool_shares=how, cap_as_fraction=False,
    )  # fmt: skip


def fractions(values: Iterable[Any]) -> list[Fraction | None]:
    return [None if each is None else exact(each) for each in values]
