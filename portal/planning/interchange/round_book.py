"""A priced round as a workbook: the terms typed, and the one solution of all of them by formulas.

Every quantity of a round is a straight line in the shares after it, and what converts takes the best of several lines
(``equity.solver``). The sheets hold these lines as start and slope, and take the solver's steps in columns: each solves
the branches of the one before, so that the last one is the solution whatever the inputs become.
"""

from __future__ import annotations

from dataclasses import fields

from portal.planning.equity.capitalization import CapitalizationRules
from portal.planning.equity.interest import Compounding, DayCount
from portal.planning.equity.notes import Note
from portal.planning.equity.rounding import RoundingRules
from portal.planning.equity.safes import Converting, Terms
from portal.planning.equity.system import prepared
from portal.planning.equity.table import CapTable
from portal.planning.equity.terms import Basis, Counting, PoolIncrease, PoolTarget, Pricing, ProRataSource, RoundTerms
from portal.planning.interchange import round_words as words
from portal.planning.interchange.pairs import Pairs, Translate
from portal.planning.interchange.round_closing import closing_sheet
from portal.planning.interchange.round_result import result_sheet
from portal.planning.interchange.sheets import Look, Sheet, Workbook

SWITCHES = tuple(each.name for each in fields(CapitalizationRules))
CODES = {Pricing.PERCENTAGE_OWNERSHIP: 1, Pricing.DOLLARS_INVESTED: 2, Pricing.PRE_MONEY_METHOD: 3}
_DAYS = {DayCount.ACTUAL_365_FIXED: 365, DayCount.ACTUAL_360: 360}
FIRST = 5  # the first row of a table
# Columns of the instruments
NAME, AMOUNT, PRINCIPAL, RATE, ISSUED, MATURITY, CAP, DISCOUNT, LETTER, SWITCH = range(1, 11)


class RoundBook:
    """Addresses of what the sheets share, by name."""

    def __init__(self, table: CapTable, terms: RoundTerms, rules: RoundingRules, translate: Translate) -> None:
        self.table, self.terms, self.rules, self.say = table, terms, rules, translate
        self.system = prepared(table, terms)
        self.brought = self.system.brought
        self.book = Workbook()
        self.at: dict[str, str] = {}
        self.rows: dict[str, int] = {}  # of each instrument on its sheet
        self.ways: list[Way] = []
        self.holders = self.instruments = self.solution = Sheet("")


class Way:
    """One way to convert: its row in the solution, and the instrument whose terms it takes."""

    def __init__(self, each: Converting, terms: Terms, *, at_cap: bool, row: int) -> None:
        self.each, self.terms, self.at_cap, self.row = each, terms, at_cap, row


def round_book(table: CapTable, terms: RoundTerms, rules: RoundingRules, *, translate: Translate = str) -> Workbook:
    """
    Raises:
        Refused: the terms determine no single round.
    """
    made = RoundBook(table, terms, rules, translate)
    _terms_sheet(made)
    _holders_sheet(made)
    _instruments_sheet(made)
    _solution_sheet(made)
    result_sheet(made)
    closing_sheet(made)
    return made.book


def _terms_sheet(made: RoundBook) -> None:
    terms, at = made.terms, made.at
    pairs = Pairs(made.book.sheet(made.say(words.TERMS)), made.say, title=words.ROUND, note=words.CHANGE)
    at["pre_money"] = pairs.typed(words.PRE_MONEY, terms.pre_money, "USD")
    at["pricing"] = pairs.typed(words.PRICING, CODES[terms.pricing], note=words.PRICINGS)
    at["closing"] = pairs.typed(words.CLOSING_DAY, terms.closing)
    pool = terms.pool
    target = isinstance(pool, PoolTarget)
    pairs.head(words.POOL)
    at["by_target"] = pairs.typed(words.BY_TARGET, int(target), note=words.YES_NO)
    at["target"] = pairs.typed(words.TARGET, pool.share if isinstance(pool, PoolTarget) else 0, "%")
    counts = isinstance(pool, PoolTarget) and pool.counting is Counting.WITH_GRANTS
    at["with_grants"] = pairs.typed(words.WITH_GRANTS, int(counts), note=words.YES_NO)
    before_new = isinstance(pool, PoolTarget) and pool.basis is Basis.PRE_MONEY
    at["pre_basis"] = pairs.typed(words.PRE_BASIS, int(before_new), note=words.YES_NO)
    at["added"] = pairs.typed(words.ADDED, pool.shares if isinstance(pool, PoolIncrease) else 0)
    at["inside"] = pairs.typed(words.INSIDE, int(pool.inside_pre_money), note=words.YES_NO)
    at["reserved"] = pairs.typed(words.RESERVED, made.table.reserved)
    at["promised"] = pairs.typed(words.PROMISED, made.table.promised)
    at["enlarges"] = pairs.typed(
        words.ENLARGES, int(terms.pro_rata_source is ProRataSource.ENLARGES), note=words.YES_NO
    )
    pairs.head(words.INVESTORS)
    first = pairs.row
    for each in terms.investors:
        pairs.typed(each.name, each.amount, "USD")
    at["committed"] = pairs.sheet.down(2, first, pairs.row - 1)
    made.rows["investors"] = first
    at["terms"] = pairs.sheet.title


