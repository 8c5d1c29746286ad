"""The measurement of serving as a worker calls it: what it answers, that it grows with requests, what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from mlcore import device as device_module
from mlcore.data.tokenizer import TextTokenizer
from mlcore.device import Device, memory_bandwidth
from mlcore.models.decoder import Decoder
from mlcore.models.saved import save_model
from mlcore.progress import Cancelled, Quiet
from mlcore.results import check_results
from mlcore.tasks.text_generation import serve as serve_module
from mlcore.tasks.text_generation.serve import serve
from mlcore.tasks.text_generation.spec import SERVE, ServeInputs
from tests.mlcore.conftest import SMALL

INPUTS = ServeInputs(requests=8, prompt=6, output=10, seconds=0.1, model="job_1")


@pytest.fixture(autouse=True, scope="module")
def one_core(cpu: Device) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serve_module, "pick", lambda: cpu)
        patch.setattr(serve_module, "matmul_peak", lambda device: 1e12)
        patch.setattr(device_module, "_COPIED_BYTES", 2**20)
        memory_bandwidth.cache_clear()
        yield
        memory_bandwidth.cache_clear()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tokenizer: TextTokenizer) -> Path:
    torch.manual_seed(1)
    path = tmp_path_factory.mktemp("model")
    save_model(path, Decoder(SMALL), tokenizer, {})
    return path


def served(folder: Path, progress: Quiet, **changes: Any) -> dict[str, Any]:
    return serve(replace(INPUTS, **changes), progress, model_folder=folder, price_per_hour=0.5, power_watts=65)


def test_it_answers_all_that_it_declares(folder: Path, quiet: Quiet) -> None:
    result = served(folder, quiet)
    assert set(result) == set(SERVE.results)
    check_results(SERVE, json.loads(json.dumps(result, allow_nan=False)))
    assert (result["requests"], result["prompt"], result["output"], result["model"]) == (8, 6, 10, "job_1")
    assert (result["layers"], result["heads"], result["kv_heads"], result["vocab"]) == (2, 4, 2, 300)
    assert (result["usd_per_device_hour"], result["device_power"], result["replica_devices"]) == (0.5, 65, "1")
    assert result["device_bandwidth_gbs"] > 0.01
    # Requests, answers and times belong together.
    round_seconds = result["first_token_seconds"] + 9 * result["between_seconds"]
    assert result["tokens_per_second"] == pytest.approx(8 * 10 / round_seconds)


def test_fewer_requests_are_measured_for_comparison(folder: Path, quiet: Quiet) -> None:
    result = served(folder, quiet, requests=20)
    line = result["curve"]["lines"][0]
    assert line["x"] == [1, 4, 16, 20]
    assert line["y"][-1] == result["tokens_per_second"]
    # Twenty together are served faster than one by one, however loaded the machine.
    assert line["y"][-1] > 1.5 * line["y"][0]
    steps = [data["done"] for kind, data in quiet.events if kind == "step"]
    assert steps == [1, 2, 3, 4]


def test_one_request_alone(folder: Path, quiet: Quiet) -> None:
    result = served(folder, quiet, requests=1, output=1)
    assert result["curve"]["lines"][0]["x"] == [1]
    assert result["between_seconds"] >= 0


def test_the_starter_model_serves(quiet: Quiet) -> None:
    result = serve(ServeInputs(requests=2, prompt=2, output=2, seconds=0.1), quiet)
    assert (result["model"], result["hidden"], result["usd_per_device_hour"]) == ("starter", 256, None)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"output": 30}, "Prompt and answer: 6 and 30 tokens are 36, wanted at most the 24"),
        ({"requests": 200}, "Requests at once: 200 of 16 tokens are 3,200, wanted at most 3,000"),
    ],
)
def test_too_much_is_refused(
    folder: Path, quiet: Quiet, change: dict[str, Any], reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve_module, "_MOST_TOKENS_AT_ONCE", 3_000)
    with pytest.raises(ValueError, match=reason):
        served(folder, quiet, **change)


def test_a_model_that_is_gone_is_told(quiet: Quiet) -> None:
    with pytest.raises(ValueError, match="found no finished run job_9"):
        serve(replace(INPUTS, model="job_9"), quiet)


def test_it_stops_when_asked(folder: Path, tmp_path: Path) -> None:
    class Stopping(Quiet):
        left = 5

        def check(self) -> None:
            self.left -= 1
            if self.left == 0:
                raise Cancelled

    with pytest.raises(Cancelled):
        served(folder, Stopping(tmp_path))
