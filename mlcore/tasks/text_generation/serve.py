"""The entry point ``serve``: how many tokens a second this machine writes for many requests at once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from mlcore.device import Device, device_results, matmul_peak, pick
from mlcore.models.decoder import Cache, Decoder
from mlcore.models.saved import load_model
from mlcore.progress import Progress
from mlcore.tasks.text_generation.quote import STARTER
from mlcore.tasks.text_generation.sizes import model_results
from mlcore.tasks.text_generation.spec import ServeInputs

_MOST_TOKENS_AT_ONCE = 32_768  # bounds the caches and the time of one round


@dataclass(frozen=True, slots=True)
class Rounds:
    """What a number of requests at once took, in the mean of all rounds."""

    requests: int
    speed: float  # tokens of answers a second, prompts read in between
    first_seconds: float  # until every request has its first token
    token_seconds: float  # from then on, of one token of each


def serve(
    inputs: ServeInputs,
    progress: Progress,
    *,
    model_folder: Path | None = None,
    price_per_hour: float = 0.0,
    power_watts: float = 0.0,
) -> dict[str, Any]:
    """Answer as many requests at once as asked for, and fewer for comparison; nothing that is written is kept.

    Raises:
        ValueError: a model that cannot be had, or more tokens than it or this machine takes.
    """
    progress.stage("loading")
    if inputs.model and model_folder is None:
        raise ValueError(f"Trained model: found no finished run {inputs.model}. Empty it for the starter model.")
    model = load_model(model_folder or STARTER).decoder
    _refuse_too_long(inputs, model)
    device = pick()
    model.to(device.torch)
    progress.stage("measuring the device")
    peak = matmul_peak(device)
    progress.check()
    progress.stage("serving")
    sizes = _batches(inputs.requests)
    found = []
    for done, requests in enumerate(sizes, 1):
        found.append(_measured(model, device, inputs, requests, inputs.seconds / len(sizes), progress))
        progress.step(done, len(sizes), tokens_per_second=found[-1].speed)
    most = found[-1]
    return {
        "curve": _curve(found),
        "tokens_per_second": most.speed,
        "first_token_seconds": most.first_seconds,
        "between_seconds": most.token_seconds,
        "requests": most.requests,
        "prompt": inputs.prompt,
        "output": inputs.output,
        "model": inputs.model or "starter",
        "replica_devices": "1",
        **model_results(model.config),
        "device_memory_gib": device.memory_bytes / 2**30,
        **device_results(device, peak, price_per_hour=price_per_hour, power_watts=power_watts),
    }


def _refuse_too_long(inputs: ServeInputs, model: Decoder) -> None:
    together, context = inputs.prompt + inputs.output, model.config.context
    if together > context:
        raise ValueError(
            f"Prompt and answer: {inputs.prompt:,} and {inputs.output:,} tokens are {together:,}, wanted at most the "
            f"{context:,} that the model sees. Shorten one, or train a model with a longer sequence."
        )
    if inputs.requests * together > _MOST_TOKENS_AT_ONCE:
        raise ValueError(
            f"Requests at once: {inputs.requests:,} of {together:,} tokens are {inputs.requests * together:,}, wanted "
            f"at most {_MOST_TOKENS_AT_ONCE:,}. Take fewer requests or shorter ones."
        )


def _batches(most: int) -> list[int]:
    """1, 4, 16, ... and the number that was asked for."""
    return [4**power for power in range(most.bit_length()) if 4**power < most] + [most]


def _measured(
    model: Decoder, device: Device, inputs: ServeInputs, requests: int, seconds: float, progress: Progress
) -> Rounds:
    """Whole rounds for at least so many seconds, after one that warms up and is not counted."""
    drawn = torch.Generator().manual_seed(inputs.seed)
    prompts = torch.randint(model.config.vocab, (requests, inputs.prompt), generator=drawn).to(device.torch)  # (B, S)
    cache = Cache(model.config, batch=requests, device=device.torch)
    _round(model, device, prompts, cache, inputs.output, progress)
    firsts: list[float] = []
    rests: list[float] = []
    while sum(firsts) + sum(rests) < seconds:
        first, rest = _round(model, device, prompts, cache, inputs.output, progress)
        firsts.append(first)
        rests.append(rest)
    rounds, whole = len(firsts), sum(firsts) + sum(rests)
    return Rounds(
        requests=requests,
        speed=rounds * requests * inputs.output / whole,
        first_seconds=sum(firsts) / rounds,
        token_seconds=sum(rests) / rounds / max(inputs.output - 1, 1),
    )


@torch.inference_mode()
def _round(
    model: Decoder, device: Device, prompts: torch.Tensor, cache: Cache, output: int, progress: Progress
) -> tuple[float, float]:
    """Seconds until the first tokens, and for the other ones, of requests that come together."""
    with torch.autocast(device.kind, torch.bfloat16, enabled=device.precision is torch.bfloat16):
        cache.length = 0
        started = time.perf_counter()
        tokens = model(prompts, cache).argmax(-1)  # (B, 1)
        device.synchronize()
        first = time.perf_counter() - started
        for _ in range(output - 1):
            progress.check()
            tokens = model(tokens, cache).argmax(-1)
        device.synchronize()
        return first, time.perf_counter() - started - first


def _curve(found: list[Rounds]) -> dict[str, Any]:
    line = {"label": "Measured", "x": [one.requests for one in found], "y": [one.speed for one in found]}
    return {"lines": [line], "x": ["Requests at once", ""], "y": ["Tokens a second", "tokens/s"]}
