"""Contract switches, term sheets side by side, notes and the trace of the priced round."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculator import Sentence, Table
from portal.planning.calculators.round import CALCULATOR
from portal.planning.engine import Case, evaluate, simulate, upgrade_inputs
from portal.planning.equity import trace
from portal.planning.equity.capitalization import POST_MONEY_SAFE, PRE_MONEY_SAFE, SWITCHES, TYPICAL_NOTE
from portal.planning.raising import sheets, switches, whole
from portal.planning.raising.calculation import compute
from portal.planning.raising.instruments import SWITCH_LABELS
from portal.planning.raising.terms import middle, terms_of
from portal.planning.wording import say

FOUNDER = {"name": "F", "shares": 8_000_000, "founder": True}
TEAM = {"name": "T", "shares": 600_000, "kind": "option"}
POST = {"name": "A", "amount": 500_000, "cap": 5_000_000}
PRE = {"name": "B", "amount": 400_000, "cap": 6_000_000, "discount": 0.2, "form": "pre"}
CHEAPER = {"name": "C", "amount": 200_000, "discount": 0.15}
NOTE = {"name": "N", "principal": 300_000, "rate": 0.08, "issued": "2026-03-31", "maturity": "2028-03-31",
        "cap": 5_000_000, "discount": 0.1}  # fmt: skip
BASE = {"holders": [FOUNDER, TEAM], "pool_now": 200_000, "promised": 300_000, "safes": [POST, PRE], "notes": [NOTE],
        "pre_money": 12_000_000, "new_money": 3_000_000, "sheets": []}  # fmt: skip


def case_of(**given: Any) -> Case:
    return evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, {**BASE, **given}))


def resolved(**given: Any) -> Any:
    return middle(read_inputs(CALCULATOR.inputs, {**BASE, **given}))


def table_of(case: Case, title: str) -> Table:
    return next(table for table in case.tables if table.title == title)


def moved(case: Case) -> dict[tuple[str, str, str], tuple[float, ...]]:
    """By whom, which clause and what instead: founders' points, and USD of founders, SAFEs and notes, preferences."""
    return {row[:3]: row[3:] for row in table_of(case, sheets.CLAUSE_TITLE).rows}


# Contract switches

FORMS = {
    switches.POST_SAFES: ("safes", POST_MONEY_SAFE), switches.PRE_SAFES: ("safes", PRE_MONEY_SAFE),
    switches.ALL_NOTES: ("notes", TYPICAL_NOTE),
}  # fmt: skip


def test_the_eight_switches_are_listed_for_every_form_and_move_what_typing_them_moves() -> None:
    case = case_of()
    now, found = case.outputs, moved(case)
    for about, (table, rules) in FORMS.items():
        for switch in SWITCHES:
            flags = {name: getattr(rules, name) for name in SWITCHES}
            flags[switch] = not flags[switch]
            instead = switches.COUNTED if flags[switch] else switches.NOT_COUNTED
            listed = found[about, SWITCH_LABELS[switch], instead]
            turned = [{**row, "form": "own"} if row in (POST, NOTE) or about == switches.PRE_SAFES else row
                      for row in BASE[table]]  # fmt: skip
            kept = {switches.POST_SAFES: [turned[0], PRE], switches.PRE_SAFES: [POST, turned[-1]]}.get(about, turned)
            then = compute(resolved(**{table: kept}, **flags))
            assert listed[0] == pytest.approx(100 * (then["founders_after"] - now["founders_after"]), abs=1e-9)
            assert listed[1] == pytest.approx(then["founders_value"] - now["founders_value"], abs=1e-3)
    assert sum(1 for about, clause, _ in found if about in FORMS and clause in SWITCH_LABELS.values()) == 24


@pytest.mark.parametrize(
    ("clause", "instead", "given"),
    [
        ("Pricing convention", "Dollars invested", {"pricing": "dollars invested"}),
        ("Pricing convention", "Pre-money method", {"pricing": "pre-money method"}),
        ("Who bears the increase", "Everybody, new investors too", {"pool_bearers": "outside"}),
        ("The target counts", "Granted options too", {"pool_counting": "with grants"}),
        ("The target is a part of", "All but the shares of the new money", {"pool_basis": "pre-money"}),
        ("Pool increase", "none", {"pool_by": "shares", "pool_shares": 0}),
        ("Days of interest", "Actual days ÷ 360", {"day_count": "actual/360"}),
        ("Interest compounds", "Monthly", {"notes": [{**NOTE, "compounding": "monthly", "partial": "simple"}]}),
        ("Rights to buy of the round", "not used", {"holders": [FOUNDER, TEAM]}),
        ("Shares of pro-rata buyers", "The round grows", {"pro_rata_source": "enlarges"}),
        ("Caps", "none", {"safes": [{**POST, "cap": 0}, {**PRE, "cap": 0}, CHEAPER]}),
        ("Discounts", "none", {"safes": [POST, {**PRE, "discount": 0}, {**CHEAPER, "discount": 0}]}),
    ],
)
def test_a_clause_moves_what_typing_it_moves(clause: str, instead: str, given: dict[str, Any]) -> None:
    start = {"holders": [{**FOUNDER, "pro_rata": 0.1}, TEAM], "safes": [POST, PRE, CHEAPER]}
    case = case_of(**start)
    listed = next(row for (about, *rest), row in moved(case).items()
                  if rest == [clause, instead] and (about != switches.ALL_NOTES or "safes" not in given))  # fmt: skip
    then = compute(resolved(**{**start, **given}))
    assert listed[0] == pytest.approx(100 * (then["founders_after"] - case.outputs["founders_after"]), abs=1e-9)
    assert listed[1] == pytest.approx(then["founders_value"] - case.outputs["founders_value"], abs=1e-3)
    assert abs(listed[0]) > 0


