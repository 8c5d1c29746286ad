"""The runway calculator against worked cases, against itself, and in words."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from mlcore.spec import Range
from portal.planning.calculators.runway import CALCULATOR
from portal.planning.company import words
from portal.planning.company.examples import PLAIN
from portal.planning.engine import Outcome, evaluate, simulate
from portal.planning.wording import say
from tests.derive.strategies import instances
from tests.planning import golden
from tests.planning.contracts import settled

Inputs = CALCULATOR.inputs


def read(**given: Any) -> Any:
    return read_inputs(Inputs, {**PLAIN, **given})


def outputs(**given: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, read(**given)).outputs)


def outcome(**given: Any) -> Outcome:
    return simulate(CALCULATOR, read(**given), draws=2_000, seed=1)


# Worked cases


def test_a_burn_that_does_not_change() -> None:
    case = golden.FLAT_RUNWAY
    found = outputs(cash=case.inputs["cash"], payroll=case.inputs["net_burn"])
    assert found["runway"] == found["flat_runway"] == case.expected["months"]


def test_dividing_gives_the_wrong_verdict_and_following_the_months_the_right_one() -> None:
    given, expected = golden.DEFAULT_ALIVE_TRAP.inputs, golden.DEFAULT_ALIVE_TRAP.expected
    inputs = read(cash=given["cash"], revenue=given["revenue"], growth=given["growth"], payroll=given["expenses"])
    case = evaluate(CALCULATOR, inputs)
    assert case.outputs["flat_runway"] == pytest.approx(expected["flat_runway"], rel=1e-5)
    assert case.outputs["break_even_after"] == expected["break_even_after"]
    assert case.outputs["lowest_cash"] == pytest.approx(expected["lowest_cash"], abs=0.01)
    assert case.outputs["default_alive"] is expected["default_alive"]
    assert case.outputs["runway"] == math.inf
    assert words.FLAT_MISLEADS in [notice.text for notice in case.notices]


def test_burn_multiple() -> None:
    """Revenue doubles in a year; payroll is what makes the year's net burn the stated one."""
    given = golden.BURN_MULTIPLE.inputs
    growth = 2 ** (1 / 12) - 1
    revenue = given["net_new_arr"] / 12
    payroll = (given["net_burn"] + revenue / growth) / 12
    found = outputs(cash=1e7, revenue=revenue, growth=growth, payroll=payroll)
    assert found["net_new_arr"] == pytest.approx(given["net_new_arr"])
    assert found["net_burn_year"] == pytest.approx(given["net_burn"])
    assert found["burn_multiple"] == pytest.approx(golden.BURN_MULTIPLE.expected["multiple"])


def test_the_bands_of_the_burn_multiple_are_sackss() -> None:
    assert golden.BURN_BANDS["suspect"] == words.SUSPECT_MULTIPLE
    assert golden.BURN_BANDS["bad"] == words.BAD_MULTIPLE

    def texts(multiple: float) -> list[str]:
        revenue, growth = 10_000, 0.05
        arr = 12 * revenue * (1.05**12 - 1)
        payroll = (multiple * arr + revenue * (1.05**12 - 1) / growth) / 12
        case = evaluate(CALCULATOR, read(cash=1e7, revenue=revenue, growth=growth, payroll=payroll))
        assert case.outputs["burn_multiple"] == pytest.approx(multiple)
        return [notice.text for notice in case.notices if notice.text in (words.SUSPECT, words.BAD)]

    assert (texts(1.9), texts(2.1), texts(3.1)) == ([], [words.SUSPECT], [words.BAD])


