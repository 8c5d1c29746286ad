"""Where each share comes from: one sentence for every event that made, moved or ended it, round by round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import Any

from portal.planning.calculator import Sentence
from portal.planning.equity import events as of
from portal.planning.equity import trace
from portal.planning.equity.legal import LegalTable
from portal.planning.equity.money import shown
from portal.planning.holding.replay import Replay

ISSUED = "{shares} of {stock_class} issued to {holder} at USD {price} a share."
GRANTED = "{shares} options granted to {holder} at a strike of USD {price}."
WARRANT = "A warrant for {shares} granted to {holder} at a strike of USD {price}."
MOVED_OUT = "{shares} transferred to {holder} as {into}."
MOVED_IN = "{shares} transferred from {security}."
CANCELLED = "{shares} cancelled or bought back."
RETURNED = "{shares} returned to the pool."
VESTED = "{shares} vested at once."
EXERCISED_OUT = "{shares} exercised into {into}."
EXERCISED_IN = "{shares} of {stock_class} from exercising {security}."
SIGNED = "USD {amount} paid by {holder}."
SETTLED = "No longer outstanding: repaid, cancelled, or converted into shares issued beside it."
POOL_CHANGED = "The pool changed by {shares} shares."
PROMISED = "Promises of options changed by {shares}."
SPLIT = "{new} new for {old} old ones, of every share and option and of the pool."
LEFT = "{shares} are left, of which {vested} have vested."

SAID = (
    ISSUED, GRANTED, WARRANT, MOVED_OUT, MOVED_IN, CANCELLED, RETURNED, VESTED, EXERCISED_OUT, EXERCISED_IN, SIGNED,
    SETTLED, POOL_CHANGED, PROMISED, SPLIT, LEFT, *(text for text in trace.SENTENCES if text != trace.KEPT),
)  # fmt: skip

POOL, ALL = "Option pool", "All securities"
Line = tuple[str, date, Sentence]


def lines(replay: Replay) -> list[Line]:
    """``(security, day, why)`` in the order in which securities appear, each with its history and what is left."""
    found: dict[str, list[Line]] = {}
    closings = iter(replay.now.rounds)
    for event in replay.until_now:
        for security, sentence in _told(event, closings):
            found.setdefault(security, []).append((security, event.on, sentence))
    for security, held in replay.now.holdings.items():
        left = _said(LEFT, shares=held.quantity, vested=held.free(replay.day))
        found.setdefault(security, []).append((security, replay.day, left))
    return [line for told in found.values() for line in told]


def _told(event: of.Event, closings: Iterator[LegalTable]) -> Iterator[tuple[str, Sentence]]:
    match event:
        case of.Issue():
            yield event.security, _said(ISSUED, shares=event.shares, stock_class=event.stock_class,
                                        holder=event.holder, price=event.price)  # fmt: skip
        case of.Grant():
            text = GRANTED if event.from_pool else WARRANT
            yield event.security, _said(text, shares=event.options, holder=event.holder, price=event.strike)
        case of.Transfer():
            yield event.security, _said(MOVED_OUT, shares=event.shares, holder=event.to, into=event.into)
            yield event.into, _said(MOVED_IN, shares=event.shares, security=event.security)
        case of.Cancel():
            yield event.security, _said(RETURNED if event.to_pool else CANCELLED, shares=event.shares)
        case of.Vest():
            yield event.security, _said(VESTED, shares=event.options)
        case of.Exercise():
            yield event.security, _said(EXERCISED_OUT, shares=event.options, into=event.into)
            yield event.into, _said(EXERCISED_IN, shares=event.options, stock_class=event.stock_class,
                                    security=event.security)  # fmt: skip
        case of.SafeSigned():
            yield event.safe.name, _said(SIGNED, amount=event.safe.amount, holder=event.safe.holder)
        case of.NoteSigned():
            yield event.note.name, _said(SIGNED, amount=event.note.principal, holder=event.note.holder)
        case of.Settled():
            yield event.name, Sentence(SETTLED)
        case of.PoolChange():
            yield POOL, _said(POOL_CHANGED, shares=event.shares)
        case of.PromiseChange():
            yield POOL, _said(PROMISED, shares=event.options)
        case of.Split():
            yield ALL, _said(SPLIT, new=event.new, old=event.old)
        case of.PricedRound():
            yield from _round(event.terms.series, next(closings))


def _round(series: str, closing: LegalTable) -> Iterator[tuple[str, Sentence]]:
    """The engine's own trace, each step under the security that it is about."""
    converted = {each.name for each in closing.conversions}
    bought = 0
    for step in closing.steps:
        said = Sentence(step.text, {place: (value, "") for place, value in step.values.items()})
        if step.text == trace.PURCHASE:
            bought += 1
            yield f"{series}-{bought}", said
        elif step.about in converted and step.text != trace.KEPT:
            yield f"{series}: {step.about}", said
        elif step.text in (trace.POOL, trace.POOL_ENOUGH):
            yield POOL, said
        elif step.text != trace.KEPT:
            yield series, said


def _said(text: str, **figures: Any) -> Sentence:
    """Counts and prices to the last digit, as a ledger has them."""
    return Sentence(text, {
        place: (shown(value, 9) if isinstance(value, int | Fraction) else value, "")
        for place, value in figures.items()
    })  # fmt: skip
