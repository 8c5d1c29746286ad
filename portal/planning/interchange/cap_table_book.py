"""A cap table as a workbook: the ledger's movements, and who owns what on any day by formulas.

Each event is one or more movements of shares. Splits are formulas over the movements above them; what a priced round
issues was computed in whole shares and is pasted, for a round has a workbook of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from portal.planning.equity import events
from portal.planning.equity.ledger import OPTIONS, WARRANTS, Holding, as_of
from portal.planning.equity.legal import LegalTable
from portal.planning.equity.rounding import Rounding, whole
from portal.planning.equity.table import Kind
from portal.planning.interchange import cap_table_words as words
from portal.planning.interchange.pairs import Pairs, Translate
from portal.planning.interchange.sheets import Look, Sheet, Workbook

POOL, PROMISED = "pool", "promised"  # the securities of what is reserved and of what is promised
FIRST = 5
DAY, EVENT, SECURITY, CHANGE, NEW, OLD = range(1, 7)  # columns of the movements
_GRANTS = {OPTIONS: words.OPTIONS, WARRANTS: words.WARRANTS}
_FUNCTIONS = {Rounding.UP: "ROUNDUP", Rounding.DOWN: "ROUNDDOWN", Rounding.NEAREST: "ROUND"}


@dataclass(frozen=True, slots=True)
class _Move:
    """``change`` shares of a security; of a split the event itself, whose change is a formula."""

    event: events.Event
    security: str
    change: int = 0
    split: events.Split | None = None
    pasted: bool = False


@dataclass(frozen=True, slots=True)
class _Security:
    name: str
    holder: str
    stock_class: str
    ratio: Fraction
    options: bool


def cap_table_book(history: Sequence[events.Event], on: date, *, translate: Translate = str) -> Workbook:
    """The workbook of a ledger, with the day that it counts until in a cell.

    Raises:
        Refused: an event that contradicts those before it.
    """
    state = as_of(history, date.max)
    moves = list(_moves(history, state.rounds))
    book = Workbook()
    pairs = Pairs(book.sheet(translate(words.OWNERSHIP)), translate, title=words.TITLE, note=words.NOTE)
    day = pairs.typed(words.AS_OF, on)
    movements = _movements(book, moves, translate)
    securities = [_security(name, held) for name, held in state.holdings.items()]
    table = _securities(book, securities, movements, day, len(moves), translate)
    _ownership(pairs, securities, table, _counted(movements, len(moves), day), translate)
    return book


def _security(name: str, held: Holding) -> _Security:
    options = held.kind is Kind.OPTION
    return _Security(name, held.holder, held.stock_class, held.ratio, options)


def _moves(history: Sequence[events.Event], rounds: Sequence[LegalTable]) -> Iterator[_Move]:
    closings, alive = iter(rounds), dict.fromkeys((POOL, PROMISED))
    reserved = 0
    for event in history:
        if isinstance(event, events.Split):
            reserved = whole(Fraction(reserved * event.new, event.old), event.rounding)
            yield from (_Move(event, security, split=event) for security in alive)
            continue
        if isinstance(event, events.PricedRound):
            found = list(_closed(event, next(closings), reserved))
        else:
            found = list(_simple(event))
        reserved += sum(move.change for move in found if move.security == POOL)
        alive |= {move.security: None for move in found}
        yield from found


def _simple(event: events.Event) -> Iterator[_Move]:
    match event:
        case events.Issue():
            yield _Move(event, event.security, event.shares)
        case events.Transfer():
            yield _Move(event, event.security, -event.shares)
            yield _Move(event, event.into, event.shares)
        case events.Cancel():
            yield _Move(event, event.security, -event.shares)
            if event.to_pool:
                yield _Move(event, POOL, event.shares)
        case events.PoolChange():
            yield _Move(event, POOL, event.shares)
        case events.PromiseChange():
            yield _Move(event, PROMISED, event.options)
        case events.Grant():
            yield _Move(event, event.security, event.options)
            if event.from_pool:
                yield _Move(event, POOL, -event.options)
        case events.Exercise():
            yield _Move(event, event.security, -event.options)
            yield _Move(event, event.into, event.options)


def _closed(event: events.PricedRound, closing: LegalTable, reserved: int) -> Iterator[_Move]:
    """What a round issued, as the ledger names it."""
    series = event.terms.series
    for each in closing.conversions:
        yield _Move(event, f"{series}: {each.name}", int(each.shares), pasted=True)
    for number, bought in enumerate(closing.purchases, 1):
        yield _Move(event, f"{series}-{number}", int(bought.shares), pasted=True)
    yield _Move(event, POOL, closing.reserved - reserved, pasted=True)


# Sheets


def _movements(book: Workbook, moves: Sequence[_Move], translate: Translate) -> Sheet:
    sheet = book.sheet(translate(words.MOVEMENTS))
    sheet.put(1, 1, translate(words.MOVEMENTS), Look.TITLE)
    sheet.put(2, 1, translate(words.MOVEMENTS_NOTE), Look.NOTE)
    sheet.line(FIRST - 1, map(translate, words.MOVEMENT_HEAD), Look.HEAD)
    for row, move in enumerate(moves, FIRST):
        sheet.put(row, DAY, move.event.on, Look.INPUT)
        sheet.put(row, EVENT, translate(words.EVENTS[type(move.event).__name__]))
        sheet.put(row, SECURITY, _name(move.security, translate))
        if move.split is None:
            sheet.put(row, CHANGE, move.change, Look.PASTED if move.pasted else Look.INPUT)
            continue
        new = sheet.put(row, NEW, move.split.new, Look.INPUT)
        old = sheet.put(row, OLD, move.split.old, Look.INPUT)
        before = _sum_above(sheet, row)
        scaled = f"ROUND({before}*{new}/{old},6)"  # what binary numbers lose is no share
        sheet.formula(row, CHANGE, f"{_FUNCTIONS[move.split.rounding]}({scaled},0)-{before}")
    return sheet


def _sum_above(sheet: Sheet, row: int) -> str:
    """What the movements above have left of the security of this row."""
    if row == FIRST:
        return "0"
    changes, names = (sheet.down(column, FIRST, row - 1) for column in (CHANGE, SECURITY))
    return f"SUMIFS({changes},{names},{sheet.at(row, SECURITY)})"


def _name(security: str, translate: Translate) -> str:
    return translate(words.RESERVES[security]) if security in (POOL, PROMISED) else security


def _counted(movements: Sheet, count: int, day: str) -> str:
    """The sum of a security's movements until the day; ``{name}`` is the cell of its name."""
    last = FIRST + max(0, count - 1)
    changes, names, days = (movements.down(column, FIRST, last) for column in (CHANGE, SECURITY, DAY))
    return f'SUMIFS({changes},{names},{{name}},{days},"<="&{day})'


