"""The training loop: it learns, it stops when it should, and a stopped run ends as if it had never stopped."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from mlcore.device import Device
from mlcore.progress import Cancelled, Quiet
from mlcore.storage import Damaged
from mlcore.train.language import evaluate
from mlcore.train.loop import fit
from mlcore.train.meter import Meter
from mlcore.train.recipe import Recipe, make_optimizer
from mlcore.train.stopping import BestSoFar
from tests.mlcore import resumable_run
from tests.mlcore.resumable_run import learner, recipe, run

STEPS = 14


class Stopping(Quiet):
    """Is cancelled at the n-th check."""

    def __init__(self, folder: Path, stop_at: int) -> None:
        super().__init__(folder)
        self.left = stop_at

    def check(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Cancelled


def fingerprint(folder: Path) -> dict[str, str]:
    """Everything that a run leaves: weights, moments and generators by hash, and the state in JSON."""
    checkpoints = folder / "checkpoints"
    last = json.loads((checkpoints / "last.json").read_text())
    return {
        "last": last["sha256"],
        "best": json.loads((checkpoints / "best.json").read_text())["sha256"],
        **{name: json.dumps(last[name]) for name in ("step", "data", "best", "random", "evaluated_at")},
    }


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("uninterrupted")
    run(Quiet(folder), STEPS)
    return fingerprint(folder)


@pytest.mark.parametrize("seed", range(4))
def test_a_cancelled_run_ends_with_the_same_weights_bit_for_bit(
    tmp_path: Path, uninterrupted: dict[str, str], seed: int
) -> None:
    draw = random.Random(seed)
    stops = 0
    while stops < 3:
        try:
            run(Stopping(tmp_path, draw.randrange(2, 40)), STEPS)
        except Cancelled:
            stops += 1
        else:
            break
        # A new process starts with other generators; nothing may depend on them.
        torch.manual_seed(draw.randrange(1000))
        random.seed(stops)
    run(Quiet(tmp_path), STEPS)
    assert stops
    assert fingerprint(tmp_path) == uninterrupted


def test_a_killed_process_ends_with_the_same_weights_bit_for_bit(tmp_path: Path, uninterrupted: dict[str, str]) -> None:
    command = [sys.executable, resumable_run.__file__, str(tmp_path), str(STEPS)]
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    kill_after = random.Random(11).randrange(2, STEPS - 1)
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= kill_after:
                process.send_signal(signal.SIGKILL)
                break
    assert process.returncode == -signal.SIGKILL
    assert json.loads((tmp_path / "checkpoints" / "last.json").read_text())["step"] < STEPS
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment, timeout=120)
    assert fingerprint(tmp_path) == uninterrupted


def test_it_learns_and_keeps_the_best_weights(quiet: Quiet, cpu: Device) -> None:
    taught = learner(dropout=0.0)
    with torch.inference_mode():
        before = taught.evaluate()["validation_loss"]
    outcome = fit(taught, recipe(80, accumulation=1, evaluate_every=20), quiet, cpu)
    taught.model.eval()
    with torch.inference_mode():
        assert taught.evaluate()["validation_loss"] == pytest.approx(outcome.validation_loss, abs=1e-6)
    # Each token is one of three, nearly evenly: no model can go below their entropy of ln 3.
    assert np.log(3) < outcome.validation_loss < 0.6 * before
    assert (outcome.steps, outcome.stopped_by, outcome.items) == (80, "steps", 80 * 4 * 16)
    assert outcome.achieved_flops == outcome.items_per_second * taught.flops_per_item


@pytest.mark.parametrize("choice", [{"optimizer": "adam"}, {"optimizer": "sgd", "momentum": 0.9}])
def test_every_optimizer_resumes_exactly(tmp_path: Path, choice: dict[str, object]) -> None:
    run(Quiet(tmp_path / "whole"), STEPS, **choice)
    with pytest.raises(Cancelled):
        run(Stopping(tmp_path / "parts", 23), STEPS, **choice)
    run(Quiet(tmp_path / "parts"), STEPS, **choice)
    assert fingerprint(tmp_path / "parts") == fingerprint(tmp_path / "whole")


def test_an_unknown_optimizer_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="optimizer: wanted one of adamw, adam, sgd, got 'lion'"):
        recipe(1, optimizer="lion")


def test_what_a_reader_sees(quiet: Quiet, cpu: Device) -> None:
    fit(learner(), recipe(30), quiet, cpu)
    steps = [data for kind, data in quiet.events if kind == "step"]
    assert steps[-1]["done"] == steps[-1]["total"] == 30
    assert {"loss", "learning_rate", "tokens_per_second", "achieved_flops", "eta"} <= set().union(*steps)
    assert [step["done"] for step in steps if "validation_loss" in step] == [4, 8, 12, 16, 20, 24, 28, 30]
    assert all(np.isfinite(value) for step in steps for value in step.values())


def test_reports_come_at_most_five_times_a_second() -> None:
    meter = Meter()
    until, told = time.monotonic() + 0.7, 0
    while time.monotonic() < until:
        told += meter.due()
    assert 1 <= told <= 4


def test_speed_leaves_out_the_first_steps_and_everything_between_steps() -> None:
    meter = Meter()
    for seconds in (5.0, 5.0, 0.5, 0.25, 0.25):
        meter.add(100, seconds)
    assert meter.items_per_second == 300
    assert 200 < meter.recent_items_per_second < 400
    other = Meter()
    other.restore(json.loads(json.dumps(meter.state())))
    assert other.items_per_second == 300


def test_a_budget_in_minutes_stops_a_run(quiet: Quiet, cpu: Device) -> None:
    outcome = fit(learner(), recipe(10**6, budget_seconds=0.5), quiet, cpu)
    assert outcome.stopped_by == "budget"
    assert 0 < outcome.steps < 10**6
    assert 0.5 <= outcome.seconds < 20


def test_a_budget_in_dollars_stops_a_run_also_across_a_restart(quiet: Quiet, cpu: Device) -> None:
    given = recipe(10**6, budget_usd=0.5 / 3600, usd_per_hour=1.0)
    assert given.seconds_allowed() == pytest.approx(0.5)
    first = fit(learner(), given, quiet, cpu)
    again = fit(learner(), given, quiet, cpu)
    assert (again.stopped_by, again.steps) == ("budget", first.steps)


def test_early_stopping_keeps_the_best_step(quiet: Quiet, cpu: Device) -> None:
    taught = learner()
    losses = iter([3.0, 2.0, 2.5, 2.4, 2.3, 1.0])
    taught.evaluate = lambda: {"validation_loss": next(losses)}  # type: ignore[method-assign]
    outcome = fit(taught, recipe(100, patience=3, evaluate_every=2), quiet, cpu)
    assert (outcome.stopped_by, outcome.steps, outcome.best_step, outcome.validation_loss) == (
        "early stopping",
        10,
        4,
        2.0,
    )


def test_early_stopping_remembers(tmp_path: Path) -> None:
    seen = BestSoFar(patience=2)
    assert seen.state()["loss"] is None
    assert [seen.improves(loss, step) for step, loss in enumerate([2.0, 1.5, 1.6])] == [True, True, False]
    again = BestSoFar(patience=2)
    again.restore(json.loads(json.dumps(seen.state())))
    assert not again.exhausted
    again.improves(1.7, 4)
    assert (again.exhausted, again.step, again.loss) == (True, 1, 1.5)


def test_a_loss_that_is_no_number_stops_the_run_with_advice(quiet: Quiet, cpu: Device) -> None:
    taught = learner()
    with torch.no_grad():
        taught.model.norm.weight.fill_(float("inf"))
    with pytest.raises(ValueError, match=r"The loss is no longer a number at step \d+: the learning rate 0.01"):
        fit(taught, recipe(20), quiet, cpu)
    assert not (quiet.folder / "checkpoints").exists()


def test_a_folder_of_another_run_is_refused(quiet: Quiet, cpu: Device) -> None:
    fit(learner(), recipe(4), quiet, cpu)
    with pytest.raises(ValueError, match=r"another learning_rate, dropout\. Give a new run a folder of its own"):
        fit(learner(dropout=0.0), recipe(4, learning_rate=0.02), quiet, cpu)


def test_a_damaged_checkpoint_is_never_loaded(quiet: Quiet, cpu: Device) -> None:
    fit(learner(), recipe(4), quiet, cpu)
    [path] = (quiet.folder / "checkpoints").glob("last-*.safetensors")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(Damaged, match="SHA-256"):
        fit(learner(), recipe(8), quiet, cpu)


def test_a_stop_takes_effect_before_the_next_batch(tmp_path: Path, cpu: Device) -> None:
    taught = learner()
    drawn = []
    loss = taught.loss
    taught.loss = lambda batch: (drawn.append(1), loss(batch))[1]  # type: ignore[method-assign]
    with pytest.raises(Cancelled):
        fit(taught, recipe(100, checkpoint_seconds=1e9), Stopping(tmp_path, 6), cpu)
    assert len(drawn) == 5


def test_only_matrices_decay() -> None:
    model = learner().model
    decaying, free = make_optimizer(model, recipe(1)).param_groups
    assert {weight.dim() for weight in decaying["params"]} == {2}
    assert {weight.dim() for weight in free["params"]} == {1}
    assert len(decaying["params"]) + len(free["params"]) == len(list(model.parameters()))
    assert (decaying["weight_decay"], free["weight_decay"]) == (0.1, 0.0)


@given(st.integers(1, 500), st.floats(1e-6, 0.1), st.data())
def test_the_learning_rate_rises_then_falls(steps: int, highest: float, data: st.DataObject) -> None:
    warmup = data.draw(st.integers(0, steps))
    given = Recipe(steps=steps, learning_rate=highest, seed=0, warmup_steps=warmup)
    rates = [given.rate(step) for step in range(steps)]
    assert all(0 < rate <= highest * (1 + 1e-12) for rate in rates)
    assert rates[:warmup] == sorted(rates[:warmup])
    assert rates[warmup:] == sorted(rates[warmup:], reverse=True)
    assert given.rate(steps) == pytest.approx(highest if warmup == steps else 0.1 * highest)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"steps": 0}, "steps: wanted at least 1, got 0"),
        ({"learning_rate": 0.0}, "learning_rate: wanted more than 0"),
        ({"budget_usd": float("nan")}, "budget_usd: wanted more than 0, got nan"),
        ({"warmup_steps": 9}, r"warmup_steps: wanted 0 to steps \(5\), got 9"),
    ],
)
def test_numbers_that_make_no_run_are_refused(change: dict[str, float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Recipe(**{"steps": 5, "learning_rate": 0.1, "seed": 0, **change})


def test_accumulated_batches_are_one_large_batch(tmp_path: Path, cpu: Device) -> None:
    """Two batches of 4, summed, move the weights as one batch of 8 with the same sequences does."""
    weights = []
    for batch, accumulation in ((4, 2), (8, 1)):
        taught = learner(dropout=0.0)
        taught.sampler.batch = batch
        fit(taught, recipe(1, accumulation=accumulation), Quiet(tmp_path / str(batch)), cpu)
        weights.append({name: tensor.clone() for name, tensor in taught.model.state_dict().items()})
    for name, tensor in weights[0].items():
        torch.testing.assert_close(tensor, weights[1][name], atol=2e-4, rtol=1e-3)


def test_bits_per_byte_do_not_depend_on_how_text_is_cut() -> None:
    """A model that knows nothing gives each of V tokens log2 V bits; one of two bytes costs half of that a byte."""
    taught = learner()
    with torch.no_grad():
        taught.model.embedding.weight.zero_()
    held_out = np.arange(400, dtype=np.int32) % 80
    result = evaluate(taught.model, held_out, length=16, pieces=[b"ab"] * 80)
    assert result.tokens == 384
    assert result.loss == pytest.approx(np.log(80), rel=1e-6)
    assert result.perplexity == pytest.approx(80, rel=1e-5)
    assert result.bits_per_byte == pytest.approx(np.log2(80) / 2, rel=1e-6)


def test_the_checkpoint_names_its_bytes(quiet: Quiet, cpu: Device) -> None:
    fit(learner(), recipe(4), quiet, cpu)
    for name in ("last", "best"):
        facts = json.loads((quiet.folder / "checkpoints" / f"{name}.json").read_text())
        content = (quiet.folder / "checkpoints" / facts["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == facts["sha256"]
