"""The one training loop. A task gives a ``Learner``; schedule, stopping, checkpoints and measurement attach here.

A run that is stopped anywhere, also by SIGKILL, goes on from its last checkpoint when ``fit`` is called again with the
same folder, and on the CPU ends with the same weights, bit for bit, as one that was never stopped: the checkpoint holds
the order of data, every random generator, the optimizer and what early stopping has seen.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from mlcore.device import Device
from mlcore.progress import Progress
from mlcore.repro import random_state, restore_random_state
from mlcore.train.checkpoint import Checkpoint
from mlcore.train.meter import Meter
from mlcore.train.recipe import Recipe, make_optimizer
from mlcore.train.stopping import BestSoFar

# What may differ when a run goes on: prices and limits, not what is computed.
_MAY_DIFFER = frozenset({"budget_seconds", "budget_usd", "usd_per_hour", "checkpoint_seconds"})
_SAVING_SHARE = 0.02  # of the time at most goes into checkpoints


class Learner(Protocol):
    """What a task gives to the loop."""

    item: str
    """What is counted, as the plural that names its rate: "tokens" gives ``tokens_per_second``."""
    items_per_batch: int
    flops_per_item: float
    """Forward and backward."""

    @property
    def model(self) -> nn.Module: ...

    def identity(self) -> Mapping[str, Any]:
        """JSON by which a checkpoint of other data or another model is told apart."""

    def batch(self) -> Any:
        """The next batch in order, on the device."""

    def loss(self, batch: Any) -> Tensor:
        """Mean loss of a batch, a scalar."""

    def evaluate(self) -> Mapping[str, float]:
        """Measures on held-out data, called without gradients and in evaluation mode. ``validation_loss`` decides
        which weights are best, lower being better; the others, such as ``validation_accuracy``, are told."""

    def state(self) -> Mapping[str, Any]:
        """The position in the data, as JSON."""

    def restore(self, state: Mapping[str, Any]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended. The learner's model holds the best weights."""

    steps: int
    best_step: int
    stopped_by: str
    """"steps", "early stopping" or "budget"."""
    validation_loss: float
    items: int
    seconds: float
    items_per_second: float
    achieved_flops: float
    """FLOP/s, as the model needs them, while training."""

    def course(self, price_per_hour: float) -> dict[str, Any]:
        """The results that ``mlcore.train.declared.COURSE`` declares."""
        return {
            "steps": self.steps,
            "best_step": self.best_step,
            "stopped_by": self.stopped_by,
            "seconds": self.seconds,
            # What nobody stated is not zero but unknown, and fills nothing.
            "usd": self.seconds / 3600 * price_per_hour if price_per_hour else None,
        }


def fit(learner: Learner, recipe: Recipe, progress: Progress, device: Device) -> Outcome:
    """Train, or go on training, and leave the best weights in ``learner.model``.

    Raises:
        Cancelled: by ``progress.check``, within one batch.
        Damaged: the checkpoint in the folder is not what was written.
        ValueError: the folder holds a run with other settings; or the loss is no longer a number.
    """
    return _Run(learner, recipe, progress, device).run()