def _securities(
    book: Workbook, securities: Sequence[_Security], movements: Sheet, day: str, count: int, translate: Translate
) -> Sheet:
    sheet = book.sheet(translate(words.SECURITIES))
    sheet.put(1, 1, translate(words.SECURITIES), Look.TITLE)
    sheet.line(FIRST - 1, map(translate, words.SECURITY_HEAD), Look.HEAD)
    counted = _counted(movements, count, day)
    for row, each in enumerate(securities, FIRST):
        name = sheet.put(row, 1, each.name)
        sheet.put(row, 2, each.holder)
        sheet.put(row, 3, _class(each, translate))
        ratio = sheet.put(row, 4, each.ratio, Look.INPUT)
        shares = sheet.formula(row, 5, counted.format(name=name))
        sheet.formula(row, 6, f"{shares}*{ratio}")
        sheet.put(row, 7, int(each.options))
    return sheet


def _ownership(
    pairs: Pairs, securities: Sequence[_Security], table: Sheet, counted: str, translate: Translate
) -> None:  # fmt: skip
    """By holder and by class, of the shares in issue and fully diluted."""
    sheet, last = pairs.sheet, FIRST + max(0, len(securities) - 1)
    holders, classes, converted, options = (table.down(column, FIRST, last) for column in (2, 3, 6, 7))
    issued = pairs.live(words.ISSUED, f"SUMIFS({converted},{options},0)")
    granted = pairs.live(words.GRANTED, f"SUMIFS({converted},{options},1)")
    reserve = {}
    for key in (POOL, PROMISED):
        name = f'"{_name(key, translate)}"'
        reserve[key] = pairs.live(words.RESERVES[key], counted.format(name=name))
    topup = pairs.live(words.TOPUP, f"MAX(0,{reserve[PROMISED]}-{reserve[POOL]})")
    total = pairs.live(words.TOTAL, f"{issued}+{granted}+{reserve[POOL]}+{topup}")
    for head, names, column in (
        (words.BY_HOLDER, [each.holder for each in securities], holders),
        (words.BY_CLASS, [_class(each, translate) for each in securities], classes),
    ):  # fmt: skip
        pairs.head(head)
        sheet.line(pairs.row - 1, [translate(head), *map(translate, words.OWNERSHIP_HEAD)], Look.HEAD)
        first = pairs.row
        for name in dict.fromkeys(names):
            at = sheet.put(pairs.row, 1, name)
            shares = sheet.formula(pairs.row, 2, f"SUMIFS({converted},{column},{at})")
            sheet.formula(pairs.row, 3, f"SUMIFS({converted},{column},{at},{options},0)/{issued}", "%")
            sheet.formula(pairs.row, 4, f"{shares}/{total}", "%")
            pairs.row += 1
        sheet.put(pairs.row, 1, translate(words.RESERVES[POOL]))
        pool = sheet.formula(pairs.row, 2, f"{reserve[POOL]}+{topup}")
        sheet.formula(pairs.row, 4, f"{pool}/{total}", "%")
        together = f"SUM({sheet.down(2, first, pairs.row)})"
        pairs.row += 1
    pairs.row += 1
    pairs.check(words.ADDS_UP, f"ABS({together}-{total})<0.001", broken=words.BROKEN)


def _class(each: _Security, translate: Translate) -> str:
    return translate(_GRANTS[each.stock_class]) if each.options else each.stock_class
