"""What is said before a run and of the starter model: every stated figure is the computed or stored one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mlcore.device import Device
from mlcore.models.saved import load_model
from mlcore.progress import Quiet
from mlcore.reading import read_inputs
from mlcore.spec import params
from mlcore.tasks.text_generation import make_starter
from mlcore.tasks.text_generation import run as run_module
from mlcore.tasks.text_generation.make_starter import MAX_BYTES
from mlcore.tasks.text_generation.quote import STARTER, estimate
from mlcore.tasks.text_generation.run import generate
from mlcore.tasks.text_generation.sizes import SIZES
from mlcore.tasks.text_generation.spec import TASK, GenerateInputs, TrainInputs

COMMON_WORDS = {"the", "of", "and", "to", "a", "in", "was", "her", "she", "I", "it", "that", "not", "be", "had"}


def test_the_sizes_have_the_parameters_that_their_labels_state() -> None:
    choices = next(param.choices for name, param, _ in params(TrainInputs) if name == "size")
    assert {name for name, _ in choices} == set(SIZES)
    for name, label in choices:
        stated = label.partition(": ")[2].removesuffix(" million parameters")
        actual = SIZES[name].config(vocab=SIZES[name].vocab, context=128).parameters() / 1e6
        assert stated == f"{actual:.2g}", label


def test_a_quote_follows_from_what_was_measured() -> None:
    inputs = TrainInputs(size="small", sequence=256, steps=1_000, batch=16, budget_minutes=1_000, budget_usd=1_000)
    quote = estimate(inputs, device={"achieved_flops": 1e11, "usd_per_hour": 0.1, "watts": 65})
    config = SIZES["small"].config(vocab=2048, context=256)
    assert (quote["parameters"], quote["tokens"]) == (config.parameters(), 1_000 * 16 * 256)
    assert quote["flops"] == quote["tokens"] * config.training_flops_per_token(256)
    # 20 evaluations of 16,384 tokens, forward only, and some seconds to prepare.
    evaluating = 20 * 16_384 / 3 * config.training_flops_per_token(256)
    assert quote["seconds"] == pytest.approx((quote["flops"] + evaluating) / 1e11 + 8)
    assert quote["usd"] == pytest.approx(quote["seconds"] / 3600 * 0.1)
    assert quote["kwh"] == pytest.approx(quote["seconds"] / 3600 * 0.065)
    assert (quote["basis"], quote["within_budget"]) == ("measured", True)


def test_a_quote_never_exceeds_the_budget() -> None:
    inputs = TrainInputs(steps=100_000, budget_usd=0.5, budget_minutes=10)
    quote = estimate(inputs, device={"achieved_flops": 1e9, "usd_per_hour": 6.0})
    assert (quote["seconds"], quote["usd"], quote["within_budget"]) == (300, 0.5, False)
    quote = estimate(inputs, device={"achieved_flops": 1e9})
    assert (quote["seconds"], quote["usd"], quote["within_budget"]) == (600, 0, False)


def test_without_a_measurement_the_starter_is_the_reference() -> None:
    quote = estimate(TrainInputs())
    assert (quote["basis"], quote["within_budget"]) == ("reference", True)
    assert quote["seconds"] > 0


def test_every_example_is_read() -> None:
    for action in TASK.actions:
        assert action.examples
        for example in action.examples:
            read = read_inputs(action.inputs, example)
            assert all(getattr(read, name) == value for name, value in example.items())


def test_the_starter_speaks(quiet: Quiet) -> None:
    result = generate(GenerateInputs(max_new_tokens=80), quiet)
    assert (result["model"], result["tokens"]) == ("starter", 80)
    assert len(COMMON_WORDS & set(result["text"].split())) >= 4


def states_its_figures(folder: Path) -> None:
    """What a card must say, whatever was trained: its text against the facts that lie with the weights."""
    assert sum(file.stat().st_size for file in (folder / "starter").iterdir()) <= MAX_BYTES
    facts = load_model(folder / "starter").facts
    card = " ".join((folder / TASK.card).read_text(encoding="utf-8").split())
    for stated in (
        facts["data"],
        facts["licence"],
        f"seed {facts['seed']};",
        f"{facts['parameters']:,} parameters",
        f"{facts['steps']:,} steps",
        f"{facts['trained_tokens']:,} tokens",
        f"{facts['held_out_tokens']:,} held-out tokens",
        f"{facts['validation_loss']:.3f} nats per token",
        f"perplexity {facts['perplexity']:.1f},",
        f"{facts['bits_per_byte']:.3f} bits per byte",
        f"--steps {facts['asked_steps']} ",
        "## Known failures - ",
    ):
        assert stated in card, stated


def test_the_card_of_the_starter_states_its_figures() -> None:
    states_its_figures(STARTER.parent)


def test_one_command_trains_and_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cpu: Device) -> None:
    monkeypatch.setattr(run_module, "pick", lambda: cpu)
    monkeypatch.setattr(run_module, "matmul_peak", lambda device: 1e12)
    monkeypatch.setattr(make_starter, "_HERE", tmp_path)
    monkeypatch.setitem(
        SIZES, "small", replace(SIZES["tiny"], vocab=300, layers=1, hidden=16, heads=2, kv_heads=1, ffn=16)
    )
    make_starter.main(["--steps", "2", "--folder", str(tmp_path / "run")])
    states_its_figures(tmp_path)
    monkeypatch.setattr(make_starter, "MAX_BYTES", 1_000)
    with pytest.raises(ValueError, match="Wanted a starter model of at most 1,000 bytes, got"):
        make_starter.pack(tmp_path / "run", tmp_path)
