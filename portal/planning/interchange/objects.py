"""The objects of a package, made event by event."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import singledispatchmethod
from typing import Any

from mlcore.reading import Problem
from portal.planning.equity import events
from portal.planning.equity.legal import LegalTable, series_of
from portal.planning.equity.rounding import whole
from portal.planning.equity.table import Kind
from portal.planning.equity.vesting import Schedule
from portal.planning.interchange.instruments import note_fields, safe_fields
from portal.planning.interchange.numbers import carried, money, ratio
from portal.planning.interchange.report import Losses
from portal.planning.interchange.schedules import START, terms_of
from portal.planning.interchange.stock import SPLIT_ROUNDING

PLAN = "plan-1"
COMMON = "Common"


@dataclass(slots=True)
class _Held:
    """A certificate or grant under its latest id, with the fields that a certificate for the rest repeats."""

    security_id: str
    quantity: int
    kind: str  # how the types of its transactions begin
    fields: dict[str, Any]


class Objects:
    """``of``: objects by type; ``transactions`` in their order."""

    def __init__(self, currency: str, losses: Losses) -> None:
        self.currency, self.losses = currency, losses
        self.of: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.transactions: list[dict[str, Any]] = []
        self._held: dict[str, _Held] = {}
        self._convertibles: dict[str, tuple[str, dict[str, str]]] = {}  # id and amount of those outstanding
        self._ids: set[str] = set()
        self._holders: dict[str, str] = {}
        self._classes: dict[tuple[str, Kind, Fraction], str] = {}
        self._terms: dict[Schedule | None, str] = {}
        self._reserved = self._total = 0

    def add(self, event: events.Event, closed: LegalTable | None) -> None:
        """``closed`` is what a priced round came to."""
        if isinstance(event, events.PricedRound):
            assert closed is not None
            self._round(event, closed)
        else:
            self._add(event)

    @singledispatchmethod
    def _add(self, event: events.Event) -> None:
        raise TypeError(f"no such event: {event!r}")

    # Shares

    @_add.register
    def _(self, event: events.Issue) -> None:
        if not carried(event.price):
            self.losses.add("Issue", _PLACES, event.security)
        stock = self._class(event.stock_class, event.kind, event.ratio)
        security = self._issue_stock(
            event.on, event.security, event.holder, event.shares, stock, price=event.price, schedule=event.schedule
        )
        self._start(security, event.schedule)

    @_add.register
    def _(self, event: events.Transfer) -> None:
        held = self._held[event.security]
        into = self._new_id(event.into)
        self._close(event.on, held, event.security, "TRANSFER", event.shares, resulting_security_ids=[into])
        self._issue_stock(event.on, event.into, event.to, event.shares, held.fields["stock_class_id"], into)

    @_add.register
    def _(self, event: events.Cancel) -> None:
        held = self._held[event.security]
        security = held.security_id
        self._close(event.on, held, event.security, "CANCELLATION", event.shares, reason_text="Cancelled")
        if event.to_pool:
            self._reserved += event.shares
            self._put("TX_STOCK_PLAN_RETURN_TO_POOL", event.on, security_id=security, stock_plan_id=PLAN,
                      quantity=str(event.shares), reason_text="Cancelled")  # fmt: skip

    @_add.register
    def _(self, event: events.Split) -> None:
        if not self._classes:
            self.losses.add("Split", _NO_CLASS, str(event.on), whole=True)
            return
        if event.rounding is not SPLIT_ROUNDING:
            self.losses.add("Split", _ROUNDING, str(event.on))
        factor = Fraction(event.new, event.old)
        for stock_class in self._classes.values():
            self._put("TX_STOCK_CLASS_SPLIT", event.on, stock_class_id=stock_class,
                      split_ratio={"numerator": str(event.new), "denominator": str(event.old)})  # fmt: skip
        for held in self._held.values():
            held.quantity = whole(held.quantity * factor, event.rounding)
        self._reserved = whole(self._reserved * factor, event.rounding)
        self._total = whole(self._total * factor, SPLIT_ROUNDING)

    # Options and the pool

    @_add.register
    def _(self, event: events.PoolChange) -> None:
        self._pool(event.on, event.shares)

    @_add.register
    def _(self, event: events.PromiseChange) -> None:
        self.losses.add("PromiseChange", _PROMISES, str(event.on), whole=True)

    @_add.register
    def _(self, event: events.Grant) -> None:
        if not carried(event.strike):
            self.losses.add("Grant", _PLACES, event.security)
        schedule, plan = event.schedule, {}
        if event.from_pool:
            self._plan(event.on)
            self._reserved -= event.options
            plan = {"stock_plan_id": PLAN}
        else:
            self.losses.add("Grant", _WARRANT, event.security)
        fields: dict[str, Any] = {
            **plan, "compensation_type": "OPTION",
            "exercise_price": money(event.strike, self.currency), "vesting_terms_id": self._vesting(schedule),
            "expiration_date": None, "termination_exercise_windows": [],
        }  # fmt: skip
        security = self._issue("TX_EQUITY_COMPENSATION_", event.on, event.security, event.holder, event.options, fields)
        self._start(security, schedule)

    @_add.register
    def _(self, event: events.Vest) -> None:
        self._put("TX_VESTING_ACCELERATION", event.on, security_id=self._held[event.security].security_id,
                  quantity=str(event.options), reason_text="Milestone or acceleration")  # fmt: skip

    @_add.register
    def _(self, event: events.Exercise) -> None:
        held = self._held[event.security]
        into = self._new_id(event.into)
        held.quantity -= event.options
        self._put("TX_EQUITY_COMPENSATION_EXERCISE", event.on, security_id=held.security_id,
                  quantity=str(event.options), resulting_security_ids=[into])  # fmt: skip
        stock = self._class(event.stock_class, Kind.COMMON, Fraction(1))
        holder = next(name for name, key in self._holders.items() if key == held.fields["stakeholder_id"])
        self._issue_stock(event.on, event.into, holder, event.options, stock, into)

    # SAFEs, notes and rounds

    @_add.register
    def _(self, event: events.SafeSigned) -> None:
        self._sign(event.on, event.safe.name, event.safe.holder, safe_fields(event.safe, self.currency, self.losses))

    @_add.register
    def _(self, event: events.NoteSigned) -> None:
        if (fields := note_fields(event.note, self.currency, self.losses)) is not None:
            self._sign(event.on, event.note.name, event.note.holder, fields)

    @_add.register
    def _(self, event: events.Settled) -> None:
        if event.name in self._convertibles:
            security, amount = self._convertibles.pop(event.name)
            self._put("TX_CONVERTIBLE_CANCELLATION", event.on, security_id=security, amount=amount,
                      reason_text="Settled")  # fmt: skip
        else:
            self.losses.add("Settled", _NOT_WRITTEN, event.name, whole=True)

    def _sign(self, on: date, name: str, holder: str, fields: dict[str, Any]) -> None:
        security = self._new_id(name)
        self._convertibles[name] = security, fields["investment_amount"]
        self._put("TX_CONVERTIBLE_ISSUANCE", on, security_id=security, custom_id=name,
                  stakeholder_id=self._holder(holder), security_law_exemptions=[], **fields)  # fmt: skip

    def _round(self, event: events.PricedRound, closed: LegalTable) -> None:
        """The format has no terms of a round: conversions, shares and the pool as they came out of it."""
        terms, price = event.terms, closed.price
        self.losses.add("PricedRound", _ROUND, terms.series)
        for each in closed.conversions:
            into = f"{terms.series}: {each.name}"
            stock = self._class(series_of(terms, each, price), Kind.PREFERRED, Fraction(1))
            resulting = self._new_id(into)
            if each.name in self._convertibles:
                converted, _ = self._convertibles.pop(each.name)
                self._put("TX_CONVERTIBLE_CONVERSION", event.on, security_id=converted, trigger_id="financing",
                          reason_text=terms.series, resulting_security_ids=[resulting])  # fmt: skip
            self._issue_stock(event.on, into, each.holder, int(each.shares), stock, resulting, each.price)
        stock = self._class(terms.series, Kind.PREFERRED, Fraction(1))
        for number, bought in enumerate(closed.purchases, 1):
            name = f"{terms.series}-{number}"
            self._issue_stock(event.on, name, bought.name, int(bought.shares), stock, price=price)
        if change := closed.reserved - self._reserved:
            self._pool(event.on, change)

    # What they are made of

    def _put(self, kind: str, on: date, **fields: Any) -> dict[str, Any]:
        made = {"id": f"tx-{len(self.transactions) + 1}", "object_type": kind, "date": str(on), **fields}
        self.transactions.append(made)
        self.of[kind].append(made)
        return made

    def _object(self, kind: str, **fields: Any) -> None:
        self.of[kind].append({"object_type": kind, **fields})

    def _issue(
        self, kind: str, on: date, name: str, holder: str, quantity: int, fields: dict[str, Any], security: str = ""
    ) -> str:
        security = security or self._new_id(name)
        fields = {**fields, "stakeholder_id": self._holder(holder), "custom_id": name, "security_law_exemptions": []}
        self._held[name] = _Held(security, quantity, kind, fields)
        self._put(f"{kind}ISSUANCE", on, security_id=security, quantity=str(quantity), **fields)
        return security

    def _issue_stock(
        self, on: date, name: str, holder: str, quantity: int, stock_class: str, security: str = "",
        price: Fraction = Fraction(0), schedule: Schedule | None = None,
    ) -> str:  # fmt: skip
        fields: dict[str, Any] = {
            "stock_class_id": stock_class,
            "share_price": money(price, self.currency),
            "stock_legend_ids": [],
        }
        if schedule:
            fields["vesting_terms_id"] = self._vesting(schedule)
        return self._issue("TX_STOCK_", on, name, holder, quantity, fields, security)

    def _start(self, security: str, schedule: Schedule | None) -> None:
        if schedule:
            self._put("TX_VESTING_START", schedule.start, security_id=security, vesting_condition_id=START)

    def _close(self, on: date, held: _Held, name: str, what: str, quantity: int, **fields: Any) -> None:
        """End a certificate in part or whole; what is left has a new one."""
        held.quantity -= quantity
        ended, rest = held.security_id, {}
        if held.quantity:
            held.security_id = self._new_id(f"{name} (rest)")
            rest = {"balance_security_id": held.security_id}
        self._put(f"{held.kind}{what}", on, security_id=ended, quantity=str(quantity), **fields, **rest)
        if held.quantity:
            self._put(f"{held.kind}ISSUANCE", on, security_id=held.security_id, quantity=str(held.quantity),
                      **held.fields)  # fmt: skip

    def _pool(self, on: date, change: int) -> None:
        self._plan(on)
        self._reserved += change
        self._total += change
        self._put("TX_STOCK_PLAN_POOL_ADJUSTMENT", on, stock_plan_id=PLAN, shares_reserved=str(self._total))

    def _plan(self, on: date) -> None:
        if not self.of["STOCK_PLAN"]:
            common = next((key for (_, kind, _), key in self._classes.items() if kind is Kind.COMMON), None)
            self._object("STOCK_PLAN", id=PLAN, plan_name="Option pool", initial_shares_reserved="0",
                         board_approval_date=str(on), default_cancellation_behavior="RETIRE",
                         stock_class_ids=[common or self._class(COMMON, Kind.COMMON, Fraction(1))])  # fmt: skip

    def _vesting(self, schedule: Schedule | None) -> str:
        """Terms are the same whatever day they start on."""
        key = replace(schedule, start=date.min) if schedule else None
        if key not in self._terms:
            made = terms_of(schedule, len(self._terms) + 1)
            self._terms[key] = made["id"]
            self.of["VESTING_TERMS"].append(made)
        return self._terms[key]

    def _holder(self, name: str) -> str:
        if name not in self._holders:
            self._holders[name] = key = f"holder-{len(self._holders) + 1}"
            self._object("STAKEHOLDER", id=key, name={"legal_name": name}, stakeholder_type="INDIVIDUAL")
        return self._holders[name]

    def _class(self, name: str, kind: Kind, each: Fraction) -> str:
        if (name, kind, each) in self._classes:
            return self._classes[name, kind, each]
        if any(known == name for known, _, _ in self._classes):
            self.losses.add("Issue", _SAME_NAME, name)
        self._classes[name, kind, each] = key = f"class-{len(self._classes) + 1}"
        right = {
            "type": "STOCK_CLASS_CONVERSION_RIGHT", "converts_to_future_round": False,
            "conversion_mechanism": {"type": "RATIO_CONVERSION", "ratio": ratio(each), "rounding_type": "FLOOR",
                                     "conversion_price": money(Fraction(0), self.currency)},
        }  # fmt: skip
        self._object("STOCK_CLASS", id=key, name=name, default_id_prefix=f"{key}-", votes_per_share="1", seniority="1",
                     class_type="COMMON" if kind is Kind.COMMON else "PREFERRED",
                     initial_shares_authorized="NOT APPLICABLE",
                     **({} if each == 1 else {"conversion_rights": [right]}))  # fmt: skip
        return key

    def _new_id(self, name: str) -> str:
        """The name itself as an id where no other security has it."""
        found, number = name, 1
        while found in self._ids:
            number += 1
            found = f"{name} {number}"
        self._ids.add(found)
        return found


_NO_CLASS = Problem("There is no class of shares yet that could be split.", {})
_ROUNDING = Problem("The format does not say how a split rounds: read again, it rounds down.", {})
_PROMISES = Problem("The format has no options that are promised and not granted.", {})
_PLACES = Problem("An amount has more than ten decimal places: it is rounded.", {})
_ROUND = Problem("The format has no terms of a round: its shares are written as conversions and issues.", {})
_WARRANT = Problem("The format's warrants are exercised as a whole: written as options outside of any plan.", {})
_NOT_WRITTEN = Problem("What it ends was not written.", {})
_SAME_NAME = Problem("Two classes have this name and differ in kind or ratio: read again, they have two names.", {})
