"""The entry points ``train`` and ``generate`` that a worker calls; ``serve`` has a module of its own."""

from __future__ import annotations

import time
from collections.abc import Collection
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from mlcore.data.prepared import Prepared, prepare
from mlcore.data.text import AUSTEN, read_text, shipped
from mlcore.device import Device, device_results, matmul_peak, pick
from mlcore.infer.generate import Generation, Token
from mlcore.infer.sampling import Sampling
from mlcore.infer.speakers import DecoderSpeaker, Speaker
from mlcore.models.decoder import Decoder
from mlcore.models.saved import FILES, load_model, rounded, save_model
from mlcore.progress import Progress
from mlcore.repro import seed_everything
from mlcore.tasks.text_generation.quote import STARTER
from mlcore.tasks.text_generation.sizes import SIZES, model_results
from mlcore.tasks.text_generation.spec import MAX_STOP_SEQUENCES, GenerateInputs, TrainInputs
from mlcore.train.language import HeldOut, LanguageLearner, evaluate
from mlcore.train.loop import Outcome, fit
from mlcore.train.pace import evaluate_every
from mlcore.train.recipe import Recipe

_EVENT_SECONDS = 0.04  # tokens are told together, some 25 times a second
_MOST_TOKENS_AT_ONCE = 32_768  # bounds the logits, tokens x vocabulary, to half a gigabyte
_SAMPLE = Sampling(max_new_tokens=80, temperature=0.8, top_k=50, top_p=0.95, seed=1)


def train(
    inputs: TrainInputs,
    progress: Progress,
    *,
    upload: Path | None = None,
    price_per_hour: float = 0.0,
    power_watts: float = 0.0,
) -> dict[str, Any]:
    """Train a model and leave it in ``progress.folder``; goes on from a checkpoint where there is one.

    Raises:
        ValueError: a text that cannot be learnt from, or a run that came to nothing; the message says what to do.
    """
    progress.stage("preparing")
    _refuse_too_large_a_batch(inputs)
    prepared = _prepare(inputs, progress, upload)
    device = pick()
    peak = matmul_peak(device)
    progress.check()
    learner = _learner(inputs, prepared, device)
    outcome = fit(learner, _recipe(inputs, price_per_hour), progress, device)

    progress.stage("evaluating")
    model = learner.model
    # The figures are those of the weights as they are stored, in 16 bits.
    model.load_state_dict(rounded(model))
    held_out = evaluate(model, prepared.held_out, length=inputs.sequence, pieces=prepared.tokenizer.pieces)
    sample = Generation(DecoderSpeaker(model, prepared.tokenizer, device.torch), "", _SAMPLE, progress.check)
    for _ in sample:
        pass

    progress.stage("saving")
    results = {
        **_quality(held_out),
        "sample": sample.text,
        **outcome.course(price_per_hour),
        **_speed(outcome, device, peak),
        **device_results(device, peak, price_per_hour=price_per_hour, power_watts=power_watts),
        **_shape(inputs, model, outcome),
    }
    save_model(progress.folder, model, prepared.tokenizer, _facts(inputs, results, held_out))
    return {**results, "artifacts": dict(FILES)}


def generate(
    inputs: GenerateInputs,
    progress: Progress,
    *,
    model_folder: Path | None = None,
    hub_models: Collection[str] = (),
    hub_cache: Path | None = None,
    **_given: object,
) -> dict[str, Any]:
    """Write on from a prompt, telling tokens as they come by ``progress.emit("tokens", {"tokens": [...]})``.

    ``model_folder`` holds the model that ``inputs.model`` names. ``hub_models`` are the checkpoints, as
    repository@revision, that the operator allows; without any, none can be loaded.

    Raises:
        ValueError: a model that cannot be had, or settings that do not fit; the message says what to do.
    """
    settings = Sampling(
        max_new_tokens=inputs.max_new_tokens,
        temperature=inputs.temperature,
        top_k=inputs.top_k,
        top_p=inputs.top_p,
        repetition_penalty=inputs.repetition_penalty,
        seed=inputs.seed,
        stop=_stop_sequences(inputs.stop),
    )
    progress.stage("loading")
    speaker, name = _speaker(inputs, model_folder, hub_models, hub_cache)
    progress.stage("writing")
    generation = Generation(speaker, inputs.prompt, settings, progress.check)
    _tell(generation, progress)
    return {
        "text": generation.text,
        "tokens": generation.tokens,
        "first_token_seconds": generation.first_token_seconds,
        "seconds": generation.seconds,
        "tokens_per_second": generation.tokens_per_second,
        "stopped_by": generation.stopped_by,
        "model": name,
    }


