"""The exit calculator: published waterfalls through its inputs, its identities, what it says and what it refuses."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.exit import CALCULATOR
from portal.planning.engine import Outcome, evaluate, simulate
from portal.planning.equity.money import exact
from portal.planning.equity.waterfall import Common, solve
from portal.planning.selling import terms, words
from portal.planning.selling.calculation import gap, paid, per_common_share, price_places, waterfall_of
from portal.planning.selling.examples import GAME, PLAIN, SERIES_B, common, options, preferred
from portal.planning.wording import say
from tests.planning.equity.golden_waterfall import EXITS, GAME_EXITS, ExitCase

PRESETS = {preset.slug: preset.inputs for preset in CALCULATOR.presets}


def read(**given: Any) -> Any:
    return read_inputs(CALCULATOR.inputs, {**PLAIN, "exit_value": 60_000_000, "classes": GAME, **given})


def outputs(**given: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, read(**given)).outputs)


def outcome(given: Any, draws: int = 400) -> Outcome:
    return simulate(CALCULATOR, read_inputs(CALCULATOR.inputs, given), draws=draws, seed=3)


def refused(**given: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as found:
        evaluate(CALCULATOR, read(**given))
    return {path: problems[0].template for path, problems in found.value.problems.items()}


def notices(**given: Any) -> list[str]:
    return [notice.text for notice in evaluate(CALCULATOR, read(**given)).notices]


# Published cases


def as_row(each: Any) -> dict[str, Any]:
    if isinstance(each, Common):
        shares, strike = float(each.shares), float(each.strike)
        return options(each.name, shares, strike) if strike else common(each.name, shares)
    took_part = {False: "none", True: "full" if each.cap is None else "capped"}[each.participating]
    return preferred(
        each.name, float(each.shares), float(each.invested), multiple=float(each.multiple), rank=each.rank,
        participation=took_part, cap=float(each.cap or 0),
    )  # fmt: skip


@pytest.mark.parametrize("case", EXITS, ids=lambda case: case.name)
def test_published_exits(case: ExitCase) -> None:
    found = outputs(exit_value=case.exit_value, classes=[as_row(each) for each in case.classes])
    by_name = dict(zip([each.name for each in case.classes], found["class_proceeds"], strict=True))
    expected = {name: float(exact(value)) for name, value in case.expected.items()}
    assert {name: by_name[name] for name in expected} == pytest.approx(expected, rel=1e-9)


def test_breakpoints_of_the_published_game() -> None:
    table = evaluate(CALCULATOR, read()).tables[1]
    assert sorted({row[2] for row in table.rows}) == list(GAME_EXITS)
    assert (terms.HAPPENS["converts"], "A", 59_000_000.0) in table.rows
    assert set(GAME_EXITS) <= set(price_places(read()))


# Identities


@pytest.mark.parametrize("slug", [*PRESETS, "start"])
def test_where_the_price_goes_adds_up(slug: str) -> None:
    found = outcome(PRESETS.get(slug, {}))
    parts = sum(found.samples[name] for name in ("costs_paid", "debt_paid", "carved_out", "for_classes"))
    np.testing.assert_allclose(parts, found.drawn["exit_value"], rtol=1e-12)
    by_kind = sum(found.samples[name] for name in ("to_common", "to_preferred", "to_options", "to_safes", "to_notes"))
    np.testing.assert_allclose(by_kind, found.samples["for_classes"], rtol=1e-12, atol=1e-6)
    instruments = found.samples["to_safes"] + found.samples["to_notes"]
    np.testing.assert_allclose(
        found.samples["class_proceeds"].sum(axis=0) + instruments, by_kind, rtol=1e-12, atol=1e-6
    )


@pytest.mark.parametrize("slug", [*PRESETS, "start"])
def test_many_prices_are_each_price_by_itself(slug: str) -> None:
    inputs: Any = read_inputs(CALCULATOR.inputs, PRESETS.get(slug, {}))
    waterfall, prices = waterfall_of(inputs), np.linspace(1e5, 4e8, 60)
    together = paid(waterfall, prices)
    for at, price in enumerate(prices):
        alone = paid(waterfall, price)
        assert [bool(each[at]) for each in together.converts] == [bool(each) for each in alone.converts]
        for name, amount in alone.payments.items():
            assert together.payments[name][at] == pytest.approx(amount, rel=1e-9, abs=1e-3)


@given(st.integers(0, 400_000_000))
@settings(max_examples=30, deadline=None)
def test_a_common_share_by_the_float_path_is_the_exact_one(equity: int) -> None:
    waterfall = waterfall_of(read(classes=SERIES_B))
    assert per_common_share(waterfall, float(equity)) == pytest.approx(
        float(solve(waterfall, Fraction(equity)).per_share), rel=1e-9, abs=1e-12
    )


@st.composite
def stacks(draw: Any) -> list[dict[str, Any]]:
    rows = [common("c", draw(st.integers(1, 9)))]
    for at in range(draw(st.integers(0, 4))):
        shares, took_part = draw(st.integers(1, 9)), draw(st.sampled_from(["options", "none", "capped", "full"]))
        if took_part == "options":
            rows.append(options(str(at), shares, draw(st.integers(0, 3))))
            continue
        multiple = draw(st.sampled_from([0.5, 1, 1.5]))
        rows.append(preferred(
            str(at), shares, draw(st.integers(0, 20)), multiple=multiple, participation=took_part,
            cap=multiple + draw(st.integers(0, 2)) if took_part == "capped" else 0, rank=draw(st.integers(1, 2)),
        ))  # fmt: skip
    return draw(st.permutations(rows))


@given(stacks(), st.sampled_from([0, 0.1]), st.integers(0, 9))
@settings(max_examples=40, deadline=None)
def test_any_stack_is_shared_whole_and_alike_by_both_paths(rows: Any, part: float, claim: int) -> None:
    given = {"classes": rows, "carve_out": part, "cost_share": part, "debts": [{"claim": claim}], "largest_price": 99}
    spread = simulate(CALCULATOR, read(exit_value="2 to 90", **given), draws=20, seed=1)
    paid_out = sum(spread.samples[name] for name in ("costs_paid", "debt_paid", "carved_out", "for_classes"))
    np.testing.assert_allclose(paid_out, spread.drawn["exit_value"])
    assert min(spread.samples[name].min() for name in ("class_proceeds", "preference_cost", "terms_cost")) >= 0
    for at in (0, 10, 19):
        alone = outputs(exit_value=float(spread.drawn["exit_value"][at]), **given)
        assert spread.samples["class_proceeds"][:, at] == pytest.approx(alone["class_proceeds"], rel=1e-9, abs=1e-9)
        assert spread.samples["converts"][:, at].tolist() == alone["converts"]


def test_a_company_with_common_alone() -> None:
    found = evaluate(CALCULATOR, read(classes=[common("c", 8)], own_shares=2, exit_value=100))
    assert (found.outputs["own_proceeds"], found.outputs["all_convert_at"]) == (25, 0)
    assert [len(table.rows) for table in found.tables] == [0, 0, 2]


def test_preferences_never_help_a_founder() -> None:
    for slug in PRESETS:
        found = outcome(PRESETS[slug])
        assert found.samples["preference_cost"].min() >= 0
        assert found.samples["terms_cost"].min() >= 0
        above = found.drawn["exit_value"] > found.case.outputs["all_convert_at"]
        assert not found.samples["preference_cost"][above].any()
        below = found.drawn["exit_value"] < found.case.outputs["common_starts_at"]
        assert (below == found.samples["nothing_for_common"]).all()


def test_floats_that_agree_leave_no_gap() -> None:
    assert gap(0.1 + 0.2, 0.3) == 0
    assert gap(np.array([3.0, 1e7 + 1]), np.array([1.0, 1e7])).tolist() == [2, 1]


def test_ownership_counts_the_pool_and_proceeds_do_not() -> None:
    with_pool, without = outputs(pool=500_000, own_shares=4_000_000), outputs(own_shares=4_000_000)
    assert with_pool["own_ownership"] == pytest.approx(4 / 12)
    assert without["own_ownership"] == pytest.approx(4 / 11.5)
    assert with_pool["own_proceeds"] == without["own_proceeds"] == pytest.approx(20_400_000)


def test_lenders_of_one_rank_share_what_there_is() -> None:
    found = outputs(exit_value=870_000, classes=[common("Founders", 10)],
                    debts=[{"name": "a", "claim": 1_160_000}, {"name": "b", "claim": 580_000}])  # fmt: skip
    assert found["debt_proceeds"] == pytest.approx([580_000, 290_000])
    assert (found["nothing_for_common"], found["debt_paid"]) == (True, pytest.approx(870_000))


def test_the_charts_are_the_waterfall_at_their_prices() -> None:
    inputs = read(exit_value="20M to 90M", own_shares=8_000_000)
    found, waterfall = evaluate(CALCULATOR, inputs).outputs, waterfall_of(inputs)
    for at, price in enumerate(price_places(inputs)):
        exact_there = solve(waterfall, exact(price)).payments
        drawn = [each[at] for each in found["proceeds_by_price"]]
        assert drawn == pytest.approx([float(exact_there[each.name]) for each in waterfall.classes], abs=1e-3)
        assert found["own_by_price"][at] == pytest.approx(drawn[0])


# Contract terms


def moved(**given: Any) -> dict[tuple[str, str], tuple[Any, ...]]:
    table = evaluate(CALCULATOR, read(**given)).tables[0]
    return {(row[1], row[0]): row[2:] for row in table.rows}


def test_what_each_term_moves() -> None:
    """By hand: 60M, 8M common of which half are yours; A has 2× on 5M and participates, dividends of 1M."""
    a = preferred("A", 2_000_000, 5_000_000, multiple=2, participation="full", dividends=1_000_000)
    found = moved(classes=[common("Common", 8_000_000), a], own_shares=4_000_000, carve_out=0.1, exit_value=60_000_000)
    # 54M after the carve-out. Now 11M first and a fifth of 43M: 19.6M for A, 34.4M for common, 17.2M yours.
    assert found["A", terms.NOT_PARTICIPATING] == pytest.approx((21_500_000, 4_300_000, 8_600_000, -8_600_000))
    assert found["A", terms.ONCE] == pytest.approx((19_200_000, 2_000_000, 4_000_000, -4_000_000))
    assert found["A", terms.CAPPED_AT_3][0] == pytest.approx(19_500_000)
    assert found["A", terms.NO_DIVIDENDS][1] == pytest.approx(400_000)
    assert found["", terms.NO_CARVE_OUT][:2] == pytest.approx((19_600_000, 2_400_000))
    assert len(found) == 5


def test_the_order_of_payment_moves_money_between_classes() -> None:
    """By hand: 6M for preferences of 5M and 4M."""
    classes = [common("Common", 8), preferred("A", 2, 5_000_000, rank=2), preferred("B", 2, 4_000_000)]
    found = moved(classes=classes, exit_value=6_000_000)
    assert ("", terms.SAME_RANK) in found
    assert ("", terms.LAST_FIRST) not in found  # as it is
    assert found["B", terms.TWICE] == pytest.approx((0, 0, 0, 2_000_000))
    equal = moved(classes=[classes[0], {**classes[1], "rank": 1}, classes[2]], exit_value=6_000_000)
    assert ("", terms.SAME_RANK) not in equal
    assert ("", terms.LAST_FIRST) in equal


def test_only_possible_terms_are_shown() -> None:
    capped = preferred("A", 2, 100, participation="capped", cap=1.5)
    found = moved(classes=[common("Common", 8), capped], exit_value=1000)
    assert {term for _, term in found} == {terms.NOT_PARTICIPATING, terms.WITHOUT_CAP}
    below = moved(classes=[common("Common", 8), {**capped, "multiple": 0.5, "cap": 0.75}], exit_value=1000)
    assert {term for _, term in below} == {terms.NOT_PARTICIPATING, terms.WITHOUT_CAP}


# What is said


def test_the_answer() -> None:
    certain = simulate(CALCULATOR, read(own_shares=4_000_000), draws=50, seed=1)
    assert "$20.4M, 34% of it for 34.8% of the shares" in say(CALCULATOR.answer(certain))
    nothing = simulate(CALCULATOR, read(exit_value=10_000_000), draws=50, seed=1)
    assert CALCULATOR.answer(nothing).text == words.NOTHING
    assert "above $14M" in say(CALCULATOR.answer(nothing))
    spread = outcome(PRESETS["twice-participating"], draws=2_000)
    assert CALCULATOR.answer(spread).figures["nothing"] == (pytest.approx(0.25, abs=0.02), "%")


def test_notices() -> None:
    assert notices(exit_value=10_000_000) == [words.COMMON_NOTHING]
    assert notices() == [words.NOT_ALL_CONVERT]
    assert notices(exit_value=59_000_000) == [words.EITHER_WAY]
    assert notices(exit_value=100_000_000) == []
    full = preferred("A", 10, 50, participation="full")
    assert notices(exit_value=100, classes=[common("c", 10), options("o", 5, 20), full]) == [
        words.UNDERWATER, words.NEVER_CONVERTS,
    ]  # fmt: skip


# What is refused

A = preferred("A", 2, 100)


@pytest.mark.parametrize(
    ("given", "path", "text"),
    [
        ({"classes": []}, "classes", words.NO_COMMON),
        ({"classes": [A]}, "classes", words.NO_COMMON),
        ({"classes": [common("c", 8), A], "own_shares": 9}, "own_shares", words.OWN_TOO_MANY),
        ({"classes": [{**common("c", 8), "invested": 5}]}, "classes.0.invested", words.ONLY_PREFERRED),
        ({"classes": [common("c", 8), {**options("o", 8, 1), "participation": "full"}]}, "classes.1.participation",
         words.NO_PARTICIPATION),
        ({"classes": [{**common("c", 8), "strike": 1}]}, "classes.0.strike", words.ONLY_OPTIONS),
        ({"classes": [common("c", 8), {**A, "cap": 2}]}, "classes.1.cap", words.CAP_NOT_USED),
        ({"classes": [common("c", 8), {**A, "participation": "capped"}]}, "classes.1.cap", words.CAP_MISSING),
        ({"classes": [common("c", 8), {**A, "participation": "capped", "cap": 1.5, "multiple": 2}]}, "classes.1.cap",
         words.CAP_TOO_LOW),
        ({"classes": [common("c", 8), A, A]}, "classes.2.name", words.TWO_OF_A_NAME),
        ({"classes": [common("A.cap", 8), A], "debts": [{"name": "A.cap"}]}, "debts.0.name", words.TWO_OF_A_NAME),
        ({"classes": [common("c", 1e6), options("o", 1, 1e12)]}, "classes.1", words.TOO_FAR),
        ({"classes": [common("carve-out", 8)]}, "classes.0.name", words.NAMED_LIKE_A_COST),
        ({"debts": [{"name": "costs"}]}, "debts.0.name", words.NAMED_LIKE_A_COST),
    ],
)  # fmt: skip
def test_refused(given: dict[str, Any], path: str, text: str) -> None:
    assert refused(**given) == {path: text}


@pytest.mark.parametrize(
    "given", [{"exit_value": 0}, {"exit_value": -5}, {"cost_share": 1}, {"carve_out": 0.6}, {"debts": [{"claim": -1}]},
              {"classes": [{**A, "shares": 0}]}, {"classes": [{**A, "rank": 0}]}, {"classes": [{**A, "kind": "x"}]},
              {"costs": "1 to 2"}]
)  # fmt: skip
def test_outside_what_is_permitted(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read(**given)


def test_rows_without_a_name_are_called_by_their_number() -> None:
    found = evaluate(CALCULATOR, read(classes=[common("", 8), preferred("", 2, 10)], exit_value=5))
    assert found.outputs["class_proceeds"] == [0, 5]
    assert {row[1] for row in found.tables[1].rows} == {"2"}


def test_extremes_stay_finite() -> None:
    stack = [common("c", 1), *(preferred(str(n), 1e12, 1e12, multiple=20, rank=n) for n in range(1, 12))]
    for price in (1, 1e12):
        found = outputs(classes=stack, exit_value=price, costs=1e12, cost_share=0.5, largest_price=1e12)
        assert np.isfinite(found["own_proceeds"])
        assert found["costs_paid"] == price
