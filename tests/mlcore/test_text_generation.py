"""The task as a worker calls it: train on a text, write with the result, and refuse what cannot be."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mlcore.data.prepared import prepare
from mlcore.device import Device
from mlcore.models import saved
from mlcore.models.saved import FILES, load_model
from mlcore.progress import Cancelled, Quiet
from mlcore.registry import all_tasks
from mlcore.storage import Damaged
from mlcore.tasks.text_generation import run as run_module
from mlcore.tasks.text_generation.run import generate, train
from mlcore.tasks.text_generation.sizes import SIZES, Size
from mlcore.tasks.text_generation.spec import GENERATE, TASK, TRAIN, GenerateInputs, TrainInputs

SMALLEST = Size(title="Smallest", vocab=300, layers=2, hidden=32, heads=4, kv_heads=2, ffn=48, dropout=0.1)
INPUTS = TrainInputs(data="upload", size="tiny", sequence=32, steps=40, batch=4, budget_minutes=5)


class Stopping(Quiet):
    """Is cancelled at the n-th check."""

    def __init__(self, folder: Path, stop_at: int) -> None:
        super().__init__(folder)
        self.left = stop_at

    def check(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Cancelled


@pytest.fixture(autouse=True, scope="module")
def one_core_and_small_models(cpu: Device) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_module, "pick", lambda: cpu)
        patch.setattr(run_module, "matmul_peak", lambda device: 1e12)
        patch.setitem(SIZES, "tiny", SMALLEST)
        yield


@pytest.fixture(scope="module")
def upload(tmp_path_factory: pytest.TempPathFactory, story: str) -> Path:
    path = tmp_path_factory.mktemp("upload") / "story.txt"
    path.write_text(story)
    return path


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory, upload: Path) -> tuple[Quiet, dict[str, Any]]:
    """A training run that has ended, and what it returned."""
    progress = Quiet(tmp_path_factory.mktemp("run"))
    return progress, train(INPUTS, progress, upload=upload, price_per_hour=0.36, power_watts=65)


@pytest.fixture(scope="module")
def model_folder(ended: tuple[Quiet, dict[str, Any]]) -> Path:
    return ended[0].folder


@pytest.fixture
def copied(model_folder: Path, tmp_path: Path) -> Path:
    """A copy of the run's folder that a test may spoil."""
    return shutil.copytree(model_folder, tmp_path / "copy")


def told(progress: Quiet) -> list[list[dict[str, Any]]]:
    """The groups of tokens that a reader was sent."""
    return [data["tokens"] for kind, data in progress.events if kind == "tokens"]


