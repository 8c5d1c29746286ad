"""From what is typed to the figures: exactly for a single case, in floats for draws and along the charts."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy as np

from mlcore.reading import Invalid
from portal.planning.converting.cases import (
    FOUNDERS,
    as_round,
    at_maturity,
    at_valuations,
    capped,
    caps_decide_from,
    names_of,
    new_money,
    sale,
    sold,
)
from portal.planning.equity.money import Refused
from portal.planning.equity.waterfall import Waterfall
from portal.planning.finance import Array, draw_count, quotient, settled
from portal.planning.raising.calculation import Solved, instruments_of, shares_of, solved, stacked
from portal.planning.raising.instruments import notes_of, safes_of
from portal.planning.raising.terms import company, field_of, middle, terms_of
from portal.planning.selling.calculation import bends_of, lines, paid

STEPS = 49  # of a chart, besides its kinks
BESIDE = 1e-9  # of a jump, relative: how far from it a chart shows the two sides


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    try:
        results = {**_before(x), **_next_round(x, draws), **_by_valuation(x), **_sale(x, sale(x))}
    except Refused as refused:
        raise Invalid({where(refused, x): [refused.problem]}) from None
    return {name: settled(value, draws) for name, value in results.items()}


def where(refused: Refused, x: Any) -> str:
    """The input that a refusal of the engine is about."""
    kind = refused.where.partition(".")[0]
    if kind in ("safes", "notes", "convertibles"):
        return field_of(refused.where, x)
    return {"pool": "pool_target", "lowest": "lowest", "classes": "debts"}.get(kind, "pre_money")


def valuations(x: Any) -> list[float]:
    """Even steps between the ends of the charts, the valuations from which caps decide, and both sides of those from
    which the financing is qualified."""
    steps = np.linspace(x.lowest, x.largest, STEPS).tolist()
    jumps = [
        row.threshold * (1 - x.new_part) / x.new_part * (1 + side) for row in x.notes for side in (-BESIDE, BESIDE)
    ]
    kinks = [*caps_decide_from(x).values(), *jumps]
    return sorted({*steps, *(float(at) for at in kinks if x.lowest < at < x.largest)})


def prices(largest: float, waterfall: Waterfall) -> list[float]:
    """Even steps up to the highest price of the charts, and every breakpoint of the sale on the way."""
    kinks = (float(each.exit_value) for each in bends_of(waterfall))
    return sorted({*np.linspace(0, largest, STEPS).tolist(), *(kink for kink in kinks if kink < largest)})


@lru_cache(maxsize=16)
def places_of(inputs: Any, axis: str) -> list[float]:
    """Of the two axes of numbers; kept, since every output along one asks for them."""
    x = middle(inputs)
    return valuations(x) if axis == "valuation" else prices(float(x.largest_sale), sale(x))


def _one(value: Fraction | float) -> Array:
    return np.array([float(value)])


def _column(values: list[Any]) -> Array:
    """Shape (rows, 1), of values that no draw changes."""
    return np.array([[float(each)] for each in values]).reshape(-1, 1)


def _before(x: Any) -> dict[str, Array]:
    table, parts, brought = company(as_round(x)), sold(x), capped(x)
    whole = sum(parts.values(), Fraction(0))
    at_caps = sum((each.amount for each in brought), Fraction(0))
    before = Fraction(x.founders) / table.fully_diluted
    raised = sum(each.amount for each in safes_of(x)) + sum(each.principal for each in notes_of(x))
    from_where = caps_decide_from(x)
    return {
        "sold_before": _one(whole), "raised": _one(raised), "raised_at_caps": _one(at_caps),
        "effective_post": quotient(_one(at_caps), _one(whole)), "founders_before": _one(before),
        "founders_if_converted": _one(before * (1 - whole)),
        "safe_sold": _column([parts.get(name, 0) for name in names_of(x.safes)]),
        "note_sold": _column([parts.get(name, 0) for name in names_of(x.notes)]),
        "safe_cap_from": _column([from_where[name] for name in names_of(x.safes)]),
        "note_cap_from": _column([from_where[name] for name in names_of(x.notes)]),
        "note_due": _column([owed for owed, _, _ in at_maturity(x)]),
    }  # fmt: skip


def _next_round(x: Any, draws: int | None) -> dict[str, Array]:
    next_round = as_round(x)
    table, terms = company(next_round), terms_of(next_round)
    found = solved(next_round, table, terms, draws if np.ndim(x.pre_money) else None)
    whole, each = shares_of(next_round, table, found), instruments_of(next_round, terms, found)
    kinds = ("price", "converts", "part", "value", "at_cap")
    before = float(Fraction(x.founders) / table.fully_diluted)
    return {
        **{name: whole[name] for name in ("founders_after", "price", "converted_share", "founders_value")},
        **{f"{table}_{kind}": each[f"{table}_{kind}"] for table in ("safe", "note") for kind in kinds},
        "given": before * np.concatenate([each["safe_part"], each["note_part"]]),
        "note_owed": each["note_owed"], "new_money": np.atleast_1d(new_money(x, x.pre_money)),
        "safe_right": _rights(x, found),
    }  # fmt: skip


def _rights(x: Any, found: Solved) -> Array:
    nothing = np.zeros_like(found.shares.total)
    bought = [found.letters.get(name, nothing) * found.shares.price for name in names_of(x.safes)]
    return np.asarray(stacked(bought, found.shares.total))


def instruments(x: Any) -> list[str]:
    return names_of(x.safes) + names_of(x.notes)


def _by_valuation(x: Any) -> dict[str, Array]:
    """Along the axis of valuations, whatever the valuation of this case is."""
    places = np.array(valuations(x))
    found, nothing = at_valuations(x, places), np.zeros_like(places)
    shares = [found.conversions.get(name, nothing) for name in instruments(x)]
    amounts = [float(safe.amount) for safe in safes_of(x)] + [float(note.owed(x.closing)) for note in notes_of(x)]
    price = [quotient(amount, each) for amount, each in zip(amounts, shares, strict=True)]
    by_place = {
        "founders_by_valuation": float(x.founders) / found.total,
        "converted_by_valuation": sum(shares, nothing) / found.total,
        "price_by_valuation": found.price,
        "part_by_valuation": np.stack([each / found.total for each in shares]),
        "paid_by_valuation": np.stack(price),
    }
    return {name: values[..., None] for name, values in by_place.items()}


def _sale(x: Any, waterfall: Waterfall) -> dict[str, Array]:
    payments = {name: np.atleast_1d(amount) for name, amount in paid(waterfall, x.sale_price).payments.items()}
    along = lines(waterfall)(np.array(prices(float(x.largest_sale), waterfall)))
    mine = payments[FOUNDERS]
    return {
        "sale_founders": mine, "sale_share": mine / x.sale_price,
        "sale_owed": sum((payments[debt.name] for debt in waterfall.debts), np.zeros_like(mine)),
        "safe_sale": stacked([payments[name] for name in names_of(x.safes)], mine),
        "note_sale": stacked([payments[name] for name in names_of(x.notes)], mine),
        "founders_by_sale": along[FOUNDERS][:, None],
        "each_by_sale": np.stack([along[name] for name in instruments(x)])[..., None],
    }  # fmt: skip
