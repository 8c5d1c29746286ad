"""SAFEs and notes: published cases, the exact engine at every threshold, and what is refused."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.safe_and_note import CALCULATOR
from portal.planning.converting import tables as said
from portal.planning.converting import words
from portal.planning.converting.calculation import compute, valuations
from portal.planning.converting.cases import as_round, sold
from portal.planning.converting.examples import PLAIN
from portal.planning.engine import Case, evaluate, simulate
from portal.planning.equity.round import Solution, solve_round
from portal.planning.raising.terms import company, middle, terms_of
from portal.planning.wording import say

A = {"name": "A", "amount": 500_000, "cap": 5_000_000}
B = {"name": "B", "amount": 400_000, "cap": 8_000_000, "discount": 0.2}
NOTE = {"name": "N", "principal": 300_000, "rate": 0.08, "issued": "2026-03-31", "maturity": "2028-03-31",
        "cap": 6_000_000, "discount": 0.1}  # fmt: skip


def case_of(**given: Any) -> Case:
    return evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, {**PLAIN, **given}))


def resolved(**given: Any) -> Any:
    return middle(read_inputs(CALCULATOR.inputs, {**PLAIN, **given}))


def solved(x: Any, pre_money: float) -> Solution:
    round_then = as_round(x, pre_money)
    return solve_round(company(round_then), terms_of(round_then))


def rows(case: Case, title: str) -> list[tuple[Any, ...]]:
    return [row for table in case.tables if table.title == title for row in table.rows]


# Published


@pytest.mark.parametrize(("raised", "printed"), [(500_000, 0.075), (800_000, 0.12), (1_000_000, 0.15)])
def test_what_the_quick_start_prints(raised: int, printed: float) -> None:
    """YC Post-Money Safe User Guide, Quick Start 1: a cap of 6.7M; it prints about 7.5%, 12% and 15%."""
    found = case_of(safes=[{"name": "A", "amount": raised, "cap": 6_700_000}]).outputs
    assert found["sold_before"] == pytest.approx(raised / 6_700_000, rel=1e-12)
    assert found["sold_before"] == pytest.approx(printed, rel=0.01)
    assert found["effective_post"] == pytest.approx(6_700_000)


def test_the_estimate_before_a_round_of_1984() -> None:
    """1984vc/cap-table (MIT), pre-round.test.ts: 9.4M shares, a pool of 600,000 and three SAFEs of a million."""
    forms = [(10_000_000, "post"), (20_000_000, "post"), (10_000_000, "pre")]
    stack = [{"name": str(at), "amount": 1_000_000, "cap": cap, "form": form} for at, (cap, form) in enumerate(forms)]
    found = case_of(founders=9_400_000, pool_now=600_000, safes=stack).outputs
    assert round(found["safe_sold"][2], 5) == 0.07727
    # The first two are a tenth and a twentieth by their caps; the third has a tenth of the shares and pool of before.
    assert found["sold_before"] == pytest.approx(0.1 + 0.05 + 0.85 / 11)


@pytest.mark.parametrize(
    ("pre_money", "price", "shares"), [(12_000_000, 1.0, 530_000), (8_800_000, 0.88, 530_000 / 0.88)]
)
def test_a_note_in_two_rounds(pre_money: int, price: float, shares: float) -> None:
    """OVF docs/debt.md C1 and C2: at 1.50 the cap decides, at 1.10 the discount."""
    note = {**NOTE, "principal": 500_000, "rate": 0.06, "cap": 8_000_000, "discount": 0.2, "threshold": 1_000_000}
    found = case_of(safes=[], notes=[note], pricing="pre-money method", pre_money=pre_money).outputs
    assert found["note_owed"] == [530_000]
    assert found["note_price"] == pytest.approx([price], rel=1e-12)
    assert found["note_converts"] == pytest.approx([shares], rel=1e-12)


def test_the_published_note_at_its_discount() -> None:
    """FundersClub: 25,000 at 20% off a round price of 5.00 are 6,250 shares, though the cap alone gives 4.1667."""
    note = {**NOTE, "principal": 25_000, "rate": 0, "cap": 5_000_000, "discount": 0.2}
    found = case_of(founders=1_200_000, safes=[], notes=[note], pricing="pre-money method", pre_money=6_000_000).outputs
    assert (found["price"], found["note_price"], found["note_converts"]) == (5, [4], [6_250])
    assert found["note_value"] == [31_250]
    assert found["note_at_cap"] == [False]


# Against the exact engine

INSTRUMENTS = {"safes": [A, B, {"name": "C", "amount": 250_000, "discount": 0.15}], "notes": [NOTE]}


def test_the_charts_are_the_exact_rounds_at_their_valuations() -> None:
    x, found = resolved(**INSTRUMENTS, pool_target=0.1), case_of(**INSTRUMENTS, pool_target=0.1).outputs
    places = valuations(x)
    for at in (0, len(places) // 3, len(places) - 1):
        solution = solved(x, places[at])
        for line, each in zip(found["part_by_valuation"], solution.conversions, strict=True):
            assert line[at] == pytest.approx(float(each.shares / solution.total), rel=1e-9)
        for line, each in zip(found["paid_by_valuation"], solution.conversions, strict=True):
            assert line[at] == pytest.approx(float(each.price), rel=1e-9)
        assert found["price_by_valuation"][at] == pytest.approx(float(solution.price), rel=1e-9)
        assert found["founders_by_valuation"][at] == pytest.approx(float(8_000_000 / solution.total), rel=1e-9)


def test_the_cap_decides_from_where_it_is_said_to() -> None:
    x, found = resolved(**INSTRUMENTS), case_of(**INSTRUMENTS).outputs
    starts = [*found["safe_cap_from"], *found["note_cap_from"]]
    assert np.isinf(starts[2])  # no cap
    for at, start in enumerate(starts):
        if np.isfinite(start):
            below, above = (solved(x, start * (1 + step)).conversions[at].basis for step in (-1e-9, 1e-9))
            assert below != "cap"
            assert above == "cap"
    # By hand: a post-money cap of 10M that is alone gives the price of a pre-money of 10M.
    alone = case_of(safes=[{"name": "A", "amount": 1_000_000, "cap": 10_000_000}]).outputs["safe_cap_from"]
    assert alone == pytest.approx([10_000_000], rel=1e-9)


def test_a_cap_that_always_or_never_decides_within_the_charts() -> None:
    found = case_of(safes=[{**A, "cap": 1_000_000}, {**B, "cap": 900_000_000}], lowest=5_000_000).outputs
    assert found["safe_cap_from"] == [5_000_000, np.inf]


@settings(max_examples=8, deadline=None)
@given(st.permutations([A, B, {**A, "name": "D", "form": "pre"}, {"name": "C", "amount": 90_000, "discount": 0.1}]))
def test_the_order_of_safes_does_not_matter(order: list[dict[str, Any]]) -> None:
    def by_name(stack: list[dict[str, Any]]) -> dict[str, Any]:
        found = compute(resolved(safes=stack, notes=[NOTE]))
        kinds = ("safe_sold", "safe_converts", "safe_sale", "safe_cap_from")
        return {
            safe["name"]: [float(np.asarray(found[kind])[at]) for kind in kinds] for at, safe in enumerate(stack)
        } | {"founders": [float(found["founders_after"]), float(found["sale_founders"])]}

    plain = sorted(order, key=lambda safe: str(safe["name"]))
    for name, values in by_name(order).items():
        assert values == pytest.approx(by_name(plain)[name], rel=1e-12)


@settings(max_examples=8, deadline=None)
@given(st.integers(2, 1000), st.integers(2, 50))
def test_units_of_shares_and_of_money_do_not_matter(shares: int, money: int) -> None:
    def scaled(row: dict[str, Any]) -> dict[str, Any]:
        return {name: value * money if name in ("amount", "cap", "principal") else value for name, value in row.items()}

    plain = compute(resolved(safes=[A, B], notes=[NOTE], pool_target=0.1, options=100_000, strike=0.1))
    other = compute(resolved(
        safes=[scaled(A), scaled(B)], notes=[scaled(NOTE)], pool_target=0.1, options=100_000 * shares,
        founders=8_000_000 * shares, strike=0.1 * money / shares, pre_money=12_000_000 * money,
        sale_price=20_000_000 * money, lowest=4_000_000 * money, largest=30_000_000 * money,
    ))  # fmt: skip
    for name in ("founders_after", "sold_before", "converted_share", "sale_share", "safe_part", "note_part"):
        np.testing.assert_allclose(other[name], plain[name], rtol=1e-9)
    assert other["effective_post"] == pytest.approx(float(plain["effective_post"]) * money, rel=1e-9)


def test_everybodys_part_adds_up() -> None:
    case = case_of(
        **{**INSTRUMENTS, "safes": [A, B]}, pool_target=0.1, others=400_000, options=300_000, pool_now=50_000
    )
    found = case.outputs
    rest = (400_000 + 300_000) * found["founders_after"] / 8_000_000
    whole = found["founders_after"] + rest + found["converted_share"] + 0.1 + 0.2
    assert whole == pytest.approx(1, rel=1e-12)
    assert sum(found["safe_part"]) + sum(found["note_part"]) == pytest.approx(found["converted_share"])
    for valuation in {row[0] for row in rows(case, said.OTHER_TITLE)}:
        listed = sum(row[4] for row in rows(case, said.OTHER_TITLE) if row[0] == valuation)
        founders = next(row[4] for row in rows(case, said.OTHER_TITLE) if row[:2] == (valuation, "Founders"))
        assert listed + 700_000 * founders / 8_000_000 == pytest.approx(1, rel=1e-9)


# Notes


def test_interest_that_compounds_and_a_part_of_a_quarter() -> None:
    """By hand: four quarters of 2%, and 30 days at simple interest."""
    note = {**NOTE, "compounding": "quarterly", "partial": "simple", "maturity": "2029-01-01"}
    found = case_of(safes=[], notes=[note], closing="2027-04-30").outputs
    assert found["note_owed"] == pytest.approx([300_000 * 1.02**4 * (1 + 0.08 * 30 / 365)], rel=1e-12)


def test_a_note_below_its_threshold_stays_a_debt_at_low_valuations_only() -> None:
    note = {**NOTE, "threshold": 2_500_000, "below": "keep"}
    found = case_of(safes=[A], notes=[note], lowest=4_000_000, largest=30_000_000).outputs
    x = resolved(safes=[A], notes=[note])
    # A quarter of the pre-money is raised, so 10M is where the financing is qualified.
    converts = [place >= 10_000_000 for place in valuations(x)]
    assert [part > 0 for part in found["part_by_valuation"][1]] == converts
    assert [np.isfinite(price) for price in found["paid_by_valuation"][1]] == converts
    low = case_of(safes=[A], notes=[note], pre_money=9_000_000)
    assert (low.outputs["note_converts"], low.outputs["note_price"]) == ([0], [np.inf])
    assert any("stays a debt of $324k" in say(notice) for notice in low.notices)


def test_at_maturity_a_note_is_owed_or_converts_at_its_cap() -> None:
    """By hand: two years at 8% with a leap day make 348,065.75, at 6M over 8M shares."""
    owed = 300_000 * (1 + 0.08 * 731 / 365)
    kept, converted = (
        rows(case_of(safes=[A], notes=[{**NOTE, "at_maturity": way}]), said.DUE_TITLE)[0]
        for way in ("owed", "converts")
    )
    assert kept[2] == converted[2] == pytest.approx(owed)
    assert (kept[4], converted[4]) == (0, pytest.approx(owed * 8 / 6))
    assert converted[5] == pytest.approx(converted[4] / (8_000_000 + converted[4]))


def test_in_a_sale_each_election_of_a_note() -> None:
    def founders(**election: Any) -> float:
        case = case_of(safes=[], notes=[{**NOTE, **election}], sale_day="2027-03-31", sale_price=10_000_000)
        return float(case.outputs["sale_founders"])

    assert founders(at_sale="repay") == pytest.approx(10_000_000 - 324_000)
    assert founders(at_sale="multiple", multiple=2) == pytest.approx(10_000_000 - 624_000)
    # 324,000 at 6,000,000 ÷ 8,000,000 are 432,000 shares.
    assert founders(at_sale="convert") == pytest.approx(10_000_000 * 8_000_000 / 8_432_000)


# Most favoured nation

MFN = {"name": "M", "amount": 300_000, "mfn": "stated election", "elects": "B"}


def test_every_election_is_listed_with_what_it_gives() -> None:
    case = case_of(safes=[MFN, A, B])
    table = rows(case, said.ELECTED_TITLE)
    assert [row[1] for row in table] == ["Nothing elected", "The best price at conversion", "A", "B"]
    assert [row[2] for row in table] == ["", "", "", "as typed"]
    by_choice = {row[1]: row[4] for row in table}
    assert max(by_choice.values()) == by_choice["The best price at conversion"] == by_choice["A"]
    assert by_choice["B"] == pytest.approx(case.outputs["safe_converts"][0])
    assert case.outputs["safe_sold"][0] == pytest.approx(300_000 / 8_000_000)
    assert any("most-favoured-nation" in say(notice) for notice in case.notices)


# Said and refused


def test_what_has_no_cap_is_told() -> None:
    case = case_of(safes=[{"name": "D", "amount": 100_000, "mfn": "unamended"}], notes=[])
    assert np.isinf(case.outputs["effective_post"])
    outcome = simulate(CALCULATOR, read_inputs(CALCULATOR.inputs, {**PLAIN, "safes": [
        {"name": "D", "amount": 100_000, "mfn": "unamended"}]}), draws=50, seed=1)  # fmt: skip
    assert CALCULATOR.answer(outcome).text == words.KEEPS_UNCAPPED


def test_notices() -> None:
    note = {**NOTE, "maturity": "2027-01-01", "past_due": "convert", "cap": 0}
    heavy = case_of(safes=[A, {**B, "amount": 3_000_000}], notes=[note], lowest=8_000_000)
    texts = [notice.text for notice in heavy.notices]
    assert {words.MUCH_SOLD, words.UNCAPPED, words.PAST_DUE} <= set(texts)


def test_a_discount_alone_claims_more_than_its_amount_in_a_sale() -> None:
    discounted = {"name": "D", "amount": 400_000, "discount": 0.2}
    elected = {"name": "M", "amount": 100_000, "mfn": "stated election", "elects": "D"}
    found = case_of(safes=[elected, discounted], sale_price=2_000_000).outputs
    assert found["safe_sale"] == pytest.approx([125_000, 500_000])
    assert found["sale_founders"] == pytest.approx(1_375_000)


def test_why_each_gets_what_it_gets_in_a_sale() -> None:
    """By hand: 8M shares, a tenth of 20M for A at its cap of 5M, 400,000 back for B would be less than a twentieth."""
    case = case_of(safes=[A, B], sale_price=20_000_000)
    why = {row[0]: say(row[1]) for row in rows(case, said.SALE_TITLE)}
    assert why["A"].startswith("Converts: 2,000,000 = ")
    assert why["B"].endswith("By keeping its preference it would get 400,000.")
    assert case.outputs["safe_sale"] == pytest.approx([2_000_000, 1_000_000])


@pytest.mark.parametrize(
    ("given", "field", "text"),
    [
        ({"safes": []}, "safes", "at least one SAFE or note"),
        ({"safes": [{**A, "amount": 4_000_000}, {**B, "amount": 2_000_000}]}, "safes", "together sell 105%"),
        ({"safes": [A, A]}, "safes.1.name", "Two entries have the name A"),
        ({"safes": [A], "notes": [{**NOTE, "name": "A"}]}, "notes.0.name", "Two entries have the name A"),
        ({"safes": [{**A, "name": "Founders"}]}, "safes.0.name", "which the calculation uses itself"),
        ({"safes": [{**A, "name": "costs"}]}, "safes.0.name", "which the calculation uses itself"),
        ({"safes": [A, {**MFN, "elects": "A"}]}, "safes.1.elects", "issued later"),
        ({"safes": [], "notes": [{**NOTE, "maturity": "2027-01-01"}]}, "notes.0.past_due", "was due on 2027-01-01"),
        ({"safes": [], "notes": [{**NOTE, "threshold": 9e6}]}, "notes.0.below", "does not convert by itself"),
        ({"safes": [], "notes": [{**NOTE, "maturity": "2026-03-31"}]}, "notes.0.maturity", "after the issue"),
        ({"safes": [], "notes": [{**NOTE, "compounding": "monthly"}], "closing": "2027-04-15"}, "notes.0.partial",
         "say what the part of a period earns"),
        ({"safes": [], "notes": [{**NOTE, "cap": 0, "at_maturity": "converts"}]}, "notes.0.cap", "only a cap gives"),
        ({"safes": [], "notes": [{**NOTE, "cap": 0, "at_sale": "convert"}]}, "notes.0.cap", "without a cap"),
        ({"safes": [], "notes": [{**NOTE, "at_sale": "multiple"}]}, "notes.0.multiple", "Wanted the multiple"),
        ({"safes": [], "notes": [{**NOTE, "multiple": 2}]}, "notes.0.multiple", "has to be 0"),
        ({"safes": [], "notes": [NOTE], "sale_day": "2026-01-01"}, "notes.0.issued", "was issued on"),
        ({"safes": [A], "sale_day": "1200-01-01"}, "sale_day", "Wanted a day from"),
        ({"safes": [A], "largest": 4_000_000}, "largest", "Wanted more than"),
        ({"safes": [A, {**B, "amount": 3_000_000, "discount": 0.5}], "lowest": 1_000_000}, "lowest", "leave nothing"),
        ({"safes": [A], "pool_target": 0.9, "new_part": 0.2}, "pool_target", "Pool and new money together"),
    ],
)  # fmt: skip
def test_refused_by_name(given: dict[str, Any], field: str, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        case_of(**given)
    assert list(refused.value.problems) == [field]
    assert text in str(refused.value.problems[field][0])


def test_the_part_sold_is_exact() -> None:
    assert sold(resolved(safes=[A, B])) == {"A": Fraction(1, 10), "B": Fraction(1, 20)}