def test_the_task_is_found_and_light() -> None:
    assert all_tasks()["text-generation"] is TASK
    code = (
        "import sys; from mlcore.registry import all_tasks; import mlcore.tasks.text_generation.quote; all_tasks();"
        "print(sorted({'torch', 'numpy', 'transformers', 'tokenizers'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


# Training


def test_a_training_run_answers_all_that_it_declares(ended: tuple[Quiet, dict[str, Any]]) -> None:
    progress, result = ended
    assert set(result) == {*TRAIN.results, "artifacts"}
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["validation_loss"] < 0.8 * math.log(300)  # of one that guesses among 300 tokens
    assert result["perplexity"] == pytest.approx(math.exp(result["validation_loss"]))
    per_token = SMALLEST.config(vocab=300, context=32).training_flops_per_token(32)
    assert result["achieved_flops"] == pytest.approx(result["tokens_per_second"] * per_token)
    assert result["utilisation"] == pytest.approx(result["achieved_flops"] / 1e12)
    assert result["usd"] == pytest.approx(result["seconds"] / 3600 * 0.36)
    assert result["trained_tokens"] == 40 * 4 * 32
    assert (result["usd_per_device_hour"], result["device_power"]) == (0.36, 65)
    assert result["stopped_by"] in TRAIN.results["stopped_by"].words
    assert all((progress.folder / file).is_file() for file in result["artifacts"].values())
    stages = [data["name"] for kind, data in progress.events if kind == "stage"]
    assert (stages[0], stages[-1]) == ("preparing", "saving")


def test_each_quantity_is_declared_once() -> None:
    quantities = [result.quantity for result in TRAIN.results.values() if result.quantity]
    assert len(quantities) == len(set(quantities))
    assert {
        "tokens_per_second", "achieved_flops", "utilisation", "device_peak_tflops", "usd_per_device_hour",
        "device_power", "arch.layers", "arch.hidden", "arch.heads", "arch.kv_heads", "arch.ffn", "arch.vocab",
        "arch.seq", "arch.gated", "arch.tied", "train.tokens", "train.devices",
    } <= set(quantities)  # fmt: skip


def test_what_nobody_stated_is_unknown_not_free(quiet: Quiet, upload: Path) -> None:
    result = train(replace(INPUTS, steps=2), quiet, upload=upload)
    assert [result[name] for name in ("usd", "usd_per_device_hour", "device_power")] == [None] * 3


def test_a_run_that_is_cancelled_goes_on(tmp_path: Path, upload: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlcore.train.loop._SAVING_SHARE", 1e9)
    monkeypatch.setattr(run_module, "Recipe", lambda **given: _recipe(**given, checkpoint_seconds=0.0))
    inputs = replace(INPUTS, steps=12)
    stopped = Stopping(tmp_path, 12)
    with pytest.raises(Cancelled):
        train(inputs, stopped, upload=upload)
    assert not (tmp_path / FILES["model"]).exists()
    resumed = Quiet(tmp_path)
    assert train(inputs, resumed, upload=upload)["steps"] == 12
    assert any(data["message"].startswith("Going on from step") for kind, data in resumed.events if kind == "log")


_recipe = run_module.Recipe


def test_the_tokens_of_a_run_are_made_once(tmp_path: Path, story: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = prepare([story], vocab=300, folder=tmp_path)
    monkeypatch.setattr("mlcore.data.prepared._make", lambda *_: pytest.fail("made again"))
    again = prepare([story], vocab=300, folder=tmp_path)
    assert again.tokenizer.to_json() == first.tokenizer.to_json()
    assert (again.training.tolist(), again.held_out.tolist()) == (first.training.tolist(), first.held_out.tolist())


@pytest.mark.parametrize("spoilt", ["tokens.safetensors", "tokenizer.json", "tokens.json"])
def test_spoilt_tokens_are_made_again(tmp_path: Path, story: str, spoilt: str) -> None:
    first = prepare([story], vocab=300, folder=tmp_path)
    (tmp_path / spoilt).write_bytes(b"spoilt")
    assert prepare([story], vocab=300, folder=tmp_path).training.tolist() == first.training.tolist()
    assert prepare([story + "More."], vocab=300, folder=tmp_path).held_out.tolist() != first.held_out.tolist()


def test_the_held_out_text_is_unknown_to_the_tokenizer(tmp_path: Path, story: str) -> None:
    made = prepare([story + "Zanzibarquux " * 60 + "\n"], vocab=400, folder=tmp_path)
    assert "Zanzibarquux" in made.tokenizer.decode(made.held_out.tolist())
    assert not any(b"quux" in piece for piece in made.tokenizer.pieces)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"data": "upload"}, "Your text: wanted a text file, got none"),
        ({"sequence": 1024, "batch": 33}, "Batch: 33 sequences of 1,024 are 33,792 tokens at once, wanted at most"),
        ({"sequence": 1024}, "Sequence length: the held-out text has .* tokens, wanted more than 1,024"),
    ],
)
def test_a_run_that_cannot_be_is_refused(quiet: Quiet, upload: Path, change: dict[str, Any], reason: str) -> None:
    given = {"upload": upload} if "sequence" in change else {}
    with pytest.raises(ValueError, match=reason):
        train(replace(INPUTS, **change), quiet, **given)


