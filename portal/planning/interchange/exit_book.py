"""A sale of the company as a workbook: the terms typed, and who gets what by formulas, conversions included.

What all classes get together is a rising function of what a common share gets, with straight pieces between the levels
at which somebody starts or stops to share (``equity.waterfall``). The sheet of levels computes these pieces; the level
whose payout is the money there is makes the one equilibrium, and everybody's payment follows from it.
"""

from __future__ import annotations

from fractions import Fraction

from portal.planning.equity.waterfall import Common, Preferred, Waterfall
from portal.planning.interchange import exit_words as words
from portal.planning.interchange.pairs import Pairs, Translate
from portal.planning.interchange.sheets import Look, Sheet, Workbook

FIRST = 5  # the first row of a table
# Columns of the classes
(NAME, SHARES, STRIKE, PREFERRED, INVESTED, MULTIPLE, DIVIDENDS, PARTICIPATES, CAP, RANK, CONVERTS, PREFERENCE, LIMIT,
 CONVERTS_AT, CAPPED_AT) = range(1, 16)  # fmt: skip


class _Book:
    def __init__(self, waterfall: Waterfall, translate: Translate) -> None:
        self.waterfall, self.say, self.book = waterfall, translate, Workbook()
        self.at: dict[str, str] = {}
        self.classes = self.debts = Sheet("")

    @property
    def last(self) -> int:
        return FIRST + len(self.waterfall.classes) - 1

    def column(self, column: int) -> str:
        return self.classes.down(column, FIRST, self.last)


def exit_book(
    waterfall: Waterfall, exit_value: Fraction, *, own_shares: Fraction = Fraction(0),
    own_carve_out: Fraction = Fraction(0), translate: Translate = str,
) -> Workbook:  # fmt: skip
    """``own_shares`` are common ones, ``own_carve_out`` a part of the carve-out; USD throughout."""
    made = _Book(waterfall, translate)
    at = made.at
    pairs = Pairs(made.book.sheet(made.say(words.SALE)), made.say, title=words.EXIT, note=words.CHANGE)
    at["price"] = pairs.typed(words.PRICE, exit_value, "USD")
    at["costs"] = pairs.typed(words.COSTS, waterfall.costs, "USD")
    at["cost_share"] = pairs.typed(words.COST_SHARE, waterfall.cost_share, "%")
    at["carve_out"] = pairs.typed(words.CARVE_OUT, waterfall.carve_out, "%")
    at["own_shares"] = pairs.typed(words.OWN_SHARES, own_shares)
    at["own_carve_out"] = pairs.typed(words.OWN_CARVE_OUT, own_carve_out, "%")
    _classes(made)
    _debts(made)
    _levels(made)
    _payments(made)
    return made.book


def _classes(made: _Book) -> None:
    made.classes = sheet = made.book.sheet(made.say(words.CLASSES))
    sheet.put(1, 1, made.say(words.CLASSES), Look.TITLE)
    sheet.put(2, 1, made.say(words.CLASSES_NOTE), Look.NOTE)
    sheet.line(FIRST - 1, map(made.say, words.CLASS_HEAD), Look.HEAD)
    for row, each in enumerate(made.waterfall.classes, FIRST):
        sheet.put(row, NAME, each.name)
        sheet.put(row, SHARES, each.shares, Look.INPUT)
        preferred = each if isinstance(each, Preferred) else None
        sheet.put(row, STRIKE, each.strike if isinstance(each, Common) else 0, Look.INPUT, "USD")
        sheet.put(row, PREFERRED, int(preferred is not None), Look.INPUT)
        sheet.put(row, INVESTED, preferred.invested if preferred else 0, Look.INPUT, "USD")
        sheet.put(row, MULTIPLE, preferred.multiple if preferred else 0, Look.INPUT)
        sheet.put(row, DIVIDENDS, preferred.dividends if preferred else 0, Look.INPUT, "USD")
        sheet.put(row, PARTICIPATES, int(preferred is not None and preferred.participating), Look.INPUT)
        sheet.put(row, CAP, (preferred.cap or 0) if preferred else 0, Look.INPUT)
        sheet.put(row, RANK, preferred.rank if preferred else 0, Look.INPUT)
        sheet.put(row, CONVERTS, int(preferred is not None and preferred.convertible), Look.INPUT)
        _derived(sheet, row)


