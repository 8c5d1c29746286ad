"""Train the starter models and pack them: ``python -m mlcore.tasks.image_classification.make_starter``.

Writes ``starter/`` and ``card.md`` beside this file. The runs live in ``--folder`` and go on from there when they were
interrupted; those that have ended are only packed. Every figure of the card was measured by a run or the evaluation.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

from mlcore.__main__ import Terminal
from mlcore.data.images import MIN_PER_CLASS, Split, split
from mlcore.data.images_glyphs import LETTERS, SHAPES, glyphs
from mlcore.device import pick
from mlcore.evaluate.classification import measure
from mlcore.progress import Progress, Quiet
from mlcore.storage import read_json, write_atomic, write_json
from mlcore.tasks.image_classification.answers import evaluate
from mlcore.tasks.image_classification.measuring import read_by
from mlcore.tasks.image_classification.network import FILES, ImageNetwork, load_network, rounded, save_network
from mlcore.tasks.image_classification.run import make_learner, make_recipe, train
from mlcore.tasks.image_classification.sizes import network_config
from mlcore.tasks.image_classification.spec import BASELINES, NETWORKS, EvaluateInputs, TrainInputs
from mlcore.train.loop import fit

MAX_BYTES = 4_000_000  # of all starters together
_HERE = Path(__file__).parent
_FREELY: dict[str, Any] = {"seed": 1, "budget_minutes": 10_000, "budget_usd": 100_000}

NUM_GLYPHS = 12_000
# The two residual networks get the same recipe: they differ in where they start and in nothing else.
_RESNET: dict[str, Any] = {"steps": 150, "batch": 64, "sgd_rate": 0.03, "augmentation": "crop"}
RECIPES: dict[str, dict[str, Any]] = {
    "letters": {"model": "resnet", "steps": 500, "batch": 64, "sgd_rate": 0.05, "augmentation": "none"},
    "cnn": {"model": "cnn", "steps": 800, "batch": 32, "adam_rate": 0.003, "augmentation": "crop"},
    "resnet": {"model": "resnet", **_RESNET},
    "resnet-pretrained": {"model": "resnet-pretrained", **_RESNET},
}

_CARD = Template("""# Image classification: the starter models

Small networks that read one handwritten digit. They are here so that the demo answers at first start, and as the reference
runs of the training pipeline.

| | |
|---|---|
| Data | 1,797 digits of 8 × 8 in 17 steps of grey: $data, $licence, as scikit-learn ships it |
| Split | $training_images to learn from, 270 to choose the best weights, $test_images held out, each digit in the same share, by a fixed seed; the set has no writer ids, so **one hand may be on both sides of the split** |
| Networks | classic: two blocks of convolution and pooling with 32 and 64 channels, dense 64, softmax, $cnn_parameters parameters, Adam; residual: `transformers` ResNet of three stages with 24, 48 and 96 channels for 32 × 32, $resnet_parameters parameters, SGD with momentum 0.9 |
| Pre-training | $num_glyphs pictures of $num_letters letters and $num_shapes shapes, drawn by `mlcore/data/images_glyphs.py` in the DejaVu fonts (free licence, derived from Bitstream Vera) and **no digits**; $letters_steps steps of $letters_batch, then $letters_accuracy of its own held-out pictures were read rightly ($letters_interval) |
| Training | classic: $cnn_steps steps of $cnn_batch; residual, with and without pre-training: $resnet_steps steps of $resnet_batch; seed $seed; images are shifted at random and **never mirrored**, since a mirrored 2, 3 or 7 is no digit |
| Trained on | $device, $trained_on; classic $cnn_seconds s, pre-training $letters_seconds s, residual $resnet_seconds s and $pretrained_seconds s |
| Files | weights in 16 bits as safetensors, facts as JSON with the SHA-256; $megabytes MB together |

## On the $test_images held-out digits

| | accuracy | 95% interval | macro F1 | MB | ms for half, for 95% |
|---|---|---|---|---|---|
$rows

Times are of one image at a time on the device above. $verdict

## Made by one command

```sh
python -m mlcore.tasks.image_classification.make_starter
```

On the same machine, with the same libraries and thread count, it gives the same weights to the bit, interrupted or not; elsewhere
they differ in their last bits, and the figures in their last digits.

## Known failures

- It names one of ten digits whatever it is shown: letters, drawings and photographs of cats too, and often surely.
- One digit at a time. Of several in a picture, the largest pieces of ink are taken together for one.
- The digits are those of 43 people in Turkey in the 1990s. A 1 with a long upstroke, a 7 without a bar or a 9 with a curved foot
  may be read as their neighbours.
- Photographs need a dark pen on light paper, or the reverse, without lines or a shadow across the digit.
- A digit that lies on its side is not turned upright.
- The held-out digits were scanned as the training digits were. On drawn and photographed ones expect more errors than the table
  says.
- Images of your own are scaled to 32 × 32: what is told apart by detail smaller than that is not learnt. Classes need at least
  $min_per_class images, and some hundreds to be learnt well.
