"""Gradient descent, momentum and Adam on losses of two weights that can be seen from above."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from mlcore.spec import choice, integer, number
from portal.planning.calculator import Axis, Calculator, Example, Lines, Output, Preset, Sentence, Surface
from portal.planning.learning import surfaces
from portal.planning.learning.optimizers import (
    ADAM,
    DESCENT,
    GOH,
    KINGMA,
    METHODS,
    MOMENTUM,
    NESTEROV,
    POLYAK,
    Method,
)  # fmt: skip
from portal.planning.learning.walks import Verdict, Walk, walk

SHAPES = {
    "bowl": "Bowl: curved alike in all directions",
    "ravine": "Ravine: steep across, shallow along",
    "valley": "Bent valley, after Rosenbrock",
    "saddle": "Saddle between two minima",
}
_RAVINE = ("shape", ("ravine",))

# An even number of places, so that none lies on a minimum, where the logarithm of a height would be infinite.
GRID = np.arange(-45, 46, 2) / 10


# Inputs


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    shape: str = choice(
        "Surface", default="ravine", choices=SHAPES, group="Loss", help="The loss of two weights that is walked down.")
    stretch: float = number(
        "Steepness across", default=25, low=1, high=1_000, fixed=True, unit="×", group="Loss", when=_RAVINE,
        help="Curvature across the ravine, as a multiple of that along it: the condition number.")
    start_1: float = number(
        "Start, first weight", default=-2.8, low=-3, high=3, fixed=True, group="Loss", help="Where the walk starts.")
    start_2: float = number(
        "Start, second weight", default=1.6, low=-3, high=3, fixed=True, group="Loss", help="Where the walk starts.")
    method: str = choice(
        "Method", default=DESCENT, choices=METHODS, group="Descent",
        help="How a gradient becomes a step. Adam has its usual constants, 0.9, 0.999 and 1e-8.")
    rate: float = number(
        "Learning rate", default=0.07, low=1e-5, high=10, fixed=True, group="Descent",
        help="How far a step goes, as a multiple of the gradient.")
    momentum: float = number(
        "Momentum", default=0.7, low=0, high=0.999, fixed=True, group="Descent", when=("method", (MOMENTUM,)),
        help="The share of the velocity that is kept from step to step.")
    steps: int = integer(
        "Steps", default=60, low=1, high=500, fixed=True, unit="steps", group="Descent",
        help="How many steps to take.")
# fmt: on


def surface_of(x: Any) -> surfaces.Surface:
    match x.shape:
        case "bowl":
            return surfaces.quadratic(1.0)
        case "ravine":
            return surfaces.quadratic(float(x.stretch))
        case "valley":
            return surfaces.valley()
        case _:
            return surfaces.saddle()


def method_of(x: Any) -> Method:
    return Method(x.method, float(x.rate), float(x.momentum))


# What runs along the steps is as long as the walk, so that axes and outputs ask for the same walk.
@lru_cache(maxsize=32)
def _walk(x: Inputs) -> Walk:
    return walk(surface_of(x), method_of(x), (float(x.start_1), float(x.start_2)), x.steps)


# Calculation


def compute(x: Any) -> dict[str, Any]:
    walked, surface, method = _walk(Inputs(**vars(x))), surface_of(x), method_of(x)
    low, high = surface.curvatures
    critical = method.critical_rate(high)
    return {
        "first_loss": walked.losses[0],
        "last_loss": walked.losses[-1],
        "left": walked.losses[-1] / walked.losses[0] if walked.losses[0] > 0 else 0.0,
        "steps_taken": len(walked.losses) - 1,
        "steps_to_reach": walked.steps_to_reach,
        "turns": walked.turns,
        "converged": walked.verdict is Verdict.CONVERGED,
        "diverged": walked.verdict is Verdict.DIVERGED,
        "weight_1": walked.way[-1, 0],
        "weight_2": walked.way[-1, 1],
        "memory": method.memory,
        "most_curved": high,
        "least_curved": low,
        "condition": high / low,
        "critical_rate": critical,
        "fastest_rate": 2 / (low + high) if method.name == DESCENT else np.inf,
        "height": surface.loss(np.stack(np.meshgrid(GRID, GRID), axis=-1)),
        "path_1": walked.way[:, 0],
        "path_2": walked.way[:, 1],
        "loss": walked.losses,
    }


AXES = {
    "first_weight": Axis(label="First weight", places=lambda x: GRID.tolist()),
    "second_weight": Axis(label="Second weight", places=lambda x: GRID.tolist()),
    "step": Axis(label="Step", places=lambda x: list(range(len(_walk(x).losses)))),
}


# What is said

CONVERGED = (
    "{method} *converges*: 1% of the first loss was reached after *{reached}*, and {last} is left after {steps}."
)
DIVERGED = "{method} *diverges*: after {steps} the loss is {times} times what it was. Try a lower rate than {rate}."
STUCK = (
    "{method} is *stuck on the saddle*: the gradient is all but 0, and the loss still {left} of what it was. A start a "
    "little aside gets away."
)
SWINGING = (
    "{method} *swings* from side to side: after {steps} the loss is still {left} of what it was. A lower rate or "
    "momentum helps."
)
UNDERWAY = (
    "{method} is *on its way*: after {steps} the loss is {left} of what it was. More steps, a higher rate or momentum "
    "help."
)
ABOVE = "The rate {rate} is above the critical {critical}: on a quadratic every step overshoots by more than it gains."
ABOVE_LOCALLY = (
    "The rate {rate} is above {critical}, the critical one near the minimum: the walk cannot settle there, wherever it "
    "goes before."
)
CUT = "The walk left all bounds after {steps} and was stopped; it is shown up to there."
ILL_CONDITIONED = (
    "The surface is {condition} as steep across as along: the rate that the steep direction bears is slow along the "
    "shallow one. Momentum helps most here."
)
NO_BOUND = "Adam has no critical rate: it divides each step by the size of the gradients that it has seen."

SENTENCES = (
    CONVERGED, DIVERGED, STUCK, SWINGING, UNDERWAY, ABOVE, ABOVE_LOCALLY, CUT, ILL_CONDITIONED, NO_BOUND,
)  # fmt: skip
ILL = 10  # condition number from which the shallow direction waits for the steep one

_VERDICTS = {
    Verdict.CONVERGED: CONVERGED, Verdict.DIVERGED: DIVERGED, Verdict.STUCK: STUCK, Verdict.SWINGING: SWINGING,
    Verdict.UNDERWAY: UNDERWAY,
}  # fmt: skip


def answer(outcome: Any) -> Sentence:
    x, outputs = outcome.case.inputs, outcome.case.outputs
    known = {
        "method": (METHODS[x.method], ""),
        "steps": (outputs["steps_taken"], "steps"),
        "left": (outputs["left"], "%"),
        "times": (outputs["left"], ""),
        "last": (outputs["last_loss"], ""),
        "reached": (outputs["steps_to_reach"], "steps"),
        "rate": (x.rate, ""),
    }
    text = _VERDICTS[_walk(x).verdict]
    return Sentence(text, {name: value for name, value in known.items() if f"{{{name}}}" in text})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    critical, rate = outputs["critical_rate"], (x.rate, "")
    if x.rate > critical:
        text = ABOVE if surface_of(x).quadratic else ABOVE_LOCALLY
        found.append(Sentence(text, {"rate": rate, "critical": (critical, "")}))
    if x.method == ADAM:
        found.append(Sentence(NO_BOUND))
    if outputs["steps_taken"] < x.steps:
        found.append(Sentence(CUT, {"steps": (outputs["steps_taken"], "steps")}))
    if x.method == DESCENT and outputs["condition"] >= ILL and not outputs["diverged"]:
        found.append(Sentence(ILL_CONDITIONED, {"condition": (outputs["condition"], "×")}))
    return found


# Declaration

OUTPUTS = {
    "last_loss": Output(
        label="Last loss", unit="", headline=True, better="lower", help="The loss after the last step; 0 is lowest.",
        method="The loss at {weight_1} and {weight_2}.",
    ),
    "left": Output(
        label="Loss that is left", unit="%", better="lower", help="The last loss as a share of the first.",
        method="{last_loss} divided by {first_loss}; 0 where the walk starts at a minimum.",
    ),
    "steps_to_reach": Output(
        label="Steps to 1% of the first loss", unit="steps", headline=True, better="lower",
        never="not within these steps", help="How long it takes until a hundredth of the loss is left.",
        method="The first of {loss} that is at most 1% of {first_loss}.",
    ),
    "critical_rate": Output(
        label="Critical learning rate", unit="", headline=True, never="none for this method", source=GOH,
        help="Above it, steps on a quadratic grow from step to step. On other surfaces it holds near the minimum.",
        formula="2 × (1 + {memory}) ÷ {most_curved}",
    ),
    "fastest_rate": Output(
        label="Fastest learning rate", unit="", never="for plain gradient descent only", source=NESTEROV,
        help="The rate at which plain descent on a quadratic shrinks its slowest direction fastest.",
        formula="2 ÷ ({least_curved} + {most_curved})",
    ),
    "converged": Output(
        label="Converged", unit="", boolean=True, better="higher", help="At most 1% of the first loss is left.",
        method="Whether {left} is at most 1%.",
    ),
    "diverged": Output(
        label="Diverged", unit="", boolean=True, better="lower", help="The loss grew.",
        method="Whether {last_loss} is above {first_loss}, or the weights grew beyond a million.",
    ),
    "turns": Output(
        label="Steps that turn back", unit="%", better="lower",
        help="Steps that go against the one before: above half, the walk swings from side to side.",
        method="The share of steps at more than a right angle to the one before.",
    ),
    "first_loss": Output(label="First loss", unit="", help="The loss at the start.",
                         method="The loss at {start_1} and {start_2}."),
    "steps_taken": Output(
        label="Steps taken", unit="steps", help="Fewer than were asked for when the walk left all bounds.",
        method="Up to {steps}, or until the weights grow beyond a million.",
    ),
    "weight_1": Output(label="First weight at the end", unit="", help="Where the walk ended.",
                       method="The last of {path_1}."),
    "weight_2": Output(label="Second weight at the end", unit="", help="Where the walk ended.",
                       method="The last of {path_2}."),
    "memory": Output(
        label="Momentum in use", unit="", help="0 for plain gradient descent.",
        method="{momentum} where {method} keeps a velocity, else 0.", source=POLYAK,
    ),
    "most_curved": Output(
        label="Largest curvature", unit="", help="How fast the slope changes in the steepest direction.",
        method="The second derivatives of the loss at its minimum: their largest eigenvalue, λmax.",
    ),
    "least_curved": Output(
        label="Smallest curvature", unit="", help="How fast the slope changes in the shallowest direction.",
        method="The second derivatives of the loss at its minimum: their smallest eigenvalue, λmin.",
    ),
    "condition": Output(
        label="Condition number", unit="×", better="lower",
        help="How much steeper the steepest direction is than the shallowest: large ones make descent slow.",
        formula="{most_curved} ÷ {least_curved}",
    ),
    "height": Output(
        label="Loss", unit="", along=("second_weight", "first_weight"), help="The surface from above.",
        method="The loss of {shape} at both weights.",
    ),
    "path_1": Output(label="First weight", unit="", along=("step",), help="The first weight after each step.",
                     method="{start_1}, then each step of {method} at {rate}."),
    "path_2": Output(label="Second weight", unit="", along=("step",), help="The second weight after each step.",
                     method="{start_2}, then each step of {method} at {rate}."),
    "loss": Output(
        label="Loss by step", unit="", along=("step",), better="lower", help="The loss after each step.",
        method="The loss at {path_1} and {path_2}.",
    ),
}  # fmt: skip

EXAMPLES = (
    Example(
        inputs={"shape": "bowl", "start_1": 2, "start_2": 0, "rate": 0.5, "steps": 3},
        expected={"loss": [2, 0.5, 0.125, 0.03125], "critical_rate": 2, "fastest_rate": 1, "weight_1": 0.25},
        source="By hand: each step takes away half of the weight, so that a quarter of the loss is left.",
    ),
    Example(
        inputs={"shape": "bowl", "start_1": 1, "start_2": 0, "rate": 2.5, "steps": 2},
        expected={"path_1": [1, -1.5, 2.25], "diverged": True},
        source="By hand: each step multiplies the weight by 1 − 2.5, beyond the critical rate 2.",
    ),
    Example(
        inputs={
            "shape": "bowl", "start_1": 1, "start_2": 0, "rate": 0.1, "method": "momentum", "momentum": 0.5, "steps": 2,
        },
        expected={"path_1": [1, 0.9, 0.76], "critical_rate": 3},
        source="By hand: velocities 1 and 0.5 × 1 + 0.9 = 1.4.",
    ),
    Example(
        inputs={"shape": "bowl", "start_1": 1, "start_2": 0, "rate": 0.1, "method": "adam", "steps": 1},
        expected={"path_1": [1, 0.9]},
        source="By hand: the first step of Adam is as long as the rate, whatever the gradient.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="ravine", label="Zigzag through a ravine", inputs={}),
    Preset(
        slug="momentum", label="Momentum through a ravine",
        inputs={"method": "momentum", "rate": 0.04, "momentum": 0.7},
    ),
    Preset(slug="adam", label="Adam through a ravine", inputs={"method": "adam", "rate": 0.3}),
    Preset(slug="too-high", label="Too high a rate", inputs={"rate": 0.082, "steps": 100}),
    Preset(slug="critical", label="Swings at the critical rate", inputs={"rate": 0.08}),
    Preset(slug="too-low", label="Too low a rate", inputs={"rate": 0.002}),
    Preset(slug="bowl", label="Straight down a bowl", inputs={"shape": "bowl", "rate": 0.2}),
    Preset(
        slug="valley", label="Along a bent valley",
        inputs={"shape": "valley", "start_1": -1.5, "start_2": 2, "rate": 0.01, "method": "momentum",
                "momentum": 0.9, "steps": 200},
    ),
    Preset(
        slug="saddle", label="Stuck on a saddle",
        inputs={"shape": "saddle", "start_1": 2, "start_2": 0, "rate": 0.3},
    ),
    Preset(
        slug="off-the-saddle", label="Off the saddle",
        inputs={"shape": "saddle", "start_1": 2, "start_2": 0.01, "rate": 0.3},
    ),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="gradient-descent",
    version=1,
    title="Gradient descent",
    summary="The way down a loss of two weights with plain steps, momentum or Adam, seen from above.",
    family="Learning",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="last_loss",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    axes=AXES,
    charts=(
        Surface(title="The way down", output="height", path=("path_1", "path_2")),
        Lines(title="Loss by step", outputs=("loss",), log=True),
    ),
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(POLYAK, NESTEROV, GOH, KINGMA, surfaces.ROSENBROCK),
)
