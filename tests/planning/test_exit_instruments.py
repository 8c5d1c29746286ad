"""SAFEs and notes outstanding at the sale, the order of payment pair by pair, and why each gets what it gets."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.exit import CALCULATOR
from portal.planning.engine import Case, evaluate, simulate
from portal.planning.equity.money import exact
from portal.planning.equity.reasons import SENTENCES, reasons
from portal.planning.equity.waterfall import solve
from portal.planning.raising.terms import middle
from portal.planning.selling import terms, words
from portal.planning.selling.calculation import waterfall_of
from portal.planning.selling.examples import PLAIN, common, options, preferred
from portal.planning.wording import say

FOUNDERS = common("Founders", 8_000_000)
A = {"name": "A", "amount": 500_000, "cap": 5_000_000}
B = {"name": "B", "amount": 400_000, "cap": 8_000_000}
NOTE = {"name": "N", "principal": 300_000, "rate": 0.08, "issued": "2026-03-31", "maturity": "2028-03-31"}
BASE = {**PLAIN, "classes": [FOUNDERS], "own_shares": 8_000_000, "exit_value": 20_000_000, "sale_day": "2027-03-31"}


def case_of(**given: Any) -> Case:
    return evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, {**BASE, **given}))


def table(case: Case, title: str) -> list[tuple[Any, ...]]:
    return [row for each in case.tables if each.title == title for row in each.rows]


def refused(**given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as found:
        case_of(**given)
    return {path: str(problems[0]) for path, problems in found.value.problems.items()}


# SAFEs


@pytest.mark.parametrize(
    ("price", "gets", "own"),
    [(20_000_000, 2_000_000, 18_000_000), (4_000_000, 500_000, 3_500_000), (400_000, 400_000, 0)],
)
def test_a_safe_takes_its_amount_or_its_shares(price: int, gets: int, own: int) -> None:
    """By hand: 500,000 at a cap of 5M is a tenth of the company; below a price of 5M the amount is more."""
    found = case_of(safes=[A], exit_value=price).outputs
    assert found["safe_gets"] == pytest.approx([gets])
    assert found["own_proceeds"] == pytest.approx(own)
    assert found["safe_converts"] == [price > 5_000_000]


def test_safes_are_on_a_par_with_preferred_and_junior_to_debts_and_notes() -> None:
    """By hand: 1M pays 324,000 of the note; 676,000 for preferences of 1M and 500,000 of the SAFE."""
    classes = [FOUNDERS, preferred("P", 1_000_000, 1_000_000)]
    found = case_of(classes=classes, safes=[A], notes=[NOTE], exit_value=1_000_000).outputs
    assert found["note_gets"] == [324_000]
    assert (found["class_proceeds"][1], found["safe_gets"][0]) == pytest.approx((676_000 * 2 / 3, 676_000 / 3))
    ahead = case_of(classes=classes, safes=[A], notes=[NOTE], exit_value=1_000_000, safe_rank=2).outputs
    assert (ahead["class_proceeds"][1], ahead["safe_gets"][0]) == pytest.approx((676_000, 0))


def test_the_form_of_the_cap_decides_who_counts() -> None:
    """By hand: post-money a tenth and a twentieth together; pre-money 500,000 at 5M over 8M shares alone."""
    post = case_of(safes=[A, B]).outputs["safe_shares"]
    assert post == pytest.approx([0.1 * 8_000_000 / 0.85, 0.05 * 8_000_000 / 0.85])
    pre = case_of(safes=[{**A, "form": "pre"}, {**B, "form": "pre"}]).outputs["safe_shares"]
    assert pre == pytest.approx([800_000, 400_000])
    pool = case_of(safes=[A], pool=900_000).outputs["safe_shares"]
    assert pool == case_of(safes=[A]).outputs["safe_shares"]  # a sale leaves the pool out


def test_what_leaving_out_those_who_are_paid_back_moves() -> None:
    """By hand at 6M: B takes 400,000; A has a tenth of the 5.6M that are left, and by all caps 9.41% of 94.12%."""
    case = case_of(safes=[A, B], exit_value=6_000_000)
    assert case.outputs["safe_gets"] == pytest.approx([5_600_000 * (0.1 / 0.85) / (1 + 0.1 / 0.85), 400_000])
    line = next(row for row in table(case, terms.TERMS_TITLE) if row[0] == terms.COUNTED)
    assert line[2] == pytest.approx(5_600_000 * 0.9)
    assert words.SOME_CONVERT in [notice.text for notice in case.notices]
    assert not [row for row in table(case_of(safes=[A, B]), terms.TERMS_TITLE) if row[0] == terms.COUNTED]


# Notes


def test_each_election_of_a_note() -> None:
    repaid = case_of(notes=[NOTE]).outputs
    assert (repaid["note_owed"], repaid["note_gets"], repaid["debt_paid"]) == ([324_000], [324_000], 324_000)
    twice = case_of(notes=[{**NOTE, "at_sale": "multiple", "multiple": 2}]).outputs
    assert twice["note_gets"] == [624_000]
    converted = case_of(notes=[{**NOTE, "at_sale": "convert", "cap": 6_000_000}]).outputs
    assert converted["note_shares"] == [324_000 * 8_000_000 / 6_000_000]
    assert converted["note_gets"] == pytest.approx([20_000_000 * 432_000 / 8_432_000])
    assert (converted["debt_paid"], converted["to_notes"]) == (0, converted["note_gets"][0])


def test_a_note_shares_its_rank_with_other_debts() -> None:
    found = case_of(notes=[{**NOTE, "rank": 1}], debts=[{"name": "Bank", "claim": 676_000}], exit_value=500_000).outputs
    assert (found["note_gets"][0], found["debt_proceeds"][0]) == pytest.approx((162_000, 338_000))


def test_other_terms_of_instruments_are_listed_where_they_have_an_answer() -> None:
    case = case_of(safes=[A], notes=[NOTE], exit_value=20_000_000)
    listed = {(row[1], row[0]): row for row in table(case, terms.TERMS_TITLE)}
    assert set(listed) == {("A", terms.PRE_FORM), ("A", terms.NO_CAP), ("N", terms.DOUBLED)}  # N has no cap
    assert listed["A", terms.NO_CAP][3] == pytest.approx(20_000_000 - 324_000 - 500_000 - case.outputs["own_proceeds"])
    assert listed["N", terms.DOUBLED][5] == pytest.approx(300_000)


# The order of payment

CLASSES = [FOUNDERS, preferred("A1", 1_000_000, 2_000_000), preferred("B1", 1_000_000, 3_000_000),
           preferred("C1", 1_000_000, 1_000_000)]  # fmt: skip


def test_pairs_say_who_is_paid_first() -> None:
    order = [{"first": "C1", "then": "B1"}, {"first": "B1", "then": "A1"}]
    found = case_of(classes=CLASSES, order=order, exit_value=3_500_000).outputs
    assert found["class_proceeds"] == pytest.approx([0, 0, 2_500_000, 1_000_000])
    ranked = [{**row, "rank": rank} for row, rank in zip(CLASSES[1:], (3, 2, 1), strict=True)]
    same = case_of(classes=[FOUNDERS, *ranked], exit_value=3_500_000).outputs
    assert found["class_proceeds"] == same["class_proceeds"]


def test_a_contradiction_in_the_order_is_refused_by_name() -> None:
    circle = [{"first": "A1", "then": "B1"}, {"first": "B1", "then": "C1"}, {"first": "C1", "then": "A1"}]
    assert refused(classes=CLASSES, order=circle) == {
        "order": "The order of payment goes round in a circle through A1, B1, C1."
    }
    assert "order.0.then" in refused(classes=CLASSES, order=[{"first": "A1", "then": "Founders"}])
    assert "order.0.first" in refused(classes=CLASSES, order=[{"first": "", "then": "A1"}])
    ranked = [FOUNDERS, {**CLASSES[1], "rank": 2}, *CLASSES[2:]]
    assert "A1 has rank 2 beside an order" in refused(classes=ranked, order=circle[:1])["classes.1.rank"]


@pytest.mark.parametrize(
    ("given", "path", "text"),
    [
        ({"safes": [A, A]}, "safes.1.name", "have the name A"),
        ({"safes": [{**A, "name": "Founders"}]}, "safes.0.name", "Two entries have the name Founders"),
        ({"safes": [{**A, "name": "costs"}]}, "safes.0.name", "which the calculation uses itself"),
        ({"safes": [{**A, "amount": 5_000_000}]}, "safes", "sell 100% of the company"),
        ({"safes": [{**A, "amount": 3_000_000}, {**B, "amount": 4_000_000}]}, "safes", "sell 110% of the company"),
        ({"notes": [{**NOTE, "at_sale": "convert"}]}, "notes.0.cap", "without a cap has no price"),
        ({"notes": [{**NOTE, "cap": 1}]}, "notes.0.cap", "has no use"),
        ({"notes": [{**NOTE, "multiple": 1}]}, "notes.0.multiple", "has to be 0"),
        ({"notes": [{**NOTE, "at_sale": "multiple"}]}, "notes.0.multiple", "Wanted the multiple"),
        ({"notes": [{**NOTE, "issued": "2027-06-01"}]}, "notes.0.issued", "was issued on 2027-06-01"),
        ({"notes": [{**NOTE, "maturity": "2026-01-01"}]}, "notes.0.maturity", "Wanted a maturity after"),
        ({"notes": [{**NOTE, "compounding": "annual"}], "sale_day": "2027-05-01"}, "notes.0.partial", "part of a"),
        ({"notes": [NOTE], "sale_day": "0001-01-01"}, "sale_day", "Wanted a day from"),
    ],
)  # fmt: skip
def test_refused(given: dict[str, Any], path: str, text: str) -> None:
    found = refused(**given)
    assert list(found) == [path]
    assert text in found[path]


# Any company

amounts = st.integers(1, 40).map(lambda n: n * 10_000)
caps = st.sampled_from([0, 3_000_000, 7_000_000, 20_000_000])


@st.composite
def companies(draw: Any) -> dict[str, Any]:
    forms = st.sampled_from(["post", "pre"])
    safes = [{"name": f"s{n}", "amount": draw(amounts), "cap": draw(caps), "form": draw(forms)}
             for n in range(draw(st.integers(0, 4)))]  # fmt: skip
    notes = []
    for n in range(draw(st.integers(0, 2))):
        way = draw(st.sampled_from(["repay", "multiple", "convert"]))
        more = {"multiple": 2 if way == "multiple" else 0, "cap": 9_000_000 if way == "convert" else 0}
        notes.append({**NOTE, "name": f"n{n}", "principal": draw(amounts), "at_sale": way, **more})
    classes = [FOUNDERS, options("o", 500_000, 0.1), preferred("P", 1_000_000, draw(amounts), participation="full")]
    return {"classes": classes, "safes": safes, "notes": notes, "costs": draw(st.sampled_from([0, 50_000])),
            "carve_out": draw(st.sampled_from([0, 0.1])), "safe_rank": draw(st.integers(1, 2))}  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(companies(), st.integers(1, 30_000_000))
def test_every_dollar_is_somebodys_by_both_paths_and_has_its_reason(company: dict[str, Any], price: int) -> None:
    found = case_of(**company, exit_value=price).outputs
    everybody = sum(found["class_proceeds"]) + sum(found["safe_gets"]) + sum(found["note_gets"])
    assert everybody + found["costs_paid"] + found["carved_out"] == pytest.approx(price)
    assert min([*found["class_proceeds"], *found["safe_gets"], *found["note_gets"]]) >= 0
    x = middle(read_inputs(CALCULATOR.inputs, {**BASE, **company, "exit_value": price}))
    waterfall = waterfall_of(x)
    outcome = solve(waterfall, Fraction(price))
    steps = reasons(waterfall, outcome)
    assert {step.text for step in steps} <= set(SENTENCES)
    assert {each.name for each in (*waterfall.classes, *waterfall.debts)} <= {step.about for step in steps}
    drawn_from = read_inputs(CALCULATOR.inputs, {**BASE, **company, "exit_value": f"1 to {price + 9}"})
    spread = simulate(CALCULATOR, drawn_from, draws=8, seed=1)
    for at, drawn in enumerate(spread.drawn["exit_value"]):
        exactly = solve(waterfall, exact(float(drawn))).payments
        for row, name in zip(spread.samples["safe_gets"], [safe["name"] for safe in company["safes"]], strict=True):
            assert row[at] == pytest.approx(float(exactly[name]), rel=1e-9, abs=1e-6)


@settings(max_examples=10, deadline=None)
@given(st.permutations([A, B, {**A, "name": "C", "form": "pre"}, {"name": "D", "amount": 70_000}]))
def test_the_order_of_safes_does_not_matter(stack: list[dict[str, Any]]) -> None:
    found, plain = (case_of(safes=each, exit_value=7_000_000).outputs for each in (stack, sorted(stack, key=str)))
    names, sorted_names = ([safe["name"] for safe in each] for each in (stack, sorted(stack, key=str)))
    assert dict(zip(names, found["safe_gets"], strict=True)) == dict(zip(sorted_names, plain["safe_gets"], strict=True))
    assert found["own_proceeds"] == plain["own_proceeds"]


def test_why_each_gets_what_it_gets() -> None:
    """By hand: 10M less 300,000 of costs and 600,000 of debt; 2.5M go first, 6.6M to 9M shares."""
    full = preferred("P", 1_000_000, 2_000_000, participation="full")
    case = case_of(
        classes=[FOUNDERS, options("Options", 1_000_000, 5), full],
        safes=[{**A, "cap": 0}], debts=[{"name": "Bank", "claim": 600_000}], costs=300_000, exit_value=10_000_000,
    )  # fmt: skip
    why = [(row[0], say(row[1])) for row in table(case, terms.WHY_TITLE)]
    assert why == [
        ("Costs", "300,000 = 300,000 fixed and 0% of the price, at most the price."),
        ("Bank", "All of the 600,000 owed at rank 1."),
        ("All classes", "A share gets 0.733333: then all classes together take exactly the 9,100,000 that is left for "
                        "them."),
        ("Founders", "5,866,666.67 = 8,000,000 shares × 0.733333."),
        ("Options", "Not exercised: a share gets 0.733333, not more than the strike 5."),
        ("P", "2,733,333.33 = preference 2,000,000 + 1,000,000 shares × 0.733333. By converting it would get "
              "955,555.56."),
        ("A", "Gets 500,000 of 500,000: it has no cap, so no price to convert at."),
    ]  # fmt: skip


def test_the_charts_have_a_line_for_every_class_safe_and_note() -> None:
    case = case_of(safes=[A], notes=[NOTE])
    assert case.calculator.places("holder", case.inputs) == ["Founders", "A", "N"]
    lines = np.array(case.outputs["proceeds_by_price"])
    np.testing.assert_allclose(lines.sum(axis=0), case.calculator.places("price", case.inputs), atol=1e-6)
