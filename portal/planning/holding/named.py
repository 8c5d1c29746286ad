"""The tables of terms that the events of a ledger name: looked up, made into the engine's records, and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, NoReturn, TypeVar

from mlcore.reading import Invalid, Problem
from portal.planning.equity.capitalization import (
    POST_MONEY_SAFE,
    PRE_MONEY_SAFE,
    SWITCHES,
    TYPICAL_NOTE,
    CapitalizationRules,
)
from portal.planning.equity.events import PricedRound
from portal.planning.equity.interest import Compounding, DayCount, PartialPeriod
from portal.planning.equity.money import Refused
from portal.planning.equity.notes import Election, Note
from portal.planning.equity.rounding import LEGAL, YC_GUIDE
from portal.planning.equity.safes import Mfn, Safe
from portal.planning.equity.terms import (
    Basis,
    Counting,
    Investor,
    PoolChange,
    PoolIncrease,
    PoolTarget,
    Pricing,
    ProRata,
    ProRataSource,
    Protected,
    RoundTerms,
)
from portal.planning.equity.vesting import Allocation, Schedule
from portal.planning.holding import columns as col
from portal.planning.raising.inputs import GUIDE, INSIDE, LAWYERS, SHARES
from portal.planning.raising.instruments import NO_CLAUSE, POST, PRE, typed

T = TypeVar("T")
Found = dict[str, list[Problem]]

RULES = {POST: POST_MONEY_SAFE, PRE: PRE_MONEY_SAFE, col.USUAL_NOTE: TYPICAL_NOTE}
ROUNDINGS = {LAWYERS: LEGAL, GUIDE: YC_GUIDE}
# The table of terms that an event of each kind names.
TERMS = {
    **dict.fromkeys((*col.ISSUES, *col.GRANTS), "vestings"), col.SAFE: "safes", col.NOTE: "notes", col.ROUND: "rounds",
}  # fmt: skip

NO_SUCH_ROW = "No row is called {name} here. Wanted one of: {names}."
NO_NAME = "Wanted a name, by which events find this row."
TWICE = "Two rows have the name {name}."
NO_SERIES = "No row of the rounds has the series {name}. Wanted one of: {names}."
EITHER = "Wanted either an amount or a pro-rata right, one of them."
CLOSED_BEFORE = "The round {name} is closed already: a second closing is a row of its own, with another series."


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The tables of a ledger, each a tuple of the records in ``columns``."""

    events: tuple[col.LedgerEvent, ...] = ()
    vestings: tuple[col.LedgerVesting, ...] = ()
    safes: tuple[col.LedgerSafe, ...] = ()
    notes: tuple[col.LedgerNote, ...] = ()
    rounds: tuple[col.LedgerRound, ...] = ()
    buyers: tuple[col.LedgerBuyer, ...] = ()
    protections: tuple[col.LedgerProtection, ...] = ()
    definitions: tuple[col.LedgerDefinition, ...] = ()

    @classmethod
    def of(cls, given: Any) -> Rows:
        """Those of the calculator's inputs, resolved or not."""
        return cls(**{each.name: tuple(getattr(given, each.name)) for each in fields(cls)})