def _holders_sheet(made: RoundBook) -> None:
    """Everybody with shares or options: as converted, one where they are options, and their right to buy."""
    made.holders = sheet = made.book.sheet(made.say(words.HOLDERS))
    sheet.put(1, 1, made.say(words.HOLDERS), Look.TITLE)
    sheet.line(FIRST - 1, map(made.say, words.HOLDER_HEAD), Look.HEAD)
    rights = {each.holder: each.share for each in made.terms.pro_rata}
    rows = list(made.table.positions)
    for row, each in enumerate(rows, FIRST):
        sheet.put(row, 1, each.holder)
        sheet.put(row, 2, each.security)
        sheet.put(row, 3, each.as_converted, Look.INPUT)
        sheet.put(row, 4, int(not each.kind.outstanding), Look.INPUT)
        sheet.put(row, 5, rights.pop(each.holder, 0), Look.INPUT, "%")
    last = FIRST + len(rows) - 1
    for row, (holder, share) in enumerate(rights.items(), last + 1):
        sheet.line(row, [holder, ""])
        sheet.put(row, 3, 0, Look.INPUT)
        sheet.put(row, 4, 0, Look.INPUT)
        sheet.put(row, 5, share, Look.INPUT, "%")
        last = row
    made.rows["holders"], made.rows["last holder"] = FIRST, last
    for column, name in ((3, "held"), (4, "options"), (5, "rights")):
        made.at[name] = sheet.down(column, FIRST, last)


def _instruments_sheet(made: RoundBook) -> None:
    made.instruments = sheet = made.book.sheet(made.say(words.INSTRUMENTS))
    sheet.put(1, 1, made.say(words.INSTRUMENTS), Look.TITLE)
    sheet.put(2, 1, made.say(words.INSTRUMENTS_NOTE), Look.NOTE)
    sheet.line(FIRST - 1, [*map(made.say, words.INSTRUMENT_HEAD), *map(made.say, words.SWITCH_HEAD)], Look.HEAD)
    notes = {note.name: note for note in made.terms.notes}
    for row, each in enumerate(made.brought, FIRST):
        made.rows[each.name] = row
        sheet.put(row, NAME, each.name)
        _owed(made, row, each, notes.get(each.name))
        own = next((one for one in each.terms if one.origin == each.name), None)
        _own_terms(made, row, each, own)
        sheet.put(row, LETTER, int(each.pro_rata), Look.INPUT)


def _owed(made: RoundBook, row: int, each: Converting, note: Note | None) -> None:
    """What converts: the amount of a SAFE; of a note the principal with interest, live where the count of days is."""
    sheet = made.instruments
    if note is None:
        sheet.put(row, AMOUNT, each.amount, Look.INPUT, "USD")
        return
    principal = sheet.put(row, PRINCIPAL, note.principal, Look.INPUT, "USD")
    rate = sheet.put(row, RATE, note.rate, Look.INPUT, "%")
    issued = sheet.put(row, ISSUED, note.issued, Look.INPUT)
    maturity = sheet.put(row, MATURITY, note.maturity, Look.INPUT)
    if note.day_count in _DAYS and note.compounding is Compounding.SIMPLE:
        days = f"(MIN({made.at['closing']},{maturity})-{issued})"
        sheet.formula(row, AMOUNT, f"{principal}*(1+{rate}*{days}/{_DAYS[note.day_count]})", "USD")
    else:
        sheet.put(row, AMOUNT, each.amount, Look.PASTED, "USD")