def _derived(sheet: Sheet, row: int) -> None:
    """Preference, the most without conversion, and the levels at which a class converts or reaches its cap."""

    def at(column: int) -> str:
        return sheet.at(row, column)

    sheet.formula(row, PREFERENCE, f"{at(PREFERRED)}*({at(INVESTED)}*{at(MULTIPLE)}+{at(DIVIDENDS)})", "USD")
    # Without a limit the cell holds −1.
    capped = f"IF({at(CAP)}>0,{at(CAP)}*{at(INVESTED)},-1)"
    sheet.formula(row, LIMIT, f"IF({at(PARTICIPATES)}=1,{capped},{at(PREFERENCE)})", "USD")
    bound = f"AND({at(PREFERRED)}=1,{at(LIMIT)}>=0)"
    sheet.formula(row, CONVERTS_AT, f"IF(AND({bound},{at(CONVERTS)}=1),{at(LIMIT)}/{at(SHARES)},0)", "USD")
    sheet.formula(
        row, CAPPED_AT, f"IF(AND({bound},{at(PARTICIPATES)}=1),({at(LIMIT)}-{at(PREFERENCE)})/{at(SHARES)},0)", "USD"
    )


def gets(sheet: Sheet, row: int, level: str) -> str:
    """What a class gets when a common share gets ``level`` and all preferences are paid."""

    def at(column: int) -> str:
        return sheet.at(row, column)

    common = f"MAX(0,{level}-{at(STRIKE)})*{at(SHARES)}"
    together = f"{at(PREFERENCE)}+{level}*{at(SHARES)}"
    sharing = f"IF({at(LIMIT)}<0,{together},MIN({together},{at(LIMIT)}))"
    held = f"IF({at(PARTICIPATES)}=1,{sharing},{at(PREFERENCE)})"
    return f"IF({at(PREFERRED)}=0,{common},IF({at(CONVERTS)}=1,MAX({held},{level}*{at(SHARES)}),{held}))"


def _debts(made: _Book) -> None:
    made.debts = sheet = made.book.sheet(made.say(words.DEBTS))
    sheet.put(1, 1, made.say(words.DEBTS), Look.TITLE)
    sheet.line(FIRST - 1, map(made.say, words.DEBT_HEAD), Look.HEAD)
    for row, each in enumerate(made.waterfall.debts, FIRST):
        sheet.put(row, 1, each.name)
        sheet.put(row, 2, each.claim, Look.INPUT, "USD")
        sheet.put(row, 3, each.rank, Look.INPUT)


def _by_rank(claim: str, rank: str, claims: str, ranks: str, money: str) -> str:
    """Better ranks are paid first; what does not cover a rank is shared by claim."""
    before, mine = f'SUMIF({ranks},"<"&{rank},{claims})', f"SUMIF({ranks},{rank},{claims})"
    return f"IF({claim}=0,0,{claim}*MIN(1,MAX(0,{money}-{before})/{mine}))"


def _levels(made: _Book) -> None:
    """The levels in rising order, what all classes get at each, and the shares that take part above it.

    The first is zero, which every class has among its three.
    """
    sheet = made.book.sheet(made.say(words.LEVELS))
    sheet.put(1, 1, made.say(words.LEVELS), Look.TITLE)
    sheet.put(2, 1, made.say(words.LEVELS_NOTE), Look.NOTE)
    names = [made.classes.cells[row, NAME].value for row in range(FIRST, made.last + 1)]
    sheet.line(FIRST - 1, [*map(made.say, words.LEVEL_HEAD), *names], Look.HEAD)
    each_way = [(at, column) for column in (STRIKE, CONVERTS_AT, CAPPED_AT) for at in range(FIRST, made.last + 1)]
    count, unsorted = len(each_way), 4 + len(names)
    sheet.put(FIRST - 1, unsorted, made.say(words.UNSORTED), Look.HEAD)
    for row, (at, column) in enumerate(each_way, FIRST):
        sheet.formula(row, unsorted, made.classes.at(at, column), "USD")
    found = sheet.down(unsorted, FIRST, FIRST + count - 1)
    for place in range(count):
        row = FIRST + place
        level = sheet.formula(row, 1, f"SMALL({found},{place + 1})", "USD")
        for column, at in enumerate(range(FIRST, made.last + 1), 4):
            sheet.formula(row, column, gets(made.classes, at, level), "USD")
        sheet.formula(row, 2, f"SUM({sheet.across(row, 4, 3 + len(names))})", "USD")
        sheet.formula(row, 3, "+".join(_shares_above(made, at, level) for at in range(FIRST, made.last + 1)))
    last = FIRST + count - 1
    made.at |= {name: sheet.down(column, FIRST, last) for column, name in ((1, "levels"), (2, "paid"), (3, "slopes"))}


