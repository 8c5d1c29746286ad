"""Term sheets side by side, and every contract switch: who gains and who loses how much when terms are others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from mlcore.spec import params
from portal.planning.calculator import Table
from portal.planning.equity.draws import many_rounds
from portal.planning.equity.legal import closed, legal_table
from portal.planning.equity.money import Refused, percent, shown
from portal.planning.equity.table import CapTable
from portal.planning.equity.terms import RoundTerms
from portal.planning.raising.calculation import Solved, bought, founders, overhang
from portal.planning.raising.inputs import BEARERS, GUIDE, LAWYERS, PRICINGS, ROUNDINGS, TARGET, TermSheet
from portal.planning.raising.instruments import name_of, typed
from portal.planning.raising.outputs import PARTS
from portal.planning.raising.switches import THE_ROUND, WORDS, clauses
from portal.planning.raising.terms import company, rounding_of, terms_of

TINY = 1e-9  # relative, of what floats lose

TYPED = "The round as typed"
PARTS_TITLE = "Term sheets side by side: who owns what"
PARTS_NOTE = "Part of the company after the round, fully diluted. A column without numbers determines no round."
WORTH_TITLE = "Term sheets side by side: what it is worth, and the difference"
WORTH_NOTE = (
    "At the price of the round as typed, and how much more or less that is under each other sheet, at its own price. A "
    "share of one round is not a share of another: read the parts first."
)
HOLDER = "Holder"
TERMS_TITLE = "Which term of a sheet moves how much, to whom"
TERMS_NOTE = (
    "Each term of a sheet put into the round as typed, alone, in USD at the price that it then has. The last line of a "
    "sheet has all of them; single moves do not add up to it where terms work on each other."
)
TERMS_COLUMNS = (
    ("Term sheet", ""), ("Term", ""), ("Instead", ""), ("Founders, points", ""), ("Founders", "USD"),
    ("Other holders", "USD"), ("SAFEs and notes", "USD"), ("New investors", "USD"),
)  # fmt: skip
ALL_TERMS = "All terms of the sheet"
CLAUSE_TITLE = "What each contract switch moves"
CLAUSE_NOTE = (
    "The round solved again with one switch turned and all else as typed, every range at its median, in USD at the "
    "price that it then has. Preferences are those beyond what was paid. A line without numbers determines no round. "
    "Caps stay the same number: in a negotiation a pre-money cap is set lower."
)
CLAUSE_COLUMNS = (
    ("For", ""), ("Clause", ""), ("Instead", ""), ("Founders, points", ""), ("Founders", "USD"),
    ("SAFEs and notes", "USD"), ("Preferences", "USD"),
)  # fmt: skip
ROUNDING = "Rounding"
LABELS = {name: param.label for name, param, _ in params(TermSheet)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stakes:
    """What each group has after a round: the founders' part of the company, the rest in USD at the round price."""

    part: float
    founders: float
    others: float
    converted: float
    investors: float
    overhang: float

    def less(self, before: Stakes) -> list[float]:
        """Founders' percentage points, then the money of founders, others, converted, investors, and the overhang."""
        pairs = [(100 * self.part, 100 * before.part)]
        pairs += [
            (getattr(self, name), getattr(before, name))
            for name in ("founders", "others", "converted", "investors", "overhang")
        ]
        return [_moved(one, other) for one, other in pairs]


def _moved(one: float, other: float) -> float:
    return one - other if abs(one - other) > TINY * max(abs(one), abs(other)) else 0.0


def _solved(x: Any, table: CapTable, terms: RoundTerms) -> Solved:
    shares = many_rounds(table, terms, np.array([float(terms.pre_money)]), np.array([float(terms.new_money)]))
    return bought(x, table, terms, shares)


def _stakes(x: Any, table: CapTable, terms: RoundTerms) -> Stakes:
    found = _solved(x, table, terms)
    shares = found.shares
    owned, more = founders(x, found)
    held = float(table.shares + table.granted) + sum(float(each[0]) for each in found.holders)
    price = float(shares.price[0])
    ours = owned + float(more[0])
    new = float(shares.new[0]) - sum(float(each[0]) for each in found.holders)
    return Stakes(
        part=ours / float(shares.total[0]), founders=ours * price, others=(held - ours) * price,
        converted=price * sum(float(each[0]) for each in shares.conversions.values()), investors=price * new,
        overhang=float(overhang(terms, shares)[0]),
    )  # fmt: skip


# Term sheets


def under(x: Any, sheet: Any, *fields: str) -> Any:
    """The inputs with these terms of a sheet, or with all of them."""
    wanted = fields or tuple(LABELS)[1:]
    terms = {name: getattr(sheet, name) for name in wanted}
    if "pool_target" in wanted:
        terms["pool_by"] = TARGET
    return SimpleNamespace(**{**vars(x), **terms})


