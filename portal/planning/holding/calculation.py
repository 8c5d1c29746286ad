"""A cap table in numbers: who holds what on the day, and how it came there month by month."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from portal.planning.calendar import to_month
from portal.planning.equity import events as of
from portal.planning.equity.ledger import Holding, State
from portal.planning.holding.inputs import HOLDERS
from portal.planning.holding.replay import Replay, as_converted, replay_of

MOST_LAYERS = 5  # named ones of a chart over time, besides all others and the pool
POOL_PLACE, OTHERS = "Pool, not granted", "All others"
STANDINGS = ("Shares vested", "Shares not vested", "Options vested", "Options not vested", POOL_PLACE)

Key = Callable[[Holding], str]


@dataclass(slots=True)
class Tally:
    """What one holder has, or one class: as converted into common shares."""

    shares: Fraction = Fraction(0)
    options: Fraction = Fraction(0)
    vested: Fraction = Fraction(0)  # of both

    @property
    def diluted(self) -> Fraction:
        return self.shares + self.options


def by_holder(held: Holding) -> str:
    return held.holder


def by_class(held: Holding) -> str:
    return held.stock_class


def tallies(state: State, day: date, key: Key) -> dict[str, Tally]:
    """By holder or by class, those with the most first; what is left of everything, without the pool."""
    found: dict[str, Tally] = {}
    for each in state.holdings.values():
        if not each.quantity:
            continue
        tally = found.setdefault(key(each), Tally())
        if each.kind.outstanding:
            tally.shares += as_converted(each, each.quantity)
        else:
            tally.options += as_converted(each, each.quantity)
        tally.vested += as_converted(each, each.free(day))
    return dict(sorted(found.items(), key=lambda item: -item[1].diluted))


def standing(state: State, day: date) -> list[float]:
    """Shares and options, vested and not, and the pool: the lines of ``STANDINGS``, which add up to everything."""
    found = {True: [0.0, 0.0], False: [0.0, 0.0]}
    for each in state.holdings.values():
        free, ratio = each.free(day), float(each.ratio)
        found[each.kind.outstanding][0] += free * ratio
        found[each.kind.outstanding][1] += (each.quantity - free) * ratio
    return [*found[True], *found[False], float(pool_of(state))]


def pool_of(state: State) -> int:
    """Reserved and not granted, with what promised options still need."""
    return max(state.reserved, state.promised)


def holder_places(x: Any) -> list[str]:
    replay = replay_of(x)
    return [*tallies(replay.now, replay.day, by_holder), POOL_PLACE]


def class_places(x: Any) -> list[str]:
    replay = replay_of(x)
    return [*tallies(replay.now, replay.day, by_class), POOL_PLACE]


def time_places(x: Any) -> list[float]:
    return [to_month(day) for day in replay_of(x).times]


def layer_places(x: Any) -> list[str]:
    return list(_layers(x, replay_of(x)))


def compute(x: Any) -> dict[str, Any]:
    replay = replay_of(x)
    now, table = replay.now, replay.now.table()
    price = price_of(x, now)
    holders, classes = (tallies(now, replay.day, key) for key in (by_holder, by_class))
    founders = {row.name.strip() for row in x.founders}
    ours = [tally for name, tally in holders.items() if name in founders]
    vested_shares, unvested_shares, vested_options, unvested_options, _pool = standing(now, replay.day)
    owned = sum((tally.diluted for tally in ours), Fraction(0))
    exactly = {
        "outstanding": table.shares,
        "granted": table.granted,
        "pool": table.reserved,
        "topup": table.topup,
        "founders_shares": owned,
        "founders_vested": sum((tally.vested for tally in ours), Fraction(0)),
        "founders_issued": sum((tally.shares for tally in ours), Fraction(0)) / table.shares,
        "pool_available": table.unallocated,
        "convertibles": sum((amount_of(each) for each in (*now.safes, *now.notes)), Fraction(0)),
        "raised": raised(replay.until_now),
    }  # fmt: skip
    single = {name: float(value) for name, value in exactly.items()}
    diluted = single["outstanding"] + single["granted"] + single["pool"] + single["topup"]
    return {
        **single,
        "diluted": diluted,
        "founders_part": single["founders_shares"] / diluted,
        "pool_part": single["pool_available"] / diluted,
        "vested": vested_shares + vested_options,
        "unvested": unvested_shares + unvested_options,
        "price_used": price,
        "value": price * diluted,
        "founders_value": worth(single["founders_shares"], price),
        **_along("holder", holders, table.shares, table.fully_diluted, pool_of(now), price),
        **_along("class", classes, table.shares, table.fully_diluted, pool_of(now), price),
        "part_over_time": _over_time(x, replay),
        "standing_over_time": _standing_over_time(replay),
    }


def price_of(x: Any, now: State) -> float:
    """As typed, or the last one paid; infinite where none is known, so that nothing is valued."""
    if x.price:
        return float(x.price)
    return float("inf") if now.price is None else float(now.price)


def worth(count: float, price: float) -> float:
    """Nothing is worth nothing, also where no price is known."""
    return price * count if count else 0.0


def amount_of(instrument: Any) -> Fraction:
    """What was paid for a SAFE, or lent by a note."""
    return instrument.principal if hasattr(instrument, "principal") else instrument.amount


def raised(history: Sequence[of.Event]) -> Fraction:
    """Paid for shares, SAFEs, notes and in rounds; without what exercising options brought."""
    paid = Fraction(0)
    for event in history:
        match event:
            case of.Issue():
                paid += event.shares * event.price
            case of.SafeSigned():
                paid += event.safe.amount
            case of.NoteSigned():
                paid += event.note.principal
            case of.PricedRound():
                paid += event.terms.new_money
    return paid


def _along(
    name: str, tally: Mapping[str, Tally], shares: Fraction, diluted: Fraction, pool: int, price: float
) -> dict[str, Any]:
    """One value for each holder or class, and last for the pool."""
    rows = [*tally.values(), Tally(options=Fraction(pool))]
    columns = {
        "shares": [each.shares for each in rows],
        "options": [each.options for each in rows[:-1]] + [Fraction(0)],
        "issued": [each.shares / shares for each in rows],
        "part": [each.diluted / diluted for each in rows],
        "vested": [each.vested for each in rows],
        "unvested": [each.diluted - each.vested for each in rows[:-1]] + [Fraction(0)],
    }
    found = {f"{name}_{column}": np.array([float(value) for value in values]) for column, values in columns.items()}
    return found | {f"{name}_value": np.array([worth(float(each.diluted), price) for each in rows])}


def _then(replay: Replay) -> list[tuple[State, date]]:
    return list(zip(replay.past, replay.times, strict=True))


def _layers(x: Any, replay: Replay) -> dict[str, set[str]]:
    """The layers of the chart over time with whose they are: those with the most by name, all others, the pool."""
    key = _key(x)
    shown = list(tallies(replay.now, replay.day, key))[:MOST_LAYERS]
    others = {key(held) for state in replay.past for held in state.holdings.values() if held.quantity} - set(shown)
    return {**{name: {name} for name in shown}, **({OTHERS: others} if others else {}), POOL_PLACE: set()}


def _key(x: Any) -> Key:
    return by_holder if x.layers == HOLDERS else by_class


def _standing_over_time(replay: Replay) -> Any:
    """Counts of shares as they are now, shape (standings, times): those of before a split are times its ratio."""
    splits = [(event.on, Fraction(event.new, event.old)) for event in replay.until_now if isinstance(event, of.Split)]
    columns = []
    for state, day in _then(replay):
        since = float(prod((ratio for on, ratio in splits if on > day), start=Fraction(1)))
        columns.append([count * since for count in standing(state, day)])
    return np.array(columns).T


def _over_time(x: Any, replay: Replay) -> Any:
    """Parts of everything fully diluted, shape (layers, times); nothing before there is anything."""
    layers, key = _layers(x, replay), _key(x)
    layer_of = {name: at for at, names in enumerate(layers.values()) for name in names}
    counts = np.zeros((len(layers), len(replay.times)))
    for at, state in enumerate(replay.past):
        for held in state.holdings.values():
            if held.quantity:
                counts[layer_of[key(held)], at] += held.quantity * float(held.ratio)
        counts[-1, at] = pool_of(state)
    whole = counts.sum(axis=0)
    return np.divide(counts, whole, out=np.zeros_like(counts), where=whole > 0)
