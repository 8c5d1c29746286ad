"""Why each gets what it gets in a sale: the waterfall told step by step, with what the other choice would have paid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from portal.planning.equity.money import percent, shown
from portal.planning.equity.trace import Step
from portal.planning.equity.waterfall import (
    CARVE_OUT,
    COSTS,
    Common,
    Outcome,
    Preferred,
    Waterfall,
    distribute,
)

COSTS_PAID = "{paid} = {fixed} fixed and {part} of the price, at most the price."
DEBT_FULL = "All of the {claim} owed at rank {rank}."
DEBT_PART = "{paid} of the {claim} owed at rank {rank}, as there was less than all of that rank are owed."
CARVED = "{paid} = {part} of what costs and debts leave."
LEVEL = "A share gets {level}: then all classes together take exactly the {equity} that is left for them."
NO_LEVEL = "A share gets nothing: preferences of {preferences} take all of the {equity} that is left for the classes."
SHARES = "{gets} = {shares} shares × {level}."
EXERCISED = "{gets} = {shares} options × ({level} − strike {strike})."
UNEXERCISED = "Not exercised: a share gets {level}, not more than the strike {strike}."
CONVERTS = "Converts: {gets} = {shares} shares × {level}. By keeping its preference it would get {other}."
KEEPS = "Keeps its preference and gets {gets} of {preference}. By converting it would get {other}."
EVEN = "Gets {gets} either way, and is taken to keep its preference."
NO_PRICE = "Gets {gets} of {preference}: it has no cap, so no price to convert at."
PARTICIPATES = "{gets} = preference {preference} + {shares} shares × {level}. By converting it would get {other}."
TAKES_PART = "{gets} of its preference of {preference}: there is nothing left to participate in."
AT_LIMIT = "Gets {gets}, where its participation ends. By converting it would get {other}."
SENTENCES = (
    COSTS_PAID, DEBT_FULL, DEBT_PART, CARVED, LEVEL, NO_LEVEL, SHARES, EXERCISED, UNEXERCISED, CONVERTS, KEEPS, EVEN,
    NO_PRICE, PARTICIPATES, TAKES_PART, AT_LIMIT,
)  # fmt: skip

CENTS = 2
EVERYBODY = "classes"  # what a step is about that is about all of them


def reasons(waterfall: Waterfall, outcome: Outcome) -> tuple[Step, ...]:
    """Steps in the order of payment: costs, debts, carve-out, what a share gets, and each class with its choice."""
    payments = outcome.payments
    equity = sum((payments[each.name] for each in waterfall.classes), Fraction(0))
    return (
        *_before(waterfall, payments), _level(waterfall, outcome, equity),
        *(_class(waterfall, outcome, each, equity) for each in waterfall.classes),
    )  # fmt: skip


def _before(waterfall: Waterfall, payments: Mapping[str, Fraction]) -> Iterator[Step]:
    if waterfall.costs or waterfall.cost_share:
        yield Step(COSTS, COSTS_PAID, {
            "paid": _usd(payments[COSTS]), "fixed": _usd(waterfall.costs), "part": percent(waterfall.cost_share),
        })  # fmt: skip
    for each in sorted(waterfall.debts, key=lambda debt: debt.rank):
        values = {"claim": _usd(each.claim), "rank": str(each.rank)}
        if payments[each.name] == each.claim:
            yield Step(each.name, DEBT_FULL, values)
        else:
            yield Step(each.name, DEBT_PART, {**values, "paid": _usd(payments[each.name])})
    if waterfall.carve_out:
        values = {"paid": _usd(payments[CARVE_OUT]), "part": percent(waterfall.carve_out)}
        yield Step(CARVE_OUT, CARVED, values)


def _level(waterfall: Waterfall, outcome: Outcome, equity: Fraction) -> Step:
    if outcome.per_share:
        return Step(EVERYBODY, LEVEL, {"level": shown(outcome.per_share), "equity": _usd(equity)})
    preferences = sum((each.preference for each in waterfall.preferred), Fraction(0))
    return Step(EVERYBODY, NO_LEVEL, {"preferences": _usd(preferences), "equity": _usd(equity)})


def _class(waterfall: Waterfall, outcome: Outcome, each: Common | Preferred, equity: Fraction) -> Step:
    values = {
        "gets": _usd(outcome.payments[each.name]), "shares": shown(each.shares), "level": shown(outcome.per_share)
    }  # fmt: skip
    if isinstance(each, Preferred):
        return _preferred(waterfall, outcome, each, equity, values)
    if not each.strike:
        return Step(each.name, SHARES, values)
    values["strike"] = shown(each.strike)
    if outcome.per_share > each.strike:
        return Step(each.name, EXERCISED, values)
    return Step(each.name, UNEXERCISED, {name: values[name] for name in ("level", "strike")})


def _preferred(
    waterfall: Waterfall, outcome: Outcome, each: Preferred, equity: Fraction, values: dict[str, str]
) -> Step:
    values["preference"] = _usd(each.preference)
    other = distribute(waterfall, equity, outcome.converted ^ {each.name})[each.name] if each.convertible else None
    values["other"] = "" if other is None else _usd(other)
    text = _choice(outcome, each)
    return Step(each.name, text, {name: value for name, value in values.items() if f"{{{name}}}" in text})


def _choice(outcome: Outcome, each: Preferred) -> str:
    if each.name in outcome.converted:
        return CONVERTS
    if each.name in outcome.indifferent:
        return EVEN
    if not each.convertible:
        return NO_PRICE
    if not each.participating:
        return KEEPS
    gets = outcome.payments[each.name]
    if gets == each.limit:
        return AT_LIMIT
    return PARTICIPATES if gets > each.preference else TAKES_PART


def _usd(value: Fraction) -> str:
    return shown(value, CENTS)
