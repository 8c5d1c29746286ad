"""What is said before a run and of the starter models: every stated figure is the computed or stored one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from mlcore.data.labelled import Labelled, Parts
from mlcore.device import Device
from mlcore.models.saved_classifier import load_classifier
from mlcore.models.text_classifiers import build
from mlcore.models.text_shape import TextClassifierConfig
from mlcore.reading import read_inputs
from mlcore.spec import params
from mlcore.tasks.text_classification import compare, make_starter, models
from mlcore.tasks.text_classification import run as run_module
from mlcore.tasks.text_classification.baseline import Baseline
from mlcore.tasks.text_classification.make_starter import MAX_BYTES
from mlcore.tasks.text_classification.quote import NAMES, STARTER, estimate, num_steps, reference
from mlcore.tasks.text_classification.sizes import SIZES, VOCAB, shape
from mlcore.tasks.text_classification.spec import TASK, TrainInputs

CONFIGS = [
    TextClassifierConfig(kind="classic", vocab=50, length=7, classes=2, width=6),
    TextClassifierConfig(kind="classic", vocab=50, length=7, classes=3, width=6),
    TextClassifierConfig(kind="transformer", vocab=50, length=7, classes=2, width=8, layers=2, heads=2, ffn=12),
    TextClassifierConfig(kind="transformer", vocab=40, length=9, classes=4, width=6, layers=1, heads=1, ffn=5),
]


@pytest.mark.parametrize("config", CONFIGS)
def test_the_counted_parameters_are_those_of_the_network(config: TextClassifierConfig) -> None:
    assert sum(weight.numel() for weight in build(config).parameters()) == config.parameters()


def test_the_flops_are_counted_by_hand() -> None:
    classic, _, transformer, _ = CONFIGS
    assert classic.training_flops_per_text() == 3 * 2 * 7 * 6
    # Forward a word: four square matrices, two of the feed-forward part, scores and their sum; then the head.
    word = 2 * (4 * 8 * 8 + 2 * 8 * 12 + 2 * 7 * 8)
    assert transformer.training_flops_per_text() == 3 * (2 * 7 * word + 2 * 8 * 2)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "other"}, "kind: wanted one of classic, transformer, got 'other'"),
        ({"vocab": 2}, "vocab: wanted at least 3, got 2"),
        ({"layers": 0}, "layers: wanted at least 1, got 0"),
        ({"heads": 3}, "heads: wanted a divisor of the width 8, got 3"),
        ({"dropout": 1.0}, "dropout: wanted 0 or more and less than 1, got 1.0"),
    ],
)
def test_a_shape_that_cannot_be_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        replace(CONFIGS[2], **change)


def test_the_sizes_have_the_parameters_that_their_labels_state() -> None:
    choices = next(param.choices for name, param, _ in params(TrainInputs) if name == "size")
    assert {name for name, _ in choices} == set(SIZES["classic"]) == set(SIZES["transformer"])
    for size, label in choices:
        for kind in SIZES:
            actual = shape(kind, size, vocab=VOCAB, length=128, classes=2).parameters() / 1e6
            assert f"{kind} {actual:.2f} million" in label


# The quote


@pytest.mark.parametrize("kind", ["classic", "transformer"])
def test_a_quote_follows_from_what_was_measured(kind: str) -> None:
    inputs = TrainInputs(kind=kind, epochs=10, batch=32, budget_minutes=10_000, budget_usd=1_000)
    device = {"achieved_flops": 1e10, "classifier.kind": kind, "usd_per_hour": 0.1, "watts": 65}
    quote = estimate(inputs, device=device)
    per_text = shape(kind, "small", vocab=VOCAB, length=128, classes=2).training_flops_per_text()
    steps = -(-10 * 3_575 // 32)
    assert quote["flops"] == steps * 32 * per_text
    # 20 evaluations of the 398 validation reviews or one more, forward only, and some seconds to prepare.
    evaluations = -(-steps // (steps // 20))
    assert quote["seconds"] == pytest.approx((quote["flops"] + evaluations * 398 / 3 * per_text) / 1e10 + 10)
    assert quote["usd"] == pytest.approx(quote["seconds"] / 3600 * 0.1)
    assert quote["kwh"] == pytest.approx(quote["seconds"] / 3600 * 0.065)
    assert (quote["basis"], quote["within_budget"]) == ("measured", True)


def test_a_measurement_of_another_kind_does_not_count() -> None:
    device = {"achieved_flops": 1e10, "classifier.kind": "classic"}
    quote = estimate(TrainInputs(kind="transformer"), device=device)
    assert quote["basis"] == "reference"
    assert quote == estimate(TrainInputs(kind="transformer"))


def test_a_quote_never_exceeds_the_budget() -> None:
    inputs = TrainInputs(data="upload", epochs=200, budget_usd=0.5, budget_minutes=10)
    device = {"achieved_flops": 1e6, "classifier.kind": "transformer"}
    quote = estimate(inputs, device={**device, "usd_per_hour": 6.0})
    assert (quote["seconds"], quote["usd"], quote["within_budget"]) == (300, 0.5, False)
    quote = estimate(inputs, device=device)
    assert (quote["seconds"], quote["usd"], quote["within_budget"]) == (600, 0, False)


def test_every_text_is_read_in_every_epoch() -> None:
    assert [num_steps(1, 1, 32), num_steps(1, 32, 32), num_steps(2, 33, 32)] == [1, 1, 3]


def test_every_example_is_read() -> None:
    for action in TASK.actions:
        assert action.examples
        for example in action.examples:
            read = read_inputs(action.inputs, example)
            assert all(getattr(read, name) == value for name, value in example.items())


# The card


def states_its_figures(folder: Path) -> None:
    """What a card must say, whatever was trained: its text against the facts that lie with the weights."""
    assert sum(file.stat().st_size for file in (folder / "starter").iterdir()) <= MAX_BYTES
    card = " ".join((folder / TASK.card).read_text(encoding="utf-8").split())
    for kind, name in NAMES.items():
        facts = load_classifier(folder / "starter", name=name).facts
        assert facts["kind"] == kind
        for stated in (
            facts["data"],
            f"Licence: {facts['licence']}",
            f"seed {facts['seed']},",
            f"{facts['parameters']:,} parameters",
            f"{facts['steps']:,} steps in",
            f"validation loss {facts['validation_loss']:.3f}",
            f"{facts['test_texts']:,} held-out reviews",
            f"{facts['accuracy']:.1%} ({facts['accuracy_low']:.1%} to {facts['accuracy_high']:.1%})",
            "TF-IDF and logistic regression |",
            "## Known failures - ",
        ):
            assert stated in card, stated


def test_the_card_of_the_starters_states_their_figures() -> None:
    states_its_figures(STARTER.parent)


def test_the_starters_are_what_the_recipes_make() -> None:
    for kind, recipe in make_starter.RECIPES.items():
        facts = reference(kind)
        chosen = ("size", "length", "epochs", "batch", "learning_rate", "hidden_words", "patience", "seed")
        assert {name: facts[name] for name in chosen} == {name: getattr(recipe, name) for name in chosen}


@pytest.fixture
def few_reviews(monkeypatch: pytest.MonkeyPatch, cpu: Device) -> Iterator[None]:
    texts = [f"{'good' if n % 2 else 'bad'} tea number {n}" for n in range(200)]
    part = Labelled(tuple(texts), np.arange(200) % 2, ("other", "great"))
    parts = Parts(part.take(range(120)), part.take(range(120, 150)), part.take(range(150, 200)))
    for module in (run_module, compare, make_starter):
        monkeypatch.setattr(module, "shipped_reviews", lambda: parts)
    monkeypatch.setattr(compare, "shipped_baseline", lambda: Baseline(parts.training))
    for module in (run_module, models):
        monkeypatch.setattr(module, "pick", lambda: cpu)
    monkeypatch.setattr(run_module, "matmul_peak", lambda device: 1e12)
    monkeypatch.setitem(SIZES["transformer"], "small", {"width": 8, "layers": 1, "heads": 1, "ffn": 8})
    return


@pytest.mark.usefixtures("few_reviews")
def test_one_command_trains_and_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_starter, "_HERE", tmp_path)
    make_starter.main(["--epochs", "1", "--folder", str(tmp_path / "runs")])
    states_its_figures(tmp_path)
    monkeypatch.setattr(make_starter, "MAX_BYTES", 1_000)
    with pytest.raises(ValueError, match="Wanted starter models of at most 1,000 bytes, got"):
        make_starter.pack(tmp_path / "runs", tmp_path)


@pytest.mark.parametrize(
    ("lows", "said"),
    [
        ({"transformer": 0.79, "classic": 0.78}, "Neither network beats the baseline"),
        ({"transformer": 0.82, "classic": 0.78}, "only Transformer encoder beats"),
        ({"transformer": 0.82, "classic": 0.81}, "Transformer encoder and Classic network beat the baseline"),
    ],
)
def test_the_card_says_whether_the_networks_are_worth_it(lows: dict[str, float], said: str) -> None:
    labels = {"transformer": "Transformer encoder", "classic": "Classic network", "baseline": "Baseline"}
    found = {
        name: SimpleNamespace(
            contender=SimpleNamespace(label=label),
            measures=SimpleNamespace(accuracy=SimpleNamespace(value=0.8, low=lows.get(name, 0.77))),
        )
        for name, label in labels.items()
    }
    assert said in make_starter._verdict(found)