class _Run:
    def __init__(self, learner: Learner, recipe: Recipe, progress: Progress, device: Device) -> None:
        self.learner, self.recipe, self.progress, self.device = learner, recipe, progress, device
        self.optimizer = make_optimizer(learner.model, recipe)
        self.last = Checkpoint(progress.folder / "checkpoints", "last")
        self.best = Checkpoint(progress.folder / "checkpoints", "best")
        self.best_so_far = BestSoFar(recipe.patience)
        self.meter = Meter()
        self.step = 0
        self.evaluated_at = -1
        self.seconds_before = 0.0
        self.started = self.saved = time.monotonic()
        self.saving_seconds = 0.0
        self.loss_sum, self.loss_count = torch.zeros((), device=device.torch), 0

    def run(self) -> Outcome:
        self._restore()
        self.progress.stage("training")
        self.learner.model.train()
        while (reason := self._reason_to_stop()) is None:
            self._train_step()
            if self.step % self.recipe.evaluate_every == 0:
                self._evaluate()
            if self._save_due():
                self._save()
            if self.meter.due():
                self._report()
        return self._finish(reason)

    # One step

    def _train_step(self) -> None:
        started = time.perf_counter()
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate(self.step)
        for _ in range(self.recipe.accumulation):
            self.progress.check()
            batch = self.learner.batch()
            with self._autocast():
                loss = self.learner.loss(batch) / self.recipe.accumulation
            loss.backward()
            self.loss_sum += loss.detach()
        nn.utils.clip_grad_norm_(self.learner.model.parameters(), self.recipe.clip)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.loss_count += 1
        self.device.synchronize()  # otherwise a GPU's clock would time the asking, not the work
        self.meter.add(self.items_per_step, time.perf_counter() - started)

    @property
    def items_per_step(self) -> int:
        return self.learner.items_per_batch * self.recipe.accumulation

    def _autocast(self) -> torch.autocast:
        return torch.autocast(self.device.kind, torch.bfloat16, enabled=self.device.precision is torch.bfloat16)

    # What attaches to it

    def _reason_to_stop(self) -> str | None:
        if self.step >= self.recipe.steps:
            return "steps"
        if self.best_so_far.exhausted:
            return "early stopping"
        if self._seconds() >= self.recipe.seconds_allowed():
            return "budget"
        return None

    def _evaluate(self) -> None:
        self.progress.check()
        self.progress.stage("evaluating")
        measures = self._held_out()
        loss = measures["validation_loss"]
        self.evaluated_at = self.step
        if self.best_so_far.improves(loss, self.step):
            self.progress.check()
            self.best.save(self.step, self.learner.model.state_dict(), {"validation_loss": loss})
        self.progress.step(self.step, self.recipe.steps, **measures)
        self.progress.stage("training")

    def _held_out(self) -> Mapping[str, float]:
        self.learner.model.eval()
        with torch.inference_mode(), self._autocast():
            measures = self.learner.evaluate()
        self.learner.model.train()
        _finite(measures["validation_loss"], self.step, self.recipe)
        return measures

    def _report(self) -> None:
        loss = _finite(float(self.loss_sum) / max(1, self.loss_count), self.step, self.recipe)
        self.loss_sum.zero_()
        self.loss_count = 0
        rate = self.meter.recent_items_per_second
        measures = {"loss": loss, "learning_rate": self.recipe.rate(self.step)}
        if rate:
            left = (self.recipe.steps - self.step) * self.items_per_step / rate
            measures |= {
                f"{self.learner.item}_per_second": rate,
                "achieved_flops": rate * self.learner.flops_per_item,
                "eta": max(0.0, min(left, self.recipe.seconds_allowed() - self._seconds())),
            }
        self.progress.step(self.step, self.recipe.steps, **measures)

    def _finish(self, reason: str) -> Outcome:
        if self.loss_count:
            self._report()
        if self.evaluated_at != self.step:
            self._evaluate()
        self._save()
        found = self.best.load()
        assert found is not None, "an evaluation precedes the end"
        self.learner.model.load_state_dict(found[0])
        self.last.tidy()
        self.best.tidy()
        return Outcome(
            steps=self.step,
            best_step=self.best_so_far.step,
            stopped_by=reason,
            validation_loss=self.best_so_far.loss,
            items=self.step * self.items_per_step,
            seconds=self._seconds(),
            items_per_second=self.meter.items_per_second,
            achieved_flops=self.meter.items_per_second * self.learner.flops_per_item,
        )

    def _seconds(self) -> float:
        """Of training, in this process and those before it."""
        return self.seconds_before + time.monotonic() - self.started

    # Checkpoints

    def _save_due(self) -> bool:
        pause = max(self.recipe.checkpoint_seconds, self.saving_seconds / _SAVING_SHARE)
        return time.monotonic() - self.saved >= pause

    def _save(self) -> None:
        # A worker that was taken for dead learns here that another has the run, before it writes.
        self.progress.check()
        started = time.monotonic()
        _finite(float(self.loss_sum), self.step, self.recipe)
        generators, generators_json = random_state(self.device.torch)
        tensors = {f"model.{name}": tensor for name, tensor in self.learner.model.state_dict().items()}
        for index, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{name}": tensor for name, tensor in state.items()}
        tensors |= {f"random.{name}": tensor for name, tensor in generators.items()}
        facts = {
            "identity": self._identity(),
            "data": self.learner.state(),
            "best": self.best_so_far.state(),
            "evaluated_at": self.evaluated_at,
            "meter": self.meter.state(),
            "random": generators_json,
            "seconds": self._seconds(),
            "computed_by": self._computed_by(),
        }
        self.last.save(self.step, tensors, facts)
        self.saved = time.monotonic()
        self.saving_seconds = self.saved - started

    def _restore(self) -> None:
        found = self.last.load()
        if found is None:
            return
        tensors, facts = found
        self._check_identity(facts)
        self.learner.model.load_state_dict(_under("model.", tensors))
        optimizer: dict[int, dict[str, Tensor]] = {}
        for name, tensor in _under("optimizer.", tensors).items():
            index, _, key = name.partition(".")
            optimizer.setdefault(int(index), {})[key] = tensor
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": optimizer, "param_groups": groups})
        self.learner.restore(facts["data"])
        self.best_so_far.restore(facts["best"])
        self.meter.restore(facts["meter"])
        self.step, self.evaluated_at = facts["step"], facts["evaluated_at"]
        self.seconds_before = facts["seconds"]
        restore_random_state(_under("random.", tensors), facts["random"], self.device.torch)
        self.progress.log(f"Going on from step {self.step}.")

    def _identity(self) -> dict[str, Any]:
        recipe = {name: value for name, value in asdict(self.recipe).items() if name not in _MAY_DIFFER}
        return {"recipe": recipe, "learner": dict(self.learner.identity())}

    def _check_identity(self, facts: Mapping[str, Any]) -> None:
        wanted = self._identity()
        if facts["identity"] != wanted:
            found = facts["identity"]
            differing = [
                name for part in wanted for name in wanted[part] if wanted[part][name] != found[part].get(name)
            ]
            raise ValueError(
                f"{self.last.folder}: wanted a run with the same settings, found one with another "
                f"{', '.join(differing)}. Give a new run a folder of its own."
            )
        if facts["computed_by"] != self._computed_by():
            self.progress.log(
                "This run goes on with another device, thread count or library than it began with: "
                "its weights may differ in the last bits from those of an uninterrupted run."
            )

    def _computed_by(self) -> dict[str, Any]:
        return {
            "device": self.device.name,
            "threads": torch.get_num_threads(),
            "precision": self.device.precision_name,
            "torch": str(torch.__version__),
        }


def _under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _finite(loss: float, step: int, recipe: Recipe) -> float:
    if not math.isfinite(loss):
        raise ValueError(
            f"The loss is no longer a number at step {step}: the learning rate {recipe.learning_rate:g} is too high "
            "for this model. Try a third of it."
        )
    return loss