# Training


def _refuse_too_large_a_batch(inputs: TrainInputs) -> None:
    at_once = inputs.batch * inputs.sequence
    if at_once > _MOST_TOKENS_AT_ONCE:
        raise ValueError(
            f"Batch: {inputs.batch:,} sequences of {inputs.sequence:,} are {at_once:,} tokens at once, wanted at most "
            f"{_MOST_TOKENS_AT_ONCE:,}. Make the batch smaller and set more batches a step instead."
        )


def _prepare(inputs: TrainInputs, progress: Progress, upload: Path | None) -> Prepared:
    if inputs.data == "upload":
        if upload is None:
            raise ValueError("Your text: wanted a text file, got none. Upload one, or choose the shipped novels.")
        documents = read_text(upload)
    else:
        documents = shipped(AUSTEN)
    prepared = prepare(documents, vocab=SIZES[inputs.size].vocab, folder=progress.folder / "data")
    if len(prepared.held_out) < inputs.sequence + 1:
        raise ValueError(
            f"Sequence length: the held-out text has {len(prepared.held_out):,} tokens, wanted more than "
            f"{inputs.sequence:,}. Use more text or a shorter sequence."
        )
    progress.log(
        f"{len(prepared.training):,} tokens to learn from, {len(prepared.held_out):,} held out, "
        f"vocabulary of {len(prepared.tokenizer):,}."
    )
    return prepared


def _learner(inputs: TrainInputs, prepared: Prepared, device: Device) -> LanguageLearner:
    seed_everything(inputs.seed)
    model = Decoder(SIZES[inputs.size].config(vocab=len(prepared.tokenizer), context=inputs.sequence))
    return LanguageLearner(
        model,
        prepared.training,
        prepared.held_out,
        length=inputs.sequence,
        batch=inputs.batch,
        seed=inputs.seed,
        device=device,
    )