@dataclass(frozen=True, slots=True)
class Named:
    """Makes what a row of the terms says into the engine's records; ``at`` is the event that names the row.

    Its methods raise Invalid, by the path of the cell that is wrong.
    """

    rows: Rows

    def find(self, table: str, name: str, path: str, template: str = NO_SUCH_ROW) -> int:
        names = [row.name.strip() for row in getattr(self.rows, table)]
        if name not in names:
            refuse(path, template, name=name, names=", ".join(names) or "−")
        return names.index(name)

    def row_of(self, at: int) -> tuple[str, int] | None:
        """The table and the row that an event names, where it names one that exists."""
        event = self.rows.events[at]
        table = TERMS.get(event.kind, "")
        names = [row.name.strip() for row in getattr(self.rows, table)] if table else []
        return (table, names.index(event.terms.strip())) if event.terms.strip() in names else None

    def schedule(self, at: int, name: str, start: date) -> Schedule:
        row = self._row(at, "vestings", name)
        return self._made(at, lambda: Schedule(
            start=start, months=int(row.months), every=int(row.every), cliff_months=int(row.cliff),
            cliff_portion=typed(row.cliff_share) if row.cliff_share else None,
            day=int(row.day_of_month) or None, allocation=Allocation(row.allocation),
        ))  # fmt: skip

    def safe(self, at: int, name: str, security: str, holder: str, amount: Any) -> Safe:
        row = self._row(at, "safes", name)
        return self._made(at, lambda: Safe(
            name=security, holder=holder, amount=amount, cap=typed(row.cap) if row.cap else None,
            discount=typed(row.discount), rules=self._rules(at, row),
            mfn=None if row.mfn == NO_CLAUSE else Mfn(row.mfn), elects=row.elects.strip() or None,
            pro_rata=bool(row.pro_rata),
        ))  # fmt: skip

    def note(self, at: int, name: str, security: str, holder: str, amount: Any, issued: date) -> Note:
        row = self._row(at, "notes", name)
        return self._made(at, lambda: Note(
            name=security, holder=holder, principal=amount, rate=typed(row.rate), issued=issued, maturity=row.maturity,
            day_count=DayCount(row.day_count), compounding=Compounding(row.compounding),
            partial_period=PartialPeriod(row.partial), cap=typed(row.cap) if row.cap else None,
            discount=typed(row.discount), rules=self._rules(at, row), threshold=typed(row.threshold),
            below_threshold=None if row.below == col.NOT_AGREED else Election(row.below),
            past_maturity=None if row.past == col.NOT_AGREED else Election(row.past),
        ))  # fmt: skip

    def round(self, at: int, name: str, closing: date) -> PricedRound:
        row = self._row(at, "rounds", name)
        if any(each.kind == col.ROUND and each.terms.strip() == name for each in self.rows.events[:at]):
            refuse(f"events.{at}.terms", CLOSED_BEFORE, name=name)
        buyers = [(k, each) for k, each in enumerate(self.rows.buyers) if each.series.strip() == name]
        for k, each in buyers:
            if bool(each.amount) == bool(each.pro_rata):
                refuse(f"buyers.{k}.amount", EITHER)
        terms = self._made(at, lambda: RoundTerms(
            series=name, closing=closing, pre_money=typed(row.pre_money), pricing=Pricing(row.pricing),
            investors=tuple(Investor(name=e.name.strip(), amount=typed(e.amount)) for _, e in buyers if e.amount),
            pool=_pool(row),
            pro_rata=tuple(ProRata(holder=e.name.strip(), share=typed(e.pro_rata)) for _, e in buyers if e.pro_rata),
            pro_rata_source=ProRataSource(row.pro_rata_source),
            protected=tuple(
                Protected(security=each.name.strip(), conversion_price=typed(each.price))
                for each in self.rows.protections if each.series.strip() == name
            ),
            shadow_series=bool(row.shadow),
        ))  # fmt: skip
        return PricedRound(terms=terms, rounding=ROUNDINGS[row.rounding])

    def problems(self) -> Found:
        """Names that are missing or stand twice in a table, and buyers or protections of no round."""
        found: Found = {}
        for table in ("vestings", "safes", "notes", "rounds", "definitions"):
            seen: set[str] = set()
            for k, row in enumerate(getattr(self.rows, table)):
                name = row.name.strip()
                if not name:
                    found[f"{table}.{k}.name"] = [Problem(NO_NAME, {})]
                elif name in seen:
                    found[f"{table}.{k}.name"] = [Problem(TWICE, {"name": name})]
                seen.add(name)
        for table in ("buyers", "protections"):
            for k, row in enumerate(getattr(self.rows, table)):
                try:
                    self.find("rounds", row.series.strip(), f"{table}.{k}.series", NO_SERIES)
                except Invalid as invalid:
                    found |= invalid.problems
        return found

    def _row(self, at: int, table: str, name: str) -> Any:
        return getattr(self.rows, table)[self.find(table, name, f"events.{at}.terms")]

    def _rules(self, at: int, row: Any) -> CapitalizationRules:
        if row.form != col.OWN:
            return RULES[row.form]
        table, k = self.row_of(at) or ("", 0)
        found = self.find("definitions", row.definition.strip(), f"{table}.{k}.definition")
        return CapitalizationRules(**{name: bool(getattr(self.rows.definitions[found], name)) for name in SWITCHES})

    def _made(self, at: int, make: Callable[[], T]) -> T:
        try:
            return make()
        except Refused as refused:
            raise Invalid({self.cell_of(at, refused.where): [refused.problem]}) from None

    def cell_of(self, at: int, where: str) -> str:
        """The cell that the engine's ``where`` is about, of what event ``at`` says or makes happen."""
        kind, _, rest = where.partition(".")
        last = where.rpartition(".")[2]
        if kind in ("safes", "notes", "convertibles"):
            at = self._signed(rest, at)
        elif kind in ("investors", "pro_rata") and rest:
            return self._buyer(at, rest)
        event = self.rows.events[at]
        row = self.row_of(at)
        if row and (field := _TERM_FIELDS[row[0]].get(last)):
            if field == "pool_target" and self.rows.rounds[row[1]].pool_by == SHARES:
                field = "pool_shares"
            return f"{row[0]}.{row[1]}.{field}"
        usual = "ratio" if event.kind in col.SPLITS else "terms" if event.kind == col.ROUND else "shares"
        return f"events.{at}.{_EVENT_FIELDS.get(last, usual)}"

    def _signed(self, rest: str, at: int) -> int:
        """The event that signed the instrument whose name ``rest`` begins with."""
        for k, event in enumerate(self.rows.events):
            name = event.security.strip()
            if event.kind in col.SIGNINGS and (rest == name or rest.startswith(name + ".")):
                return k
        return at

    def _buyer(self, at: int, rest: str) -> str:
        series = self.rows.events[at].terms.strip()
        for k, each in reversed(list(enumerate(self.rows.buyers))):
            name = each.name.strip()
            if each.series.strip() == series and (rest == name or rest.startswith(name + ".")):
                return f"buyers.{k}.name"
        return f"events.{at}.terms"


