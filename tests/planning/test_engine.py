"""One case, many draws, and what is read from them."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mlcore.reading import Invalid, read_inputs
from mlcore.spec import Family, Range
from portal.planning import engine
from portal.planning.engine import MOST_DRAWS, NotFinite, evaluate, report, simulate, upgrade_inputs
from portal.planning.order import order_statistics
from portal.planning.outcome import Outcome
from tests.planning.toys import TOY, Deal, Inputs, toy


def test_a_case_takes_every_range_at_its_median() -> None:
    case = evaluate(TOY, Inputs())
    assert case.outputs["runway"] == pytest.approx(1_000 / math.sqrt(80 * 125))
    assert case.outputs["lasts"] is True
    assert len(case.outputs["path"]) == 6
    assert type(case.outputs["runway"]) is float
    assert all(type(value) is float for value in case.outputs["path"])
    assert case.values["cash"] == 1_000


def test_the_median_is_that_of_what_is_permitted() -> None:
    near_zero = read_inputs(Inputs, {"burn": {"low": 0, "high": 100, "family": "normal"}})
    plain = 50
    assert evaluate(TOY, near_zero).resolved.burn > plain


def test_a_median_of_a_whole_number_is_whole() -> None:
    resolved = evaluate(TOY, read_inputs(Inputs, {"seats": "2 to 9"})).resolved
    assert resolved.seats == 4
    assert isinstance(resolved.seats, int)


@pytest.mark.parametrize(("chance", "cash"), [(0, 1_000), (0.5, 1_000), (0.51, 1_100), (1, 1_100)])
def test_a_case_counts_the_more_likely_event(chance: float, cash: float) -> None:
    inputs = Inputs(burn=100.0, deals=(Deal(closes=chance),))
    assert evaluate(TOY, inputs).outputs["runway"] == cash / 100


def test_events_happen_or_not_in_each_draw() -> None:
    outcome = simulate(TOY, Inputs(burn=100.0, deals=(Deal(closes=0.3),)), draws=1_000, seed=1)
    assert set(np.unique(outcome.samples["runway"])) == {10.0, 11.0}
    assert np.mean(outcome.samples["runway"] == 11) == pytest.approx(0.3, abs=1e-3)


def test_quantiles_of_a_simulation_are_those_of_the_distribution() -> None:
    outcome = simulate(TOY, Inputs(), draws=20_000, seed=1)
    assert outcome.quantile("runway", 0.05) == pytest.approx(1_000 / 125, rel=2e-3)
    assert outcome.quantile("runway", 0.95) == pytest.approx(1_000 / 80, rel=2e-3)
    assert outcome.quantiles("runway", (0.05, 0.5)) == [outcome.quantile("runway", q) for q in (0.05, 0.5)]
    assert outcome.share("lasts") == np.mean(outcome.drawn["burn"] * 6 <= 1_000) > 0.999
    fan = outcome.fan("path")
    assert fan.shape == (5, 6)
    assert fan[0] == pytest.approx(1_000 - 125 * np.arange(1, 7), rel=5e-3)


def test_without_anything_uncertain_every_quantile_is_the_case() -> None:
    inputs = Inputs(burn=110.0)
    outcome = simulate(TOY, inputs, draws=1_000, seed=5)
    case = evaluate(TOY, inputs)
    assert not outcome.uncertain
    assert outcome.quantiles("runway", (0, 0.05, 0.5, 1)) == [case.outputs["runway"]] * 4
    assert (outcome.fan("path") == np.array(case.outputs["path"])).all()
    assert outcome.share("lasts") == 1.0
    assert outcome.tornado() == []
    assert outcome.histogram("runway").counts == [1]


def test_the_same_seed_gives_the_same_numbers_and_another_range_leaves_the_rest() -> None:
    first = simulate(TOY, Inputs(), draws=500, seed=3)
    again = simulate(TOY, Inputs(), draws=500, seed=3)
    assert (first.samples["runway"] == again.samples["runway"]).all()
    wider = simulate(TOY, Inputs(seats=Range(2, 9, Family.LOGNORMAL)), draws=500, seed=3)
    assert (first.drawn["burn"] == wider.drawn["burn"]).all()


@pytest.mark.parametrize("draws", [2, 7, 100, 101, 205])
def test_draws_computed_in_parts_are_those_computed_at_once(draws: int, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = simulate(TOY, Inputs(), draws=draws, seed=3)
    monkeypatch.setattr(engine, "CHUNK", 4)
    parts = simulate(TOY, Inputs(), draws=draws, seed=3)
    for name in ("runway", "lasts", "per_seat", "path"):
        assert np.array_equal(whole.samples[name], parts.samples[name])
    assert parts.samples["path"].shape == (6, draws)
    assert parts.samples["per_seat"].shape == ()


def test_bands_of_large_simulations_rest_on_the_draws_that_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "KEPT_DRAWS", 300)
    monkeypatch.setattr(engine, "CHUNK", 128)
    outcome = simulate(TOY, Inputs(), draws=1_000, seed=3)
    assert outcome.samples["path"].shape == (6, 300)
    assert outcome.samples["runway"].shape == (1_000,)
    assert np.array_equal(outcome.samples["path"][0], 1_000 - outcome.drawn["burn"][:300])


def test_draws_along_months_are_kept_only_where_they_are_drawn() -> None:
    outcome = simulate(TOY, Inputs(), draws=100, seed=3)
    assert "burned" not in outcome.samples
    with pytest.raises(AssertionError, match="has no spread"):
        outcome.fan("burned")


@pytest.mark.parametrize("draws", [0, 1, -5, MOST_DRAWS + 1, True, 2.5, None])
def test_a_number_of_draws_that_is_not_permitted_is_refused(draws: Any) -> None:
    with pytest.raises(ValueError, match=r"draws: Wanted a whole number from 2 to 1,000,000"):
        simulate(TOY, Inputs(), draws=draws, seed=1)


@pytest.mark.parametrize("seed", [-1, 2**32, True, 0.5, "7"])
def test_a_seed_that_is_not_permitted_is_refused(seed: Any) -> None:
    with pytest.raises(Invalid, match="seed: Wanted a whole number"):
        simulate(TOY, Inputs(), draws=10, seed=seed)


def test_what_a_calculator_refuses_is_named_before_anything_is_drawn() -> None:
    inputs = read_inputs(Inputs, {"cash": 2e9})
    drawn = toy(compute=lambda x: pytest.fail("computed"))
    for run in (lambda: evaluate(drawn, inputs), lambda: simulate(drawn, inputs, draws=10, seed=1)):
        with pytest.raises(Invalid, match="cash: Wanted at most 1B dollars"):
            run()


def test_never_is_infinite_and_passes_through_every_figure() -> None:
    inputs = read_inputs(Inputs, {"burn": 0.0, "deals": [{"amount": "10 to 20"}]})
    outcome = simulate(TOY, inputs, draws=100, seed=1)
    assert outcome.case.outputs["runway"] == math.inf
    assert outcome.quantile("runway", 0.05) == math.inf
    assert outcome.share_never("runway") == 1.0
    assert outcome.mean("runway") is None
    assert outcome.histogram("runway").never == 100
    assert outcome.tornado()[0].correlation == 0


@pytest.mark.filterwarnings("error")
def test_quantiles_next_to_never_are_numbers_or_never() -> None:
    outcome = Outcome(evaluate(TOY, Inputs()), 5, 1, {"runway": np.array([3.0, np.inf, 1.0, 2.0, np.inf])}, {})
    assert outcome.quantiles("runway", (0, 0.25, 0.5, 0.6, 0.75, 1)) == [1, 2, 3, math.inf, math.inf, math.inf]
    assert outcome.share_never("runway") == 0.4


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=60), st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_finite_quantiles_are_numpys(values: list[float], shares: list[float]) -> None:
    outcome = Outcome(evaluate(TOY, Inputs()), len(values), 1, {"runway": np.array(values)}, {})
    expected = np.quantile(values, shares)
    assert outcome.quantiles("runway", shares) == pytest.approx(expected, rel=1e-9, abs=1e-9 * max(map(abs, values)))


LARGE = {
    "even": lambda rng: rng.random(5_000),
    "long-tailed": lambda rng: np.exp(rng.normal(0, 8, 5_000)),
    "ties": lambda rng: rng.integers(0, 4, 5_000).astype(float),
    "alike": lambda rng: np.full(5_000, 3.25),
    "far apart": lambda rng: rng.choice([-1.7e308, 1.7e308], 5_000),
    "tiny": lambda rng: rng.choice([0, 5e-324, 1e-323], 5_000),
    "often never": lambda rng: np.where(rng.random(5_000) < 0.6, rng.random(5_000), np.inf),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("kind", LARGE)
def test_order_statistics_of_many_draws_are_those_of_sorting(kind: str) -> None:
    values = LARGE[kind](np.random.default_rng(3))
    ranks = np.array([0, 1, 249, 250, 2_499, 2_500, 4_749, 4_750, 4_999])
    assert np.array_equal(order_statistics(values, ranks), np.sort(values)[ranks])


def test_a_result_without_meaning_is_an_error_with_a_name() -> None:
    with pytest.raises(NotFinite, match="Per seat has no finite value"):
        evaluate(TOY, Inputs(seats=0))
    with pytest.raises(NotFinite, match="Per seat"):
        simulate(TOY, read_inputs(Inputs, {"seats": 0}), draws=10, seed=1)
    some = read_inputs(Inputs, {"seats": {"low": 0, "high": 6, "family": "uniform"}})
    with pytest.raises(NotFinite, match="Per seat"):
        simulate(TOY, some, draws=1_000, seed=1)


@pytest.mark.parametrize("value", [np.nan, -np.inf])
def test_never_is_plus_infinity_alone(value: float) -> None:
    broken = toy(compute=lambda x: {**TOY.compute(x), "runway": value})
    with pytest.raises(NotFinite, match="Runway"):
        evaluate(broken, Inputs())


@pytest.mark.parametrize(
    "results",
    [
        {"lasts": 1.0},
        {"runway": True},
        {"runway": "12"},
        {"path": 5.0},
        {"runway": np.ones(3)},
    ],
)
def test_a_calculator_that_returns_other_shapes_than_it_declares_is_named(results: dict[str, Any]) -> None:
    broken = toy(compute=lambda x: {**TOY.compute(x), **results})
    with pytest.raises(TypeError, match=rf"toy\.{next(iter(results))}"):
        evaluate(broken, Inputs())


def test_a_calculator_that_forgets_an_output_is_named() -> None:
    broken = toy(compute=lambda x: {k: v for k, v in TOY.compute(x).items() if k != "lasts"})
    with pytest.raises(TypeError, match="lasts"):
        evaluate(broken, Inputs())


def test_histogram_counts_all_draws_and_sets_outliers_apart() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(10, 1, 990), [1e9] * 2, [-1e9], [np.inf] * 7])
    outcome = Outcome(evaluate(TOY, Inputs()), 1_000, 1, {"runway": values}, {})
    found = outcome.histogram("runway", bins=20)
    assert len(found.counts) == 20
    assert sum(found.counts) + found.below + found.above + found.never == 1_000
    assert found.never == 7
    assert found.above >= 2
    assert 5 < found.edges[0] < found.edges[-1] < 15
    calm = Outcome(evaluate(TOY, Inputs()), 5, 1, {"runway": np.arange(5.0)}, {}).histogram("runway", bins=4)
    assert (calm.counts, calm.below, calm.above) == ([1, 1, 1, 2], 0, 0)


def test_tornado_is_spearmans_correlation_on_paired_samples() -> None:
    inputs = read_inputs(
        Inputs,
        {"cash": "700 to 1500", "seats": "2 to 6", "deals": [{"amount": "50 to 90", "closes": "60%"}]},
    )
    outcome = simulate(TOY, inputs, draws=2_000, seed=9)
    bars = outcome.tornado()
    assert [abs(bar.correlation) for bar in bars] == sorted((abs(bar.correlation) for bar in bars), reverse=True)
    assert {bar.path for bar in bars} == {"cash", "burn", "seats", "deals.0.amount", "deals.0.closes"}
    for bar in bars:
        reference = stats.spearmanr(outcome.drawn[bar.path], outcome.samples["runway"]).statistic
        assert bar.correlation == pytest.approx(reference, abs=1e-12)
    event = next(bar for bar in bars if bar.path == "deals.0.closes")
    assert (event.labels, event.row) == (("Deals", "Closes"), 1)
    per_seat = {bar.path: bar.correlation for bar in outcome.tornado("per_seat")}
    assert per_seat["seats"] < -0.7
    assert abs(per_seat["burn"]) < 0.05


def test_older_inputs_are_upgraded_step_by_step() -> None:
    assert upgrade_inputs(TOY, 1, {"spend": 90, "cash": 5}) == {"burn": 90, "cash": 5}
    assert upgrade_inputs(TOY, 2, {"spend": 90, "burn": 80}) == {"burn": 80}
    assert upgrade_inputs(TOY, 3, {"burn": 80}) == {"burn": 80}
    for version in (0, 4):
        with pytest.raises(ValueError, match="versions 1 to 3"):
            upgrade_inputs(TOY, version, {})


def test_a_report_of_a_case_is_json() -> None:
    body = report(evaluate(TOY, Inputs(seats=8, burn=0.0)))
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    assert body["outputs"]["runway"] == {"value": None, "never": True, "unit": "months", "label": "Runway"}
    assert body["outputs"]["lasts"] == {"value": True, "unit": "", "label": "Lasts"}
    assert body["outputs"]["path"]["value"] == [1_000] * 6
    assert body["warnings"] == ["Seats are 8."]
    assert (body["calculator"], body["version"]) == ("toy", 3)
    assert "seed" not in body


def test_a_report_of_a_simulation_adds_its_spread() -> None:
    outcome = simulate(TOY, Inputs(), draws=1_000, seed=4)
    body = report(outcome)
    assert json.loads(json.dumps(body, allow_nan=False)) == body
    assert (body["draws"], body["seed"]) == (1_000, 4)
    assert body["answer"] == "Cash lasts 10 months."
    runway = body["outputs"]["runway"]
    assert runway["p5"] < runway["p25"] < runway["p50"] < runway["p75"] < runway["p95"]
    assert runway["share_never"] == 0
    assert runway["mean"] == pytest.approx(np.mean(outcome.samples["runway"]))
    assert body["outputs"]["lasts"]["share"] == 1
    assert len(body["outputs"]["path"]["p95"]) == 6
    assert "p5" not in body["outputs"]["burned"]
    assert body["outputs"]["runway"]["value"] == report(evaluate(TOY, Inputs()))["outputs"]["runway"]["value"]


def test_a_report_says_where_every_input_comes_from() -> None:
    measured = {"kind": "measured", "text": "by job 128 on H100, 3 May 2027", "job": 128}
    inputs = read_inputs(Inputs, {"burn": 90, "seats": 4})
    origins = report(evaluate(TOY, inputs), provenance={"burn": measured})["provenance"]
    assert origins["burn"] == measured
    assert origins["cash"] == {"kind": "default", "text": "Bank"}
    assert origins["seats"]["kind"] == "default"
    assert report(evaluate(TOY, inputs))["provenance"]["burn"] == {"kind": "typed", "text": ""}
