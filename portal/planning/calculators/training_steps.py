"""A curve fitted to noisy points step by step: what rate, method, batch, penalties and early stopping do to the fit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from mlcore.spec import choice, integer, number
from portal.planning.calculator import Axis, Bars, Calculator, Example, Lines, Preset, Sentence
from portal.planning.learning import fit_words
from portal.planning.learning.fit_outputs import GEMAN, HOERL, OUTPUTS, PRECHELT, TIBSHIRANI
from portal.planning.learning.fit_words import Verdict, answer_of, judge, limit, notices
from portal.planning.learning.fitting import (
    HELD_OUT,
    Fit,
    Penalty,
    Recipe,
    curvature,
    draw_points,
    exact_weights,
    features,
    fit,
    mean_squares,
)  # fmt: skip
from portal.planning.learning.fitting import TRUTHS as TRUE_FUNCTIONS
from portal.planning.learning.optimizers import (
    DESCENT,
    GOH,
    KINGMA,
    METHODS,
    MOMENTUM,
    PARIKH,
    POLYAK,
    Array,
    Method,
)  # fmt: skip

TRUTHS = {"wave": "A wave", "bump": "A bump", "bend": "A line with a bend", "line": "A straight line"}
assert TRUTHS.keys() == TRUE_FUNCTIONS.keys()
assert HELD_OUT == 100, "the help texts say a hundred"

HIGHEST = 20  # degree
CURVE = np.arange(-50, 51) / 50
MOST_PLACES = 200  # of a line over steps: more than a screen tells apart
ROUNDING = 1e-12  # a smaller loss of an exact fit is rounding


# Inputs


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    truth: str = choice(
        "True function", default="wave", choices=TRUTHS, group="Points",
        help="What the points come from; a real model never gets to see it.")
    points: int = integer(
        "Points to train on", default=30, low=4, high=200, fixed=True, group="Points",
        help="How many noisy points the fit sees. A hundred others are held out.")
    noise: float = number(
        "Noise", default=0.25, low=0, high=2, fixed=True, group="Points",
        help="Standard deviation of the normal noise on each point.")
    sample: int = integer(
        "Sample number", default=3, low=0, high=9_999, fixed=True, group="Points",
        help="Another number draws other points and other batches; the same number the same ones.")
    degree: int = integer(
        "Degree", default=5, low=0, high=HIGHEST, fixed=True, group="Model",
        help="Of the polynomial that is fitted: its capacity. It has one weight more than its degree.")
    l1: float = number(
        "L1 penalty", default=0, low=0, high=10, fixed=True, group="Model",
        help="On the absolute size of the weights: it sets small ones to exactly 0, by a proximal step.")
    l2: float = number(
        "L2 penalty", default=0, low=0, high=10, fixed=True, group="Model",
        help="On the squared size of the weights: it makes all of them smaller.")
    method: str = choice(
        "Method", default=DESCENT, choices=METHODS, group="Training",
        help="How a gradient becomes a step. Adam has its usual constants, 0.9, 0.999 and 1e-8.")
    rate: float = number(
        "Learning rate", default=0.1, low=1e-5, high=10, fixed=True, group="Training",
        help="How far a step goes, as a multiple of the gradient.")
    momentum: float = number(
        "Momentum", default=0.9, low=0, high=0.999, fixed=True, group="Training", when=("method", (MOMENTUM,)),
        help="The share of the velocity that is kept from step to step.")
    steps: int = integer(
        "Steps", default=300, low=1, high=1_000, fixed=True, unit="steps", group="Training",
        help="How many steps to take at most.")
    batch: int = integer(
        "Batch size", default=0, low=0, high=200, fixed=True, group="Training",
        help="Points a step looks at, shuffled anew each epoch; 0 for all of them.")
    patience: int = integer(
        "Patience", default=0, low=0, high=1_000, fixed=True, unit="steps", group="Training",
        help="Steps without a new lowest held-out loss after which training stops and the best weights are kept; 0 for "
        "no early stopping.")
# fmt: on


def recipe_of(x: Any) -> Recipe:
    method = Method(x.method, float(x.rate), float(x.momentum))
    return Recipe(method, Penalty(float(x.l1), float(x.l2)), x.steps, x.batch, x.patience)


# What runs along the steps is as long as the training, so that axes and outputs ask for the same one.
@lru_cache(maxsize=32)
def _fit(x: Inputs) -> Fit:
    train, held_out = draw_points(x.truth, x.points, float(x.noise), x.sample)
    return fit(train, held_out, x.degree, recipe_of(x), x.sample)


def _shown_steps(made: Fit) -> list[int]:
    """Evenly chosen steps, the last among them."""
    last = len(made.way) - 1
    apart = max(1, -(-last // MOST_PLACES))
    return [*range(0, last, apart), last]


def _capacities(x: Any) -> list[int]:
    """Degrees whose weights are fewer than the points: from there on the exact fit passes through all of them."""
    return list(range(min(HIGHEST, x.points - 2) + 1))


# Calculation


def compute(x: Any) -> dict[str, Any]:
    made = _fit(Inputs(**vars(x)))
    kept, shown = made.kept_step, _shown_steps(made)
    penalty, method = made.recipe.penalty, made.recipe.method
    curved = curvature(made.inputs, penalty)
    verdict = judge(made)
    exact = exact_weights(made.inputs, made.train.y, penalty)
    true_curve, curve = TRUE_FUNCTIONS[x.truth](CURVE), made.curve(CURVE)
    by_degree = _by_degree(made, _capacities(x))
    return {
        "train_loss": made.train_losses[kept],
        "held_out_loss": made.held_out_losses[kept],
        "gap": made.held_out_losses[kept] - made.train_losses[kept],
        "train_floor": made.train.noise_floor,
        "held_out_floor": made.held_out.noise_floor,
        "train_variance": made.train.y.var(),
        "held_out_variance": made.held_out.y.var(),
        "train_limit": limit(made.train),
        "held_out_limit": limit(made.held_out),
        "off_the_truth": ((curve - true_curve) ** 2).mean(),
        "underfits": verdict is Verdict.UNDERFITS,
        "overfits": verdict is Verdict.OVERFITS,
        "diverges": verdict is Verdict.DIVERGES,
        "best_held_out_loss": made.held_out_losses[made.best_step],
        "best_step": made.best_step,
        "kept_step": kept,
        "steps_taken": len(made.way) - 1,
        "epochs": (len(made.way) - 1) / (-(-x.points // x.batch) if x.batch else 1),
        "stopped_early": made.stopped_early,
        "zero_weights": int((made.weights == 0).sum()),
        "size_of_weights": float(np.linalg.norm(made.weights)),
        "memory": method.memory,
        "most_curved": curved,
        "critical_rate": method.critical_rate(curved),
        "exact_train_loss": mean_squares(made.inputs, made.train.y, exact),
        "exact_held_out_loss": mean_squares(features(made.held_out.x, x.degree), made.held_out.y, exact),
        "train_by_step": made.train_losses[shown],
        "held_out_by_step": made.held_out_losses[shown],
        "curve": curve,
        "true_curve": true_curve,
        "point_x": made.train.x,
        "point_y": made.train.y,
        "weights": made.weights,
        "train_by_degree": by_degree[:, 0],
        "held_out_by_degree": by_degree[:, 1],
    }


def _by_degree(made: Fit, degrees: list[int]) -> Array:
    """Training and held-out loss of the closed-form fit of each degree with the same L2 penalty, (degrees, 2)."""
    train, held_out = features(made.train.x, degrees[-1]), features(made.held_out.x, degrees[-1])
    losses = np.empty((len(degrees), 2))
    for at, degree in enumerate(degrees):
        seen, unseen = train[:, : degree + 1], held_out[:, : degree + 1]
        weights = exact_weights(seen, made.train.y, made.recipe.penalty)
        losses[at] = mean_squares(seen, made.train.y, weights), mean_squares(unseen, made.held_out.y, weights)
    return np.maximum(losses, ROUNDING)


AXES = {
    "step": Axis(label="Step", places=lambda x: _shown_steps(_fit(x))),
    "place": Axis(label="x", places=lambda x: CURVE.tolist()),
    "point": Axis(label="Point", places=lambda x: list(range(1, x.points + 1))),
    "power": Axis(label="Degree of the term", places=lambda x: list(range(x.degree + 1))),
    "capacity": Axis(label="Degree", places=_capacities),
}


def answer(outcome: Any) -> Sentence:
    x = outcome.case.inputs
    return answer_of(judge(_fit(x)), x, outcome.case.outputs)


EXAMPLES = (
    Example(
        inputs={"truth": "line", "noise": 0, "degree": 1, "steps": 1_000, "rate": 0.3, "points": 20},
        expected={"weights": [0, 0.8 / 3**0.5], "train_loss": 0, "overfits": False, "underfits": False},
        source="By hand: the line 0.8x is 0.8 ÷ √3 times the scaled first Legendre polynomial √3·x.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="fits", label="Fits", inputs={}),
    Preset(slug="underfits", label="Underfits", inputs={"degree": 1}),
    Preset(slug="overfits", label="Overfits", inputs={"degree": 14, "points": 20, "rate": 0.15, "steps": 1_000}),
    Preset(
        slug="l2", label="L2 calms it",
        inputs={"degree": 14, "points": 20, "rate": 0.15, "steps": 1_000, "l2": 0.02},
    ),
    Preset(
        slug="l1", label="L1 makes zeros",
        inputs={"degree": 14, "points": 20, "rate": 0.15, "steps": 1_000, "l1": 0.1},
    ),
    Preset(
        slug="early-stopping", label="Early stopping",
        inputs={"degree": 14, "points": 20, "rate": 0.15, "steps": 1_000, "patience": 20},
    ),
    Preset(slug="too-high", label="Too high a rate", inputs={"rate": 1.0}),
    Preset(slug="too-few-steps", label="Too few steps", inputs={"rate": 0.01, "steps": 30}),
    Preset(slug="small-batches", label="Small batches are noisy", inputs={"batch": 2, "rate": 0.05}),
    Preset(slug="adam", label="Adam", inputs={"method": "adam", "rate": 0.05}),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="training-steps",
    version=1,
    title="Training, step by step",
    summary="A curve fitted to noisy points: when it underfits, fits or overfits, and what each knob does to it.",
    family="Learning",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="held_out_loss",
    sentences=fit_words.SENTENCES,
    answer=answer,
    notices=notices,
    axes=AXES,
    charts=(
        Lines(title="Fit and points", outputs=("curve", "true_curve"), dots=(("point_x", "point_y"),)),
        Lines(title="Loss by step", outputs=("train_by_step", "held_out_by_step"), log=True),
        Lines(title="Loss by capacity", outputs=("train_by_degree", "held_out_by_degree"), log=True),
        Bars(output="weights", title="What was learned"),
    ),
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(GEMAN, HOERL, TIBSHIRANI, PRECHELT, PARIKH, POLYAK, GOH, KINGMA),
)