def _own_terms(made: RoundBook, row: int, each: Converting, own: Terms | None) -> None:
    """Cap, discount and switches; of an elected SAFE, those of the one that was elected."""
    sheet = made.instruments
    if own is None:
        chosen = made.rows.get(each.terms[0].origin, FIRST + [one.name for one in made.brought].index(
            each.terms[0].origin))  # fmt: skip
        for column in (CAP, DISCOUNT, *range(SWITCH, SWITCH + len(SWITCHES))):
            sheet.formula(row, column, sheet.at(chosen, column))
        return
    sheet.put(row, CAP, own.cap or 0, Look.INPUT, "USD")
    sheet.put(row, DISCOUNT, own.discount, Look.INPUT, "%")
    for column, name in enumerate(SWITCHES, SWITCH):
        sheet.put(row, column, int(getattr(own.rules, name)), Look.INPUT)


def _solution_sheet(made: RoundBook) -> None:
    made.solution = sheet = made.book.sheet(made.say(words.SOLUTION))
    at = made.at
    pairs = Pairs(sheet, made.say, title=words.SOLUTION, note=words.SOLUTION_NOTE)
    at["shares"] = pairs.live(words.SHARES, f"SUMPRODUCT({at['held']},1-{at['options']})")
    at["granted"] = pairs.live(words.GRANTED, f"SUMPRODUCT({at['held']},{at['options']})")
    at["topup"] = pairs.live(words.TOPUP, f"MAX(0,{at['promised']}-{at['reserved']})")
    at["before"] = pairs.live(words.BEFORE, f"{at['shares']}+{at['granted']}+{at['reserved']}+{at['topup']}")
    at["new_money"] = pairs.live(
        words.NEW_MONEY, f"SUM({at['committed']})/IF({at['enlarges']}=1,1-SUM({at['rights']}),1)", "USD"
    )
    converting = made.instruments.down(AMOUNT, FIRST, FIRST + max(0, len(made.brought) - 1))
    at["converting"] = pairs.live(words.CONVERTING, f"SUM({converting})" if made.brought else "0", "USD")
    at["grows"] = pairs.pasted(words.GROWS, int(_grows(made)), note=words.YES_NO)
    _lines(made, pairs)
    _ways(made, pairs)
    _steps(made, pairs)


def _grows(made: RoundBook) -> bool:
    """Whether the pool's increase that the terms ask for was made."""
    return made.system.increase.slope != 0 or made.system.increase.start != 0 or isinstance(
        made.terms.pool, PoolIncrease
    )  # fmt: skip


def _lines(made: RoundBook, pairs: Pairs) -> None:
    """``price = a + b·increase`` shares for a dollar and ``increase = c + e·price``, each a line in the total."""
    at = made.at
    method, dollars = f"{at['pricing']}=3", f"{at['pricing']}=2"
    value = f"({at['pre_money']}+{at['new_money']}+IF({dollars},{at['converting']},0))"
    at["a0"] = pairs.live(words.A0, f"IF({method},{at['before']}/{at['pre_money']},0)")
    at["a1"] = pairs.live(words.A1, f"IF({method},0,1/{value})")
    at["b"] = pairs.live(words.B, f"IF({method},{at['inside']}/{at['pre_money']},({at['inside']}-1)/{value})")
    counted = (
        f"IF({at['with_grants']}=1,{at['granted']}+{at['reserved']}+{at['topup']},"
        f"MAX(0,{at['reserved']}-{at['promised']}))"
    )
    by_target = f"{at['by_target']}*{at['grows']}"
    at["c0"] = pairs.live(words.C0, f"IF({at['by_target']}=1,-{at['grows']}*{counted},{at['added']})")
    at["c1"] = pairs.live(words.C1, f"{by_target}*{at['target']}")
    at["e"] = pairs.live(words.E, f"-{by_target}*{at['pre_basis']}*{at['target']}*{at['new_money']}")
    for part in ("0", "1"):
        at[f"i{part}"] = pairs.live(
            words.INCREASE_LINE[int(part)], f"({at[f'c{part}']}+{at[f'a{part}']}*{at['e']})/(1-{at['e']}*{at['b']})"
        )
        at[f"p{part}"] = pairs.live(words.PRICE_LINE[int(part)], f"{at[f'a{part}']}+{at[f'i{part}']}*{at['b']}")
        start = f"-{at['before']}" if part == "0" else "1"
        at[f"l{part}"] = pairs.live(
            words.LEFT_LINE[int(part)], f"{start}-{at[f'i{part}']}-{at[f'p{part}']}*{at['new_money']}"
        )


