"""Checkpoints of a hub: one that the test saves is loaded and streams; everything else is refused with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel

from mlcore.data.tokenizer import TextTokenizer
from mlcore.infer.generate import Generation
from mlcore.infer.sampling import Sampling
from mlcore.models import hub
from mlcore.models.hub import load_folder, load_hub_model
from mlcore.progress import Quiet
from mlcore.tasks.text_generation.run import generate
from mlcore.tasks.text_generation.spec import GenerateInputs

REVISION = "0123456789abcdef0123456789abcdef01234567"
REFERENCE = f"example/tiny-gpt2@{REVISION}"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory, tokenizer: TextTokenizer) -> Path:
    """A random GPT-2 of a few thousand weights, in the layout of the hub's own cache."""
    cache = tmp_path_factory.mktemp("hub")
    folder = cache / "models--example--tiny-gpt2" / "snapshots" / REVISION
    torch.manual_seed(4)
    config = GPT2Config(
        vocab_size=len(tokenizer), n_positions=32, n_embd=32, n_layer=2, n_head=2, eos_token_id=tokenizer.end,
        bos_token_id=tokenizer.end, initializer_range=0.5,
    )  # fmt: skip
    GPT2LMHeadModel(config).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(tokenizer.to_json())
    return cache


@pytest.fixture
def folder(cache: Path, tmp_path: Path) -> Path:
    """A copy of the checkpoint that a test may spoil."""
    copy = tmp_path / "checkpoint"
    copy.mkdir()
    for file in (cache / "models--example--tiny-gpt2" / "snapshots" / REVISION).iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    return copy


def test_a_cached_checkpoint_streams_what_transformers_writes(cache: Path, tokenizer: TextTokenizer) -> None:
    speaker = load_hub_model(REFERENCE, allowed={REFERENCE}, cache=cache)
    assert (speaker.context, speaker.end_ids) == (32, {tokenizer.end})
    ids = speaker.encode("Emma walked")
    said = speaker.model.generate(
        torch.tensor([ids]), max_new_tokens=15, do_sample=False, eos_token_id=-1, pad_token_id=0
    )  # fmt: skip
    generation = Generation(speaker, "Emma walked", Sampling(max_new_tokens=15, temperature=0), lambda: None)
    tokens = list(generation)
    assert generation.text == tokenizer.decode(said[0, len(ids) :].tolist())
    assert tokenizer.end not in said
    assert len(tokens) >= 15


def test_text_beyond_the_context_goes_on(cache: Path) -> None:
    speaker = load_hub_model(REFERENCE, allowed={REFERENCE}, cache=cache)
    generation = Generation(speaker, "Anne " * 40, Sampling(max_new_tokens=50, seed=3), lambda: None)
    list(generation)
    assert generation.tokens == 50 or generation.stopped_by == "end of text"


def test_the_demo_reaches_it_only_when_it_is_allowed(cache: Path, tmp_path: Path) -> None:
    inputs = GenerateInputs(prompt="Bath", max_new_tokens=5, hub_model=REFERENCE)
    result = generate(inputs, Quiet(tmp_path), hub_models=[REFERENCE], hub_cache=cache)
    assert (result["model"], result["tokens"]) == (REFERENCE, 5)
    with pytest.raises(ValueError, match="no checkpoints are loaded from a hub here"):
        generate(inputs, Quiet(tmp_path), hub_cache=cache)


@pytest.mark.parametrize(
    "reference",
    [
        "example/tiny-gpt2",
        "example/tiny-gpt2@main",
        f"example/tiny-gpt2@{REVISION[:12]}",
        f"example/tiny-gpt2@{REVISION.upper()}",
        f"example/../../etc@{REVISION}",
        f"/etc/passwd@{REVISION}",
        f"../x/y@{REVISION}",
        f"https://example.org/a/b@{REVISION}",
        f"a/b/c@{REVISION}",
        f"ex․mple/tiny@{REVISION}",
        f"example/{'x' * 200}@{REVISION}",
        REFERENCE + "\n",
        "",
    ],
)
def test_what_is_not_pinned_is_refused(reference: str) -> None:
    with pytest.raises(ValueError, match="full commit hash"):
        load_hub_model(reference, allowed={reference, REFERENCE})


def test_what_is_not_allowed_is_refused_before_anything_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "snapshot_download", lambda **_: pytest.fail("fetched"))
    other = f"example/another@{REVISION}"
    with pytest.raises(ValueError, match=f"wanted one that the operator allows \\({REFERENCE}\\), got {other}"):
        load_hub_model(other, allowed={REFERENCE})


def test_only_data_is_fetched_and_a_failure_is_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[dict[str, Any]] = []

    def nothing(**what: Any) -> str:
        asked.append(what)
        raise hub.LocalEntryNotFoundError("no network in a test")

    monkeypatch.setattr(hub, "snapshot_download", nothing)
    with pytest.raises(
        ValueError, match=r"example/tiny-gpt2 at 0123456789ab could not be fetched \(LocalEntryNotFound"
    ):
        load_hub_model(REFERENCE, allowed={REFERENCE}, cache=tmp_path)
    assert [what.get("local_files_only", False) for what in asked] == [True, False]
    for what in asked:
        assert what["revision"] == REVISION
        assert not [pattern for pattern in what["allow_patterns"] if not pattern.endswith((".json", ".safetensors"))]


def changed(**change: Any) -> Callable[[Path], None]:
    def change_config(folder: Path) -> None:
        config = json.loads((folder / "config.json").read_text())
        (folder / "config.json").write_text(json.dumps({**config, **change}))

    return change_config


def pickled(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x02}q\x00.")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (changed(auto_map={"AutoModelForCausalLM": "evil.Model"}), "brings code of its own"),
        (changed(architectures=["BertForMaskedLM"]), "wanted one of GPT2LMHeadModel"),
        (changed(architectures=["os.system"]), "wanted one of GPT2LMHeadModel"),
        (changed(architectures=[{"__class__": "x"}]), "wanted one of GPT2LMHeadModel"),
        (changed(architectures=None), "wanted one of GPT2LMHeadModel"),
        (pickled, "wanted weights as safetensors"),
        (lambda folder: (folder / "config.json").write_text("["), "config.json is not JSON"),
        (lambda folder: (folder / "config.json").write_text("[" * 100_000), "config.json is not JSON"),
        (lambda folder: (folder / "config.json").write_text("[]"), "wanted an object in config.json"),
        (lambda folder: (folder / "config.json").unlink(), "wanted config.json"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "wanted tokenizer.json"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "tokenizer.json could not be read"),
    ],
)  # fmt: skip
def test_a_checkpoint_that_could_harm_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[Path], object], told: str
) -> None:
    monkeypatch.setattr(transformers.PreTrainedModel, "from_pretrained", lambda *a, **k: pytest.fail("loaded"))
    spoil(folder)
    with pytest.raises(ValueError, match=told):
        load_folder(folder)


def test_damaged_weights_are_refused(folder: Path) -> None:
    content = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(b"\xff" * 8 + content[8:])
    with pytest.raises(ValueError, match="could not be loaded"):
        load_folder(folder)
