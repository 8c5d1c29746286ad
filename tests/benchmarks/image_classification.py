"""Image classification in figures: ``python -m tests.benchmarks.image_classification``, some two minutes on two cores.

Accuracy on the held-out digits with its 95 % interval beside the baselines, latency, size, training time, peak memory,
and training speed of our loop against a minimal hand-written loop of the same network. The loops take turns, so that
what else the machine does meets both.
"""

from __future__ import annotations

import math
import os

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before torch starts threads, as in mlcore.__main__

import resource
import tempfile
import time
from pathlib import Path
from statistics import median

import torch
from torch.nn import functional as F  # noqa: N812

from mlcore.data.images import Split, digits
from mlcore.device import Device, pick
from mlcore.progress import Quiet
from mlcore.repro import seed_everything
from mlcore.storage import read_json
from mlcore.tasks.image_classification.make_starter import RECIPES
from mlcore.tasks.image_classification.network import FILES, ImageNetwork
from mlcore.tasks.image_classification.quote import STARTER
from mlcore.tasks.image_classification.run import evaluate, make_learner, make_recipe, train
from mlcore.tasks.image_classification.sizes import network_config
from mlcore.tasks.image_classification.spec import BASELINES, NETWORKS, EvaluateInputs, TrainInputs
from mlcore.train.loop import fit

ROUNDS, SKIPPED = 8, 2
STEPS = {"cnn": 300, "resnet": 30}
BATCH = 64


def inputs_of(model: str) -> TrainInputs:
    return TrainInputs(model=model, steps=STEPS[model], batch=BATCH, augmentation="none", seed=1)


def ours(model: str, parts: Split, device: Device) -> float:
    """Images a second, with schedule, clipping, reports and checks as every run has them."""
    learner = make_learner(inputs_of(model), network_config(model, classes=10, digits=True), parts, device)
    with tempfile.TemporaryDirectory() as folder:
        return fit(learner, make_recipe(inputs_of(model), 0.0), Quiet(Path(folder)), device).items_per_second


def by_hand(model: str, parts: Split, device: Device) -> float:
    """What one writes in an afternoon: the same network, optimizer, precision, schedule and clipping, and no more."""
    seed_everything(1)
    network = ImageNetwork(network_config(model, classes=10, digits=True))
    images, labels = network.read(parts.training.pixels), torch.from_numpy(parts.training.labels)
    network.learn_normalisation(images)
    network.to(device.torch).train()
    recipe = make_recipe(inputs_of(model), 0.0)
    weights = list(network.parameters())
    if model == "cnn":
        optimizer: torch.optim.Optimizer = torch.optim.Adam(weights, lr=recipe.learning_rate, fused=True)
    else:
        optimizer = torch.optim.SGD(
            weights, lr=recipe.learning_rate, momentum=recipe.momentum, weight_decay=recipe.weight_decay, fused=True
        )
    for step in range(STEPS[model]):
        if step == SKIPPED:
            device.synchronize()
            started = time.perf_counter()
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * step / STEPS[model]))
        chosen = torch.randint(len(labels), (BATCH,))
        with torch.autocast(device.kind, torch.bfloat16, enabled=device.precision is torch.bfloat16):
            loss = F.cross_entropy(network(images[chosen].to(device.torch)), labels[chosen].to(device.torch))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, recipe.clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    device.synchronize()
    return (STEPS[model] - SKIPPED) * BATCH / (time.perf_counter() - started)


def print_quality() -> None:
    with tempfile.TemporaryDirectory() as folder:
        measured = evaluate(EvaluateInputs(), Quiet(Path(folder)))
    print(f"on {measured['images']} held-out digits, {measured['device']}")
    for name, accuracy, low, high, f1, megabytes, half, most, _usd in measured["comparison"]["rows"]:
        print(
            f"  {({**NETWORKS, **BASELINES})[name]:47s} accuracy {accuracy:6.1%} (95%: {low:.1%} to {high:.1%})  "
            f"macro F1 {f1:6.1%}  {megabytes:5.2f} MB  one image p50 {half:6.2f} ms, p95 {most:6.2f} ms"
        )


def print_training() -> None:
    with tempfile.TemporaryDirectory() as folder:
        results = train(TrainInputs(**RECIPES["cnn"], seed=1), Quiet(Path(folder)))
    told = f"{results['steps']} steps: {results['seconds']:.1f} s, accuracy {results['accuracy']:.1%}"
    print("training now, classic network,", told)
    for name in RECIPES:
        facts = read_json(STARTER / name / FILES["model"])["facts"]
        print(f"  starter {name}: {facts['steps']} steps took {facts['seconds']:.0f} s on {facts['device']}")


def print_throughput() -> None:
    device, parts = pick(), digits()
    for model in STEPS:
        pairs = [in_turns(model, parts, device, ours_first=turn % 2 == 0) for turn in range(ROUNDS + 1)][1:]
        mine, theirs = (list(each) for each in zip(*pairs, strict=True))
        print(
            f"training speed, {model}, batch {BATCH}, {device.precision_name}: ours best {max(mine):,.0f}, median "
            f"{median(mine):,.0f} images/s; by hand best {max(theirs):,.0f}, median {median(theirs):,.0f}; paired "
            f"ratio median {median(a / b for a, b in pairs):.3f}, of the best {max(mine) / max(theirs):.3f}"
        )


def in_turns(model: str, parts: Split, device: Device, *, ours_first: bool) -> tuple[float, float]:
    """Ours and by hand, one straight after the other; who goes second finds the processor's caches filled."""
    if ours_first:
        return ours(model, parts, device), by_hand(model, parts, device)
    theirs = by_hand(model, parts, device)
    return ours(model, parts, device), theirs


def main() -> None:
    pick()
    print_quality()
    print_training()
    print_throughput()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"peak memory of this process, all of the above in it: {peak / 1024:,.0f} MiB")


if __name__ == "__main__":
    main()