def _pool(row: Any) -> PoolChange:
    inside = row.bearers == INSIDE
    if row.pool_by == SHARES:
        return PoolIncrease(shares=typed(row.pool_shares), inside_pre_money=inside)
    return PoolTarget(
        share=typed(row.pool_target), counting=Counting(row.counting), basis=Basis(row.basis), inside_pre_money=inside
    )


def refuse(path: str, template: str, **values: Any) -> NoReturn:
    raise Invalid({path: [Problem(template, values)]})


# The columns of the ledger and of the terms for the names that the engine's refusals end in.
_EVENT_FIELDS = {
    "on": "on", "issued": "on", "security": "security", "name": "security", "holder": "holder", "shares": "shares",
    "options": "shares", "to_pool": "kind", "kind": "kind", "ratio": "ratio", "price": "price", "strike": "price",
    "amount": "price", "principal": "price", "into": "into",
}  # fmt: skip
_TERM_FIELDS: dict[str, dict[str, str]] = {
    "vestings": {
        "months": "months", "every": "every", "cliff_months": "cliff", "cliff_portion": "cliff_share",
        "day": "day_of_month", "portions": "cliff_share",
    },
    "safes": {"cap": "cap", "discount": "discount", "mfn": "mfn", "elects": "elects"},
    "notes": {
        "rate": "rate", "maturity": "maturity", "cap": "cap", "discount": "discount", "threshold": "threshold",
        "below_threshold": "below", "past_maturity": "past", "partial_period": "partial",
    },
    "rounds": {
        "pre_money": "pre_money", "round": "pre_money", "pool": "pool_target", "share": "pool_target",
        "pro_rata_source": "pro_rata_source", "conversion_places": "rounding", "investors": "name", "pro_rata": "name",
    },
}  # fmt: skip