def _ways(made: RoundBook, pairs: Pairs) -> None:
    """Every way to convert as start and slope; the ways of one instrument stand together."""
    sheet = made.solution
    pairs.head(words.WAYS)
    sheet.line(pairs.row, map(made.say, words.WAY_HEAD), Look.HEAD)
    row = pairs.row + 1
    for each in made.brought:
        for terms in each.terms:
            for at_cap in (True, False) if terms.cap is not None else (False,):
                made.ways.append(Way(each, terms, at_cap=at_cap, row=row))
                sheet.line(row, [each.name, made.say(words.AT_CAP if at_cap else words.AT_PRICE)])
                for part in (0, 1):
                    sheet.formula(row, 3 + part, _way(made, each, terms, at_cap=at_cap, part=part))
                row += 1
    pairs.row = row + 1


def _way(made: RoundBook, each: Converting, terms: Terms, *, at_cap: bool, part: int) -> str:
    at, amount = made.at, made.instruments.at(made.rows[each.name], AMOUNT)
    row = made.rows[terms.origin]
    if not at_cap:
        return f"{at[f'p{part}']}*{amount}/(1-{made.instruments.at(row, DISCOUNT)})"
    fixed = f"+{fixed_part(made, row)}" if part == 0 else ""
    moving = (
        f"{switch(made, row, 'include_additional_option_pool_topup')}*{at[f'i{part}']}"
        f"+{switch(made, row, 'include_new_money')}*{at[f'p{part}']}*{at['new_money']}"
        f"+{switch(made, row, 'include_other_converting_securities')}*{at[f'l{part}']}"
    )
    return f"{ratio_of(made, row, amount)}*({moving}{fixed})"


def switch(made: RoundBook, row: int, name: str) -> str:
    return made.instruments.at(row, SWITCH + SWITCHES.index(name))


def fixed_part(made: RoundBook, row: int) -> str:
    """What a cap counts of the company before the round."""
    at = made.at
    return "+".join(
        f"{switch(made, row, name)}*{at[of]}"
        for name, of in (
            ("include_outstanding_shares", "shares"), ("include_outstanding_options", "granted"),
            ("include_outstanding_unissued_options", "reserved"),
            ("include_option_pool_topup_for_promised_options", "topup"),
        )
    )  # fmt: skip


def ratio_of(made: RoundBook, row: int, amount: str) -> str:
    """Amount ÷ cap, solved for the instrument's own shares where its cap counts them."""
    ratio = f"{amount}/{made.instruments.at(row, CAP)}"
    this, others = (
        switch(made, row, name) for name in ("include_this_security", "include_other_converting_securities")
    )
    return f"IF({this}={others},{ratio},IF({this}=1,({ratio})/(1-{ratio}),({ratio})/(1+{ratio})))"


def _steps(made: RoundBook, pairs: Pairs) -> None:
    """The solver's steps, one in three columns: the value of each way, the chosen ones, and the total they give."""
    sheet, at, ways = made.solution, made.at, made.ways
    total_row = pairs.row
    sheet.put(total_row, 1, made.say(words.TOTAL))
    column = 5
    if not ways:
        at["total"] = sheet.formula(total_row, 2, f"-{at['l0']}/{at['l1']}")
        pairs.row += 2
        return
    first, last = ways[0].row, ways[-1].row
    starts, slopes = sheet.down(3, first, last), sheet.down(4, first, last)
    previous = ""
    for step in range(2 + len(ways) - len(made.brought)):
        value, taken = column + 2 * step, column + 2 * step + 1
        sheet.put(first - 1, value, f"{made.say(words.STEP)} {step + 1}", Look.HEAD)
        sheet.put(first - 1, taken, made.say(words.TAKEN), Look.HEAD)
        for way in ways:
            here = sheet.at(way.row, 4)
            sheet.formula(way.row, value, f"{sheet.at(way.row, 3)}+{here}*{previous}" if previous else here)
        for way in ways:
            mine = [one.row for one in ways if one.each is way.each]
            best = sheet.down(value, mine[0], mine[-1])
            before = f"SUM({sheet.down(taken, mine[0], way.row - 1)})" if way.row > mine[0] else "0"
            sheet.formula(way.row, taken, f"IF(AND({sheet.at(way.row, value)}=MAX({best}),{before}=0),1,0)")
        chosen = sheet.down(taken, first, last)
        previous = sheet.formula(
            total_row, taken,
            f"-({at['l0']}-SUMPRODUCT({chosen},{starts}))/({at['l1']}-SUMPRODUCT({chosen},{slopes}))",
        )  # fmt: skip
    at["total"] = sheet.formula(total_row, 2, previous)
    at["taken"] = chosen
    made.rows["taken column"] = taken
    at["margin"] = f"({at['l1']}-SUMPRODUCT({sheet.down(6, first, last)},{slopes}))"
    pairs.row += 2
