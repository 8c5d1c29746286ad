"""Transactions on shares and on the pool: what event of the ledger each one is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from mlcore.reading import Problem
from portal.planning.equity import events
from portal.planning.equity.ledger import Holding
from portal.planning.equity.money import exact
from portal.planning.equity.rounding import Rounding, whole
from portal.planning.interchange.numbers import fraction, shares
from portal.planning.interchange.package import Item
from portal.planning.interchange.replay import Live, Replay, day
from portal.planning.interchange.vests import moves, schedule_for

# How the ledger rounds a split where the format is silent.
SPLIT_ROUNDING = Rounding.DOWN


def issue(replay: Replay, item: Item) -> None:
    replay.told(item, ("stock_class_id", "quantity", "stock_plan_id", "share_price", "vesting_terms_id"))
    security, quantity = item.value["security_id"], replay.count(item)
    stock, schedule = replay.classes[item.value["stock_class_id"]], schedule_for(replay, item)
    live = Live(replay.names[security], replay.holders[item.value["stakeholder_id"]], quantity, item)
    if schedule is not None:
        live.vesting = Holding(holder=live.holder, stock_class=stock.name, kind=stock.kind, quantity=quantity,
                               granted=quantity, schedule=schedule)  # fmt: skip
    replay.live[security] = live
    if plan := item.value.get("stock_plan_id"):
        _from_plan(replay, item, plan, quantity)
    replay.emit(events.Issue(
        on=day(item), security=live.name, holder=live.holder, stock_class=stock.name, shares=quantity,
        kind=stock.kind, ratio=stock.ratio, price=exact(item.value["share_price"]["amount"], "share_price"),
        schedule=schedule,
    ), item)  # fmt: skip


def _from_plan(replay: Replay, item: Item, plan: str, quantity: int) -> None:
    """Shares out of a pool are fewer in it; the ledger knows options alone."""
    replay.losses.add(item.type, _SHARES_OF_PLAN, item.id)
    taken = min(quantity, replay.reserved)
    if taken:
        replay.reserved -= taken
        replay.emit(events.PoolChange(on=day(item), shares=-taken), item)


def transfer(replay: Replay, item: Item) -> None:
    """A transfer of the ledger where one certificate of the same class comes of it, else an end and new issues."""
    live, security, quantity = replay.of(item), item.value["security_id"], replay.count(item)
    replay.told(item, ("quantity",))
    into = item.value["resulting_security_ids"]
    new = [replay.issued[each] for each in into]
    same = len(new) == 1 and new[0].value.get("stock_class_id") == live.issuance.value["stock_class_id"]
    if not same or replay.count(new[0]) != quantity:
        end(replay, item)
        return
    replay.take(item, live, quantity)
    moves(replay, item, live, quantity)
    replay.told(new[0], ("stock_class_id", "quantity", "share_price", "stock_plan_id"))
    holder = replay.holders[new[0].value["stakeholder_id"]]
    replay.live[into[0]] = Live(replay.names[into[0]], holder, quantity, new[0])
    replay.emit(events.Transfer(
        on=day(item), security=live.name, to=holder, into=replay.names[into[0]], shares=quantity
    ), item)  # fmt: skip
    _rest(replay, item, live, security)


def cancel(replay: Replay, item: Item) -> None:
    """A cancellation or a repurchase of some or all shares."""
    live, quantity = replay.of(item), replay.count(item)
    replay.told(item, ("quantity", "reason_text"))
    replay.take(item, live, quantity)
    replay.emit(events.Cancel(on=day(item), security=live.name, shares=quantity), item)
    if item.value["security_id"] in replay.returned:
        replay.losses.add(item.type, _BACK_TO_PLAN, item.id)
        replay.reserved += quantity
        replay.emit(events.PoolChange(on=day(item), shares=quantity), item)
    _rest(replay, item, live, item.value["security_id"])


def _rest(replay: Replay, item: Item, live: Live, security: str) -> None:
    if not replay.balance(item, live, security):
        replay.losses.add(item.type, _AS_NEW, item.id)
        replay.emit(events.Cancel(on=day(item), security=live.name, shares=live.quantity), item)
        issue(replay, replay.issued[item.value["balance_security_id"]])


def end(replay: Replay, item: Item) -> None:
    """The security ends, and what comes of it is issued: conversions, reissues, retractions and odd transfers."""
    live = replay.of(item)
    replay.told(item, ("quantity", "quantity_converted", "reason_text"))
    del replay.live[item.value["security_id"]]
    replay.emit(events.Cancel(on=day(item), security=live.name, shares=live.quantity), item)
    made = [*item.value.get("resulting_security_ids", ()), item.value.get("balance_security_id", "")]
    if any(made):
        replay.losses.add(item.type, _AS_NEW, item.id)
    for each in made:
        if each:
            issue(replay, replay.issued[each])


def split(replay: Replay, item: Item) -> None:
    """A split of every class at once is one event; of a single class, new certificates for the old ones."""
    ratio = fraction(item.value["split_ratio"], "split_ratio")
    of_class = item.value["stock_class_id"]
    held = {key: each for key, each in replay.live.items() if each.issuance.type == "TX_STOCK_ISSUANCE"}
    together = [each for each in replay.package.transactions if _splits_alike(each, item, ratio)]
    covered = {each.value["stock_class_id"] for each in together}
    anew = set().union(*(replay.reissued.get(each.id, set()) for each in together))
    if not anew and held and {each.issuance.value["stock_class_id"] for each in held.values()} <= covered:
        if together[0].id == item.id:
            _split_all(replay, item, ratio)
        return
    replay.losses.add(item.type, _ONE_CLASS, item.id)
    for key, each in held.items():
        if each.issuance.value["stock_class_id"] == of_class and key not in replay.reissued.get(item.id, ()):
            _split_one(replay, item, each, ratio)


def _splits_alike(other: Item, item: Item, ratio: Fraction) -> bool:
    alike = other.type == item.type and other.value["date"] == item.value["date"]
    return alike and fraction(other.value["split_ratio"], "split_ratio") == ratio


def _split_all(replay: Replay, item: Item, ratio: Fraction) -> None:
    parts = [exact(item.value["split_ratio"][name]) for name in ("numerator", "denominator")]
    whole_parts = all(part.denominator == 1 for part in parts)
    new, old = map(int, parts) if whole_parts else (ratio.numerator, ratio.denominator)

    def scaled(count: int) -> int:
        return whole(count * ratio, SPLIT_ROUNDING)

    replay.emit(events.Split(
        on=day(item), new=new, old=old, rounding=SPLIT_ROUNDING
    ), item)  # fmt: skip
    for each in replay.live.values():
        each.quantity = scaled(each.quantity)
        if (held := each.vesting) is not None:
            each.vesting = replace(held, granted=scaled(held.granted), moved=scaled(held.moved),
                                   early=scaled(held.early))  # fmt: skip
    replay.reserved = scaled(replay.reserved)
    replay.plans = {plan: scaled(total) for plan, total in replay.plans.items()}


def _split_one(replay: Replay, item: Item, live: Live, ratio: Fraction) -> None:
    stock = replay.classes[item.value["stock_class_id"]]
    name, quantity = f"{live.name} ({item.id})", whole(live.quantity * ratio, SPLIT_ROUNDING)
    replay.emit(events.Cancel(on=day(item), security=live.name, shares=live.quantity), item)
    live.name, live.quantity, live.vesting = name, quantity, None
    replay.emit(events.Issue(
        on=day(item), security=name, holder=live.holder, stock_class=stock.name, shares=quantity, kind=stock.kind,
        ratio=stock.ratio,
    ), item)  # fmt: skip


def pool(replay: Replay, item: Item) -> None:
    """The format states what a plan reserves in all; the ledger, by how much it changes."""
    replay.told(item, ("stock_plan_id", "shares_reserved"))
    plan, given = item.value["stock_plan_id"], item.value["shares_reserved"]
    total = 0 if Fraction(given) == 0 else shares(given, "shares_reserved")
    change, replay.plans[plan] = total - replay.plans[plan], total
    if change:
        replay.reserved += change
        replay.emit(events.PoolChange(on=day(item), shares=change), item)


_AS_NEW = Problem("Written as the end of a certificate and new issues.", {})
_SHARES_OF_PLAN = Problem("Shares issued out of a plan: the pool is made smaller by as many.", {})
_BACK_TO_PLAN = Problem("Shares that go back to a plan: the pool is made larger by as many.", {})
_ONE_CLASS = Problem("A split of some classes alone: their certificates are replaced, options and pool stay.", {})
