"""Workbooks recalculated equal ours to the cent, and still do after an input is changed in them."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import openpyxl
import pytest

from mlcore.reading import read_inputs
from portal.interchange.workbooks import workbook_bytes
from portal.planning.engine import evaluate
from portal.planning.equity import events
from portal.planning.equity.capitalization import POST_MONEY_SAFE, PRE_MONEY_SAFE, TYPICAL_NOTE
from portal.planning.equity.interest import Compounding, DayCount
from portal.planning.equity.ledger import as_of
from portal.planning.equity.legal import legal_table
from portal.planning.equity.notes import Note
from portal.planning.equity.round import solve_round
from portal.planning.equity.rounding import LEGAL, YC_GUIDE, Rounding
from portal.planning.equity.safes import Mfn, Safe
from portal.planning.equity.table import CapTable, Kind, Position
from portal.planning.equity.terms import (
    Basis,
    Counting,
    Investor,
    PoolIncrease,
    PoolTarget,
    Pricing,
    ProRata,
    ProRataSource,
    RoundTerms,
)
from portal.planning.equity.waterfall import Common, Debt, Preferred, Waterfall, solve
from portal.planning.interchange import cap_table_words, exit_words, round_words
from portal.planning.interchange.calculation_book import calculation_book
from portal.planning.interchange.cap_table_book import cap_table_book
from portal.planning.interchange.exit_book import exit_book
from portal.planning.interchange.pairs import HOLDS
from portal.planning.interchange.round_book import round_book
from portal.planning.interchange.sheets import Cell, Formula, Look, Sheet, Workbook
from portal.planning.raising.terms import company, middle, rounding_of, terms_of
from portal.planning.registry import all_calculators
from portal.planning.selling.calculation import exactly, waterfall_of
from tests.planning.interchange.recalculated import Recalculated, file_values

CENT = 0.005


def sheet_of(book: Workbook, title: str) -> Sheet:
    return next(sheet for sheet in book.sheets if sheet.title == title)


def change(book: Workbook, title: str, label: str, value: Any, column: int = 2) -> None:
    """Type another value into an input, as a reader would."""
    sheet = sheet_of(book, title)
    row = min(row for (row, at), cell in sheet.cells.items() if at == 1 and cell.value == label)
    assert sheet.cells[row, column].look is Look.INPUT
    sheet.cells[row, column] = Cell(value, Look.INPUT)


def starting_points(slug: str) -> list[Any]:
    calculator = all_calculators()[slug]
    cases = [{}, *(each.inputs for each in calculator.presets), *(each.inputs for each in calculator.examples)]
    return [middle(read_inputs(calculator.inputs, case)) for case in cases]


# Any calculator


@pytest.mark.parametrize("slug", list(all_calculators()))
def test_the_live_figures_of_any_calculator_are_the_computed_ones(slug):
    calculator = all_calculators()[slug]
    case = evaluate(calculator, read_inputs(calculator.inputs, {}))
    book = calculation_book(case)
    found, results = Recalculated(book), sheet_of(book, "Results")
    live = 0
    for row, name in enumerate([name for name, output in calculator.outputs.items() if not output.along], 5):
        value = found.value(results.title, row, 2)
        if isinstance(results.cells[row, 2].value, Formula):
            live += 1
            expected = case.outputs[name]
            assert value == pytest.approx(expected, rel=1e-9) if np.isfinite(expected) else isinstance(value, str)
    # Only a formula over a calendar month, a truth or a text is pasted.
    assert live or not any(output.formula and not output.along for output in calculator.outputs.values())
    for sheet, row, column, _formula in book.formulas():
        assert isinstance(found.value(sheet.title, row, column), float | int | str)


# A round


def test_every_worked_round_recalculates_to_the_cent_and_in_whole_shares():
    for x in starting_points("round"):
        table, terms, rules = company(x), terms_of(x), rounding_of(x)
        check_round(table, terms, rules, round_book(table, terms, rules))


def check_round(table: CapTable, terms: RoundTerms, rules: Any, book: Workbook) -> None:
    found, solution, closing = Recalculated(book), solve_round(table, terms), legal_table(table, terms, rules)
    result, whole = sheet_of(book, round_words.RESULT), sheet_of(book, round_words.CLOSING)
    assert found.beside(result, round_words.PRICE) == pytest.approx(float(solution.price), rel=1e-12)
    assert found.beside(result, round_words.ALL_SHARES) == pytest.approx(float(solution.total), rel=1e-12)
    assert set(found.checks()) == {HOLDS}
    for each in solution.conversions:
        shares = found.beside(result, each.name, below=round_words.CONVERSION_HEAD[0])
        assert abs(shares - float(each.shares)) * float(solution.price) < CENT
    for each in solution.purchases:
        paid, shares = (found.beside(result, each.name, at, below=round_words.PURCHASE_HEAD[0]) for at in (2, 3))
        assert paid == pytest.approx(float(each.amount), abs=CENT)
        assert abs(shares - float(each.shares)) * float(solution.price) < CENT
    assert found.beside(whole, round_words.PRICE) == pytest.approx(float(closing.price), abs=1e-9)
    for each in closing.conversions:
        assert found.beside(whole, each.name, below=round_words.CONVERSIONS) == int(each.shares)
    for each in closing.purchases:
        assert found.beside(whole, each.name, below=round_words.PURCHASES) == int(each.shares)


HELD = CapTable(
    positions=(
        Position(holder="Ann", security="Ann", quantity=Fraction(6_000_000)),
        Position(holder="Fund", security="Seed", kind=Kind.PREFERRED, quantity=Fraction(1_000_000),
                 ratio=Fraction(3, 2)),
        Position(holder="Team", security="Team", kind=Kind.OPTION, quantity=Fraction(500_000)),
    ),
    reserved=Fraction(100_000), promised=Fraction(250_000),
)  # fmt: skip
INSTRUMENTS = {
    "safes": (
        Safe(name="First", holder="F", amount=Fraction(300_000), rules=POST_MONEY_SAFE, mfn=Mfn.STATED, elects="Third"),
        Safe(name="Second", holder="S", amount=Fraction(400_000), cap=Fraction(8_000_000), rules=PRE_MONEY_SAFE,
             pro_rata=True),
        Safe(name="Third", holder="T", amount=Fraction(500_000), cap=Fraction(9_000_000), discount=Fraction(1, 5),
             rules=POST_MONEY_SAFE),
    ),
    "notes": (
        Note(name="Loan", holder="L", principal=Fraction(200_000), rate=Fraction(8, 100), issued=date(2025, 1, 1),
             maturity=date(2028, 1, 1), day_count=DayCount.ACTUAL_365_FIXED, compounding=Compounding.SIMPLE,
             discount=Fraction(1, 4), rules=TYPICAL_NOTE, threshold=Fraction(0)),
    ),
}  # fmt: skip
ROUND = RoundTerms(
    series="A", closing=date(2027, 3, 31), pre_money=Fraction(12_000_000), pricing=Pricing.PERCENTAGE_OWNERSHIP,
    investors=(Investor(name="Lead", amount=Fraction(3_000_000)), Investor(name="Other", amount=Fraction(500_000))),
    pool=PoolTarget(share=Fraction(1, 10), counting=Counting.UNALLOCATED, basis=Basis.POST_MONEY),
    pro_rata=(ProRata(holder="Fund", share=Fraction(1, 20)),), **INSTRUMENTS,
)  # fmt: skip


@pytest.mark.parametrize("pricing", Pricing)
@pytest.mark.parametrize(
    "pool",
    [
        PoolTarget(share=Fraction(1, 10), counting=Counting.UNALLOCATED, basis=Basis.POST_MONEY),
        PoolTarget(share=Fraction(1, 8), counting=Counting.WITH_GRANTS, basis=Basis.PRE_MONEY, inside_pre_money=False),
        PoolIncrease(shares=Fraction(123_456)),
    ],
)
@pytest.mark.parametrize("rules", [LEGAL, YC_GUIDE])
def test_rounds_of_every_convention_recalculate(pricing, pool, rules):
    terms = replace(ROUND, pricing=pricing, pool=pool)
    check_round(HELD, terms, rules, round_book(HELD, terms, rules))


def test_the_best_price_of_a_favoured_holder_is_among_the_ways():
    first = replace(INSTRUMENTS["safes"][0], mfn=Mfn.BEST_PRICE, elects=None)
    terms = replace(ROUND, safes=(first, *INSTRUMENTS["safes"][1:]), notes=())
    check_round(HELD, terms, LEGAL, round_book(HELD, terms, LEGAL))


def test_rights_that_enlarge_the_round():
    safes = tuple(replace(each, pro_rata=False) for each in INSTRUMENTS["safes"])
    terms = replace(ROUND, safes=safes, pro_rata_source=ProRataSource.ENLARGES)
    check_round(HELD, terms, LEGAL, round_book(HELD, terms, LEGAL))


@pytest.mark.parametrize("pre_money", [5_000_000, 9_000_000, 40_000_000])
def test_a_changed_valuation_is_solved_anew_in_the_sheet_whatever_then_binds(pre_money):
    book = round_book(HELD, ROUND, LEGAL)
    change(book, round_words.TERMS, round_words.PRE_MONEY, pre_money)
    found, solution = Recalculated(book), solve_round(HELD, replace(ROUND, pre_money=Fraction(pre_money)))
    result = sheet_of(book, round_words.RESULT)
    assert found.beside(result, round_words.PRICE) == pytest.approx(float(solution.price), rel=1e-12)
    for each in solution.conversions:
        assert found.beside(result, each.name) == pytest.approx(float(each.shares), rel=1e-9)
    assert round_words.FIND_AGAIN in found.checks()  # the closing in whole shares was another one


def test_a_pool_that_need_not_grow_any_more_is_told():
    book = round_book(HELD, ROUND, LEGAL)
    change(book, round_words.TERMS, round_words.RESERVED, 9_000_000)
    assert round_words.POOL_BROKEN in Recalculated(book).checks()


# An exit


def check_exit(waterfall: Waterfall, price: Fraction, book: Workbook) -> None:
    found, outcome = Recalculated(book), solve(waterfall, price)
    paid = sheet_of(book, exit_words.PAYMENTS)
    for each in (*waterfall.classes, *waterfall.debts):
        assert found.beside(paid, each.name) == pytest.approx(float(outcome.payments[each.name]), abs=CENT)
    for each in waterfall.preferred:
        converted = exit_words.YES if each.name in outcome.converted else exit_words.NO
        assert found.beside(paid, each.name, 5) == converted
    assert found.beside(paid, exit_words.PER_SHARE) == pytest.approx(float(outcome.per_share), rel=1e-9, abs=1e-9)
    assert found.checks() == [HOLDS]


def test_every_worked_exit_recalculates_to_the_cent():
    for x in starting_points("exit"):
        waterfall, price = waterfall_of(x), exactly(x.exit_value)
        check_exit(waterfall, price, exit_book(waterfall, price))


SALE = Waterfall(
    classes=(
        Common(name="Common", shares=Fraction(8_000_000)),
        Common(name="Options", shares=Fraction(700_000), strike=Fraction(3, 10)),
        Preferred(name="Seed", shares=Fraction(2_000_000), invested=Fraction(2_000_000), rank=2),
        Preferred(name="A", shares=Fraction(3_000_000), invested=Fraction(9_000_000), participating=True,
                  cap=Fraction(2), dividends=Fraction(500_000)),
        Preferred(name="B", shares=Fraction(1_000_000), invested=Fraction(5_000_000), participating=True),
        Preferred(name="C", shares=Fraction(500_000), invested=Fraction(4_000_000), multiple=Fraction(3, 2)),
    ),
    debts=(Debt(name="Bank", claim=Fraction(1_000_000)), Debt(name="Venture", claim=Fraction(2_000_000), rank=2),
           Debt(name="Other", claim=Fraction(500_000), rank=2)),
    costs=Fraction(150_000), cost_share=Fraction(3, 100), carve_out=Fraction(1, 20),
)  # fmt: skip


@pytest.mark.parametrize("price", [1, 100_000, 2_500_000, 9_000_000, 21_000_000, 40_000_000, 90_000_000, 10**9])
def test_an_exit_recalculates_at_any_price_that_is_typed_into_the_sheet(price):
    book = exit_book(SALE, Fraction(30_000_000), own_shares=Fraction(4_000_000), own_carve_out=Fraction(1, 2))
    change(book, exit_words.SALE, exit_words.PRICE, price)
    check_exit(SALE, Fraction(price), book)


# A cap table


DAY = date(2024, 1, 1)
LEDGER = [
    events.Issue(on=DAY, security="C-1", holder="Ann", stock_class="Common", shares=4_000_001),
    events.Issue(on=DAY, security="P-1", holder="=Fund", stock_class="Seed", shares=500_000, kind=Kind.PREFERRED,
                 ratio=Fraction(3, 2)),
    events.PoolChange(on=date(2024, 2, 1), shares=900_000),
    events.Grant(on=date(2024, 3, 1), security="O-1", holder="Bob", options=70_003, strike=Fraction(1, 10)),
    events.Vest(on=date(2024, 3, 1), security="O-1", options=70_003),
    events.Exercise(on=date(2024, 4, 1), security="O-1", options=20_000, into="C-2", stock_class="Common"),
    events.Transfer(on=date(2024, 5, 1), security="C-1", to="Bob", into="C-3", shares=1_000),
    events.Cancel(on=date(2024, 6, 1), security="O-1", shares=50_003, to_pool=True),
    events.Split(on=date(2024, 7, 1), new=7, old=3, rounding=Rounding.NEAREST),
    events.PromiseChange(on=date(2024, 8, 1), options=3_000_000),
    events.PricedRound(terms=replace(ROUND, safes=(), notes=(), pro_rata=(), closing=date(2024, 9, 1)),
                       rounding=LEGAL),
    events.Split(on=date(2024, 10, 1), new=1, old=2, rounding=Rounding.UP),
]  # fmt: skip


@pytest.mark.parametrize("month", range(1, 13))
def test_a_cap_table_recalculates_on_any_day_that_is_typed_into_the_sheet(month):
    on = date(2024, month, 1)
    book = cap_table_book(LEDGER, date(2030, 1, 1))
    change(book, cap_table_words.OWNERSHIP, cap_table_words.AS_OF, on)
    found, table = Recalculated(book), as_of(LEDGER, on).table()
    sheet = sheet_of(book, cap_table_words.OWNERSHIP)
    assert found.beside(sheet, cap_table_words.TOTAL) == float(table.fully_diluted)
    assert found.beside(sheet, cap_table_words.ISSUED) == float(table.shares)
    diluted = table.ownership(diluted=True)
    for holder in ("Ann", "Bob", "=Fund", "Lead"):
        assert found.beside(sheet, holder, 4) == pytest.approx(float(diluted.get(holder, 0)), rel=1e-12)
    assert found.checks() == [HOLDS]


# The file


def test_what_a_spreadsheet_program_computes_of_the_file_is_what_we_do(tmp_path):
    few = replace(SALE, classes=(SALE.classes[0], SALE.classes[3]), debts=SALE.debts[:1])
    table = [LEDGER[0], LEDGER[2], LEDGER[8]]
    plain = replace(ROUND, safes=INSTRUMENTS["safes"][2:], notes=(), pro_rata=())
    for book in (
        exit_book(few, Fraction(9_000_000)), cap_table_book(table, date(2024, 8, 1)), round_book(HELD, plain, LEGAL),
    ):  # fmt: skip
        ours, theirs = Recalculated(book), file_values(workbook_bytes(book), tmp_path)
        compared = 0
        for sheet, row, column, _formula in book.formulas():
            value = ours.value(sheet.title, row, column)
            computed = theirs[sheet.title.upper(), _address(row, column)]
            if isinstance(value, str):
                assert computed == value
            else:
                assert float(computed) == pytest.approx(float(value), rel=1e-9, abs=1e-9), (sheet.title, row, column)
            compared += 1
        assert compared > 10


def _address(row: int, column: int) -> str:
    return f"{openpyxl.utils.get_column_letter(column)}{row}"


@pytest.mark.parametrize("name", ["=2+5", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "＝1"])
def test_a_name_that_begins_as_a_formula_is_text_in_the_file(name):
    history = [events.Issue(on=DAY, security=name, holder=name, stock_class=name, shares=10)]
    file = openpyxl.load_workbook(io.BytesIO(workbook_bytes(cap_table_book(history, DAY))))
    cells = [cell for sheet in file for row in sheet.iter_rows() for cell in row if cell.value is not None]
    typed = [cell for cell in cells if isinstance(cell.value, str) and name in cell.value and cell.data_type == "s"]
    assert len(typed) >= 4
    assert all(cell.value.startswith("'") for cell in typed)


def test_titles_of_sheets_are_short_and_differ():
    book = Workbook()
    titles = [book.sheet(name).title for name in ("A" * 40, "A" * 50, "a/b:c?", "", "''")]
    assert titles == ["A" * 31, "A" * 27 + " 2", "a b c", "Sheet", "Sheet 2"]
