"""Transactions of a package in their order, with what is outstanding after each and the events that they make.

Handlers of single types of transactions stand in ``stock`` and ``options``. Of one day, the order is that of the file;
a transaction that needs another one of that day first waits for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import groupby

from mlcore.reading import Problem
from portal.planning.equity import events
from portal.planning.equity.ledger import Holding
from portal.planning.equity.money import Refused, shown
from portal.planning.equity.table import Kind
from portal.planning.interchange.numbers import fraction, shares
from portal.planning.interchange.package import Item, Package
from portal.planning.interchange.report import Fault, Losses, PackageRefused


class Waits(Exception):
    """A transaction needs what another one of its day brings."""


@dataclass(frozen=True, slots=True)
class StockClass:
    name: str
    kind: Kind
    ratio: Fraction


@dataclass(slots=True)
class Live:
    """A security that is outstanding. ``vesting`` is what the ledger holds of options, and of shares that vest."""

    name: str
    holder: str
    quantity: int
    issuance: Item
    vesting: Holding | None = None


@dataclass(slots=True)
class Replay:
    package: Package
    losses: Losses
    history: list[tuple[events.Event, Item]] = field(default_factory=list)
    live: dict[str, Live] = field(default_factory=dict)
    signed: dict[str, str] = field(default_factory=dict)  # names of SAFEs and notes that are outstanding, by id
    reserved: int = 0
    plans: dict[str, int] = field(default_factory=dict)  # shares reserved by each plan, those granted included
    issued: dict[str, Item] = field(init=False)
    made: set[str] = field(init=False)  # securities that another transaction brings
    reissued: dict[str, set[str]] = field(init=False)  # by split: what is issued anew because of it
    returned: set[str] = field(init=False)
    holders: dict[str, str] = field(init=False)
    classes: dict[str, StockClass] = field(init=False)
    names: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        transactions = self.package.transactions
        self.issued = {each.value["security_id"]: each for each in transactions if each.type.endswith("_ISSUANCE")}
        balances = {each.value.get("balance_security_id", "") for each in transactions} - {""}
        self.made = balances | {
            made for each in transactions for made in each.value.get("resulting_security_ids", ())
        }  # fmt: skip
        self.reissued = {}
        for each in transactions:
            if split := each.value.get("split_transaction_id"):
                self.reissued.setdefault(split, set()).add(each.value["security_id"])
        self.returned = {
            each.value["security_id"] for each in transactions if each.type == "TX_STOCK_PLAN_RETURN_TO_POOL"
        }  # fmt: skip
        people = self.package.of("STAKEHOLDER")
        self.holders = _distinct((key, item.value["name"]["legal_name"]) for key, item in people.items())
        stock = self.package.of("STOCK_CLASS")
        labels = _distinct((key, item.value["name"]) for key, item in stock.items())
        self.classes = {key: StockClass(labels[key], _kind(item), _ratio(item)) for key, item in stock.items()}
        self.names = _security_names(self.issued, balances)

    # What handlers do

    def emit(self, event: events.Event, item: Item) -> None:
        self.history.append((event, item))

    def of(self, item: Item, security: str = "") -> Live:
        """What the transaction is about, while it is outstanding."""
        security = security or item.value["security_id"]
        if security not in self.live:
            raise Waits
        return self.live[security]

    def count(self, item: Item, name: str = "quantity") -> int:
        try:
            return shares(item.value[name], name)
        except Refused as refused:
            raise PackageRefused([item.fault(name, refused.problem)]) from None

    def take(self, item: Item, live: Live, quantity: int) -> None:
        if quantity > live.quantity:
            problem = Problem("{name} has {left} left, fewer than {wanted}.", {
                "name": live.name, "left": shown(live.quantity), "wanted": shown(quantity),
            })  # fmt: skip
            raise PackageRefused([item.fault("quantity", problem)])
        live.quantity -= quantity

    def balance(self, item: Item, live: Live, security: str) -> bool:
        """Whether what is left of a security goes on as it was, under a new certificate, which is then the same here.

        Raises:
            PackageRefused: the new certificate is not for what is left, or there is none for it.
        """
        given = item.value.get("balance_security_id", "")
        new = self.issued[given] if given else None
        if (self.count(new) if new else 0) != live.quantity:
            problem = Problem("Wanted a certificate for the {left} shares that are left, got {given}.", {
                "left": shown(live.quantity), "given": new.value["quantity"][:40] if new else "−",
            })  # fmt: skip
            raise PackageRefused([item.fault("balance_security_id", problem)])
        del self.live[security]
        if new is None:
            return True
        old = live.issuance.value
        if any(new.value.get(name) != old.get(name) for name in ("stakeholder_id", "stock_class_id")):
            return False
        self.live[given] = live
        return True

    def told(self, item: Item, kept: Iterable[str]) -> None:
        """Every field that says something and is not ``kept`` is lost."""
        for name, value in item.value.items():
            if name not in {*kept, *_ALWAYS} and value not in ("", [], None, False) and not _nothing(value):
                self.losses.add(item.type, FIELD, item.id, values={"field": name})

    # The order

    def run(self, handlers: Mapping[str, Callable[[Replay, Item], None]]) -> None:
        """Every transaction that has a handler; others are told as lost.

        Raises:
            PackageRefused: a transaction on a security that is not outstanding then, or that takes more than is left.
        """
        ordered = sorted(self.package.transactions, key=lambda item: item.value["date"])
        for _day, listed in groupby(ordered, key=lambda item: item.value["date"]):
            waiting = list(listed)
            while waiting:
                left = [item for item in waiting if not self._done(item, handlers)]
                if len(left) == len(waiting):
                    raise PackageRefused([self._late(item) for item in left])
                waiting = left

    def _late(self, item: Item) -> Fault:
        if item.type.endswith("_ISSUANCE"):
            problem = Problem("The pool has {reserved} shares that are not granted, fewer than the {options} granted.",
                              {"reserved": shown(self.reserved), "options": item.value["quantity"]})  # fmt: skip
            return item.fault("quantity", problem)
        problem = Problem("Its security is not outstanding on {day}: another transaction has ended it.",
                          {"day": item.value["date"]})  # fmt: skip
        return item.fault("security_id", problem)

    def _done(self, item: Item, handlers: Mapping[str, Callable[[Replay, Item], None]]) -> bool:
        if item.type not in handlers:
            self.losses.add(item.type, UNKNOWN, item.id, whole=True)
            return True
        if item.type.endswith("_ISSUANCE") and item.value["security_id"] in self.made:
            return True
        try:
            handlers[item.type](self, item)
        except Waits:
            return False
        except Refused as refused:
            raise PackageRefused([item.fault(refused.where, refused.problem)]) from None
        return True


def day(item: Item) -> date:
    return date.fromisoformat(item.value["date"])


def _kind(item: Item) -> Kind:
    return Kind.COMMON if item.value["class_type"] == "COMMON" else Kind.PREFERRED


def _ratio(item: Item) -> Fraction:
    rights = item.value.get("conversion_rights", ())
    if not rights:
        return Fraction(1)
    where = "conversion_rights.0.conversion_mechanism.ratio"
    try:
        value = fraction(rights[0]["conversion_mechanism"]["ratio"], where)
        if value <= 0:
            raise Refused(Problem("Wanted a number above zero, got {given}.", {"given": shown(value)}), where)
    except Refused as refused:
        raise PackageRefused([item.fault(refused.where, refused.problem)]) from None
    return value


def _distinct(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """A name for each id; of several with one name, all but the first have their id beside it."""
    found: dict[str, str] = {}
    for key, name in pairs:
        plain = " ".join(name.split()) or key
        found[key] = f"{plain} ({key})" if plain in found.values() else plain
    return found


def _security_names(issued: Mapping[str, Item], balances: set[str]) -> dict[str, str]:
    """Certificate numbers where they are unique, ids elsewhere; convertibles have names of their own."""
    names: dict[str, str] = {}
    for convertible in (False, True):
        of_kind = {key: each for key, each in issued.items() if each.type.startswith("TX_CONVERTIBLE") == convertible}
        counts = Counter(_number(each) for key, each in of_kind.items() if key not in balances)
        taken: set[str] = set()
        for key, each in sorted(of_kind.items(), key=lambda pair: pair[0] in balances):
            number = _number(each)
            name = number if number and counts[number] <= 1 and number not in taken else key
            names[key] = name if name not in taken else f"{number} ({key})"
            taken.add(names[key])
    return names


def _number(item: Item) -> str:
    return " ".join(str(item.value["custom_id"]).split())


def _nothing(value: object) -> bool:
    """An amount of zero, which is written where a price is not known, and a limit that there is not."""
    if value == "NOT APPLICABLE":
        return True
    return isinstance(value, dict) and set(value) == {"amount", "currency"} and Fraction(value["amount"]) == 0


FIELD = Problem("The field {field} is not kept.", {"field": ""})
UNKNOWN = Problem("The ledger has nothing that this would change.", {})
_ALWAYS = ("id", "object_type", "date", "security_id", "custom_id", "stakeholder_id", "resulting_security_ids",
           "balance_security_id")  # fmt: skip
