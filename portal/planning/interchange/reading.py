"""A package of the Open Cap Format as events of the ledger, with a report of what was read and what was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from mlcore.reading import Problem
from portal.planning.equity import events
from portal.planning.equity.ledger import as_of
from portal.planning.equity.money import Refused
from portal.planning.interchange import options, stock, vests
from portal.planning.interchange.instruments import instrument_of
from portal.planning.interchange.numbers import shares
from portal.planning.interchange.package import Given, Item, Package, assemble
from portal.planning.interchange.replay import FIELD, UNKNOWN, Replay, Waits, day
from portal.planning.interchange.report import Loss, Losses, PackageRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """``read`` counts the objects of the package by type, ``made`` the events by name."""

    issuer: str
    as_of: date
    currency: str
    history: tuple[events.Event, ...]
    losses: tuple[Loss, ...]
    read: Mapping[str, int]
    made: Mapping[str, int]


def read(files: Mapping[str, Given]) -> Imported:
    """
    Raises:
        PackageRefused: what is no package of this version, and what contradicts itself; nothing of it is taken then.
    """
    losses = Losses()
    package = assemble(files, losses)
    currency = _currency(package)
    replay = Replay(package, losses)
    _plans(replay)
    replay.run(_HANDLERS)
    _other_objects(replay)
    made = sorted(replay.history, key=lambda pair: pair[0].on)
    _check(made)
    history = tuple(event for event, _ in made)
    return Imported(
        issuer=package.issuer.value["legal_name"], as_of=package.as_of, currency=currency, history=history,
        losses=losses.told(), read=dict(Counter(item.type for item in package.items)),
        made=dict(Counter(type(event).__name__ for event in history)),
    )  # fmt: skip


def _currency(package: Package) -> str:
    """The one currency of all amounts.

    Raises:
        PackageRefused: there are several, which cannot be added up.
    """
    found: dict[str, Item] = {}

    def look(item: Item, value: object) -> None:
        if isinstance(value, Mapping):
            if isinstance(value.get("currency"), str):
                found.setdefault(value["currency"], item)
            for inner in value.values():
                look(item, inner)
        elif isinstance(value, list):
            for inner in value:
                look(item, inner)

    for item in package.items:
        look(item, item.value)
    if len(found) > 1:
        names, item = ", ".join(found), list(found.values())[1]
        problem = Problem("Wanted one currency in the whole package, got {names}.", {"names": names})
        raise PackageRefused([item.fault("currency", problem)])
    return next(iter(found), "USD")


def _plans(replay: Replay) -> None:
    """What plans reserve from their start: a change of the pool on the day of their approval."""
    for key, item in replay.package.of("STOCK_PLAN").items():
        given = item.value["initial_shares_reserved"]
        try:
            total = shares(given, "initial_shares_reserved") if given.strip("+-0.") else 0
        except Refused as refused:
            raise PackageRefused([item.fault(refused.where, refused.problem)]) from None
        replay.plans[key] = total
        if not total:
            continue
        approved = item.value.get("board_approval_date") or item.value.get("stockholder_approval_date")
        if approved is None:
            replay.losses.add(item.type, _NO_DAY, item.id)
        first = min((day(each) for each in replay.package.transactions), default=replay.package.as_of)
        on = min(date.fromisoformat(approved), first) if approved else first
        replay.reserved += total
        replay.emit(events.PoolChange(on=on, shares=total), item)
    if len(replay.plans) > 1:
        for key in replay.plans:
            replay.losses.add("STOCK_PLAN", _ONE_POOL, key)


def _other_objects(replay: Replay) -> None:
    """Fields of people, classes and plans that the ledger has no place for; objects that it has none for at all."""
    kept = {
        "STAKEHOLDER": ("name", "stakeholder_type"),
        "STOCK_CLASS": ("name", "class_type", "conversion_rights", "default_id_prefix", "votes_per_share", "seniority"),
        "STOCK_PLAN": ("plan_name", "initial_shares_reserved", "default_cancellation_behavior", "board_approval_date",
                       "stock_class_id", "stock_class_ids"),
        "VESTING_TERMS": ("name", "description", "allocation_type", "vesting_conditions"),
    }  # fmt: skip
    for item in replay.package.items:
        if item.type in kept:
            replay.told(item, kept[item.type])
        elif not item.type.startswith("TX_"):
            replay.losses.add(item.type, _NO_PLACE, item.id, whole=True)
    for item in replay.package.of("STOCK_CLASS").values():
        told = {name: item.value[name] for name in ("votes_per_share", "seniority")}
        if told != {"votes_per_share": "1", "seniority": "1"}:
            replay.losses.add(item.type, FIELD, item.id, values={"field": ", ".join(told)})


def _check(made: list[tuple[events.Event, Item]]) -> None:
    try:
        as_of([event for event, _ in made], date.max)
    except Refused as refused:
        parts = refused.where.split(".")
        number = int(parts[1]) if parts[0] == "events" and len(parts) > 1 else len(made) - 1
        raise PackageRefused([made[number][1].fault(".".join(parts[2:]), refused.problem)]) from None


def _convertible(replay: Replay, item: Item) -> None:
    replay.told(item, ("investment_amount", "convertible_type", "conversion_triggers", "seniority", "pro_rata"))
    security = item.value["security_id"]
    holder = replay.holders[item.value["stakeholder_id"]]
    signed = instrument_of(item, replay.names[security], holder, replay.losses)
    replay.signed[security] = replay.names[security] if signed else ""
    if signed:
        replay.emit(signed, item)


def _convertible_ends(replay: Replay, item: Item) -> None:
    """A SAFE or a note converts, is paid back or changes hands; what comes of it is issued."""
    security = item.value["security_id"]
    if security not in replay.signed:
        raise Waits
    replay.told(item, ("amount", "reason_text", "trigger_id"))
    if name := replay.signed.pop(security):
        replay.emit(events.Settled(on=day(item), name=name), item)
    for each in (*item.value.get("resulting_security_ids", ()), item.value.get("balance_security_id", "")):
        if not each:
            continue
        issued = replay.issued[each]
        if issued.type == "TX_CONVERTIBLE_ISSUANCE":
            replay.losses.add(item.type, _SIGNED_ANEW, item.id)
            _convertible(replay, issued)
        elif issued.type == "TX_STOCK_ISSUANCE":
            stock.issue(replay, issued)
        else:
            replay.losses.add(item.type, UNKNOWN, item.id)


def _nothing(replay: Replay, item: Item) -> None:
    """What the ledger need not know: that a holder accepted. What goes back to a pool is read with its end."""


_ENDS_CONVERTIBLE = (
    "TX_CONVERTIBLE_CONVERSION", "TX_CONVERTIBLE_CANCELLATION", "TX_CONVERTIBLE_RETRACTION", "TX_CONVERTIBLE_TRANSFER",
)  # fmt: skip
_HANDLERS: dict[str, Callable[[Replay, Item], None]] = {
    "TX_STOCK_ISSUANCE": stock.issue,
    "TX_STOCK_TRANSFER": stock.transfer,
    "TX_STOCK_CANCELLATION": stock.cancel,
    "TX_STOCK_REPURCHASE": stock.cancel,
    "TX_STOCK_CONVERSION": stock.end,
    "TX_STOCK_REISSUANCE": stock.end,
    "TX_STOCK_RETRACTION": stock.end,
    "TX_STOCK_CLASS_SPLIT": stock.split,
    "TX_STOCK_PLAN_POOL_ADJUSTMENT": stock.pool,
    "TX_STOCK_PLAN_RETURN_TO_POOL": _nothing,
    "TX_EQUITY_COMPENSATION_ISSUANCE": options.grant,
    "TX_EQUITY_COMPENSATION_CANCELLATION": options.cancel,
    "TX_EQUITY_COMPENSATION_RETRACTION": options.retract,
    "TX_EQUITY_COMPENSATION_TRANSFER": options.transfer,
    "TX_EQUITY_COMPENSATION_EXERCISE": options.exercise,
    "TX_EQUITY_COMPENSATION_RELEASE": options.exercise,
    "TX_WARRANT_ISSUANCE": options.warrant,
    "TX_WARRANT_CANCELLATION": options.cancel,
    "TX_WARRANT_RETRACTION": options.retract,
    "TX_WARRANT_TRANSFER": options.transfer,
    "TX_WARRANT_EXERCISE": options.exercise,
    "TX_VESTING_START": vests.start,
    "TX_VESTING_ACCELERATION": vests.accelerate,
    "TX_VESTING_EVENT": vests.milestone,
    "TX_CONVERTIBLE_ISSUANCE": _convertible,
    **dict.fromkeys(_ENDS_CONVERTIBLE, _convertible_ends),
    "TX_STOCK_ACCEPTANCE": _nothing,
    "TX_EQUITY_COMPENSATION_ACCEPTANCE": _nothing,
    "TX_CONVERTIBLE_ACCEPTANCE": _nothing,
    "TX_WARRANT_ACCEPTANCE": _nothing,
}

_NO_DAY = Problem("It does not say when it was approved: taken as reserved from the first transaction.", {})
_ONE_POOL = Problem("The ledger has one pool: the plans are added up.", {})
_NO_PLACE = Problem("The ledger has no place for it.", {})
_SIGNED_ANEW = Problem("Written as the end of an instrument and a new one.", {})