def test_a_plan_with_every_kind_of_line_against_a_plain_loop() -> None:
    inputs = read(
        cash=300_000, first_month="2027-06-15", horizon=18, revenue=20_000, growth="8%", churn="3%",
        gross_margin="80%", payroll=30_000, payroll_growth="1%", other_costs=5_000, model_compute=6_000,
        compute_growth="4%", training_cost=40_000, training_month=5,
        one_offs=[{"month": 3, "amount": -12_000}, {"month": 3, "amount": 2_000}, {"month": 9, "amount": 15_000}],
        funding=[{"month": 12, "amount": 100_000, "closes": "80%"}, {"month": 13, "amount": 9e9, "closes": "20%"}],
    )  # fmt: skip
    cash, path, alone, spent, year, lowest = 300_000.0, [], [], 0.0, 0.0, (300_000.0, 0)
    funded = 0.0
    for m in range(18):
        revenue = 20_000 * 1.05**m
        out = revenue * 0.2 + 30_000 * 1.01**m + 5_000 + 6_000 * 1.04**m
        out += {2: 12_000, 4: 40_000}.get(m, 0)
        burn = out - revenue - {2: 2_000, 8: 15_000}.get(m, 0)
        cash -= burn
        funded += 100_000 if m == 11 else 0
        alone.append(cash)
        path.append(cash + funded)
        lowest = min(lowest, (path[-1], m))
        spent += out
        year += burn if m < 12 else 0
    found = evaluate(CALCULATOR, inputs).outputs
    assert found["cash_by_month"] == pytest.approx(path)
    assert found["spent"] == pytest.approx(spent)
    assert found["net_burn_year"] == pytest.approx(year)
    assert (found["lowest_cash"], found["lowest_cash_month"]) == pytest.approx((lowest[0], 2027 * 12 + 5 + lowest[1]))
    month = next(m for m, left in enumerate(alone) if left < 0)
    before = alone[month - 1]
    assert found["runway_alone"] == pytest.approx(month + before / (before - alone[month]))
    assert found["gross_burn"] == pytest.approx(20_000 * 0.2 + 41_000)
    assert found["net_burn"] == pytest.approx(25_000)


def test_a_training_run_and_one_off_items_fall_in_their_month() -> None:
    found = outputs(cash=1_000, training_cost=100, training_month=2, one_offs=[{"month": 4, "amount": 50}])
    assert found["cash_by_month"][:5] == [1_000, 900, 900, 950, 950]
    assert found["costs_by_month"][:3] == [0, 100, 0]


def test_a_month_that_is_a_range_pays_in_each_draw_once() -> None:
    found = outcome(
        cash=1_000, training_cost=100, training_month="2 to 5 as uniform", horizon=6, payroll="0.01 to 0.02"
    )
    path = found.samples["cash_by_month"]
    assert path[0] == pytest.approx(1_000, abs=0.1)
    assert path[-1] == pytest.approx(900, abs=0.2)
    paid = (path[:-1] - path[1:] > 50).sum(axis=0)
    assert set(paid) == {1}
    months = np.argmax(path[:-1] - path[1:] > 50, axis=0) + 2
    assert np.array_equal(months, found.drawn["training_month"])


def test_a_round_closes_in_its_share_of_the_draws_and_never_counts_for_default_alive() -> None:
    found = outcome(cash=100_000, payroll=10_000, funding=[{"month": 6, "amount": "1M to 2M", "closes": "60%"}])
    assert found.share("funded") == pytest.approx(0.6, abs=1e-3)
    assert found.share("default_alive") == 0
    assert found.share_never("runway_alone") == 0
    assert {bar.path for bar in found.tornado()} == {"funding.0.amount", "funding.0.closes"}


@pytest.mark.parametrize(
    ("given", "alive"),
    [
        ({"cash": 100, "revenue": 10, "payroll": 10}, True),  # profitable from the start
        ({"cash": 1e9, "revenue": 10, "payroll": 20}, False),  # rich, but nowhere near profit
        ({"cash": 0, "revenue": 10, "payroll": 20, "growth": "50%"}, False),  # profit in sight, no money to get there
        ({"cash": 0, "revenue": 20, "payroll": 20}, True),
        ({"cash": 1_000, "revenue": 20, "payroll": 10, "training_cost": 1_500, "training_month": 3}, False),
    ],
)
def test_default_alive_needs_profit_and_money_to_reach_it(given: dict[str, Any], alive: bool) -> None:
    assert outputs(**given)["default_alive"] is alive


def test_money_to_break_even_is_what_is_missing_at_the_deepest_point() -> None:
    given = {"revenue": 20_000, "growth": "10%", "payroll": 80_000}
    missing = outputs(cash=500_000, **given)["money_to_break_even"]
    assert missing == pytest.approx(800_000 - 235_449.63 - 500_000, abs=0.01)
    assert outputs(cash=500_000 + missing + 1, **given)["default_alive"] is True
    assert outputs(cash=500_000 + missing - 1, **given)["default_alive"] is False
    assert outputs(cash=500_000, payroll=80_000)["money_to_break_even"] == math.inf