def sheet_tables(x: Any) -> list[Table]:
    """Who gets what under each, and what each term of each moves; nothing where there is no other sheet."""
    if not x.sheets:
        return []
    names = [name_of(sheet, at) for at, sheet in enumerate(x.sheets)]
    now, others = _lines(x), [_lines_or_none(under(x, sheet)) for sheet in x.sheets]
    words = (ALL_TERMS, *PARTS, *LABELS.values(), *BEARERS.values(), *PRICINGS.values())
    parts, worth = [], []
    for at, (who, part, money) in enumerate(now):
        after = [lines[at] if lines else None for lines in others]
        parts.append((who, part, *(line and line[1] for line in after)))
        worth.append((who, money, *(line and _moved(line[2], money) for line in after)))

    def columns(unit: str) -> tuple[tuple[str, str], ...]:
        return ((HOLDER, ""), (TYPED, unit), *((name, unit) for name in names))

    return [
        Table(title=PARTS_TITLE, note=PARTS_NOTE, columns=columns("%"), rows=tuple(parts), words=words),
        Table(title=WORTH_TITLE, note=WORTH_NOTE, columns=columns("USD"), rows=tuple(worth), words=words),
        Table(title=TERMS_TITLE, note=TERMS_NOTE, columns=TERMS_COLUMNS, rows=tuple(_by_term(x)), words=words),
    ]


def _lines_or_none(x: Any) -> list[tuple[str, float, float]] | None:
    try:
        return _lines(x)
    except Refused:
        return None


def _lines(x: Any) -> list[tuple[str, float, float]]:
    """Founders each, other holders together, every instrument, new investors together and the pool."""
    table, terms = company(x), terms_of(x)
    found = _solved(x, table, terms)
    shares, zero = found.shares, np.zeros(1)
    held = [(name_of(row, at), float(row.shares) + float(more[0]), row.founder)
            for at, (row, more) in enumerate(zip(x.holders, found.holders, strict=True))]  # fmt: skip
    lines = [(name, mine) for name, mine, founder in held if founder]
    lines.append((PARTS[1], sum(mine for _, mine, founder in held if not founder)))
    names = [each.name for each in terms.safes] + [each.name for each in terms.notes]
    lines += [(name, float(shares.conversions.get(name, zero)[0])) for name in names]
    rights = sum(float(each[0]) for each in found.holders)
    lines += [(PARTS[4], float(shares.new[0]) - rights), (PARTS[5], float(shares.reserved[0]))]
    total, price = float(shares.total[0]), float(shares.price[0])
    return [(name, mine / total, mine * price) for name, mine in lines]


def _by_term(x: Any) -> Iterator[tuple[Any, ...]]:
    now = _stakes(x, company(x), terms_of(x))
    for at, sheet in enumerate(x.sheets):
        for field in tuple(LABELS)[1:]:
            instead = _written(sheet, field)
            if instead != _written(x, field):
                yield name_of(sheet, at), LABELS[field], instead, *_change(under(x, sheet, field), now)
        yield name_of(sheet, at), ALL_TERMS, "", *_change(under(x, sheet), now)


def _change(other: Any, now: Stakes) -> list[float | None]:
    try:
        return list(_stakes(other, company(other), terms_of(other)).less(now)[:5])
    except Refused:
        return [None] * 5


def _written(x: Any, field: str) -> str:
    value = getattr(x, field)
    if field in ("pre_money", "new_money"):
        return "$" + shown(typed(value), 2)
    if field == "pool_target":
        by_shares = getattr(x, "pool_by", TARGET) != TARGET
        return shown(typed(x.pool_shares)) if by_shares else percent(typed(value))
    return {"pool_bearers": BEARERS, "pricing": PRICINGS}[field][value]


# Contract switches


def clause_table(x: Any) -> Table:
    """Every switch of the contracts with what it moves, for whom."""
    words = (*WORDS, ROUNDING, *ROUNDINGS.values())
    return Table(title=CLAUSE_TITLE, note=CLAUSE_NOTE, columns=CLAUSE_COLUMNS, rows=tuple(_clauses(x)), words=words)


def _clauses(x: Any) -> Iterator[tuple[Any, ...]]:
    table, terms = company(x), terms_of(x)
    now = _stakes(x, table, terms)
    for each in clauses(terms):
        try:
            points, ours, _, converted, _, more = _stakes(x, table, each.terms).less(now)
            yield each.about, each.clause, each.instead, points, ours, converted, more
        except Refused:
            yield each.about, each.clause, each.instead, None, None, None, None
    other = GUIDE if x.rounding == LAWYERS else LAWYERS
    yield THE_ROUND, ROUNDING, ROUNDINGS[other], *_rounded_by(x, table, terms, other)


def _rounded_by(x: Any, table: CapTable, terms: RoundTerms, other: str) -> tuple[float, ...]:
    """What another rule of rounding moves, in whole shares."""
    found = []
    for rounding in (other, x.rounding):
        closing = legal_table(table, terms, rounding_of(SimpleNamespace(rounding=rounding)))
        after = closed(table, terms, closing).holders()
        ours = float(sum(after.get(name_of(row, at), 0) for at, row in enumerate(x.holders) if row.founder))
        converted = float(sum(each.shares for each in closing.conversions))
        price = float(closing.price)
        found.append((100 * ours / closing.total, ours * price, converted * price))
    return (*(_moved(one, two) for one, two in zip(*found, strict=True)), 0.0)
