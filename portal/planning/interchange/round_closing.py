"""The closing in whole shares: the total that was found pasted, everything that follows from it by formulas.

The total is found by trying (``equity.legal``), which formulas cannot. The check says whether the shares still add up
to it: after a change of the terms, the closing must be found anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.planning.equity.legal import legal_table
from portal.planning.equity.rounding import Rounding
from portal.planning.interchange import round_words as words
from portal.planning.interchange.pairs import Pairs
from portal.planning.interchange.sheets import Look

if TYPE_CHECKING:
    from portal.planning.interchange.round_book import RoundBook, Way

_FUNCTIONS = {Rounding.UP: "ROUNDUP", Rounding.DOWN: "ROUNDDOWN", Rounding.NEAREST: "ROUND"}
# What binary numbers lose is cut off before a price or a share is rounded.
_PRICE_NOISE, _SHARE_NOISE = 12, 6


def closing_sheet(made: RoundBook) -> None:
    """
    Raises:
        Refused: a pool, or an increase of it, that is not in whole shares.
    """
    closing = legal_table(made.table, made.terms, made.rules)
    at, rules = made.at, made.rules
    pairs = Pairs(made.book.sheet(made.say(words.CLOSING)), made.say, title=words.CLOSING, note=words.CLOSING_NOTE)
    total = pairs.pasted(words.FOUND_TOTAL, closing.total)
    price = pairs.live(words.PRICE, _price(f"1/({at['p0']}+{at['p1']}*{total})", rules.price_places, rules.price),
                       "price")  # fmt: skip
    if not closing.identity:
        price = pairs.pasted(words.AGREED_PRICE, closing.price, "price", note=words.NO_IDENTITY)
    pool = f"({at['reserved']}+{at['topup']})"
    increase = pairs.live(
        words.ADDED_TO_POOL, _whole(f"{at['i0']}+{at['i1']}*{total}+{pool}", rules.pool_shares) + f"-{pool}"
    )
    floors = pairs.live(words.BEFORE, f"SUMPRODUCT(INT({at['held']}))+{pool}")
    new = _bought(made, pairs, price)
    left = pairs.live(words.LEFT, f"{total}-{floors}-{increase}-{new}")
    converted = [_converted(made, pairs, each.name, price, increase, new, left) for each in made.brought]
    together = "+".join((floors, increase, new, *converted))
    pairs.live(words.TOGETHER, together)
    pairs.check(words.ADDS_UP, f"({together})={total}", broken=words.FIND_AGAIN)


def _bought(made: RoundBook, pairs: Pairs, price: str) -> str:
    result = next(sheet for sheet in made.book.sheets if sheet.title == made.at["paid"])
    pairs.head(words.PURCHASES)
    first = pairs.row
    for row in range(made.rows["purchases"], made.rows["last purchase"] + 1):
        paid = result.at(row, 2)
        pairs.live(result.cells[row, 1].value, _whole(f"{paid}/{price}", made.rules.new_shares))
    shares = pairs.sheet.down(2, first, pairs.row - 1)
    return pairs.live(words.NEW_SHARES, f"SUM({shares})")


def _converted(
    made: RoundBook, pairs: Pairs, name: str, price: str, increase: str, new: str, left: str
) -> str:  # fmt: skip
    ways = [way for way in made.ways if way.each.name == name]
    if ways[0].row == made.ways[0].row:
        pairs.head(words.CONVERSIONS)
    counts = [_way(made, way, price, increase, new, left) for way in ways]
    row = pairs.row
    shares = pairs.live(name, f"MAX({','.join(counts)})")
    pairs.sheet.put(row, 3, made.say(words.BEST_WAY), Look.NOTE)
    return shares


def _way(made: RoundBook, way: Way, price: str, increase: str, new: str, left: str) -> str:
    from portal.planning.interchange.round_book import AMOUNT, DISCOUNT, fixed_part, ratio_of, switch

    rules, amount = made.rules, made.instruments.at(made.rows[way.each.name], AMOUNT)
    row = made.rows[way.terms.origin]
    if not way.at_cap:
        paid = _price(f"{price}*(1-{made.instruments.at(row, DISCOUNT)})", rules.conversion_places, rules.conversion)
        return _whole(f"{amount}/{paid}", rules.conversion_shares)
    base = (
        f"{fixed_part(made, row)}+{switch(made, row, 'include_additional_option_pool_topup')}*{increase}"
        f"+{switch(made, row, 'include_new_money')}*{new}"
        f"+{switch(made, row, 'include_other_converting_securities')}*{left}"
    )
    shares = f"({ratio_of(made, row, amount)}*({base}))"
    if rules.cap_as_fraction and way.terms.rules.include_this_security:
        return _whole(shares, rules.conversion_shares)
    paid = _price(f"{amount}/{shares}", rules.conversion_places, rules.conversion)
    return f"IF({shares}>0,{_whole(f'{amount}/{paid}', rules.conversion_shares)},0)"


def _price(text: str, places: int | None, how: Rounding) -> str:
    return text if places is None else f"{_FUNCTIONS[how]}(ROUND({text},{_PRICE_NOISE}),{places})"


def _whole(text: str, how: Rounding) -> str:
    return f"{_FUNCTIONS[how]}(ROUND({text},{_SHARE_NOISE}),0)"
