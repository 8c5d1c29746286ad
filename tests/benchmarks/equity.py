"""How fast the equity engine is: ``python -m tests.benchmarks.equity``.

Two yardsticks. The round is also solved as spreadsheets do it, in floats by iteration until the total stands still;
the waterfall is also computed one exit value at a time by the exact engine. Runs alternate, medians are printed, and
both ways must agree before anything is timed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from mlcore.reading import read_inputs
from portal.planning.calculator import Calculator
from portal.planning.calculators.exit import CALCULATOR as EXIT
from portal.planning.calculators.round import CALCULATOR as ROUND
from portal.planning.calculators.safe_and_note import CALCULATOR as SAFES_AND_NOTES
from portal.planning.engine import Case, evaluate, simulate
from portal.planning.equity.capitalization import POST_MONEY_SAFE, PRE_MONEY_SAFE
from portal.planning.equity.draws import many_rounds
from portal.planning.equity.legal import legal_table
from portal.planning.equity.payoffs import payoffs
from portal.planning.equity.round import solve_round
from portal.planning.equity.rounding import LEGAL
from portal.planning.equity.safes import Safe
from portal.planning.equity.table import CapTable, Kind, Position
from portal.planning.equity.terms import RoundTerms
from portal.planning.equity.waterfall import Common, Preferred, Waterfall, solve
from portal.planning.selling.examples import common, options, preferred
from tests.planning.equity.rounds import terms_of

pytestmark = pytest.mark.benchmark

RUNS = 25
HOLDERS, CLASSES, SAFES, EXITS, DRAWS = 200, 8, 20, 100_000, 100_000


def the_round() -> tuple[CapTable, RoundTerms]:
    """200 holders in 8 classes, 20 SAFEs of both kinds with caps and discounts, a pool target of 10%."""
    positions = tuple(
        Position(
            holder=f"holder {n}", security=f"certificate {n}", quantity=Fraction(20_000 + 937 * n),
            kind=(Kind.COMMON, Kind.PREFERRED, Kind.OPTION)[n % CLASSES % 3],
        )
        for n in range(HOLDERS)
    )  # fmt: skip
    safes = tuple(
        Safe(
            name=f"safe {n}", holder=f"angel {n}", amount=Fraction(50_000 + 7_001 * n),
            cap=Fraction(8_000_000 + 1_300_003 * n), discount=Fraction(n % 3, 10),
            rules=PRE_MONEY_SAFE if n % 4 == 0 else POST_MONEY_SAFE,
        )
        for n in range(SAFES)
    )  # fmt: skip
    terms = terms_of(pre_money=24_000_000, new_money=(4_000_001, 1_999_999, 500_000), pool="10%")
    return CapTable(positions=positions, reserved=Fraction(400_000)), RoundTerms(
        series=terms.series, closing=terms.closing, pre_money=terms.pre_money, investors=terms.investors,
        pricing=terms.pricing, pool=terms.pool, safes=safes,
    )  # fmt: skip


def by_iteration(table: CapTable, terms: RoundTerms) -> float:
    """The total, as a circular spreadsheet reaches it."""
    shares, reserved = float(table.shares + table.granted), float(table.reserved)
    pre_money, new_money = float(terms.pre_money), float(terms.new_money)
    safes = [
        (float(s.amount), float(s.cap or 0), 1 - float(s.discount), s.rules is POST_MONEY_SAFE) for s in terms.safes
    ]
    total, before = shares + reserved, 0.0
    while abs(total - before) > 1e-9 * total:
        before = total
        price = (pre_money + new_money) / total
        pool, new = max(reserved, 0.1 * total), new_money / price
        after = total - new - (pool - reserved)
        converted = sum(
            max(amount / (price * kept), amount * (after if post else shares + pool) / cap)
            for amount, cap, kept, post in safes
        )
        total = shares + pool + new + converted
    return total


def the_waterfall() -> Waterfall:
    classes: list[Common | Preferred] = [
        Common(name="founders", shares=Fraction(6_000_000)),
        Common(name="options", shares=Fraction(900_000), strike=Fraction(1, 2)),
    ]
    classes += [
        Preferred(
            name=f"series {n}", shares=Fraction(800_000 + 90_000 * n), invested=Fraction(1_000_000 * (n + 1)),
            rank=CLASSES - n // 2, participating=n % 3 == 0, cap=Fraction(3) if n % 3 == 0 else None,
        )
        for n in range(CLASSES - 2)
    ]  # fmt: skip
    return Waterfall(classes=tuple(classes), costs=Fraction(250_000), cost_share=Fraction(2, 100))


def seconds(work: Callable[[], Any]) -> float:
    """Of processor time, which other work on the machine does not lengthen."""
    started = time.process_time()
    work()
    return time.process_time() - started


def median(*works: Callable[[], Any]) -> list[float]:
    """Median times of works that take turns."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(RUNS):
        for place, work in enumerate(works):
            times[place].append(seconds(work))
    return [statistics.median(each) for each in times]


