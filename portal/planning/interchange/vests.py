"""How options and shares vest by a package: the schedule of a grant, and what vests by an event of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mlcore.reading import Problem
from portal.planning.equity import events
from portal.planning.equity.money import exact
from portal.planning.equity.rounding import Rounding, whole
from portal.planning.equity.vesting import Schedule
from portal.planning.interchange.numbers import fraction
from portal.planning.interchange.package import Item
from portal.planning.interchange.replay import Live, Replay, day
from portal.planning.interchange.schedules import is_milestones, schedule_of


def schedule_for(replay: Replay, item: Item) -> Schedule | None:
    """The schedule of what is issued; None, told as a loss, where its terms are no schedule of the ledger."""
    terms = _terms(replay, item)
    if terms is None or is_milestones(terms.value):
        return None
    starts = [
        date.fromisoformat(each.value["date"]) for each in replay.package.transactions
        if each.type == "TX_VESTING_START" and each.value["security_id"] == item.value["security_id"]
    ]  # fmt: skip
    schedule = schedule_of(terms.value, starts[0] if starts else None)
    if schedule is None:
        replay.losses.add(item.type, _OTHER_TERMS if starts else _NO_START, item.id)
    return schedule


def by_milestones(replay: Replay, item: Item) -> bool:
    terms = _terms(replay, item)
    return terms is not None and is_milestones(terms.value)


def _terms(replay: Replay, item: Item) -> Item | None:
    """None where there are none, or where the issuance lists days and amounts, which the format puts above terms."""
    given = item.value.get("vesting_terms_id")
    return replay.package.of("VESTING_TERMS")[given] if given and not item.value.get("vestings") else None


def vest(replay: Replay, item: Item, live: Live, quantity: int, on: date) -> None:
    assert live.vesting is not None
    live.vesting = replace(live.vesting, early=live.vesting.early + quantity)
    replay.emit(events.Vest(on=on, security=live.name, options=quantity), item)


def listed(replay: Replay, item: Item, live: Live) -> None:
    """Days and amounts that the issuance lists itself."""
    for each in item.value.get("vestings", ()):
        amount = exact(each["amount"], "vestings")
        if amount.denominator != 1:
            replay.losses.add(item.type, _PARTS, item.id)
        if count := whole(amount, Rounding.DOWN):
            vest(replay, item, live, count, max(day(item), date.fromisoformat(each["date"])))


def moves(replay: Replay, item: Item, live: Live, quantity: int) -> None:
    """Only what has vested is exercised or transferred in the ledger: what the package moves before vests then."""
    if live.vesting is None:
        return
    missing = quantity - (live.vesting.vested(day(item)) - live.vesting.moved)
    if missing > 0:
        replay.losses.add(item.type, _EARLY, item.id)
        vest(replay, item, live, missing, day(item))
    live.vesting = replace(live.vesting, moved=live.vesting.moved + quantity)


def accelerate(replay: Replay, item: Item) -> None:
    live = replay.of(item)
    replay.told(item, ("quantity", "reason_text"))
    if live.vesting is None:
        replay.losses.add(item.type, _VESTED, item.id, whole=True)
        return
    vest(replay, item, live, replay.count(item), day(item))


def milestone(replay: Replay, item: Item) -> None:
    """A milestone that is reached vests its part of the grant."""
    live = replay.of(item)
    terms = _terms(replay, live.issuance)
    if live.vesting is None or terms is None:
        replay.losses.add(item.type, _VESTED, item.id, whole=True)
        return
    wanted = item.value["vesting_condition_id"]
    condition = next(each for each in terms.value["vesting_conditions"] if each["id"] == wanted)
    part = condition.get("portion")
    count = fraction(part, "portion") * live.vesting.granted if part else exact(condition["quantity"], "quantity")
    if not is_milestones(terms.value) or (part and part.get("remainder")) or not whole(count, Rounding.DOWN):
        replay.losses.add(item.type, _OTHER_TERMS, item.id, whole=True)
        return
    if count.denominator != 1:
        replay.losses.add(item.type, _PARTS, item.id)
    vest(replay, item, live, whole(count, Rounding.DOWN), day(item))


def start(replay: Replay, item: Item) -> None:
    """What is issued has read it already."""


_PARTS = Problem("Parts of a share vest: they are rounded down.", {})
_OTHER_TERMS = Problem("Its vesting is no monthly schedule with a cliff: nothing vests by the calendar.", {})
_NO_START = Problem("No transaction starts its vesting: nothing vests by the calendar.", {})
_EARLY = Problem("Exercised or transferred before it vested: taken as vested on that day.", {})
_VESTED = Problem("In the ledger these shares are vested already.", {})
