"""Transactions on options, other equity compensation and warrants: what event of the ledger each one is."""

from __future__ import annotations

from mlcore.reading import Problem
from portal.planning.equity import events
from portal.planning.equity.ledger import Holding
from portal.planning.equity.money import exact
from portal.planning.equity.table import Kind
from portal.planning.interchange.package import Item
from portal.planning.interchange.replay import Live, Replay, Waits, day
from portal.planning.interchange.stock import issue
from portal.planning.interchange.vests import by_milestones, listed, moves, schedule_for, vest

_OPTIONS = ("OPTION", "OPTION_NSO", "OPTION_ISO")
_KEPT = ("quantity", "exercise_price", "stock_plan_id", "vesting_terms_id", "vestings", "compensation_type")


def grant(replay: Replay, item: Item) -> None:
    """Equity compensation as options, out of the pool where it names a plan."""
    quantity, inside = replay.count(item), bool(item.value.get("stock_plan_id"))
    if inside and quantity > replay.reserved:
        raise Waits
    replay.told(item, _KEPT)
    kind = item.value["compensation_type"]
    if kind not in _OPTIONS:
        replay.losses.add(item.type, _OTHER_COMPENSATION, item.id, values={"kind": kind})
    elif kind != "OPTION":
        replay.losses.add(item.type, _TAX_STATUS, item.id)
    _granted(replay, item, quantity, inside=inside)


def warrant(replay: Replay, item: Item) -> None:
    """A warrant on a stated number of shares; one that depends on a round is left out."""
    if "quantity" in item.value and "exercise_price" in item.value:
        replay.told(item, _KEPT)
        _granted(replay, item, replay.count(item), inside=False)
        return
    replay.losses.add(item.type, _OPEN_WARRANT, item.id, whole=True)
    security, holder = item.value["security_id"], replay.holders[item.value["stakeholder_id"]]
    replay.live[security] = Live(replay.names[security], holder, 0, item)


def _granted(replay: Replay, item: Item, quantity: int, *, inside: bool) -> None:
    replay.reserved -= quantity if inside else 0
    security = item.value["security_id"]
    name, holder = replay.names[security], replay.holders[item.value["stakeholder_id"]]
    strike = exact((item.value.get("exercise_price") or {"amount": "0"})["amount"], "exercise_price")
    schedule = schedule_for(replay, item)
    held = Holding(holder=holder, stock_class="", kind=Kind.OPTION, quantity=quantity, granted=quantity,
                   schedule=schedule)  # fmt: skip
    live = Live(name, holder, quantity, item, held)
    replay.live[security] = live
    replay.emit(events.Grant(on=day(item), security=name, holder=holder, options=quantity, strike=strike,
                             schedule=schedule, from_pool=inside), item)  # fmt: skip
    if not item.value.get("vestings") and not item.value.get("vesting_terms_id"):
        vest(replay, item, live, quantity, day(item))  # without a word about vesting, the format means that all is
    elif not by_milestones(replay, item):
        listed(replay, item, live)


def cancel(replay: Replay, item: Item) -> None:
    """Options forfeited: back to the pool where a transaction or the plan says so."""
    live, quantity, security = replay.of(item), replay.count(item), item.value["security_id"]
    replay.told(item, ("quantity", "reason_text"))
    replay.take(item, live, quantity)
    _cancelled(replay, item, live, quantity)
    if not replay.balance(item, live, security):
        _cancelled(replay, item, live, live.quantity)
        _anew(replay, item.value["balance_security_id"])


def retract(replay: Replay, item: Item) -> None:
    live = replay.of(item)
    replay.told(item, ("reason_text",))
    del replay.live[item.value["security_id"]]
    if live.quantity:
        _cancelled(replay, item, live, live.quantity)


def transfer(replay: Replay, item: Item) -> None:
    """Options of another person are new ones in the ledger."""
    live = replay.of(item)
    replay.losses.add(item.type, _MOVED, item.id)
    del replay.live[item.value["security_id"]]
    if live.quantity:
        _cancelled(replay, item, live, live.quantity, back=True)
    for made in (*item.value["resulting_security_ids"], item.value.get("balance_security_id", "")):
        _anew(replay, made)