def check_same_answers() -> None:
    table, terms = the_round()
    exact = solve_round(table, terms)
    assert abs(by_iteration(table, terms) / float(exact.total) - 1) < 1e-8
    assert legal_table(table, terms, LEGAL).identity
    assert abs(many_rounds(table, terms, [24e6], [6.5e6]).total[0] / float(exact.total) - 1) < 1e-9
    waterfall = the_waterfall()
    lines = payoffs(waterfall)
    for exit_value in (0, 1_000_000, 17_000_000, 60_000_000, 10**9):
        found = lines(float(exit_value))
        for name, paid in solve(waterfall, Fraction(exit_value)).payments.items():
            assert abs(float(found[name]) - float(paid)) <= 1e-9 * max(1, exit_value)


def main() -> None:
    check_same_answers()
    table, terms = the_round()
    exact, legal, iterated = median(
        lambda: solve_round(table, terms), lambda: legal_table(table, terms, LEGAL), lambda: by_iteration(table, terms)
    )
    print(f"a round of {SAFES} SAFEs, {HOLDERS} holders in {CLASSES} classes; milliseconds of processor time, bar 50")
    print(f"  exact with its trace {exact * 1e3:.1f}, and in whole shares {legal * 1e3:.1f}")
    print(f"  floats by iteration {iterated * 1e3:.2f}: exact takes {exact / iterated:.0f} times as long")
    rng = np.random.default_rng(1)
    valuations, amounts = rng.uniform(8e6, 40e6, DRAWS), rng.uniform(2e6, 9e6, DRAWS)
    drawn = statistics.median(seconds(lambda: many_rounds(table, terms, valuations, amounts)) for _ in range(3))
    slower = iterated * DRAWS / drawn
    print(f"  {DRAWS:,} draws of it in floats {drawn * 1e3:.0f}: the iteration would take {slower:.0f} times as long")
    waterfall, values = the_waterfall(), np.linspace(0, 2e8, EXITS)
    lines = payoffs(waterfall)
    made, many, one = median(
        lambda: payoffs(waterfall), lambda: lines(values), lambda: solve(waterfall, Fraction(60_000_000))
    )
    print(f"a waterfall of {CLASSES} classes over {EXITS:,} exit values; milliseconds of processor time, bar 500")
    print(f"  lines made exactly {made * 1e3:.1f}, then evaluated {many * 1e3:.1f}")
    slower = one * EXITS / (made + many)
    print(f"  one exact exit value {one * 1e3:.2f}: all of them would take {slower:.0f} times as long")
    calculators()


def times(calculator: Calculator, one: Any, other: Any) -> list[float]:
    cases: list[Case] = []
    return [
        seconds(lambda: cases.append(evaluate(calculator, one))),
        seconds(lambda: cases[0].tables),
        seconds(lambda: simulate(calculator, other, draws=10_000, seed=1)),
    ]


def calculators() -> None:
    """The pages' work: a single case with its tables, and 10,000 draws; terms differ each time, so nothing is kept."""
    safes = [{"name": f"s{n}", "amount": 50_000 + 7_001 * n, "cap": 8_000_000 + 1_300_003 * n, "discount": n % 3 / 10,
              "form": "pre" if n % 4 == 0 else "post"} for n in range(SAFES)]  # fmt: skip
    classes = [common("Common", 8_000_000), options("Early", 500_000, 0.3), options("Late", 500_000, 1.1)]
    classes += [
        preferred(f"Series {n}", 1_000_000 + 90_000 * n, 1_000_000 * (n + 1), rank=9 - n // 2,
                  participation="none" if n % 3 else "capped", cap=0 if n % 3 else 3)
        for n in range(9)
    ]  # fmt: skip
    print("calculators; milliseconds of processor time of a case, its tables, and 10,000 draws of other terms")
    for calculator, given, varied in (
        (ROUND, {"safes": safes, "pre_money": "20M to 40M"}, "pool_now"),
        (SAFES_AND_NOTES, {"safes": safes, "pre_money": "20M to 40M", "lowest": 15_000_000}, "pool_now"),
        (EXIT, {"classes": classes}, "pool"),
    ):
        runs = []
        for run in range(5):
            one, other = ({**given, varied: 1_000 * (2 * run + n)} for n in range(2))
            runs.append(times(calculator, read_inputs(calculator.inputs, one), read_inputs(calculator.inputs, other)))
        evaluated, tables, drawn = (statistics.median(each) * 1e3 for each in zip(*runs, strict=True))
        print(f"  {calculator.slug}: {evaluated:.0f}, {tables:.0f}, {drawn:.0f}")


if __name__ == "__main__":
    main()
