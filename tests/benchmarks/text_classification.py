"""Text classification in figures: quality, size, latency, memory, and our training loop against one by hand.

``python -m tests.benchmarks.text_classification`` takes some two minutes on two quiet cores. Training seconds are those
of the shipped weights' own runs, as their facts state them. The two loops take turns in this one process, so that what
else the machine does meets both; printed are the best and the median of the ratios of their rounds.
"""

from __future__ import annotations

import math
import os
import resource
import tempfile
import time
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before torch starts threads, as a worker has it

import torch
from torch.nn import functional as F  # noqa: N812

from mlcore.data.labelled import shipped_reviews
from mlcore.data.words import Words
from mlcore.device import Device, pick
from mlcore.evaluate.classification import Estimate
from mlcore.models.text_classifiers import TextClassifier, build
from mlcore.progress import Quiet
from mlcore.repro import seed_everything
from mlcore.tasks.text_classification.compare import look_at, shipped_contenders
from mlcore.tasks.text_classification.quote import reference
from mlcore.tasks.text_classification.run import hiding
from mlcore.tasks.text_classification.sizes import VOCAB, shape
from mlcore.train.classify import ClassificationLearner, Examples
from mlcore.train.loop import fit
from mlcore.train.recipe import Recipe

LENGTH, BATCH, RATE, HIDDEN = 128, 32, 1e-3, 0.3
STEPS, ROUNDS = {"classic": 400, "transformer": 10}, {"classic": 15, "transformer": 12}
SKIPPED = 2  # steps that load kernels and allocate
TIMED = 300  # reviews


def new_model(kind: str, vocab: int) -> TextClassifier:
    seed_everything(0)
    return build(shape(kind, "small", vocab=vocab, length=LENGTH, classes=2))


def ours(kind: str, training: Examples, vocab: int, device: Device) -> float:
    """Reviews a second, with clipping, schedule, reports and checks as every run has them."""
    model = new_model(kind, vocab)
    learner = ClassificationLearner(
        model,
        training,
        Examples(training.inputs[:32], training.labels[:32]),
        item="reviews",
        batch=BATCH,
        seed=0,
        device=device,
        flops_per_item=model.config.training_flops_per_text(),
        identity={},
        augment=hiding(HIDDEN),
    )
    steps = STEPS[kind]
    recipe = Recipe(
        steps=steps, learning_rate=RATE, seed=0, evaluate_every=steps, optimizer="adam", weight_decay=0.0, beta2=0.999
    )
    with tempfile.TemporaryDirectory() as folder:
        return fit(learner, recipe, Quiet(Path(folder)), device).items_per_second


def by_hand(kind: str, training: Examples, vocab: int, device: Device) -> float:
    """What one writes in an afternoon: the same model, optimizer, schedule, clipping and hidden words, and no more."""
    model = new_model(kind, vocab).to(device.torch).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, fused=True)
    steps = STEPS[kind]
    for step in range(steps):
        if step == SKIPPED:
            device.synchronize()
            started = time.perf_counter()
        for group in optimizer.param_groups:
            group["lr"] = RATE * 0.5 * (1 + math.cos(math.pi * step / steps))
        chosen = torch.randint(len(training), (BATCH,))
        ids, labels = training.inputs[chosen].to(device.torch), training.labels[chosen].to(device.torch)
        ids = ids.masked_fill((torch.rand(ids.shape, device=ids.device) < HIDDEN) & (ids != 0), 1)
        with torch.autocast(device.kind, torch.bfloat16, enabled=device.precision is torch.bfloat16):
            logits = model(ids)
        if logits.shape[1] == 1:
            loss = F.binary_cross_entropy_with_logits(logits[:, 0].float(), labels.float())
        else:
            loss = F.cross_entropy(logits.float(), labels)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    device.synchronize()
    return (steps - SKIPPED) * BATCH / (time.perf_counter() - started)


def throughput(device: Device) -> None:
    """Of each kind of network, ours over the loop by hand, round by round."""
    texts = shipped_reviews().training
    words = Words.train(texts.texts, vocab=VOCAB)
    ids = torch.from_numpy(words.encode(texts.texts, length=LENGTH))
    training = Examples(ids, torch.from_numpy(texts.labels))
    for kind in STEPS:
        pairs = []
        for turn in range(ROUNDS[kind]):
            # Who comes first changes: a machine that slows down while it works would favour one of them.
            loops = (ours, by_hand) if turn % 2 else (by_hand, ours)
            speed = {loop: loop(kind, training, len(words), device) for loop in loops}
            pairs.append((speed[ours], speed[by_hand]))
        mine, theirs = (median(pair[at] for pair in pairs) for at in range(2))
        ratios = [one / other for one, other in pairs]
        print(
            f"  training, {kind}: ours {mine:,.0f} reviews/s, by hand {theirs:,.0f}; "
            f"ratio in {ROUNDS[kind]} paired rounds: median {median(ratios):.3f}, best {max(ratios):.3f}"
        )


def quality() -> None:
    test = shipped_reviews().test
    for name, contender in shipped_contenders().items():
        found = look_at(contender, test, timed=TIMED, check=lambda: None)
        measures, latency = found.measures, found.latency
        print(
            f"  {contender.label}: accuracy {_shown(measures.accuracy)}, F1 {_shown(measures.f1)}, calibration error "
            f"{measures.calibration_error:.3f}, Brier {measures.brier:.3f}; {contender.bytes / 1e6:.2f} MB, "
            f"p50 {latency.p50 * 1e3:.2f} ms, p95 {latency.p95 * 1e3:.2f} ms a review"
        )
        if name != "baseline":
            facts = reference(name)
            print(f"    trained in {facts['seconds']:.0f} s on {facts['device']}, {facts['steps']:,} steps")


def _shown(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def main() -> None:
    device = pick()
    print(f"text classification, {len(shipped_reviews().test):,} held-out reviews, {device.name}")
    quality()
    throughput(device)
    print(f"  peak memory of this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:,.0f} MiB")


if __name__ == "__main__":
    main()
