"""One request alone: time per output token, and prompts computed per second.

Rows are measurements that repositories publish with their engine. Left out of ``prefill`` are FP16 on A100 SXM and
L40S with the 8B model: half to a tenth as fast as in 4 bits, which costs more. Scored but never fitted are 4 bits on
two and four devices with the 70B model, which gain nothing over one device where 16 bits, six devices and the 8B model
do. ExLlamaV2 and the llama.cpp rows of one source split a model by layers, which a single request passes one device
after another; llama.cpp's other split copies between the devices one at a time.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.planning import evidence
from portal.planning.catalog.architectures import PACKAGED as MODELS
from portal.planning.catalog.tables import Row
from portal.planning.compute.architecture import Architecture
from portal.planning.compute.parameters import count
from portal.planning.compute.roofline import (
    Node,
    Served,
    attention_seconds,
    cache_seconds,
    matmul_seconds,
    weight_seconds,
)
from portal.planning.evidence.family import Case, Coefficients, Family
from portal.planning.evidence.fitting import NOISE, Prior, fit_near

# Bytes of a weight with its scales: int4 in groups of 128, or of 32 with a zero point; nf4 in blocks of 64 with a
# 32-bit scale, or with that quantised again.
BYTES: Mapping[str, float] = {
    "fp16": 2.0, "bf16": 2.0, "int8": 1.0, "q4_k_m": 4.85 / 8, "int4": 0.53, "int4-g32": 0.625, "nf4": 0.5625,
    "nf4-dq": 0.516,
}  # fmt: skip
ENGINES = {
    "llama.cpp": "llama_cpp", "gpt-fast": "gpt_fast", "mlc-llm": "mlc_llm", "exllamav2": "exllamav2", "vllm": "vllm",
    "litgpt": "litgpt",
}  # fmt: skip
UNPACKED = 2.0  # bytes
# Of H100's peak with mma instead of its own wgmma instructions (Luo et al. 2024, arXiv 2402.13499, section 4.3).
MMA_ON_HOPPER = 0.62
SPLIT_NOISE = 0.4  # log error that is nothing unusual where a prompt passes several devices
CHUNK = 512  # prompt tokens that llama.cpp computes at a time
ASSUMED_CONTEXT = 256  # tokens, where a source gives none


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    key: str
    name: str
    memory: str  # gddr, hbm or unified
    bandwidth: float  # bytes/s
    tensor_peak: float  # FLOP/s, dense, 16-bit products with the fastest accumulation
    vector_peak: float  # FLOP/s in 32 bits
    watts: float
    fine: bool  # made in a process of 5 nm or finer
    mma_peak: float  # share of the tensor peak that instructions of all generations reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    read: float  # seconds at full bandwidth
    cache: float  # seconds at full bandwidth
    weights: float  # weights that a token is multiplied with, over the 32-bit peak
    multiply: float  # seconds at full peak, of all the prompt, attention with it
    weighing: float  # seconds at full bandwidth for weights, of all the prompt
    passing: float  # seconds at full bandwidth for activations, once
    scoring: float  # seconds at full bandwidth for attention scores, once
    layers: int
    reduces: int
    stages: int  # devices that the prompt passes one after another
    chunks: float
    bits: int
    engine: str
    memory: str
    powering: float  # seconds at 1e12 operations a joule
    fine: bool


@cache
def devices() -> dict[str, Device]:
    return {
        row.text("key"): Device(
            key=row.text("key"),
            name=row.text("name"),
            memory=row.text("memory"),
            bandwidth=row.number("bandwidth_gbs") * 1e9,
            tensor_peak=row.number("fp16_tflops") * 1e12,
            vector_peak=row.number("fp32_tflops") * 1e12,
            watts=row.number("watts"),
            fine=row.count("process_nm") <= 5,
            mma_peak=MMA_ON_HOPPER if row.text("key").startswith("h100") else 1.0,
        )
        for row in _rows("single_stream_devices")
    }


def _rows(name: str, path: Path | None = None) -> list[Row]:
    text = (path or files(evidence) / "tables" / f"{name}.csv").read_text(encoding="utf-8")
    return [Row(cells) for cells in csv.DictReader(StringIO(text, newline=""), strict=True)]


def read_decode(path: Path | None = None) -> tuple[Case, ...]:
    """The published measurements, or those of a table in the same columns."""
    return tuple(_case(row, row.number("token_ms") / 1e3, prefill=False) for row in _rows("decode", path))


def read_prefill(path: Path | None = None) -> tuple[Case, ...]:
    """The published measurements, or those of a table in the same columns."""
    rows = _rows("prefill", path)
    return tuple(_case(row, row.count("tokens") / row.number("tokens_per_second"), prefill=True) for row in rows)


def _case(row: Row, measured: float, *, prefill: bool) -> Case:
    known, device = MODELS[row.text("model")], devices()[row.text("device")]
    engine, precision = row.text("engine"), row.text("precision")
    number, split, tokens = row.count("devices"), row.text("split"), row.count("tokens")
    bytes_ = BYTES[precision]
    model = Served(arch=known.architecture, weight_bytes=bytes_, head_bytes=2.0 if engine == "vllm" else bytes_)
    tensor = number if split == "tensor" else 1
    peak = device.tensor_peak
    node = Node(peak=peak, wide_peak=peak, bandwidth=device.bandwidth, tensor=tensor)
    copies = number - 1 if engine == "llama.cpp" else 1
    prompt = tokens if prefill else 0
    products = float(matmul_seconds(model, node, prompt) + attention_seconds(model, node, prompt))
    what = f"{known.name}, {number} × {device.name}, {engine}, {precision}, {tokens or 'few'} tokens"
    return Case(
        key=" ".join(row.text(name) for name in ("model", "device", "engine", "precision", "devices", "split"))
        + f" {tokens} {row.text('source')[:3]}",
        model=known.key,
        label=what,
        hardware=device.name,
        parameters=count(known.architecture).total,
        measured=measured,
        source=row.text("source"),
        as_of=row.text("as_of"),
        inputs=Inputs(
            read=float(weight_seconds(model, node, max(prompt, 1))),
            cache=float(cache_seconds(model, node, 1, (tokens or 2 * ASSUMED_CONTEXT) / 2)),
            weights=float(count(known.architecture).multiplied / tensor / device.vector_peak),
            multiply=products / device.mma_peak,
            powering=0.0 if device.memory == "unified" else products * peak / (1e12 * device.watts),
            **_traffic(known.architecture, prompt, bytes_, device.bandwidth),
            layers=known.architecture.layers,
            reduces=2 * known.architecture.layers * copies if tensor > 1 else 0,
            stages=number if split == "layers" else 1,
            chunks=max(prompt / CHUNK, 1.0),
            bits=16 if bytes_ == 2 else 8 if bytes_ == 1 else 4,
            engine=ENGINES[engine],
            memory=device.memory,
            fine=device.fine,
        ),
        shown={"Engine": engine, "Precision": precision, "Devices": number, "Split": split, "Tokens": tokens},
        fitted=not (prefill and (known.key, precision) == ("llama-3.1-70b", "q4_k_m") and number in (2, 4)),
    )


def _traffic(arch: Architecture, prompt: int, weight_bytes: float, bandwidth: float) -> dict[str, float]:
    """Seconds of a prompt at full bandwidth. Quantised weights are unpacked to 16 bits, written and read again for
    every chunk; activations and scores have 32 bits, and scores are all stored, as no kernel is fused."""
    moved = weight_bytes if weight_bytes == UNPACKED else weight_bytes + 2 * UNPACKED
    chunks = max(prompt / CHUNK, 1.0)
    return {
        "weighing": count(arch).multiplied * moved * chunks / bandwidth,
        "passing": 4 * arch.layers * (arch.hidden + arch.ffn) * prompt / bandwidth,
        "scoring": 4 * arch.layers * arch.heads * prompt**2 / 2 / bandwidth,
    }


def _share(expected: float, meaning: str, spread: float = 0.5) -> Prior:
    return Prior(expected=expected, spread=spread, share=True, meaning=meaning)


def _seconds(expected: float, meaning: str, spread: float = 0.7) -> Prior:
    return Prior(expected=expected, spread=spread, meaning=meaning)


MEMORIES = {"gddr": "GDDR", "hbm": "HBM", "unified": "shared"}
DECODE: Mapping[str, Prior] = {
    **{
        f"bandwidth_llama_cpp_{key}": _share(0.5 if key == "hbm" else 0.85, f"llama.cpp: share of {name} bandwidth")
        for key, name in MEMORIES.items()
    },
    **{
        f"bandwidth_{key}": _share(0.8, f"{name}: share of the bandwidth")
        for name, key in ENGINES.items()
        if key != "llama_cpp"
    },
    **{
        f"layer_{key}": _seconds(1e-3 if key == "litgpt" else 3e-5, f"{name}: seconds a layer")
        for name, key in ENGINES.items()
    },
    **{
        f"reduce_{key}": _seconds(1e-4, f"{name}: seconds that an all-reduce waits")
        for name, key in ENGINES.items()
        if key not in ("exllamav2", "litgpt")
    },
    "unpacking_llama_cpp": _seconds(4, "llama.cpp: 32-bit operations to unpack a 4-bit weight"),
    "unpacking": _seconds(4, "others: 32-bit operations to unpack a weight of 8 or 4 bits"),
    "launching_nf4": _seconds(
        1.5, "LitGPT: time to start the kernels of a layer with nf4 weights over 16-bit ones", 0.3
    ),
    "cache_bandwidth": _share(0.4, "share of the bandwidth at which the key-value cache is read"),
}
PREFILL: Mapping[str, Prior] = {
    "compute": _share(0.8, "share of the 16-bit peak of devices with their own memory"),
    "compute_unified": _share(0.6, "share of the 16-bit peak of devices with unified memory"),
    "operations_per_joule": _seconds(4e-1, "10^12 operations a joule of the design power, 7 and 8 nm", 0.35),
    "operations_per_joule_fine": _seconds(8e-1, "10^12 operations a joule of the design power, 5 nm", 0.35),
    "bandwidth": _share(0.8, "share of the bandwidth"),
    "activation_passes": _seconds(8, "times that activations of hidden and feed-forward width are moved"),
    "score_passes": _seconds(4, "times that attention scores are moved", 0.25),
    # llama.cpp keeps inputs of 4 chunks when built as usual (GGML_SCHED_MAX_COPIES).
    "in_flight": _seconds(4.0, "chunks of a prompt that are under way at once when split by layers", 0.1),
    "stage_seconds": _seconds(1e-3, "seconds a device and chunk for handing over"),
}


def _columns(cases: Sequence[Case], *names: str) -> list[Any]:
    return [np.array([getattr(case.inputs, name) for case in cases]) for name in names]


def _decode(cases: Sequence[Case]) -> Any:
    read, cached, weights, layers, reduces = _columns(cases, "read", "cache", "weights", "layers", "reduces")
    engines, memories, bits = _columns(cases, "engine", "memory", "bits")
    eager = engines == "litgpt"
    bandwidths = [
        f"bandwidth_{e}_{m}" if e == "llama_cpp" else f"bandwidth_{e}" for e, m in zip(engines, memories, strict=True)
    ]
    unpackings = np.where(engines == "llama_cpp", "unpacking_llama_cpp", "unpacking")

    def seconds(c: Mapping[str, float]) -> NDArray[np.float64]:
        unpacking = np.where(bits < 16, np.array([c[name] for name in unpackings]), 0.0) * weights
        waiting = reduces * np.array([c.get(f"reduce_{engine}", 0.0) for engine in engines])
        busy = read / np.array([c[name] for name in bandwidths]) + unpacking + cached / c["cache_bandwidth"] + waiting
        starting = layers * np.array([c[f"layer_{engine}"] for engine in engines])
        # Without a graph of kernels the host starts them one by one while the device computes: the slower one counts.
        alone = starting * np.where(bits < 16, c["launching_nf4"], 1.0)
        return np.asarray(np.where(eager, np.maximum(busy, alone), busy + starting), dtype=float)

    return seconds


def _prefill(cases: Sequence[Case]) -> Any:
    multiply, weighing, passing, scoring = _columns(cases, "multiply", "weighing", "passing", "scoring")
    stages, chunks = _columns(cases, "stages", "chunks")
    memories, fine, powering = _columns(cases, "memory", "fine", "powering")

    def seconds(c: Mapping[str, float]) -> NDArray[np.float64]:
        moving = weighing + c["activation_passes"] * passing + c["score_passes"] * scoring
        # A device under full load is held back by its power limit as well as by its units.
        computing = multiply / np.where(memories == "unified", c["compute_unified"], c["compute"])
        computing = computing + powering / np.where(fine, c["operations_per_joule_fine"], c["operations_per_joule"])
        alone = computing + moving / c["bandwidth"]
        # Of m chunks that pass p stages, the first needs p turns, and each other one more, or p/f with f in flight.
        turns = stages + (chunks - 1) * np.maximum(1.0, stages / c["in_flight"])
        handing = np.where(stages > 1, stages * chunks * c["stage_seconds"], 0.0)
        return np.asarray(alone * turns / (stages * chunks) + handing, dtype=float)

    return seconds


def predict_decode(cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    """Seconds per token, shape (cases,)."""
    return np.asarray(_decode(cases)(coefficients), dtype=float)


def predict_prefill(cases: Sequence[Case], coefficients: Coefficients) -> NDArray[np.float64]:
    """Seconds of a prompt, shape (cases,)."""
    return np.asarray(_prefill(cases)(coefficients), dtype=float)


def fit_decode(cases: Sequence[Case]) -> Coefficients:
    return fit_near(DECODE, _decode(cases), [case.measured for case in cases], noise=0.1)


def fit_prefill(cases: Sequence[Case]) -> Coefficients:
    """Several devices weigh less: how far their chunks overlap differs between runs of one table."""
    noise = [SPLIT_NOISE if case.inputs.stages > 1 else NOISE for case in cases]
    return fit_near(PREFILL, _prefill(cases), [case.measured for case in cases], noise=noise)


def _scaled(fitted_on: Sequence[Case], predicted: Sequence[Case], *, part: str) -> NDArray[np.float64]:
    factor = np.median([case.measured / getattr(case.inputs, part) for case in fitted_on])
    return np.array([getattr(case.inputs, part) * factor for case in predicted])


FAMILIES = (
    Family(
        slug="decode",
        title="Single-stream decoding",
        summary="Time per output token of one request alone, from weights and cache over bandwidth, unpacking of "
        "quantised weights, seconds a layer and waiting for other devices, by engine.",
        unit="s",
        read=read_decode,
        fit=fit_decode,
        predict=predict_decode,
        meanings={name: prior.meaning for name, prior in DECODE.items()},
        wanted_median=0.15,
        rule=lambda fitted_on, predicted: _scaled(fitted_on, predicted, part="read"),
        rule_name="weights over bandwidth with one fitted constant",
        order=50,
    ),
    Family(
        slug="prefill",
        title="Single-stream prompts",
        summary="Time to compute one prompt with llama.cpp, from its operations over the peak, attention without a "
        "fused kernel, and chunks that pass devices in a pipeline.",
        unit="s",
        read=read_prefill,
        fit=fit_prefill,
        predict=predict_prefill,
        meanings={name: prior.meaning for name, prior in PREFILL.items()},
        wanted_median=0.15,
        rule=lambda fitted_on, predicted: _scaled(fitted_on, predicted, part="multiply"),
        rule_name="operations over the peak with one fitted constant",
        order=51,
    ),
)
