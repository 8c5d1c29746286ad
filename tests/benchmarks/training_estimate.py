"""How far the training estimate lies from published device-hours, run by run, beside the rule of thumb 6 N D.

``pytest -s -m benchmark tests/benchmarks/training_estimate.py``

Each run is planned as a founder would: model, tokens, devices and their number, and nothing else; the layout is
searched for, batches are four million tokens. Where the number of devices is not published, 1,024 are taken. The
coefficients were fitted on most of these runs: the scorecard has the errors without them, and they are printed here.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

import pytest

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.training_run import CALCULATOR
from portal.planning.catalog.runs import RUNS, PublishedRun
from portal.planning.engine import simulate
from portal.planning.evidence.coefficients import predictions

pytestmark = pytest.mark.benchmark

RULE_OF_THUMB_UTILISATION = 0.35  # of the 16-bit peak, from end to end, as is often taken with 6 N D
USUAL_DEVICES = 1024
USUAL_BATCH = 4_000_000  # tokens


def rule_of_thumb(run: PublishedRun) -> float:
    peak = run.accelerator.bf16_tflops * 1e12
    return 6 * run.active_parameters * run.tokens / (peak * RULE_OF_THUMB_UTILISATION * 3600)


def planned(run: PublishedRun) -> tuple[float, float, float] | None:
    """5th percentile, median and 95th of device-hours; None where the page would ask for another batch or device."""
    assert run.shape
    devices = run.devices or USUAL_DEVICES
    batch = devices * max(round(USUAL_BATCH / run.sequence / devices), 1)
    given: dict[str, Any] = {
        "architecture": run.shape.key, "tokens": run.tokens, "sequence_length": run.sequence, "global_batch": batch,
        "accelerator": run.accelerator.key, "devices": devices, "price_basis": "typed",
        "precision": "fp16" if run.accelerator.key.startswith("v100") else "bf16",
    }  # fmt: skip
    try:
        outcome = simulate(CALCULATOR, read_inputs(CALCULATOR.inputs, given), draws=4000, seed=1)
    except Invalid as refused:
        print(f"{run.model:<26}{run.accelerator.key:<10}refused: {refused}")
        return None
    low, middle, high = outcome.quantiles("device_hours", (0.05, 0.5, 0.95))
    return low, middle, high


def summary(name: str, errors: Sequence[float]) -> str:
    sizes = [abs(error) for error in errors]
    within = sum(size <= 0.25 for size in sizes) / len(sizes)
    return (
        f"{name:<44}{len(sizes):>4}{statistics.mean(sizes):>9.1%}{statistics.median(sizes):>9.1%}{within:>9.0%}"
        f"{statistics.median(errors):>+10.1%}"
    )


def test_training_estimate() -> None:
    unseen = predictions()["training-runs"]
    ours, theirs, seen_apart, held = [], [], [], 0
    print(f"\n{'run':<26}{'device':<10}{'published h':>13}{'page':>8}{'unseen':>8}{'6 N D':>8}")
    for run in RUNS:
        found = planned(run) if run.shape else None
        if found is None:
            continue
        low, middle, high = found
        apart = unseen[run.model.lower().replace(" ", "-")].predicted
        ours.append(middle / run.device_hours - 1)
        theirs.append(rule_of_thumb(run) / run.device_hours - 1)
        seen_apart.append(apart / run.device_hours - 1)
        held += low <= run.device_hours <= high
        print(
            f"{run.model:<26}{run.accelerator.key:<10}{run.device_hours:>13,.0f}{ours[-1]:>+8.0%}{seen_apart[-1]:>+8.0%}"
            f"{theirs[-1]:>+8.0%}"
        )
    print(f"\n{'device-hours, absolute error':<44}{'n':>4}{'mean':>9}{'median':>9}{'≤ 25%':>9}{'bias':>10}")
    print(summary("the page, layout searched for", ours))
    print(summary("the evidence, without the run's model", seen_apart))
    print(summary(f"6 N D at {RULE_OF_THUMB_UTILISATION:.0%}", theirs))
    print(f"within the range that is said to hold nine in ten: {held / len(ours):.0%} of {len(ours)}")
    assert len(ours) >= 25
