"""The priced round against published rounds, against itself in draws, and its accounts: every share is somebody's."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import read_inputs
from portal.planning.calculator import Table
from portal.planning.calculators.round import CALCULATOR
from portal.planning.engine import Case, evaluate, simulate
from portal.planning.equity.money import exact
from portal.planning.raising.calculation import compute, solved
from portal.planning.raising.outputs import LOST
from portal.planning.raising.switches import SWITCHES
from portal.planning.raising.terms import company, middle, terms_of
from portal.planning.raising.whole import PROOF_TITLE, WHOLE_TITLE
from tests.planning.equity.golden_rounds import EXACT, ROUNDED, RoundCase


def case_of(**given: Any) -> Case:
    return evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, given))


def resolved(**given: Any) -> Any:
    return middle(read_inputs(CALCULATOR.inputs, given))


def tables_of(case: Case, *titles: str) -> list[Table]:
    found = {table.title: table for table in case.tables}
    return [found[title] for title in titles]


def number(text: str) -> Fraction:
    """What a cell of the table in whole shares says."""
    return Fraction(text.replace(",", "").replace("−", "-"))


def inputs_of(case: RoundCase) -> dict[str, Any]:
    """A published round as it is typed into the page."""
    money = [float(exact(amount)) for amount in case.new_money]
    holders = [{"name": "founders", "shares": case.common, "founder": True}]
    if case.granted:
        holders.append({"name": "team", "shares": case.granted, "kind": "option"})
    target = isinstance(case.pool, str)
    return {
        "holders": holders, "pool_now": case.reserved, "promised": case.promised, "notes": [],
        "sheets": [], "safes": [safe_of(chr(ord("a") + at), facts) for at, facts in enumerate(case.safes)],
        "pre_money": float(exact(case.pre_money)), "new_money": sum(money),
        "investors": [{"name": "xyzuvw"[at], "share": amount / sum(money)} for at, amount in enumerate(money)],
        "pool_by": "target" if target else "shares", "pricing": case.pricing,
        **({"pool_target": float(exact(case.pool))} if target else {"pool_shares": case.pool}),
    }  # fmt: skip


def safe_of(name: str, facts: Any) -> dict[str, Any]:
    cap = facts.get("post", facts.get("pre"))
    return {
        "name": name, "amount": float(exact(facts["amount"])), "cap": 0 if cap is None else float(exact(cap)),
        "discount": float(exact(facts.get("discount", 0))), "form": "pre" if "pre" in facts else "post",
        "mfn": facts.get("mfn", "none"), "elects": facts.get("elects", ""), "pro_rata": facts.get("pro_rata", False),
    }  # fmt: skip


@pytest.mark.parametrize("case", EXACT, ids=lambda case: case.name)
def test_published_rounds(case: RoundCase) -> None:
    found, expected = case_of(**inputs_of(case)).outputs, case.expected
    rel = case.rtol or 1e-12
    pairs = {"total": "total", "price": "price", "increase": "pool_increase"}
    for name, output in pairs.items():
        if name in expected:
            assert found[output] == pytest.approx(float(exact(expected[name])), rel=rel)
    for name, output in {"conversions": "safe_converts", "conversion_prices": "safe_price"}.items():
        for wanted, value in zip(expected.get(name, ()), found[output], strict=False):
            assert value == pytest.approx(float(exact(wanted)), rel=rel)
    if "new" in expected:
        assert found["new_shares"] == pytest.approx(float(exact(expected["new"][0])), rel=rel)
    if "founders" in expected.get("ownership", {}):
        assert found["founders_after"] == pytest.approx(float(exact(expected["ownership"]["founders"])), rel=rel)


def test_the_closing_in_whole_shares_as_published() -> None:
    skill = next(case for case in ROUNDED if case.name == "1984-skill")
    whole, proof = tables_of(case_of(**inputs_of(skill)), WHOLE_TITLE, PROOF_TITLE)
    assert {row[0]: row[3] for row in whole.rows} == {
        "founders": "9,000,000", "a": "1,111,098", "x": "1,907,741", "Pool": "1,335,426",
        "All shares after the round": "13,354,265",
    }  # fmt: skip
    assert proof.rows[0][1:4] == ("1.04836", "1.04836", True)


def test_the_guide_rounds_another_way() -> None:
    printed = next(case for case in ROUNDED if case.name == "yc-ex2-q2-printed")
    whole, proof = tables_of(case_of(**inputs_of(printed), rounding="guide"), WHOLE_TITLE, PROOF_TITLE)
    rows = {row[0]: row[3] for row in whole.rows}
    assert (rows["a"], rows["b"], rows["x"]) == ("615,763", "1,179,529", "4,498,426")
    assert (rows["All shares after the round"], proof.rows[0][1]) == ("17,993,718", "1.1115")


def test_whole_shares_add_up_and_differ_by_what_is_said() -> None:
    for preset in CALCULATOR.presets:
        whole = case_of(**preset.inputs).tables[0].rows
        count = [int(number(row[3])) for row in whole]
        assert sum(count[:-1]) == count[-1]
        for row, shares in zip(whole, count, strict=True):
            exactly, difference = (number(text) for text in (row[2], row[4]))
            assert abs(shares - exactly - difference) <= Fraction(1, 10**6)
            assert row[5] == pytest.approx(shares / count[-1])
        assert sum(abs(number(row[4])) for row in whole) > 0


shares = st.integers(1, 10_000_000)
caps = st.sampled_from([0, 3_000_000, 8_000_000, 25_000_000])
discounts = st.sampled_from([0, 0.1, 0.25])


@st.composite
def rounds(draw: Any) -> dict[str, Any]:
    """Rounds that sell less than half, so that there is one; with every clause of the page."""
    enlarges = draw(st.booleans())
    safes = [
        {"name": f"s{at}", "amount": draw(st.integers(1, 250_000)), "cap": draw(caps), "discount": draw(discounts),
         "form": draw(st.sampled_from(["post", "pre"])), "pro_rata": not enlarges and draw(st.booleans())}
        for at in range(draw(st.integers(0, 3)))
    ]  # fmt: skip
    notes = [
        {"name": f"n{at}", "principal": draw(st.integers(1, 250_000)), "cap": draw(caps), "discount": draw(discounts)}
        for at in range(draw(st.integers(0, 2)))
    ]
    rights = st.sampled_from([0, 0.05, 0.2])
    return {
        "holders": [
            {"name": "f", "shares": draw(shares), "founder": True, "pro_rata": draw(rights)},
            {"name": "o", "shares": draw(shares), "kind": draw(st.sampled_from(["common", "option", "preferred"])),
             "pro_rata": draw(rights)},
        ],
        "safes": safes, "notes": notes, "pool_now": draw(st.integers(0, 1_000_000)),
        "promised": draw(st.sampled_from([0, 400_000])), "pool_target": draw(st.sampled_from([0, 0.1, 0.2])),
        "pool_counting": draw(st.sampled_from(["unallocated", "with grants"])),
        "pool_basis": draw(st.sampled_from(["post-money", "pre-money"])),
        "pool_bearers": draw(st.sampled_from(["inside", "outside"])),
        "pricing": draw(st.sampled_from(["percentage ownership", "dollars invested", "pre-money method"])),
        "pro_rata_source": "enlarges" if enlarges else "displaces", "closing": "2027-05-17",
        "pre_money": draw(st.integers(6_000_000, 30_000_000)), "new_money": draw(st.integers(100_000, 2_000_000)),
    }  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(rounds())
def test_every_share_and_dollar_is_somebodys(given: dict[str, Any]) -> None:
    found = case_of(**given).outputs
    assert sum(found["part_after"]) == pytest.approx(1)
    letters = sum(safe["pro_rata"] for safe in given["safes"])
    everybody = sum(found["held_after"]) + sum(found["safe_part"]) + sum(found["note_part"]) + found["pool_share"]
    everybody += sum(found["investor_part"])
    assert everybody < 1 - 1e-12 if letters else everybody == pytest.approx(1)
    paid = sum(found["investor_paid"]) + sum(
        value - row["shares"] * found["price"] for row, value in zip(given["holders"], found["held_value"], strict=True)
    )
    if not letters:
        assert paid == pytest.approx(found["new_shares"] * found["price"])
    if given["pro_rata_source"] == "enlarges":
        assert sum(found["investor_paid"]) == pytest.approx(given["new_money"])
    elif not letters:
        assert paid == pytest.approx(given["new_money"])
    assert found["founders_lost"] == pytest.approx(found["founders_before"] - found["founders_after"])
    assert sum(found[name] for name in LOST) == pytest.approx(found["founders_lost"], abs=1e-12)


@settings(max_examples=15, deadline=None)
@given(rounds(), st.lists(st.tuples(st.floats(5e6, 4e7), st.floats(1e5, 2e6)), min_size=2, max_size=4))
def test_draws_are_what_single_cases_say(given: dict[str, Any], points: list[tuple[float, float]]) -> None:
    drawn = resolved(**given)
    drawn.pre_money, drawn.new_money = (np.array(values) for values in zip(*points, strict=True))
    together = compute(drawn)
    for at, (pre_money, new_money) in enumerate(points):
        alone = compute(resolved(**{**given, "pre_money": pre_money, "new_money": new_money}))
        for name, value in alone.items():
            one = np.asarray(together[name])
            mine = one[..., at] if one.ndim > np.ndim(value) else one
            np.testing.assert_allclose(mine, value, rtol=1e-9, atol=1e-6, err_msg=name)


@settings(max_examples=12, deadline=None)
@given(rounds())
def test_a_clause_moves_what_typing_it_moves(given: dict[str, Any]) -> None:
    typed: dict[str, dict[str, Any]] = {
        "post": {"safes": [{**safe, "form": "post"} for safe in given["safes"]]},
        "no_discount": {table: [{**row, "discount": 0} for row in given[table]] for table in ("safes", "notes")},
        "outside": {"pool_bearers": "outside"},
        "with_grants": {"pool_counting": "with grants"},
        "dollars": {"pricing": "dollars invested"},
    }
    now = compute(resolved(**given))
    for switch, change in typed.items():
        then, at = compute(resolved(**{**given, **change})), list(SWITCHES).index(switch)
        moved = 100 * (then["founders_after"] - now["founders_after"])
        assert now["switch_points"][at] == pytest.approx(moved, abs=1e-9)
        assert now["switch_dollars"][at] == pytest.approx(then["founders_value"] - now["founders_value"], abs=1e-3)
    assert now["switch_points"][list(SWITCHES).index("no_discount")] >= -1e-9


FOUNDERS_ALONE = {
    "holders": [{"name": "F", "shares": 8_000_000, "founder": True}], "safes": [], "pool_now": 0, "pool_target": 0,
    "pre_money": 12_000_000, "new_money": 3_000_000,
}  # fmt: skip


def test_the_cap_of_a_note_counts_the_shares_of_before_alone() -> None:
    """100,000 at 4,000,000 ÷ 8,000,000 shares; a cap that counted the note itself would give 205,128 shares."""
    note = {"name": "N", "principal": 100_000, "rate": 0, "cap": 4_000_000, "discount": 0}
    found = case_of(**FOUNDERS_ALONE, notes=[note]).outputs
    assert (found["note_price"], found["note_converts"]) == ([0.5], [200_000])
    assert found["note_at_cap"] == [True]


@pytest.mark.parametrize(("basis", "share"), [("post-money", 0.1), ("pre-money", 0.08)])
def test_what_a_pool_target_is_a_part_of(basis: str, share: float) -> None:
    """A tenth of all shares, or of the 80% that are not the new money's."""
    found = case_of(**{**FOUNDERS_ALONE, "pool_target": 0.1, "pool_basis": basis}).outputs
    assert found["pool_share"] == pytest.approx(share)
    assert found["founders_after"] == pytest.approx(0.8 - share)