def _shares_above(made: _Book, row: int, level: str) -> str:
    """The shares of a class that take part in the next dollar above a level."""

    def at(column: int) -> str:
        return made.classes.at(row, column)

    common = f"IF({level}>={at(STRIKE)},{at(SHARES)},0)"
    below_cap = f"OR({at(LIMIT)}<0,{level}<{at(CAPPED_AT)})"
    shares = f"AND({at(PARTICIPATES)}=1,{below_cap})"
    converted = f"AND({at(CONVERTS)}=1,{at(LIMIT)}>=0,{level}>={at(CONVERTS_AT)})"
    return f"IF({at(PREFERRED)}=0,{common},IF(OR({shares},{converted}),{at(SHARES)},0))"


def _payments(made: _Book) -> None:
    at, say = made.at, made.say
    pairs = Pairs(made.book.sheet(say(words.PAYMENTS)), say, title=words.PAYMENTS, note=words.PAYMENTS_NOTE)
    sheet = pairs.sheet
    costs = pairs.live(words.COSTS_PAID, f"MIN({at['price']},{at['costs']}+{at['cost_share']}*{at['price']})", "USD")
    net = f"({at['price']}-{costs})"
    claims, ranks = (made.debts.down(column, FIRST, FIRST + len(made.waterfall.debts) - 1) for column in (2, 3))
    debt = pairs.live(words.DEBT_PAID, f"MIN({net},SUM({claims}))" if made.waterfall.debts else "0", "USD")
    carved = pairs.live(words.CARVED, f"{at['carve_out']}*({net}-{debt})", "USD")
    equity = pairs.live(words.EQUITY, f"{net}-{debt}-{carved}", "USD")
    place = f"MATCH({equity},{at['paid']},1)"
    above = (
        f"INDEX({at['levels']},{place})+({equity}-INDEX({at['paid']},{place}))/INDEX({at['slopes']},{place})"
    )  # fmt: skip
    level = pairs.live(words.PER_SHARE, f"IF({equity}<=INDEX({at['paid']},1),0,{above})", "price")
    own = f"{at['own_shares']}*{level}+{at['own_carve_out']}*{carved}"
    pairs.live(words.OWN, own, "USD")
    pairs.head(words.CLASSES)
    sheet.line(pairs.row - 1, map(say, words.PAYMENT_HEAD), Look.HEAD)
    first = pairs.row
    for row in range(FIRST, made.last + 1):
        _class_payment(made, pairs, row, level, equity)
    together = f"SUM({sheet.down(2, first, pairs.row - 1)})"
    _debt_payments(made, pairs, claims, ranks, net)
    pairs.head(words.CHECKS)
    pairs.check(words.ADDS_UP, f"ABS({together}-{equity})<0.005", broken=words.BROKEN)


def _class_payment(made: _Book, pairs: Pairs, row: int, level: str, equity: str) -> None:
    sheet, classes = pairs.sheet, made.classes
    claim, rank = classes.at(row, PREFERENCE), classes.at(row, RANK)
    first = _by_rank(claim, rank, made.column(PREFERENCE), made.column(RANK), equity)
    sheet.put(pairs.row, 1, classes.cells[row, NAME].value)
    paid = sheet.formula(pairs.row, 2, f"IF({level}>0,{gets(classes, row, level)},{first})", "USD")
    sheet.formula(pairs.row, 3, f"{paid}/{classes.at(row, SHARES)}", "price")
    sheet.formula(pairs.row, 4, f"{paid}/{made.at['price']}", "%")
    converted = (
        f"IF({classes.at(row, PREFERRED)}=0,AND({classes.at(row, STRIKE)}>0,{level}>{classes.at(row, STRIKE)}),"
        f"AND({classes.at(row, CONVERTS)}=1,{classes.at(row, LIMIT)}>=0,{level}>{classes.at(row, CONVERTS_AT)}))"
    )
    yes, no = (made.say(text) for text in (words.YES, words.NO))
    sheet.formula(pairs.row, 5, f'IF({converted},"{yes}","{no}")')
    pairs.row += 1


def _debt_payments(made: _Book, pairs: Pairs, claims: str, ranks: str, net: str) -> None:
    if not made.waterfall.debts:
        return
    pairs.head(words.DEBTS)
    for row, each in enumerate(made.waterfall.debts, FIRST):
        paid = _by_rank(made.debts.at(row, 2), made.debts.at(row, 3), claims, ranks, net)
        pairs.sheet.put(pairs.row, 1, each.name)
        pairs.sheet.formula(pairs.row, 2, paid, "USD")
        pairs.row += 1