def test_a_shadow_series_is_worth_what_it_saves_in_preferences() -> None:
    plain = case_of(shadow_series=False)
    values = [*plain.outputs["safe_value"], *plain.outputs["note_value"]]
    paid = [500_000, 400_000, *plain.outputs["note_owed"]]
    assert plain.outputs["overhang"] == pytest.approx(sum(values) - sum(paid))
    assert any("more before common shares" in say(notice) for notice in plain.notices)
    assert case_of().outputs["overhang"] == 0
    line = moved(case_of())["Round", switches.SERIES_OF, switches.PLAIN]
    assert line == pytest.approx((0, 0, 0, plain.outputs["overhang"]))


def test_what_another_rounding_moves_is_the_difference_of_the_two_closings() -> None:
    found = {}
    for rounding in ("legal", "guide"):
        rows = {row[0]: row[3] for row in table_of(case_of(rounding=rounding), whole.WHOLE_TITLE).rows}
        found[rounding] = 100 * 8_000_000 / int(rows["All shares after the round"].replace(",", ""))
    listed = moved(case_of())["Round", sheets.ROUNDING, "As the YC user guide, at four places"]
    assert listed[0] == pytest.approx(found["guide"] - found["legal"])


def test_every_election_of_a_most_favoured_nation_clause_is_listed() -> None:
    stack = [{"name": "M", "amount": 100_000, "mfn": "unamended"}, POST, PRE]
    found = {instead: row for (about, _, instead), row in moved(case_of(safes=stack, notes=[])).items() if about == "M"}
    assert set(found) == {"The best price at conversion", "A", "B"}
    assert found["The best price at conversion"][0] == min(row[0] for row in found.values()) < 0


# Term sheets

OFFER = {"name": "X", "pre_money": 16_000_000, "new_money": 4_000_000, "pool_target": 0.15, "pool_bearers": "outside",
         "pricing": "dollars invested"}  # fmt: skip


def test_term_sheets_side_by_side_are_their_rounds() -> None:
    case = case_of(sheets=[OFFER])
    alone = compute(resolved(**{name: value for name, value in OFFER.items() if name != "name"}))
    parts, worth = (table_of(case, title).rows for title in (sheets.PARTS_TITLE, sheets.WORTH_TITLE))
    by_name = {row[0]: row[1:] for row in parts}
    assert by_name["F"] == pytest.approx((case.outputs["founders_after"], float(alone["founders_after"])))
    assert by_name["A"] == pytest.approx((case.outputs["safe_part"][0], float(alone["safe_part"][0])))
    assert by_name["Pool"] == pytest.approx((case.outputs["pool_share"], float(alone["pool_share"])))
    for column in (1, 2):
        assert sum(row[column] for row in parts) == pytest.approx(1)
    difference = {row[0]: row[2] for row in worth}["F"]
    assert difference == pytest.approx(float(alone["founders_value"]) - case.outputs["founders_value"])


def test_each_term_of_a_sheet_alone() -> None:
    case = case_of(sheets=[OFFER])
    rows = {row[1]: row[2:] for row in table_of(case, sheets.TERMS_TITLE).rows}
    assert list(rows) == [*list(sheets.LABELS.values())[1:], sheets.ALL_TERMS]
    for field, label in list(sheets.LABELS.items())[1:]:
        then = compute(resolved(**{field: OFFER[field]}))
        assert rows[label][1] == pytest.approx(100 * (then["founders_after"] - case.outputs["founders_after"]))
    assert rows["Its pre-money"][0] == "$16,000,000"
    assert rows[sheets.ALL_TERMS][5] == pytest.approx(1_000_000)  # what new investors pay more