def _recipe(inputs: TrainInputs, price_per_hour: float) -> Recipe:
    return Recipe(
        steps=inputs.steps,
        learning_rate=inputs.learning_rate,
        seed=inputs.seed,
        accumulation=inputs.accumulation,
        warmup_steps=min(100, inputs.steps // 20),
        evaluate_every=evaluate_every(inputs.steps),
        patience=inputs.patience,
        budget_seconds=inputs.budget_minutes * 60,
        budget_usd=inputs.budget_usd,
        usd_per_hour=price_per_hour,
    )


def _quality(held_out: HeldOut) -> dict[str, Any]:
    return {
        "validation_loss": held_out.loss,
        "perplexity": held_out.perplexity,
        "bits_per_byte": held_out.bits_per_byte,
    }


def _speed(outcome: Outcome, device: Device, peak: float) -> dict[str, Any]:
    return {
        "tokens_per_second": outcome.items_per_second,
        "achieved_flops": outcome.achieved_flops,
        "utilisation": outcome.achieved_flops / peak,
        "device_memory_gib": device.memory_bytes / 2**30,
    }


def _shape(inputs: TrainInputs, model: Decoder, outcome: Outcome) -> dict[str, Any]:
    config = model.config
    return {
        "parameters": config.parameters(),
        **model_results(config),
        "sequence": inputs.sequence,
        "biases": False,
        "learned_positions": False,
        "trained_tokens": outcome.items,
        "global_batch": inputs.batch * inputs.accumulation,
        "micro_batch": inputs.batch,
        "devices": 1,
        "tensor_parallel": 1,
        "pipeline_parallel": 1,
        "attention_count": "causal",
    }


def _facts(inputs: TrainInputs, results: dict[str, Any], held_out: HeldOut) -> dict[str, Any]:
    """What a card says of the model: no more than was chosen and measured."""
    measured = (
        "parameters", "validation_loss", "perplexity", "bits_per_byte", "steps", "best_step", "stopped_by", "seconds",
        "trained_tokens", "tokens_per_second", "achieved_flops", "utilisation", "device_peak_tflops", "device", "vocab",
    )  # fmt: skip
    chosen = ("size", "sequence", "batch", "accumulation", "learning_rate", "patience", "seed")
    return {
        "data": AUSTEN.title if inputs.data == "shipped" else "An uploaded text",
        "licence": AUSTEN.licence if inputs.data == "shipped" else "That of the uploaded text",
        "held_out_tokens": held_out.tokens,
        "trained_on": datetime.now(UTC).date().isoformat(),
        "asked_steps": inputs.steps,
        **{name: getattr(inputs, name) for name in chosen},
        **{name: results[name] for name in measured},
    }


# Generation


def _speaker(
    inputs: GenerateInputs, model_folder: Path | None, hub_models: Collection[str], hub_cache: Path | None
) -> tuple[Speaker, str]:
    """The model that was asked for, and its name for the reader."""
    if inputs.hub_model and inputs.model:
        raise ValueError("Trained model and Hub model: wanted one of them at most, got both. Empty one.")
    if inputs.hub_model:
        # Imports transformers, which takes seconds that no other model should cost.
        from mlcore.models.hub import load_hub_model

        return load_hub_model(inputs.hub_model, allowed=hub_models, cache=hub_cache), inputs.hub_model
    if inputs.model:
        if model_folder is None:
            raise ValueError(f"Trained model: found no finished run {inputs.model}. Empty it for the starter model.")
        return _decoder_speaker(model_folder, _version(model_folder)), inputs.model
    return _decoder_speaker(STARTER, _version(STARTER)), "starter"


@lru_cache(maxsize=2)
def _decoder_speaker(folder: Path, version: int) -> Speaker:
    """A model stays loaded in a warm worker; ``version`` is of its files, so a new one is seen."""
    saved = load_model(folder)
    return DecoderSpeaker(saved.decoder, saved.tokenizer, pick().torch)


def _version(folder: Path) -> int:
    path = folder / FILES["model"]
    return path.stat().st_mtime_ns if path.exists() else 0


def _stop_sequences(lines: str) -> tuple[str, ...]:
    sequences = tuple(line for line in lines.splitlines() if line)
    if len(sequences) > MAX_STOP_SEQUENCES:
        raise ValueError(f"Stop at: wanted at most {MAX_STOP_SEQUENCES} lines, got {len(sequences)}.")
    return sequences


def _tell(generation: Generation, progress: Progress) -> None:
    """Emit tokens in groups: a reader sees no difference, and the event log stays short."""
    waiting: list[dict[str, Any]] = []
    told = 0.0

    def flush() -> None:
        if waiting:
            progress.emit("tokens", {"tokens": list(waiting), "count": generation.tokens})
            waiting.clear()

    try:
        for token in generation:
            waiting.append(_as_json(token))
            if time.monotonic() - told >= _EVENT_SECONDS:
                flush()
                told = time.monotonic()
    finally:
        # Also when the reader pressed Stop: what was written is shown.
        flush()


def _as_json(token: Token) -> dict[str, Any]:
    return {
        "text": token.text,
        "probability": round(token.probability, 5),
        "alternatives": [[text, round(probability, 5)] for text, probability in token.alternatives],
    }