""")  # noqa: E501 - a row of a table is one line


def main(arguments: list[str] | None = None) -> None:
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # before torch starts threads, as in mlcore.__main__
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path(".state/starter-images"), help="where the runs live")
    given = parser.parse_args(arguments)
    for name in RECIPES:
        run = given.folder / name
        run.mkdir(parents=True, exist_ok=True)
        inputs = TrainInputs(**_FREELY, **RECIPES[name])
        progress = Terminal(run, sys.stderr)
        if name == "letters":
            pretrain(inputs, progress)
        else:
            train(inputs, progress)
        pack(run, _HERE / "starter" / name)
    size = sum(file.stat().st_size for file in (_HERE / "starter").glob("*/*"))
    if size > MAX_BYTES:
        raise ValueError(f"Wanted starter models of at most {MAX_BYTES:,} bytes, got {size:,}. Train smaller ones.")
    measured = evaluate(EvaluateInputs(), Quiet(given.folder))
    facts = {name: read_json(_HERE / "starter" / name / FILES["model"])["facts"] for name in RECIPES}
    write_atomic(_HERE / "card.md", card(facts, measured["comparison"]["rows"], size).encode())


def pretrain(inputs: TrainInputs, progress: Progress) -> None:
    """Teach a residual network letters and shapes, and leave it in ``progress.folder``."""
    progress.stage("preparing")
    parts: Split = split(glyphs(NUM_GLYPHS, seed=inputs.seed), seed=inputs.seed)
    config = network_config(inputs.model, classes=len(parts.test.classes), digits=False)
    device = pick()
    learner = make_learner(inputs, config, parts, device)
    outcome = fit(learner, make_recipe(inputs, 0.0), progress, device)
    network = learner.model
    assert isinstance(network, ImageNetwork)
    network.load_state_dict(rounded(network))
    accuracy = measure(parts.test.labels, read_by(network.eval())(parts.test.pixels)).accuracy
    facts = {
        "data": "Letters and shapes drawn by code",
        "licence": "That of this repository",
        "parameters": config.parameters(),
        "accuracy": accuracy.value,
        "accuracy_low": accuracy.low,
        "accuracy_high": accuracy.high,
        "test_images": len(parts.test),
        "training_images": len(parts.training),
        "steps": outcome.steps,
        "seconds": outcome.seconds,
        "images_per_second": outcome.items_per_second,
        "achieved_flops": outcome.achieved_flops,
        "device": device.name,
    }
    save_network(progress.folder, network, classes=parts.test.classes, reads="photo", facts=facts)


def pack(run: Path, starter: Path) -> None:
    """Put the network that lies in ``run`` into ``starter``; the images to measure it with are those of scikit-learn.

    Raises:
        ValueError: no network lies there, or a damaged one.
    """
    load_network(run)
    starter.mkdir(parents=True, exist_ok=True)
    about = read_json(run / FILES["model"])
    about.pop("images", None)
    write_atomic(starter / FILES["weights"], (run / FILES["weights"]).read_bytes())
    write_json(starter / FILES["model"], about)


def card(facts: Mapping[str, Mapping[str, Any]], rows: list[list[Any]], size: int) -> str:
    """The card in Markdown; ``rows`` are those of the evaluation."""
    cnn, resnet, letters = facts["cnn"], facts["resnet"], facts["letters"]
    return _CARD.substitute(
        data=cnn["data"],
        licence=cnn["licence"],
        training_images=f"{cnn['training_images']:,}",
        test_images=cnn["test_images"],
        cnn_parameters=f"{cnn['parameters']:,}",
        resnet_parameters=f"{resnet['parameters']:,}",
        num_glyphs=f"{NUM_GLYPHS:,}",
        num_letters=len(LETTERS),
        num_shapes=len(SHAPES),
        letters_steps=letters["steps"],
        letters_batch=RECIPES["letters"]["batch"],
        letters_accuracy=_percent(letters["accuracy"]),
        letters_interval=f"{_percent(letters['accuracy_low'])} to {_percent(letters['accuracy_high'])}",
        cnn_steps=cnn["steps"],
        cnn_batch=cnn["asked_batch"],
        resnet_steps=resnet["steps"],
        resnet_batch=resnet["asked_batch"],
        seed=cnn["asked_seed"],
        device=cnn["device"],
        trained_on=cnn["trained_on"],
        cnn_seconds=f"{cnn['seconds']:.0f}",
        letters_seconds=f"{letters['seconds']:.0f}",
        resnet_seconds=f"{resnet['seconds']:.0f}",
        pretrained_seconds=f"{facts['resnet-pretrained']['seconds']:.0f}",
        megabytes=f"{size / 1e6:.1f}",
        rows="\n".join(map(_row, rows)),
        verdict=_verdict(rows),
        min_per_class=MIN_PER_CLASS,
    )


def _row(cells: list[Any]) -> str:
    name, accuracy, low, high, f1, megabytes, half, most, _usd = cells
    return (
        f"| {({**NETWORKS, **BASELINES})[name]} | {_percent(accuracy)} | {_percent(low)} to {_percent(high)} | "
        f"{_percent(f1)} | {megabytes:.2f} | {half:.1f}, {most:.1f} |"
    )


def _verdict(rows: list[list[Any]]) -> str:
    """What the table says of pre-training, no more than the intervals allow."""
    found = {cells[0]: cells for cells in rows}
    without, pretrained = found["resnet"], found["resnet-pretrained"]
    told = f"With the same budget the residual network is right on {_percent(without[1])} from scratch and on " \
           f"{_percent(pretrained[1])} with pre-training; "  # fmt: skip
    if pretrained[2] > without[3]:
        return told + "the intervals do not overlap, so pre-training helped."
    if without[2] > pretrained[3]:
        return told + "the intervals do not overlap, so pre-training did harm."
    return told + "the intervals overlap, so these digits do not show a difference."


def _percent(share: float) -> str:
    return f"{share:.1%}"


if __name__ == "__main__":
    main()