def _anew(replay: Replay, security: str) -> None:
    if security:
        issued = replay.issued[security]
        (warrant if issued.type == "TX_WARRANT_ISSUANCE" else grant)(replay, issued)


def _cancelled(replay: Replay, item: Item, live: Live, quantity: int, *, back: bool = False) -> None:
    plan = live.issuance.value.get("stock_plan_id")
    to_pool = bool(plan) and (back or _goes_back(replay, item, str(plan)))
    replay.reserved += quantity if to_pool else 0
    replay.emit(events.Cancel(on=day(item), security=live.name, shares=quantity, to_pool=to_pool), item)


def _goes_back(replay: Replay, item: Item, plan: str) -> bool:
    if item.value["security_id"] in replay.returned:
        return True
    usual = replay.package.of("STOCK_PLAN")[plan].value.get("default_cancellation_behavior")
    return bool(usual == "RETURN_TO_POOL")


def exercise(replay: Replay, item: Item) -> None:
    """Options, or units that are settled, become shares; without shares for all of them, the rest ends."""
    live, security = replay.of(item), item.value["security_id"]
    made = [replay.issued[each] for each in item.value["resulting_security_ids"]]
    replay.told(item, ("quantity", "reason_text", "trigger_id"))
    if live.vesting is None:  # a warrant that was left out
        del replay.live[security]
        for each in made:
            issue(replay, each)
        return
    quantity = replay.count(item) if "quantity" in item.value else live.quantity
    replay.take(item, live, quantity)
    got = sum(replay.count(each) for each in made)
    if got > quantity or not all(_is_plain(replay, live, each) for each in made):
        replay.losses.add(item.type, _NOT_PLAIN, item.id)
        replay.emit(events.Cancel(on=day(item), security=live.name, shares=quantity), item)
        for each in made:
            issue(replay, each)
        return
    moves(replay, item, live, got)
    for each in made:
        _exercised(replay, item, live, each)
    if got < quantity:
        replay.losses.add(item.type, _FEWER, item.id)
        replay.emit(events.Cancel(on=day(item), security=live.name, shares=quantity - got), item)


def _is_plain(replay: Replay, live: Live, issued: Item) -> bool:
    """Common shares of the same holder, paid for by the strike and vested, as the ledger's exercise gives."""
    stock = replay.classes[issued.value["stock_class_id"]]
    vests = issued.value.get("vesting_terms_id") or issued.value.get("vestings")
    same = replay.holders[issued.value["stakeholder_id"]] == live.holder
    return stock.kind is Kind.COMMON and stock.ratio == 1 and same and not vests


def _exercised(replay: Replay, item: Item, live: Live, issued: Item) -> None:
    replay.told(issued, ("stock_class_id", "quantity", "stock_plan_id", "share_price"))
    options, security = replay.count(issued), issued.value["security_id"]
    replay.live[security] = Live(replay.names[security], live.holder, options, issued)
    stock = replay.classes[issued.value["stock_class_id"]]
    replay.emit(events.Exercise(on=day(item), security=live.name, options=options, into=replay.names[security],
                                stock_class=stock.name), item)  # fmt: skip


_OTHER_COMPENSATION = Problem("Equity compensation of the kind {kind} is taken as options at its exercise price, or at "
                              "none.", {"kind": ""})  # fmt: skip
_TAX_STATUS = Problem("Whether the options are ISO or NSO is not kept.", {})
_OPEN_WARRANT = Problem("A warrant without a stated number of shares and exercise price is left out.", {})
_MOVED = Problem("A transfer of options is taken as their end and a new grant.", {})
_NOT_PLAIN = Problem("The shares are not vested common ones of the same holder: taken as an end and new issues.", {})
_FEWER = Problem("Fewer shares than options exercised: the rest of the options ends.", {})
