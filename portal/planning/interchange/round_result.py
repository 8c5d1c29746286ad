"""What a round comes to: price, conversions, purchases and everybody's part, with the checks of the workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.planning.interchange import round_words as words
from portal.planning.interchange.pairs import Pairs
from portal.planning.interchange.sheets import Look

if TYPE_CHECKING:
    from portal.planning.interchange.round_book import RoundBook

AMOUNT, LETTER = 2, 9  # columns of the instruments


def result_sheet(made: RoundBook) -> None:
    at = made.at
    pairs = Pairs(made.book.sheet(made.say(words.RESULT)), made.say, title=words.RESULT, note=words.RESULT_NOTE)
    total = at["total"]
    at["per_dollar"] = f"({at['p0']}+{at['p1']}*{total})"
    at["price"] = pairs.live(words.PRICE, f"1/{at['per_dollar']}", "price")
    pairs.live(words.ALL_SHARES, total)
    at["increase"] = pairs.live(words.ADDED_TO_POOL, f"{at['i0']}+{at['i1']}*{total}")
    at["pool_after"] = pairs.live(words.POOL_AFTER, f"{at['reserved']}+{at['topup']}+{at['increase']}")
    pairs.live(words.POST_MONEY, f"{at['price']}*{total}", "USD")
    pairs.live(words.EFFECTIVE, f"{at['price']}*{at['before']}", "USD")
    _checks(made, pairs)
    _converted(made, pairs)
    _bought(made, pairs)
    _after(made, pairs)


def _checks(made: RoundBook, pairs: Pairs) -> None:
    at = made.at
    pairs.head(words.CHECKS)
    pairs.check(words.POOL_CHECK, f"OR({at['by_target']}=0,{at['grows']}=0,{at['increase']}>=-0.000001)",
                broken=words.POOL_BROKEN)  # fmt: skip
    if made.ways:
        pairs.check(words.ONE_SOLUTION, f"{at['margin']}>0", broken=words.NO_SOLUTION)
        gained = "+".join(_shares(made, each.name) for each in made.brought)
        together = f"{at['before']}+{at['increase']}+{gained}+{at['new_money']}*{at['per_dollar']}"
    else:
        together = f"{at['before']}+{at['increase']}+{at['new_money']}*{at['per_dollar']}"
    pairs.check(words.ADDS_UP, f"ABS({together}-{at['total']})<0.001", broken=words.NOT_SOLVED)


def _shares(made: RoundBook, name: str) -> str:
    """The most shares that any way of the instrument gives at the total."""
    sheet = made.solution
    mine = [way for way in made.ways if way.each.name == name]
    values = ",".join(f"{sheet.at(way.row, 3)}+{sheet.at(way.row, 4)}*{made.at['total']}" for way in mine)
    return f"MAX({values})"


def _converted(made: RoundBook, pairs: Pairs) -> None:
    if not made.brought:
        return
    pairs.head(words.CONVERSIONS)
    pairs.sheet.line(pairs.row - 1, map(made.say, words.CONVERSION_HEAD), Look.HEAD)
    for each in made.brought:
        row, sheet = pairs.row, pairs.sheet
        sheet.put(row, 1, each.name)
        shares = sheet.formula(row, 2, _shares(made, each.name))
        amount = made.instruments.at(made.rows[each.name], AMOUNT)
        sheet.formula(row, 3, f"{amount}/{shares}", "price")
        sheet.formula(row, 4, f"{shares}/{made.at['total']}", "%")
        sheet.formula(row, 5, f"{shares}*{made.at['price']}", "USD")
        made.at[f"shares of {each.name}"] = shares
        pairs.row += 1


def _bought(made: RoundBook, pairs: Pairs) -> None:
    """New money: pro-rata rights first, side letters included; where the round keeps its size, the others take less."""
    at, sheet = made.at, pairs.sheet
    pairs.head(words.PURCHASES)
    sheet.line(pairs.row - 1, map(made.say, words.PURCHASE_HEAD), Look.HEAD)
    converted = "+".join(at[f"shares of {each.name}"] for each in made.brought) or "0"
    letters = {
        each.name: f"{made.instruments.at(made.rows[each.name], LETTER)}*{at[f'shares of {each.name}']}"
        f"/({at['before']}+{converted})"
        for each in made.brought
    }  # fmt: skip
    taken = "+".join((f"SUM({at['rights']})", *letters.values()))
    kept = f"IF({at['enlarges']}=1,1,1-({taken}))"
    terms_sheet = made.book.sheets[0]
    first = made.rows["investors"]
    lines = [
        (each.name, f"{terms_sheet.at(first + place, 2)}*{kept}") for place, each in enumerate(made.terms.investors)
    ]  # fmt: skip
    for row in range(made.rows["holders"], made.rows["last holder"] + 1):
        name = made.holders.cells[row, 1].value
        if made.holders.cells[row, 5].value:
            lines.append((name, f"{made.holders.at(row, 5)}*{at['new_money']}"))
            at[f"bought by {row}"] = f"({lines[-1][1]})*{at['per_dollar']}"
    lines += [(each.holder, f"{letters[each.name]}*{at['new_money']}") for each in made.brought if each.pro_rata]
    made.rows["purchases"] = pairs.row
    for name, amount in lines:
        row = pairs.row
        sheet.put(row, 1, name)
        paid = sheet.formula(row, 2, amount, "USD")
        shares = sheet.formula(row, 3, f"{paid}*{at['per_dollar']}")
        sheet.formula(row, 4, f"{shares}/{at['total']}", "%")
        pairs.row += 1
    made.rows["last purchase"] = pairs.row - 1
    at["paid"] = sheet.title


def _after(made: RoundBook, pairs: Pairs) -> None:
    """Everybody of before, with what they buy by a right of theirs."""
    at, sheet = made.at, pairs.sheet
    pairs.head(words.OWNERSHIP)
    sheet.line(pairs.row - 1, map(made.say, words.OWNERSHIP_HEAD), Look.HEAD)
    for row in range(made.rows["holders"], made.rows["last holder"] + 1):
        held = made.holders.at(row, 3)
        here = pairs.row
        sheet.put(here, 1, made.holders.cells[row, 1].value)
        sheet.formula(here, 2, f"{held}/{at['before']}", "%")
        after = f"({held}+{at.get(f'bought by {row}', '0')})"
        sheet.formula(here, 3, f"{after}/{at['total']}", "%")
        sheet.formula(here, 4, f"{after}*{at['price']}", "USD")
        pairs.row += 1
    sheet.put(pairs.row, 1, made.say(words.POOL))
    sheet.formula(pairs.row, 2, f"({at['reserved']}+{at['topup']})/{at['before']}", "%")
    sheet.formula(pairs.row, 3, f"{at['pool_after']}/{at['total']}", "%")
    pairs.row += 1
