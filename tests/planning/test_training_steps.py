"""Learning by touching: optimisers against torch, gradients against differences, fits against closed forms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import approx_fprime, minimize

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculator import Calculator
from portal.planning.calculators import gradient_descent, training_steps
from portal.planning.engine import Case, Outcome, evaluate, report, simulate
from portal.planning.learning import fitting, optimizers, surfaces
from portal.planning.learning.fit_words import Verdict, judge, limit
from portal.planning.learning.fitting import Penalty, Recipe, draw_points, features, fit, patient
from portal.planning.learning.optimizers import ADAM, DESCENT, FAR, METHODS, MOMENTUM, Method, descend, soft_threshold
from portal.planning.wording import say

DOWN, TRAIN = gradient_descent.CALCULATOR, training_steps.CALCULATOR
SURFACES = {
    "bowl": surfaces.quadratic(1.0),
    "ravine": surfaces.quadratic(25.0),
    "valley": surfaces.valley(),
    "saddle": surfaces.saddle(),
}
some = settings(max_examples=40, deadline=None)


def run(calculator: Calculator, **given_: Any) -> Outcome:
    return simulate(calculator, read_inputs(calculator.inputs, given_), draws=10, seed=1)


def outputs(calculator: Calculator, **given_: Any) -> Any:
    return run(calculator, **given_).case.outputs


def said(case: Case) -> str:
    return "\n".join(say(notice) for notice in case.notices)


def preset(calculator: Calculator, slug: str) -> Outcome:
    return run(calculator, **next(each.inputs for each in calculator.presets if each.slug == slug))


# Optimisers


def by_torch(method: Method, start: np.ndarray, gradient: Any, steps: int) -> np.ndarray:
    weights = torch.tensor(start, dtype=torch.float64, requires_grad=True)
    if method.name == ADAM:
        optimizer: Any = torch.optim.Adam([weights], lr=method.rate)
    else:
        optimizer = torch.optim.SGD([weights], lr=method.rate, momentum=method.memory)
    way = [start]
    for step in range(steps):
        weights.grad = torch.tensor(gradient(weights.detach().numpy().copy(), step))
        optimizer.step()
        way.append(weights.detach().numpy().copy())
    return np.array(way)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
@pytest.mark.parametrize("method", [Method(DESCENT, 0.01), Method(MOMENTUM, 0.008, 0.9), Method(ADAM, 0.1)])
def test_each_step_is_that_of_torch(method: Method, surface: surfaces.Surface) -> None:
    def gradient(weights: np.ndarray, step: int) -> np.ndarray:
        return surface.gradient(weights)

    start = np.array([-1.5, 1.2])
    assert descend(method, start, gradient, 100) == pytest.approx(by_torch(method, start, gradient, 100), abs=1e-12)


@pytest.mark.parametrize("method", [Method(DESCENT, 0.05), Method(MOMENTUM, 0.02, 0.9), Method(ADAM, 0.05)])
def test_batches_and_l2_are_those_of_torch(method: Method) -> None:
    train, held_out = draw_points("wave", 17, 0.2, 4)
    inputs, penalty = features(train.x, 6), Penalty(l2=0.03)
    made = fit(train, held_out, 6, Recipe(method, penalty, 60, batch=5), 4)
    gradient = fitting.gradient_of(inputs, train.y, penalty, 5, 4)
    assert made.way == pytest.approx(by_torch(method, np.zeros(7), gradient, 60), abs=1e-12)


@some
@given(arrays(float, 5, elements=st.floats(-9, 9)), st.floats(0, 5))
def test_soft_threshold_is_the_proximal_operator(weights: np.ndarray, threshold: float) -> None:
    found = soft_threshold(weights, threshold)
    assert ((found == 0) == (np.abs(weights) <= threshold)).all() or np.isclose(np.abs(weights), threshold).any()
    for weight, shrunk in zip(weights, found, strict=True):

        def cost(v: float, weight: float = weight) -> float:
            return 0.5 * (v - weight) ** 2 + threshold * abs(v)

        assert cost(shrunk) <= min(cost(v) for v in (*np.linspace(-9, 9, 91), weight)) + 1e-12


@given(st.sampled_from(list(METHODS)), st.floats(1e-5, 10), st.floats(0, 0.999), st.sampled_from(list(SURFACES)))
@some
def test_no_way_leaves_the_bounds_or_holds_a_nan(name: str, rate: float, momentum: float, surface: str) -> None:
    chosen = SURFACES[surface]
    way = descend(Method(name, rate, momentum), np.array([-2.5, 1.5]), lambda w, step: chosen.gradient(w), 200)
    assert (np.linalg.norm(way, axis=1) <= FAR).all()
    assert np.isfinite(chosen.loss(way)).all()


@pytest.mark.parametrize("stretch", [1.0, 25.0, 300.0])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_critical_rate_divides_growth_from_decay(stretch: float, momentum: float) -> None:
    critical = Method(MOMENTUM, 1.0, momentum).critical_rate(stretch)
    for factor, grows in ((0.99, False), (1.01, True)):
        method = Method(MOMENTUM, factor * critical, momentum)
        way = descend(method, np.array([0.0, 1.0]), lambda w, step: surfaces.quadratic(stretch).gradient(w), 4_000)
        assert bool(np.linalg.norm(way[-1]) > 1) is grows


def test_the_fastest_rate_is_the_fastest() -> None:
    fastest = outputs(DOWN)["fastest_rate"]
    left = {}
    for rate in (0.97 * fastest, fastest, 1.03 * fastest):
        found = outputs(DOWN, rate=rate, start_1=1, start_2=1, steps=300)
        left[rate] = math.hypot(found["weight_1"], found["weight_2"])
    assert min(left, key=left.__getitem__) == fastest


# Surfaces


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_gradients_are_the_differences_of_the_loss(surface: surfaces.Surface) -> None:
    for point in np.random.default_rng(0).uniform(-3, 3, (20, 2)):
        assert surface.gradient(point) == pytest.approx(approx_fprime(point, surface.loss, 1e-7), abs=1e-3)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_minima_are_lowest_and_curved_as_stated(surface: surfaces.Surface) -> None:
    at = np.array(surface.minimum)
    assert surface.loss(at) == 0
    assert surface.gradient(at) == pytest.approx([0, 0])
    assert (surface.loss(np.random.default_rng(1).uniform(-4, 4, (500, 2))) > 0).all()
    bend = np.array([(surface.gradient(at + e) - surface.gradient(at - e)) / 2e-5 for e in 1e-5 * np.eye(2)])
    assert np.linalg.eigvalsh(bend) == pytest.approx(surface.curvatures, rel=1e-6)


def test_no_height_of_the_grid_is_zero() -> None:
    for shape in SURFACES:
        assert np.min(outputs(DOWN, shape=shape)["height"]) > 0


def test_rows_of_the_surface_go_up_and_columns_across() -> None:
    height = np.array(outputs(DOWN, shape="ravine", stretch=100)["height"])
    assert height[0, 23] > 50 * height[23, 0]  # far up is a hundred times as high as far across


# Walks


@pytest.mark.parametrize(
    ("slug", "starts", "notice"),
    [
        ("ravine", "Gradient descent converges", "25× as steep across"),
        ("momentum", "Gradient descent with momentum converges", ""),
        ("adam", "Adam converges", "no critical rate"),
        ("too-high", "Gradient descent diverges", "The rate 0.082 is above the critical 0.08"),
        ("critical", "Gradient descent swings", ""),
        ("too-low", "Gradient descent is on its way", ""),
        ("bowl", "Gradient descent converges", ""),
        ("valley", "Gradient descent with momentum converges", ""),
        ("saddle", "Gradient descent is stuck on the saddle", ""),
        ("off-the-saddle", "Gradient descent converges", ""),
    ],
)
def test_walks_end_as_their_names_say(slug: str, starts: str, notice: str) -> None:
    outcome = preset(DOWN, slug)
    assert say(DOWN.answer(outcome)).startswith(starts)
    assert notice in said(outcome.case)


def test_momentum_is_faster_through_the_ravine() -> None:
    plain, heavy = (preset(DOWN, slug).case.outputs for slug in ("ravine", "momentum"))
    assert heavy["steps_to_reach"] < plain["steps_to_reach"]
    assert heavy["last_loss"] < plain["last_loss"]


def test_a_walk_that_leaves_all_bounds_is_cut_and_said() -> None:
    outcome = run(DOWN, shape="valley", rate=1.0, start_1=-3, start_2=3)
    found = outcome.case.outputs
    assert found["diverged"]
    assert len(found["loss"]) == len(found["path_1"]) == found["steps_taken"] + 1 < 10
    assert np.isfinite(found["loss"]).all()
    assert "was stopped; it is shown up to there" in said(outcome.case)
    assert "near the minimum" in said(outcome.case)
    assert report(outcome)["outputs"]["loss"]["along"][0]["places"] == list(range(len(found["loss"])))


def test_a_walk_that_starts_at_the_minimum_stays() -> None:
    found = outputs(DOWN, shape="bowl", start_1=0, start_2=0)
    assert (found["last_loss"], found["left"], found["steps_to_reach"], found["converged"]) == (0, 0, 0, True)


@some
@given(
    st.sampled_from(list(SURFACES)), st.sampled_from(list(METHODS)), st.floats(1e-5, 10), st.floats(0, 0.999),
    st.integers(1, 60), st.floats(-3, 3),
)  # fmt: skip
def test_any_walk_can_be_told(
    shape: str, method: str, rate: float, momentum: float, steps: int, start: float
) -> None:  # fmt: skip
    outcome = run(DOWN, shape=shape, method=method, rate=rate, momentum=momentum, steps=steps, start_1=start)
    assert say(DOWN.answer(outcome))
    assert sum(outcome.case.outputs[name] for name in ("converged", "diverged")) <= 1


# Fits


def made(truth: str = "wave", number: int = 25, degree: int = 5, sample: int = 2, **rest: Any) -> fitting.Fit:
    train, held_out = draw_points(truth, number, 0.2, sample)
    method = rest.pop("method", Method(DESCENT, 0.2))
    recipe = Recipe(method, rest.pop("penalty", Penalty()), rest.pop("steps", 4_000), **rest)
    return fit(train, held_out, degree, recipe, sample)


def test_terms_have_a_mean_square_of_one() -> None:
    x = (np.arange(200_000) + 0.5) / 100_000 - 1
    terms = features(x, 8)
    assert terms.T @ terms / len(x) == pytest.approx(np.eye(9), abs=1e-6)


@pytest.mark.parametrize("batch", [0, 6])
def test_the_gradient_is_the_difference_of_the_objective(batch: int) -> None:
    train, _ = draw_points("bump", 12, 0.3, 5)
    inputs, penalty = features(train.x, 4), Penalty(l2=0.1)

    def objective(weights: np.ndarray) -> float:
        return float(((inputs @ weights - train.y) ** 2).mean() + 0.1 * (weights[1:] ** 2).sum())

    gradient = fitting.gradient_of(inputs, train.y, penalty, batch, 5)
    weights = np.array([0.3, -0.2, 0.5, 0.1, -0.4])
    # Batches of one epoch are equally large here, so that their mean is the gradient of all points.
    found = np.mean([gradient(weights, step) for step in range(2 if batch else 1)], axis=0)
    assert found == pytest.approx(approx_fprime(weights, objective, 1e-7), abs=1e-5)


@pytest.mark.parametrize("l2", [0.0, 0.01, 0.3])
@pytest.mark.parametrize("method", [Method(DESCENT, 0.2), Method(MOMENTUM, 0.1, 0.8), Method(ADAM, 0.01)])
def test_endless_training_ends_at_ridge_regression(method: Method, l2: float) -> None:
    found = made(method=method, penalty=Penalty(l2=l2))
    inputs, y, number = found.inputs, found.train.y, len(found.train.y)
    shrink = number * l2 * np.diag([0, 1, 1, 1, 1, 1])
    closed = np.linalg.solve(inputs.T @ inputs + shrink, inputs.T @ y)
    assert fitting.exact_weights(inputs, y, Penalty(l2=l2)) == pytest.approx(closed)
    assert found.weights == pytest.approx(closed, abs=1e-4)


def test_l1_ends_where_its_objective_is_lowest() -> None:
    found = made(penalty=Penalty(l1=0.15), degree=8)
    inputs, y = found.inputs, found.train.y

    # Weights as a difference of two that are not negative make the objective smooth: another way to the same point.
    def objective(parts: np.ndarray) -> float:
        up, down = parts[:9], parts[9:]
        return float(((inputs @ (up - down) - y) ** 2).mean() + 0.15 * (up[1:] + down[1:]).sum())

    other = minimize(objective, np.full(18, 0.1), bounds=[(0, None)] * 18, options={"ftol": 1e-14, "maxfun": 10**6})
    assert found.weights == pytest.approx(other.x[:9] - other.x[9:], abs=2e-3)
    assert 0 < (found.weights == 0).sum() < 9
    # Where a weight is 0, the slope of the loss is within the penalty; elsewhere it equals it.
    slope = 2 * inputs.T @ (inputs @ found.weights - y) / len(y)
    zero = found.weights == 0
    assert (np.abs(slope[zero]) <= 0.15 + 1e-9).all()
    assert np.abs(slope[1:][~zero[1:]]) == pytest.approx(0.15, abs=1e-6)
    assert slope[0] == pytest.approx(0, abs=1e-6)


def test_adam_with_l1_reaches_zeros_too() -> None:
    found = made(penalty=Penalty(l1=0.15), degree=8, method=Method(ADAM, 0.01))
    assert (found.weights == 0).any()
    assert found.weights == pytest.approx(made(penalty=Penalty(l1=0.15), degree=8).weights, abs=0.03)


def test_points_depend_on_the_sample_alone() -> None:
    first, held_out = draw_points("wave", 30, 0.2, 7)
    again, same = draw_points("wave", 60, 0.2, 7)
    assert held_out.y == pytest.approx(same.y)
    assert draw_points("wave", 30, 0.2, 7)[0].y == pytest.approx(first.y)
    assert not np.allclose(draw_points("wave", 30, 0.2, 8)[0].y, first.y)
    assert len(again.x) == 60
    assert (np.diff(again.x) > 0).all()
    assert np.abs(again.x).max() <= 1


def test_noise_has_the_deviation_that_it_says() -> None:
    assert draw_points("wave", 20_000, 0.3, 1)[0].noise_floor == pytest.approx(0.09, rel=0.03)
    assert draw_points("wave", 20, 0, 1)[0].noise_floor == 0


def test_batches_visit_every_point_once_an_epoch() -> None:
    inputs = np.eye(7)
    gradient = fitting.gradient_of(inputs, np.ones(7), Penalty(), 3, 1)
    for epoch in range(3):
        seen = sum((gradient(np.zeros(7), 3 * epoch + step) != 0).astype(int) for step in range(3))
        assert seen.tolist() == [1] * 7


def test_the_same_inputs_give_the_same_training() -> None:
    given_ = {"batch": 4, "method": "momentum", "rate": 0.02, "steps": 50}
    first = outputs(TRAIN, **given_)
    training_steps._fit.cache_clear()
    assert outputs(TRAIN, **given_) == first
    assert outputs(TRAIN, **given_, sample=4)["train_by_step"] != first["train_by_step"]


# Early stopping


@pytest.mark.parametrize(
    ("losses", "patience", "ends"),
    [
        ([5, 4, 3, 4, 5, 6, 7], 2, 4),
        ([5, 4, 3, 4, 2, 3, 3, 3], 2, 6),
        ([5, 4, 3, 2], 2, 3),
        ([5, 6], 1, 1),
        ([5, 5, 5], 1, 1),
        ([5], 3, 0),
        ([5, 6, 7], 0, 2),
        ([5, 4, 5], 2, 2),
    ],
)
def test_patience_ends_after_so_many_steps_without_a_new_lowest(
    losses: list[float], patience: int, ends: int
) -> None:  # fmt: skip
    assert patient(np.array(losses, dtype=float), patience) == ends


@some
@given(st.lists(st.floats(0, 9), min_size=1, max_size=40), st.integers(1, 9))
def test_patience_is_what_a_loop_would_do(losses: list[float], patience: int) -> None:
    lowest, waited, ends = math.inf, 0, len(losses) - 1
    for step, loss in enumerate(losses):
        lowest, waited = (loss, 0) if loss < lowest else (lowest, waited + 1)
        if waited == patience:
            ends = step
            break
    assert patient(np.array(losses), patience) == ends


def test_early_stopping_keeps_the_best_weights() -> None:
    outcome = preset(TRAIN, "early-stopping")
    found, free = outcome.case.outputs, preset(TRAIN, "overfits").case.outputs
    assert found["stopped_early"]
    assert found["steps_taken"] == found["best_step"] + 20
    assert found["kept_step"] == found["best_step"] == free["best_step"]
    assert found["held_out_loss"] == found["best_held_out_loss"] == free["best_held_out_loss"]
    assert found["held_out_loss"] < free["held_out_loss"]
    assert "Early stopping ended it after 34 steps" in said(outcome.case)
    assert found["train_by_step"] == free["train_by_step"][:1] + made_losses(outcome)[1:]


def made_losses(outcome: Outcome) -> list[float]:
    return training_steps._fit(outcome.case.inputs).train_losses.tolist()


# Verdicts


@pytest.mark.parametrize(
    ("slug", "verdict", "notice"),
    [
        ("fits", "It fits", ""),
        ("underfits", "It underfits", ""),
        ("overfits", "It overfits", "early stopping would have kept those weights"),
        ("l2", "It fits", ""),
        ("l1", "It fits", "of 15 weights to exactly 0"),
        ("early-stopping", "It fits", "whose weights are kept"),
        ("too-high", "The training diverges", "above the critical"),
        ("too-few-steps", "It underfits", "these steps reached"),
        ("small-batches", "It fits", "only a guide"),
        ("adam", "It fits", ""),
    ],
)
def test_trainings_end_as_their_names_say(slug: str, verdict: str, notice: str) -> None:
    outcome = preset(TRAIN, slug)
    assert say(TRAIN.answer(outcome)).startswith(verdict)
    assert notice in said(outcome.case)


def test_presets_differ_from_the_overfit_in_one_knob() -> None:
    inputs = {each.slug: dict(each.inputs) for each in TRAIN.presets}
    for slug, knob in (("l2", "l2"), ("l1", "l1"), ("early-stopping", "patience")):
        assert set(inputs[slug]) - set(inputs["overfits"]) == {knob}


def test_the_rule_is_what_the_verdict_says() -> None:
    for slug in ("fits", "underfits", "overfits"):
        found = training_steps._fit(preset(TRAIN, slug).case.inputs)
        train_is_good = found.train_losses[-1] <= limit(found.train)
        held_out_is_good = found.held_out_losses[-1] <= limit(found.held_out)
        wanted = {(True, True): Verdict.FITS, (True, False): Verdict.OVERFITS}
        assert judge(found) is wanted.get((train_is_good, held_out_is_good), Verdict.UNDERFITS)
        shown = outputs(TRAIN, **next(dict(each.inputs) for each in TRAIN.presets if each.slug == slug))
        assert (shown["train_limit"], shown["held_out_limit"]) == (limit(found.train), limit(found.held_out))


def test_the_true_function_itself_fits() -> None:
    train, held_out = draw_points("wave", 40, 0.3, 1)
    assert train.noise_floor <= limit(train)
    assert held_out.noise_floor <= limit(held_out)


def test_capacity_only_helps_what_was_seen() -> None:
    found = outputs(TRAIN, points=25)
    train, held_out = found["train_by_degree"], found["held_out_by_degree"]
    assert len(train) == 21
    assert (np.diff(train) <= 1e-12).all()
    lowest = int(np.argmin(held_out))
    assert 2 <= lowest <= 8
    assert held_out[0] > 3 * held_out[lowest]
    assert held_out[-1] > 3 * held_out[lowest]
    assert len(outputs(TRAIN, points=6)["train_by_degree"]) == 5


def test_a_diverging_training_is_cut_and_said() -> None:
    outcome = run(TRAIN, rate=10, degree=20)
    found = outcome.case.outputs
    assert found["diverges"]
    assert found["steps_taken"] < 20
    assert not any(found[name] for name in ("underfits", "overfits", "stopped_early"))
    assert "was stopped and is shown up to there" in said(outcome.case)
    shown = report(outcome)["outputs"]["train_by_step"]
    assert len(shown["value"]) == len(shown["along"][0]["places"]) == found["steps_taken"] + 1


def test_a_diverging_training_is_not_rescued_by_patience() -> None:
    assert outputs(TRAIN, rate=2, patience=5)["diverges"]


def test_many_steps_are_thinned_and_end_with_the_last() -> None:
    case = run(TRAIN, steps=1_000).case
    places = list(TRAIN.places("step", case.inputs))
    assert places[-1] == 1_000
    assert len(places) <= 202
    assert (np.diff(places) > 0).all()
    assert case.outputs["train_by_step"][-1] == case.outputs["train_loss"]


def test_epochs_count_how_often_points_were_seen() -> None:
    assert outputs(TRAIN, points=30, batch=0, steps=7)["epochs"] == 7
    assert outputs(TRAIN, points=30, batch=3, steps=20)["epochs"] == 2
    assert outputs(TRAIN, points=30, batch=7, steps=10)["epochs"] == 2  # the fifth batch has 2 points
    assert outputs(TRAIN, points=30, batch=200, steps=20)["epochs"] == 20


def test_a_batch_of_all_points_is_no_batch() -> None:
    one, other = (outputs(TRAIN, points=30, batch=batch, steps=20) for batch in (0, 30))
    assert one == other


@some
@given(st.data())
def test_any_training_can_be_told(data: st.DataObject) -> None:
    given_ = {
        "truth": data.draw(st.sampled_from(list(training_steps.TRUTHS))),
        "points": data.draw(st.integers(4, 40)),
        "noise": data.draw(st.floats(0, 2)),
        "degree": data.draw(st.integers(0, 20)),
        "method": data.draw(st.sampled_from(list(METHODS))),
        "rate": data.draw(st.floats(1e-5, 10)),
        "momentum": data.draw(st.floats(0, 0.999)),
        "l1": data.draw(st.floats(0, 10)),
        "l2": data.draw(st.floats(0, 10)),
        "batch": data.draw(st.integers(0, 50)),
        "steps": data.draw(st.integers(1, 80)),
        "patience": data.draw(st.integers(0, 100)),
    }
    outcome = run(TRAIN, **given_)
    found = outcome.case.outputs
    assert say(TRAIN.answer(outcome))
    assert sum(found[name] for name in ("underfits", "overfits", "diverges")) <= 1
    assert len(found["weights"]) == given_["degree"] + 1
    assert (
        found["zero_weights"] == 0 or given_["l1"] or given_["degree"] == 0 or given_["patience"] or found["diverges"]
    )


# What is refused


@pytest.mark.parametrize(
    ("calculator", "given_", "text"),
    [
        (DOWN, {"shape": "hole"}, "Wanted one of bowl, ravine, valley, saddle"),
        (DOWN, {"rate": 0}, "Wanted at least"),
        (DOWN, {"rate": "0.1 to 0.2"}, "got a range"),
        (DOWN, {"steps": 501}, "Wanted at most 500"),
        (DOWN, {"momentum": 1}, "Wanted at most 0.999"),
        (TRAIN, {"degree": 21}, "Wanted at most 20"),
        (TRAIN, {"points": 3}, "Wanted at least 4"),
        (TRAIN, {"points": 10.5}, "Wanted a whole number"),
        (TRAIN, {"noise": -1}, "Wanted at least 0"),
        (TRAIN, {"l1": "much"}, "Wanted a number"),
    ],
)
def test_bad_input_is_refused(calculator: Calculator, given_: dict[str, Any], text: str) -> None:
    with pytest.raises(Invalid, match=text):
        evaluate(calculator, read_inputs(calculator.inputs, given_))


def test_nothing_here_is_drawn_by_chance() -> None:
    for calculator in (DOWN, TRAIN):
        assert not run(calculator).uncertain


def test_far_is_beyond_what_is_seen_and_below_what_overflows() -> None:
    assert math.isfinite(optimizers.FAR**6)