def test_pro_rata_buyers_are_those_of_the_exact_engine() -> None:
    given = {
        "holders": [{"name": "f", "shares": 9_000_000, "founder": True, "pro_rata": 0.1}],
        "safes": [{"name": "a", "amount": 1_000_000, "cap": 10_000_000, "pro_rata": True}],
    }
    case, x = case_of(**given), resolved(**given)
    bought = {row[0]: row[1] for row in case.tables[0].rows if row[1] is not None}
    mine = solved(x, company(x), terms_of(x), None)
    assert case.outputs["investor_paid"] == pytest.approx([bought["Lead"], bought["Others"]])
    # The SAFE's holder stands twice in the table: with what it converts, then with what it buys.
    assert [row[0] for row in case.tables[0].rows].count("a") == 2
    assert float(mine.holders[0][0]) * case.outputs["price"] == pytest.approx(bought["f"])
    assert float(mine.letters["a"][0]) * case.outputs["price"] == pytest.approx(bought["a"])


def test_more_money_at_one_valuation_leaves_founders_less() -> None:
    kept = [case_of(new_money=money).outputs["founders_after"] for money in (1e6, 2e6, 4e6, 8e6)]
    assert kept == sorted(kept, reverse=True)


def test_the_simulation_is_about_the_typed_ranges() -> None:
    outcome = simulate(CALCULATOR, read_inputs(CALCULATOR.inputs, {}), draws=4_000, seed=3)
    low, high = outcome.quantile("founders_after", 0.05), outcome.quantile("founders_after", 0.95)
    assert low < outcome.case.outputs["founders_after"] < high
    assert outcome.quantile("pool_share", 0.5) == pytest.approx(0.1)