def test_undefined_figures_are_never_and_not_numbers() -> None:
    shrinking = outputs(cash=1e6, revenue=10_000, churn="5%", payroll=20_000)
    assert shrinking["burn_multiple"] == math.inf
    assert outputs(cash=1e6, revenue=10_000)["flat_runway"] == math.inf
    assert outputs(cash=1e6, payroll=1_000, gross_margin=0)["break_even_revenue"] == math.inf


def test_a_short_horizon_still_looks_a_year_ahead_for_the_burn_multiple() -> None:
    given = {"cash": 1e6, "revenue": 10_000, "growth": "5%", "payroll": 30_000}
    short, long = outputs(horizon=6, **given), outputs(horizon=36, **given)
    assert short["burn_multiple"] == long["burn_multiple"]
    assert (len(short["cash_by_month"]), short["spent_on_payroll"]) == (6, 180_000)


@pytest.mark.parametrize("first", ["1999-12-31", "2200-01-01", "9999-12-31", "0001-01-01"])
def test_a_first_month_far_from_now_is_refused(first: str) -> None:
    with pytest.raises(Invalid, match="first_month: Wanted a first month from 2000 to 2199"):
        evaluate(CALCULATOR, read(first_month=first))


# Properties

plans = instances(Inputs)
few = settings(max_examples=60, deadline=None)


@given(plans, st.floats(1, 1e9))
@few
def test_more_cash_never_shortens_the_runway(inputs: Any, more: float) -> None:
    poor = replace(inputs, cash=1e5 if isinstance(inputs.cash, Range) else inputs.cash)
    rich = replace(poor, cash=poor.cash + more)
    one, other = (simulate(CALCULATOR, each, draws=16, seed=1) for each in (poor, rich))
    for name in ("runway", "runway_alone", "lowest_cash", "cash_at_horizon"):
        assert (np.asarray(other.samples[name]) >= np.asarray(one.samples[name])).all(), name


@given(plans, st.floats(1, 1e9), st.sampled_from(["payroll", "model_compute", "other_costs", "training_cost"]))
@few
def test_a_higher_cost_never_lengthens_the_runway(inputs: Any, more: float, cost: str) -> None:
    cheap = replace(inputs, **{cost: 1e4})
    dear = replace(cheap, **{cost: 1e4 + more})
    one, other = (simulate(CALCULATOR, each, draws=16, seed=1) for each in (cheap, dear))
    slack = 1e-9 * np.maximum(1, np.abs(np.asarray(one.samples["runway"])))
    assert (np.asarray(other.samples["runway"]) <= np.asarray(one.samples["runway"]) + slack).all()


@given(plans)
@few
def test_figures_agree_with_one_another(inputs: Any) -> None:
    try:
        found = evaluate(CALCULATOR, inputs).outputs
    except Invalid:
        return
    path = found["cash_by_month"]
    assert found["cash_at_horizon"] == path[-1]
    assert found["lowest_cash"] <= min(path)
    assert found["funded"] == math.isinf(found["runway"]) == (min(path) >= 0)
    assert found["default_alive"] <= math.isinf(found["runway_alone"])
    assert found["runway"] >= found["runway_alone"] or math.isclose(found["runway"], found["runway_alone"])
    if math.isfinite(found["runway"]):
        month = int(found["runway"])
        assert path[min(month, len(path) - 1)] < 0
        assert found["zero_cash_month"] - found["runway"] == pytest.approx(
            inputs.first_month.year * 12 + inputs.first_month.month - 1
        )
    parts = sum(found[name] for name in found if name.startswith("spent_on_"))
    assert found["spent"] == pytest.approx(parts)
    assert found["spent"] == pytest.approx(sum(found["costs_by_month"]), rel=1e-6, abs=1e-3)


