"""The cap table of a ledger: published rounds, nothing made or lost, and every contradiction by its cell."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs, to_json
from portal.planning.calculators.cap_table import CALCULATOR
from portal.planning.engine import Case, evaluate
from portal.planning.equity import events as of
from portal.planning.equity.legal import legal_table
from portal.planning.equity.money import exact
from portal.planning.equity.safes import Safe
from portal.planning.equity.table import Kind
from portal.planning.holding.examples import PRESETS
from portal.planning.holding.replay import times_of
from portal.planning.holding.rows import Rows, rows_of
from portal.planning.wording import say
from tests.planning.equity.golden_rounds import ROUNDED, RoundCase
from tests.planning.equity.rounds import rules_of, safes_of, table_of, terms_of

FOUNDED = date(2024, 1, 1)
PRESET = {preset.slug: preset.inputs for preset in PRESETS}


def case_of(rows: Rows | dict[str, Any], **others: Any) -> Case:
    tables = rows if isinstance(rows, dict) else to_json(rows)
    given = {"vestings": [], "safes": [], "founders": [], **tables, **others}
    return evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, given))


def places(case: Case, axis: str) -> list[str]:
    return list(case.calculator.places(axis, case.inputs) or [])


def by_name(case: Case, output: str, axis: str = "holder") -> dict[str, float]:
    return dict(zip(places(case, axis), case.outputs[output], strict=True))


def signed(case: RoundCase) -> list[Safe]:
    """The SAFEs with caps as a cell holds them: one published cap is 125,000 ÷ 7%."""
    return [replace(safe, cap=safe.cap and exact(float(safe.cap))) for safe in safes_of(case.safes)]


def ledger_of(case: RoundCase) -> list[of.Event]:
    """The company of a golden round as a ledger, in which the round is the last event."""
    on = FOUNDED
    terms = terms_of(
        pre_money=case.pre_money, new_money=case.new_money, pool=case.pool, pricing=case.pricing,
    )  # fmt: skip
    return [
        of.Issue(on=on, security="CS-1", holder="founders", stock_class="Common", shares=case.common),
        *([of.PoolChange(on=on, shares=case.reserved + case.granted)] if case.reserved + case.granted else []),
        *([of.Grant(on=on, security="ES-1", holder="team", options=case.granted, strike=Fraction(0))]
          if case.granted else []),
        *([of.PromiseChange(on=on, options=case.promised)] if case.promised else []),
        *(of.SafeSigned(on=on, safe=safe) for safe in signed(case)),
        of.PricedRound(terms=terms, rounding=rules_of(case.rounding)),
    ]  # fmt: skip


WHOLE = [case for case in ROUNDED if case.rounding in ("legal", "yc guide")]


@pytest.mark.parametrize("case", WHOLE, ids=lambda case: case.name)
def test_published_rounds(case: RoundCase) -> None:
    table = table_of(common=case.common, granted=case.granted, reserved=case.reserved, promised=case.promised)
    terms = terms_of(pre_money=case.pre_money, new_money=case.new_money, pool=case.pool,
                     pricing=case.pricing)  # fmt: skip
    terms = replace(terms, safes=tuple(signed(case)))
    closing = legal_table(table, terms, rules_of(case.rounding))
    found = case_of(rows_of(ledger_of(case)))
    if "total" in case.expected:
        assert found.outputs["diluted"] == pytest.approx(float(case.expected["total"]), rel=case.rtol or 1e-15)
    assert found.outputs["diluted"] == closing.total
    assert found.outputs["price_used"] == float(closing.price)
    assert found.outputs["pool"] == closing.reserved
    holders = by_name(found, "holder_shares")
    assert [holders[each.holder] for each in closing.conversions] == [each.shares for each in closing.conversions]
    assert found.outputs["raised"] == pytest.approx(
        float(terms.new_money + sum((safe.amount for safe in terms.safes), Fraction(0)))
    )


MOVES = st.lists(st.tuples(st.sampled_from("itcgxprsw"), st.integers(1, 9_000), st.integers(0, 400)), max_size=10)


def history_of(moves: list[tuple[str, int, int]]) -> list[of.Event]:
    """Those of the moves that the ledger takes, in the order of their days."""
    history: list[of.Event] = [
        of.Issue(on=FOUNDED, security="CS-1", holder="Ana", stock_class="Common", shares=20_000),
        of.PoolChange(on=FOUNDED, shares=20_000),
    ]
    for n, (kind, count, after) in enumerate(sorted(moves, key=lambda move: move[2])):
        on = FOUNDED + timedelta(days=after)
        event: of.Event = {
            "i": of.Issue(on=on, security=f"i{n}", holder=f"h{n % 3}", stock_class=f"c{n % 2}", shares=count,
                          kind=Kind.PREFERRED, ratio=Fraction(3, 2), price=Fraction(2)),
            "t": of.Transfer(on=on, security="CS-1", to=f"h{n % 3}", into=f"t{n}", shares=count),
            "c": of.Cancel(on=on, security="CS-1", shares=count),
            "g": of.Grant(on=on, security=f"g{n}", holder=f"h{n % 4}", options=count, strike=Fraction(1)),
            "x": of.Cancel(on=on, security=f"g{n - 1}", shares=count, to_pool=True),
            "p": of.PoolChange(on=on, shares=-count),
            "r": of.PromiseChange(on=on, options=count),
            "s": of.Split(on=on, new=2, old=1, rounding=rules_of("legal").new_shares),
            "w": of.Grant(on=on, security=f"w{n}", holder="Bank", options=count, strike=Fraction(1), from_pool=False),
        }[kind]  # fmt: skip
        try:
            case_of(rows_of([*history, event]))
        except Invalid:
            continue
        history.append(event)
    return history


@given(MOVES)
@settings(max_examples=15, deadline=None)
def test_holders_and_classes_add_up_to_the_company_on_every_day(moves: list[tuple[str, int, int]]) -> None:
    history = history_of(moves)
    for layers in ("holders", "classes"):
        found = case_of(rows_of(history), layers=layers, as_of="2025-06-30").outputs
        for axis, part in (("holder", "holder_part"), ("class", "class_part")):
            counts = [np.sum(found[f"{axis}_{name}"]) for name in ("shares", "options")]
            assert sum(counts) + found["pool"] + found["topup"] == pytest.approx(found["diluted"])
            assert np.sum(found[part]) == pytest.approx(1)
            assert np.sum(found[f"{axis}_issued"]) == pytest.approx(1)
            kept = np.sum(found[f"{axis}_vested"]) + np.sum(found[f"{axis}_unvested"])
            assert kept == pytest.approx(found["outstanding"] + found["granted"])
        assert np.sum(found["part_over_time"], axis=0) == pytest.approx(1)
        assert np.sum(found["standing_over_time"], axis=0)[-1] == pytest.approx(found["diluted"])


@given(MOVES, st.integers(0, 500))
@settings(max_examples=12, deadline=None)
def test_what_comes_later_changes_nothing(moves: list[tuple[str, int, int]], after: int) -> None:
    history, day = history_of(moves), FOUNDED + timedelta(days=after)
    whole = case_of(rows_of(history), as_of=str(day))
    until = case_of(rows_of([event for event in history if event.on <= day]), as_of=str(day))
    assert whole.outputs == until.outputs


@given(st.permutations(range(5)))
@settings(max_examples=10, deadline=None)
def test_the_order_of_independent_issues_of_one_day_does_not_matter(order: list[int]) -> None:
    issues = [of.Issue(on=FOUNDED, security=f"CS-{n}", holder=f"h{n}", stock_class=f"c{n % 2}", shares=10 + n)
              for n in range(5)]  # fmt: skip
    one, other = case_of(rows_of(issues)), case_of(rows_of([issues[n] for n in order]))
    for output, axis in (("holder_part", "holder"), ("class_vested", "class")):
        assert by_name(one, output, axis) == by_name(other, output, axis)


def test_between_events_vesting_only_rises() -> None:
    vested = []
    for month in range(1, 13):
        found = case_of({}, as_of=f"2027-{month:02}-01", vestings=to_json(CALCULATOR.inputs().vestings),
                        safes=to_json(CALCULATOR.inputs().safes))  # fmt: skip
        vested.append(found.outputs["vested"])
        assert found.outputs["vested"] + found.outputs["unvested"] == 8_320_000
    assert vested == sorted(vested)
    assert vested[0] < vested[-1]


def test_a_split_changes_counts_and_no_part() -> None:
    history: list[of.Event] = [
        of.Issue(on=FOUNDED, security="CS-1", holder="Ana", stock_class="Common", shares=600),
        of.PoolChange(on=FOUNDED, shares=400),
        of.Split(on=date(2024, 3, 1), new=5, old=1, rounding=rules_of("legal").new_shares),
    ]
    before, after = (case_of(rows_of(history), as_of=day) for day in ("2024-02-29", "2024-03-01"))
    assert (before.outputs["diluted"], after.outputs["diluted"]) == (1_000, 5_000)
    assert before.outputs["holder_part"] == after.outputs["holder_part"] == [0.6, 0.4]
    # Earlier months are drawn in the shares of now.
    assert after.outputs["standing_over_time"][0] == [3_000, 3_000, 3_000]


def test_values_need_a_price() -> None:
    issue = of.Issue(on=FOUNDED, security="CS-1", holder="Ana", stock_class="Common", shares=600, price=Fraction(1))
    unpriced = case_of(rows_of([issue]))
    assert unpriced.outputs["value"] == unpriced.outputs["price_used"] == np.inf
    assert [say(notice) for notice in unpriced.notices] == [
        "No preferred share was sold by 31 Dec 2026, so that nothing is valued. Put in a price of a share."
    ]
    priced = case_of(rows_of([issue]), price=2)
    assert (priced.outputs["value"], by_name(priced, "holder_value")["Ana"], priced.notices) == (1_200, 1_200, [])


def test_the_day_lies_on_the_last_place_of_the_charts() -> None:
    assert times_of([date(2024, 1, 15)], date(2024, 1, 20)) == [date(2024, 1, 20)]
    assert times_of([date(2024, 1, 15)], date(2024, 3, 10)) == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 10)]
    long = times_of([date(1990, 5, 1)], date(2026, 12, 31))
    assert len(long) <= 62
    assert {later.year * 12 + later.month - day.year * 12 - day.month
            for day, later in pairwise(long)} == {12}  # fmt: skip


# Why


def told(case: Case, title: str) -> list[tuple[Any, ...]]:
    return next(list(table.rows) for table in case.tables if table.title.startswith(title))


def test_every_share_is_traced() -> None:
    case = case_of({}, **{**PRESET["split"], "vestings": to_json(CALCULATOR.inputs().vestings),
                          "safes": to_json(CALCULATOR.inputs().safes)})  # fmt: skip
    why = {}
    for security, _day, sentence in told(case, "Why"):
        assert sentence.text in CALCULATOR.sentences
        assert not re.search(r"[{}]", say(sentence))
        why.setdefault(security, []).append(say(sentence))
    assert why["CS-2"] == [
        "3,500,000 of Common issued to Ben at USD 0.0001 a share.",
        "500,000 transferred to Ben's trust as CS-4.",
        "15,000,000 are left, of which 5,885,416 have vested.",
    ]
    assert why["Series A: SAFE-1"][0] == (
        "616,431 shares = 500,000 ÷ 0.81112, where 0.81112 = cap 8,000,000 ÷ 9,863,006 shares."
    )
    assert "1.42655 = (15,000,000 pre-money + 4,000,000 new money) ÷ 13,318,857 shares." in " ".join(why["Series A"])
    # What is left of every security adds up to what is in issue and granted.
    left = sum(int(re.match(r"[\d,]+", lines[-1])[0].replace(",", "")) for lines in why.values()  # type: ignore[index]
               if "are left" in lines[-1])  # fmt: skip
    assert left == case.outputs["outstanding"] + case.outputs["granted"]


def test_the_table_by_holder_is_exact_and_adds_up() -> None:
    case = case_of({}, **{**PRESET["split"], "vestings": to_json(CALCULATOR.inputs().vestings),
                          "safes": to_json(CALCULATOR.inputs().safes)})  # fmt: skip
    *rows, total = told(case, "Cap table by holder")
    counts = [[int(cell.replace(",", "") or 0) for cell in (row[1], row[2])] for row in rows]
    assert [f"{sum(column):,}" for column in zip(*counts, strict=True)] == list(total[1:3])
    assert sum(row[4] for row in rows) == pytest.approx(1)


def test_outstanding_notes_show_what_is_owed() -> None:
    tables = {
        "events": [
            {"on": "2024-01-01", "security": "CS-1", "holder": "Ana", "shares": 5, "stock_class": "Common"},
            {"on": "2026-01-01", "kind": "note", "security": "N-1", "holder": "Lender", "price": 100_000, "terms": "N"},
        ],
        "notes": [{"name": "N", "rate": 0.1, "maturity": "2027-06-01", "cap": 5_000_000}],
    }
    found = case_of(tables, as_of="2027-01-01")
    assert told(found, "SAFEs and notes")[0][:6] == ("N-1", "Lender", "Convertible note", 100_000, 110_000, 5_000_000)
    tables["notes"][0]["compounding"] = "annual"
    unsaid = case_of(tables, as_of="2026-12-01")
    assert told(unsaid, "SAFEs and notes")[0][4] is None
    assert any("The interest of N-1" in say(notice) for notice in unsaid.notices)


# Refused


def events(*rows: dict[str, Any]) -> dict[str, Any]:
    first = {"on": "2024-01-01", "security": "CS-1", "holder": "Ana", "shares": 100, "stock_class": "Common"}
    return {"events": [first, *rows]}


def row(kind: str, on: str = "2024-06-01", **cells: Any) -> dict[str, Any]:
    return {"on": on, "kind": kind, **cells}


POOL = row("pool", shares=10)
OPTIONS = row("grant", security="ES-1", holder="Eve", shares=10, terms="V")
SAFE = row("safe", security="S", holder="Angel", price=600_000, terms="T")
CAPPED = {"safes": [{"name": "T", "cap": 1_000_000}]}
A_ROUND = {"rounds": [{"name": "A", "pre_money": 1_000}], "buyers": [{"series": "A", "amount": 100}]}


@pytest.mark.parametrize(
    ("given", "path", "says"),
    [
        ({"events": []}, "events", "begin with the shares of the founders"),
        (events(row("pool", on="2023-12-31", shares=1)), "events.1.on",
         "Row 2 is of 31 Dec 2023, but row 1 above it of 1 Jan 2024"),
        (events(POOL, row("grant", security="ES-1", holder="Eve", shares=11)), "events.2.shares",
         "10 shares that are not granted, fewer than the 11 granted"),
        (events(POOL, OPTIONS, row("exercise", security="ES-1", shares=1, into="CS-2", stock_class="Common")),
         "events.3.shares", "Only 0 options of ES-1 have vested"),
        (events(row("cancel", security="nope", shares=1)), "events.1.security", "no security nope"),
        (events(row("transfer", security="CS-1", holder="Bo", into="CS-2", shares=101)), "events.1.shares",
         "100 left"),
        (events(row("common", security="CS-1", holder="Bo", shares=1, stock_class="Common")), "events.1.security",
         "Two securities have the name CS-1"),
        (events(row("forfeit", security="CS-1", shares=1)), "events.1.kind", "Only options"),
        (events(row("settle", security="S")), "events.1.security", "no SAFE and no note S"),
        (events(row("cancel", security="CS-1", shares=-1)), "events.1.shares", "above zero"),
        (events(row("cancel", on="2030-01-01", security="CS-1", shares=101)), "events.1.shares", "100 left"),
        (events(row("cancel", security="CS-1", shares=100)), "as_of", "No share is in issue on 31 Dec 2026"),
        ({**events(), "as_of": "2023-12-31"}, "as_of", "first issue, which is on 1 Jan 2024"),
        ({**events(), "as_of": "1800-01-01"}, "as_of", "Wanted a day from"),
        ({"events": [POOL]}, "events", "No row of the ledger issues shares"),
        ({"events": [POOL, row("round", terms="A")], **A_ROUND}, "events.1.terms", "shares in issue"),
        ({**events(), "founders": [{"name": "Zoe"}]}, "founders.0.name", "Nobody called Zoe"),
        ({**events(SAFE, {**SAFE, "security": "S2"}), **CAPPED}, "events.2.price", "sell 120% of the company"),
        ({**events(SAFE, {**SAFE, "security": "S2"}, row("round", terms="A")), **CAPPED, **A_ROUND}, "events.3.terms",
         "sell 120% of the company"),
        ({**events(SAFE), "safes": [{"name": "T", "mfn": "stated election", "elects": "later"}]}, "", ""),
        ({**events(SAFE, row("round", terms="A")), **A_ROUND,
          "safes": [{"name": "T", "mfn": "stated election", "elects": "later"}]}, "safes.0.elects", "issued later"),
        ({**events(row("note", security="N", holder="Lender", price=5, terms="N"),
                   row("round", on="2026-01-01", terms="A")), **A_ROUND,
          "notes": [{"name": "N", "maturity": "2025-01-01"}]}, "notes.0.past", "was due on 2025-01-01"),
        ({**events(row("preferred", security="PS-1", holder="Seed", shares=1, stock_class="Seed"),
                   row("round", terms="A")), **A_ROUND,
          "protections": [{"name": "Seed", "series": "A", "price": 1_000}]}, "events.2.terms", "conversion price"),
        ({**events(row("round", terms="A")), "buyers": A_ROUND["buyers"],
          "rounds": [{"name": "A", "pre_money": 100, "pool_target": 0.5}]}, "rounds.0.pool_target", "less than 100%"),
    ],
)  # fmt: skip
def test_contradictions_are_refused_by_their_cell(given: dict[str, Any], path: str, says: str) -> None:
    tables = {"vestings": [{"name": "V"}], **given}
    if not path:
        assert case_of(tables).outputs["convertibles"] == 600_000  # an election matters when it converts
        return
    with pytest.raises(Invalid) as refused:
        case_of(tables)
    assert set(refused.value.problems) == {path}
    assert says in str(refused.value)
