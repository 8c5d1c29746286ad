"""Rows from events: the other half of ``rows``."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from functools import singledispatchmethod
from typing import Any

from mlcore.reading import Invalid, Problem, read_inputs, to_json
from portal.planning.equity import events as of
from portal.planning.equity.capitalization import CapitalizationRules
from portal.planning.equity.money import Refused, exact
from portal.planning.equity.rounding import Rounding
from portal.planning.equity.terms import PoolIncrease, PoolTarget, RoundTerms
from portal.planning.equity.vesting import Schedule
from portal.planning.holding import columns as col
from portal.planning.holding.cells import cell_problems
from portal.planning.holding.named import ROUNDINGS, RULES, Rows
from portal.planning.raising.inputs import INSIDE, OUTSIDE, SHARES, TARGET
from portal.planning.raising.instruments import NO_CLAUSE

NO_DECIMAL = "{value} is no decimal number of at most 15 digits, which a cell of the ledger holds."
NO_FRACTION = "{value} is no whole number of shares, which a cell of the ledger holds."
NO_ROUNDING = "The round rounds by rules of its own, which the ledger has no row for."
CARRIES = "The round carries SAFEs or notes itself: in a ledger they are signed before it."
SAME_SERIES = "Two rounds have the series {series}, which a ledger has one row for."
SPACES = "Wanted a name without spaces at its ends, got “{name}”."

_SPLITS = {Rounding.DOWN: col.SPLIT, Rounding.UP: col.SPLIT_UP, Rounding.NEAREST: col.SPLIT_NEAREST}


def rows_of(events: Sequence[of.Event]) -> Rows:
    """The tables of a ledger that hold these events, in their order; equal terms share one row.

    Raises:
        Invalid: what no row holds, by the number of the event: ``events.3.price``.
    """
    writing = _Writing()
    for at, event in enumerate(events):
        try:
            writing.add(at, event)
        except Refused as refused:
            raise Invalid({f"events.{at}.{refused.where}": [refused.problem]}) from None
    return writing.rows()


@dataclass(slots=True)
class _Terms:
    """One table of terms: rows that are equal but for their names are one."""

    title: str
    names: dict[Hashable, str] = field(default_factory=dict)
    rows: list[Any] = field(default_factory=list)

    def name(self, make: Callable[[str], Any]) -> str:
        key = make("-")
        if key not in self.names:
            self.names[key] = f"{self.title} {len(self.rows) + 1}"
            self.rows.append(_checked(make(self.names[key])))
        return self.names[key]


class _Writing:
    """Writes events as rows, one method for each kind."""

    def __init__(self) -> None:
        self.events: list[col.LedgerEvent] = []
        self.vestings, self.safes, self.notes = _Terms("Vesting"), _Terms("SAFE terms"), _Terms("Note terms")
        self.definitions = _Terms("Definition")
        self.rounds: list[col.LedgerRound] = []
        self.buyers: list[col.LedgerBuyer] = []
        self.protections: list[col.LedgerProtection] = []

    def rows(self) -> Rows:
        return Rows(
            events=tuple(self.events), vestings=tuple(self.vestings.rows), safes=tuple(self.safes.rows),
            notes=tuple(self.notes.rows), rounds=tuple(self.rounds), buyers=tuple(self.buyers),
            protections=tuple(self.protections), definitions=tuple(self.definitions.rows),
        )  # fmt: skip

    def add(self, at: int, event: of.Event) -> None:
        row = _checked(col.LedgerEvent(on=event.on, **self.cells(event)))
        if problems := cell_problems(at, row):
            raise Invalid(problems)
        self.events.append(row)

    @singledispatchmethod
    def cells(self, event: of.Event) -> dict[str, Any]:
        raise TypeError(f"no such event: {event!r}")

    @cells.register
    def _(self, event: of.Issue) -> dict[str, Any]:
        return {
            "kind": event.kind.value, "security": event.security, "holder": event.holder, "shares": event.shares,
            "price": _decimal(event.price, "price"), "stock_class": event.stock_class, **self._vests(event),
            "ratio": "" if event.ratio == 1 else str(event.ratio),
        }  # fmt: skip

    @cells.register
    def _(self, event: of.Transfer) -> dict[str, Any]:
        return {"kind": col.TRANSFER, "security": event.security, "holder": event.to, "shares": event.shares,
                "into": event.into}  # fmt: skip

    @cells.register
    def _(self, event: of.Cancel) -> dict[str, Any]:
        kind = col.FORFEIT if event.to_pool else col.CANCEL
        return {"kind": kind, "security": event.security, "shares": event.shares}

    @cells.register
    def _(self, event: of.PoolChange) -> dict[str, Any]:
        return {"kind": col.POOL, "shares": event.shares}

    @cells.register
    def _(self, event: of.PromiseChange) -> dict[str, Any]:
        return {"kind": col.PROMISE, "shares": event.options}

    @cells.register
    def _(self, event: of.Grant) -> dict[str, Any]:
        return {
            "kind": col.GRANT if event.from_pool else col.WARRANT, "security": event.security, "holder": event.holder,
            "shares": event.options, "price": _decimal(event.strike, "price"), **self._vests(event),
        }  # fmt: skip

    @cells.register
    def _(self, event: of.Vest) -> dict[str, Any]:
        return {"kind": col.VEST, "security": event.security, "shares": event.options}

    @cells.register
    def _(self, event: of.Exercise) -> dict[str, Any]:
        return {"kind": col.EXERCISE, "security": event.security, "shares": event.options, "into": event.into,
                "stock_class": event.stock_class}  # fmt: skip

    @cells.register
    def _(self, event: of.Settled) -> dict[str, Any]:
        return {"kind": col.SETTLE, "security": event.name}

    @cells.register
    def _(self, event: of.Split) -> dict[str, Any]:
        return {"kind": _SPLITS[event.rounding], "ratio": f"{event.new}:{event.old}"}

    @cells.register
    def _(self, event: of.SafeSigned) -> dict[str, Any]:
        safe = event.safe
        form = self._form(safe.rules)
        terms = self.safes.name(lambda name: col.LedgerSafe(
            name=name, cap=_decimal(safe.cap or 0, "terms"), discount=_decimal(safe.discount, "terms"), **form,
            mfn=safe.mfn.value if safe.mfn else NO_CLAUSE, elects=safe.elects or "", pro_rata=safe.pro_rata,
        ))  # fmt: skip
        return {"kind": col.SAFE, "security": safe.name, "holder": safe.holder, "terms": terms,
                "price": _decimal(safe.amount, "price")}  # fmt: skip

    @cells.register
    def _(self, event: of.NoteSigned) -> dict[str, Any]:
        note = event.note
        form = self._form(note.rules)
        terms = self.notes.name(lambda name: col.LedgerNote(
            name=name, rate=_decimal(note.rate, "terms"), maturity=note.maturity,
            cap=_decimal(note.cap or 0, "terms"), discount=_decimal(note.discount, "terms"), **form,
            threshold=_decimal(note.threshold, "terms"),
            below=note.below_threshold.value if note.below_threshold else col.NOT_AGREED,
            past=note.past_maturity.value if note.past_maturity else col.NOT_AGREED,
            day_count=note.day_count.value, compounding=note.compounding.value, partial=note.partial_period.value,
        ))  # fmt: skip
        return {"kind": col.NOTE, "security": note.name, "holder": note.holder, "terms": terms,
                "price": _decimal(note.principal, "price")}  # fmt: skip

    @cells.register
    def _(self, event: of.PricedRound) -> dict[str, Any]:
        terms = event.terms
        if terms.safes or terms.notes:
            raise Refused(Problem(CARRIES, {}), "terms")
        if terms.series in {each.name for each in self.rounds}:
            raise Refused(Problem(SAME_SERIES, {"series": terms.series}), "terms")
        rounding = next((name for name, rules in ROUNDINGS.items() if rules == event.rounding), None)
        if rounding is None:
            raise Refused(Problem(NO_ROUNDING, {}), "terms")
        self.rounds.append(_checked(col.LedgerRound(
            name=terms.series, pre_money=_decimal(terms.pre_money, "terms"), pricing=terms.pricing.value,
            **_pool_cells(terms), pro_rata_source=terms.pro_rata_source.value, shadow=terms.shadow_series,
            rounding=rounding,
        )))  # fmt: skip
        for investor in terms.investors:
            amount = _decimal(investor.amount, "terms")
            self.buyers.append(_checked(col.LedgerBuyer(name=investor.name, series=terms.series, amount=amount)))
        for right in terms.pro_rata:
            share = _decimal(right.share, "terms")
            self.buyers.append(_checked(col.LedgerBuyer(name=right.holder, series=terms.series, pro_rata=share)))
        for each in terms.protected:
            price = _decimal(each.conversion_price, "terms")
            self.protections.append(
                _checked(col.LedgerProtection(name=each.security, series=terms.series, price=price))
            )
        return {"kind": col.ROUND, "terms": terms.series}

    def _vests(self, event: of.Issue | of.Grant) -> dict[str, Any]:
        schedule = event.schedule
        if schedule is None:
            return {}
        terms = self.vestings.name(lambda name: _vesting(name, schedule))
        return {"terms": terms, "starts": "" if schedule.start == event.on else schedule.start.isoformat()}

    def _form(self, rules: CapitalizationRules) -> dict[str, Any]:
        for form, usual in RULES.items():
            if rules == usual:
                return {"form": form}
        definition = self.definitions.name(lambda name: col.LedgerDefinition(name=name, **asdict(rules)))
        return {"form": col.OWN, "definition": definition}


def _vesting(name: str, schedule: Schedule) -> col.LedgerVesting:
    return col.LedgerVesting(
        name=name, months=schedule.months, cliff=schedule.cliff_months,
        cliff_share=_decimal(schedule.cliff_portion or 0, "terms"), every=schedule.every,
        day_of_month=schedule.day or 0, allocation=schedule.allocation.value,
    )  # fmt: skip


def _pool_cells(terms: RoundTerms) -> dict[str, Any]:
    pool = terms.pool
    bearers = {"bearers": INSIDE if pool.inside_pre_money else OUTSIDE}
    if isinstance(pool, PoolTarget):
        return {**bearers, "pool_by": TARGET, "pool_target": _decimal(pool.share, "terms"),
                "counting": pool.counting.value, "basis": pool.basis.value}  # fmt: skip
    assert isinstance(pool, PoolIncrease)
    if pool.shares.denominator != 1:
        raise Refused(Problem(NO_FRACTION, {"value": str(pool.shares)[:40]}), "terms")
    return {**bearers, "pool_by": SHARES, "pool_shares": int(pool.shares)}


def _decimal(value: Fraction | int, cell: str) -> float:
    found = float(value)
    if exact(found) != value:
        raise Refused(Problem(NO_DECIMAL, {"value": str(value)[:40]}), cell)
    return found


def _checked(row: Any) -> Any:
    """The row, if its cells are within what their columns permit."""
    for name, value in asdict(row).items():
        if isinstance(value, str) and value != value.strip():
            raise Refused(Problem(SPACES, {"name": value[:40]}), name)
    try:
        return read_inputs(type(row), to_json(row))
    except Invalid as invalid:
        cell, problems = next(iter(invalid.problems.items()))
        raise Refused(problems[0], cell) from None