@given(st.sampled_from(CALCULATOR.presets), st.floats(0.01, 100))
@few
def test_money_has_no_scale(preset: Any, scale: float) -> None:
    """Twice the money everywhere is the same runway, and twice the cash."""
    plan = settled(read_inputs(Inputs, preset.inputs))
    money = ("cash", "revenue", "payroll", "other_costs", "model_compute", "training_cost")
    larger = replace(
        plan,
        **{name: getattr(plan, name) * scale for name in money},
        one_offs=tuple(replace(row, amount=row.amount * scale) for row in plan.one_offs),
        funding=tuple(replace(row, amount=row.amount * scale) for row in plan.funding),
    )
    one, other = (evaluate(CALCULATOR, each).outputs for each in (plan, larger))
    assert other["runway"] == pytest.approx(one["runway"])
    assert np.asarray(other["cash_by_month"]) == pytest.approx(scale * np.asarray(one["cash_by_month"]), rel=1e-6)


# Words

ANSWERS = [
    ({"cash": 100_000, "payroll": 10_000}, "Cash runs out in Nov 2027."),
    (
        {"cash": 100_000, "revenue": 10_000, "payroll": 9_000},
        "Cash lasts beyond Dec 2029. It is lowest in Jan 2027, at $100k.",
    ),
    (
        {"cash": 100_000, "payroll": "9000 to 12000"},
        "Cash runs out around Oct 2027: nine times in ten, between Sep 2027 and Dec 2027.",
    ),
    ({"cash": 95_000, "payroll": "9999 to 10001"}, "Cash runs out in Oct 2027, nine times in ten."),
    (
        {"cash": 100_000, "payroll": "2000 to 8000 as uniform"},
        "Cash runs out around Sep 2028. It may be gone by Jan 2028, one time in twenty; it lasts beyond Dec 2029 "
        "in 13% of the cases.",
    ),
    (
        {"cash": 100_000, "payroll": "1000 to 4000 as uniform"},
        "Cash most likely lasts beyond Dec 2029, but runs out earlier in 40.7% of the cases: by Feb 2029, one time "
        "in twenty.",
    ),
    (
        {"cash": 100_000, "payroll": "1000 to 2850 as uniform"},
        "Cash very likely lasts beyond Dec 2029; it runs out earlier in 3.9% of the cases.",
    ),
    (
        {"cash": 1_000_000, "payroll": "1000 to 2850 as uniform"},
        "Cash lasts beyond Dec 2029 in every case that was drawn.",
    ),
]


@pytest.mark.parametrize(("given", "said"), ANSWERS)
def test_the_answer_in_words(given: dict[str, Any], said: str) -> None:
    assert say(CALCULATOR.answer(outcome(first_month="2027-01-01", **given))) == said


def notices(**given: Any) -> list[str]:
    return [notice.text for notice in evaluate(CALCULATOR, read(**given)).notices]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"cash": 10_000, "payroll": 5_000}, words.DEAD_SOON),
        ({"cash": 10_000, "payroll": 1_000, "funding": [{"month": 5, "amount": 1e6}]}, words.LEANS_ON_FUNDING),
        ({"cash": 1e6, "revenue": 100, "churn": "5%"}, words.SHRINKS),
        ({"cash": 1e6, "revenue": 100, "growth": "15%"}, words.GROWS_FAR),
        ({"cash": 1e6, "horizon": 12, "one_offs": [{"month": 13, "amount": 5}]}, words.LATE_ONE_OFF),
        ({"cash": 1e6, "horizon": 12, "funding": [{"month": 13, "amount": 5}]}, words.LATE_FUNDING),
        ({"cash": 1e6, "horizon": 12, "training_month": 13, "training_cost": 5}, words.LATE_TRAINING),
    ],
)
def test_a_warning_appears_where_it_is_due_and_not_elsewhere(given: dict[str, Any], text: str) -> None:
    assert text in notices(**given)
    assert text not in notices(cash=1e6, payroll=10_000, revenue=9_000, growth="2%")


def test_presets_tell_different_stories() -> None:
    answers = {
        preset.slug: say(CALCULATOR.answer(simulate(CALCULATOR, read_inputs(Inputs, preset.inputs), draws=500, seed=1)))
        for preset in CALCULATOR.presets
    }
    assert list(answers) == ["lean", "base", "aggressive", "api-7b"]
    assert len(set(answers.values())) == 4
    assert Inputs().first_month == date(2027, 1, 1)