def test_a_sheet_without_a_round_and_two_of_a_name() -> None:
    case = case_of(sheets=[{**OFFER, "pre_money": 1, "new_money": 5_000_000}])
    assert {row[2] for row in table_of(case, sheets.PARTS_TITLE).rows} == {None}
    with pytest.raises(Invalid, match="Two term sheets have the name X") as refused:
        case_of(sheets=[OFFER, OFFER])
    assert list(refused.value.problems) == ["sheets.1.name"]
    assert not [table for table in case_of().tables if "Term sheets" in table.title]


# Notes


def test_a_note_converts_in_the_draws_that_are_a_qualified_financing() -> None:
    note = {**NOTE, "threshold": 3_000_000, "below": "keep"}
    inputs: Any = read_inputs(CALCULATOR.inputs, {**BASE, "notes": [note], "new_money": "2M to 4.5M"})
    outcome = simulate(CALCULATOR, inputs, draws=400, seed=1)
    converted = outcome.samples["note_converts"][0] > 0
    assert (converted == (outcome.drawn["new_money"] >= 3_000_000)).all()
    for at in (int(converted.argmax()), int((~converted).argmax())):
        money = float(outcome.drawn["new_money"][at])
        alone = compute(resolved(notes=[note], new_money=money))
        assert outcome.samples["founders_after"][at] == pytest.approx(float(alone["founders_after"]), rel=1e-9)
    assert np.isinf(outcome.samples["note_price"][0][~converted]).all()


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(1_000_000, 6_000_000), min_size=1, max_size=5), st.booleans())
def test_draws_with_several_thresholds_are_what_single_cases_say(money: list[int], enlarges: bool) -> None:
    notes = [{**NOTE, "name": str(limit), "threshold": limit, "below": "keep"} for limit in (2_000_000, 4_000_000)]
    given = {
        "notes": notes, "holders": [{**FOUNDER, "pro_rata": 0.2 if enlarges else 0}, TEAM],
        "pro_rata_source": "enlarges" if enlarges else "displaces",
    }  # fmt: skip
    drawn = resolved(**given)
    drawn.new_money = np.array(money, dtype=float)
    together = compute(drawn)
    for at, each in enumerate(money):
        alone = compute(resolved(**given, new_money=each))
        for name in ("founders_after", "price", "note_converts", "note_price", "total"):
            np.testing.assert_allclose(together[name][..., at], alone[name], rtol=1e-9, err_msg=name)


def test_a_note_that_stays_a_debt_is_told_and_not_among_the_shares() -> None:
    case = case_of(notes=[{**NOTE, "threshold": 9_000_000, "below": "keep"}])
    assert (case.outputs["note_converts"], case.outputs["note_price"]) == ([0], [np.inf])
    assert any("N stays a debt: $324k" in say(notice) for notice in case.notices)
    assert case.outputs["founders_after"] == pytest.approx(case_of(notes=[]).outputs["founders_after"])


def test_refused_by_name() -> None:
    for note, field in (
        ({**NOTE, "threshold": 9_000_000}, "notes.0.below"),
        ({**NOTE, "compounding": "quarterly", "issued": "2026-04-15"}, "notes.0.partial"),
        ({**NOTE, "maturity": "2027-01-01"}, "notes.0.past_due"),
    ):
        with pytest.raises(Invalid) as refused:
            case_of(notes=[note])
        assert list(refused.value.problems) == [field]


def test_a_stored_round_of_the_first_version_opens() -> None:
    old = {"notes": [{**NOTE, "agreed": True}, {**NOTE, "name": "M", "agreed": False}]}
    new = upgrade_inputs(CALCULATOR, 1, old)
    assert [row["past_due"] for row in new["notes"]] == ["convert", "unsaid"]
    assert read_inputs(CALCULATOR.inputs, new).sheets == ()


# The trace


def test_why_each_number_is_so_names_every_holder_that_gets_shares() -> None:
    case = case_of(investors=[{"name": "Lead", "share": 1}])
    for title in (whole.EXACT_TITLE, whole.LEGAL_TITLE):
        rows = table_of(case, title).rows
        assert {row[0] for row in rows} == {"Round", "Pool", "A", "B", "N", "Lead"}
        assert all(isinstance(row[1], Sentence) and row[1].text in CALCULATOR.sentences for row in rows)
        assert trace.KEPT not in {row[1].text for row in rows}
    exact = {row[0]: say(row[1]) for row in table_of(case, whole.EXACT_TITLE).rows}
    shares = f"{case.outputs['safe_converts'][0]:,.6f}".rstrip("0")
    assert exact["A"].startswith(f"{shares} shares = 500,000 ÷ ")


def test_the_own_definition_is_what_the_switches_say() -> None:
    own = dict.fromkeys(SWITCHES, False) | {"include_outstanding_shares": True}
    terms = terms_of(resolved(safes=[{**POST, "form": "own"}], notes=[{**NOTE, "form": "own"}], **own))
    assert [getattr(terms.safes[0].rules, name) for name in SWITCHES] == list(own.values())
    assert terms.notes[0].rules == terms.safes[0].rules