# Writing


def test_a_trained_model_writes(model_folder: Path, quiet: Quiet) -> None:
    inputs = GenerateInputs(prompt="Captain Wentworth", max_new_tokens=40, model="job_1", seed=5)
    result = generate(inputs, quiet, model_folder=model_folder)
    assert set(result) == set(GENERATE.results)
    assert (result["model"], result["tokens"], result["stopped_by"]) == ("job_1", 40, "length")
    tokens = [token for group in told(quiet) for token in group]
    assert "".join(token["text"] for token in tokens) == result["text"]
    assert all(0 <= token["probability"] <= 1 and len(token["alternatives"]) == 5 for token in tokens)


def test_stop_shows_what_was_written(model_folder: Path, tmp_path: Path) -> None:
    writer = Stopping(tmp_path, 6)
    with pytest.raises(Cancelled):
        generate(GenerateInputs(model="job_1", max_new_tokens=50), writer, model_folder=model_folder)
    assert sum(map(len, told(writer))) == 5


def test_tokens_are_told_in_groups(model_folder: Path, quiet: Quiet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty-five times a second at most, however fast the model writes; none is lost."""
    now = iter(range(10_000))
    monkeypatch.setattr(run_module.time, "monotonic", lambda: next(now) / 100)  # each look at the clock takes 10 ms
    result = generate(GenerateInputs(model="job_1", max_new_tokens=100), quiet, model_folder=model_folder)
    assert sum(map(len, told(quiet))) == result["tokens"] == 100
    assert len(told(quiet)) <= 100 * 0.01 * 25 + 2


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"model": "job_9"}, "found no finished run job_9"),
        ({"model": "job_9", "hub_model": "a/b@c"}, "wanted one of them at most, got both"),
        ({"hub_model": "a/b@c"}, "no checkpoints are loaded from a hub here"),
        ({"stop": "\n".join("abcdefghi")}, "Stop at: wanted at most 8 lines, got 9"),
    ],
)
def test_a_text_that_cannot_be_written_is_refused(quiet: Quiet, inputs: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        generate(GenerateInputs(**inputs), quiet)


# The files of a model


def test_the_figures_stand_beside_the_weights(ended: tuple[Quiet, dict[str, Any]], model_folder: Path) -> None:
    facts, result = load_model(model_folder).facts, ended[1]
    for name in ("validation_loss", "bits_per_byte", "parameters", "steps", "tokens_per_second"):
        assert facts[name] == result[name]
    assert (facts["data"], facts["licence"]) == ("An uploaded text", "That of the uploaded text")


@pytest.mark.parametrize("file", list(FILES.values()))
def test_a_spoilt_model_is_refused(copied: Path, file: str) -> None:
    content = (copied / file).read_bytes()
    (copied / file).write_bytes(content.replace(b"e", b"f", 1))
    with pytest.raises(Damaged):
        load_model(copied)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"architecture": "os.system"}, "wanted a decoder of format 1"),
        ({"format": 2}, "wanted a decoder of format 1"),
        ({"config": {"hidden": 32}}, "wanted the sizes of a decoder"),
        ({"config": None}, "wanted the sizes of a decoder"),
    ],
)
def test_a_model_of_another_kind_is_refused(copied: Path, change: dict[str, Any], reason: str) -> None:
    path = copied / FILES["model"]
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ValueError, match=reason):
        load_model(copied)


def test_absurd_sizes_are_refused_before_memory_is_taken(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = copied / FILES["model"]
    about = json.loads(path.read_text())
    about["config"]["hidden"] = 2**40
    path.write_text(json.dumps(about))
    monkeypatch.setattr(saved, "Decoder", lambda config: pytest.fail("allocated"))
    with pytest.raises(Damaged, match=r"wanted [\d,]+ parameters, got another number"):
        load_model(copied)
