"""Generated tokens a second against ``transformers.generate`` on the same weights, in one run.

``pytest -s -m benchmark tests/benchmarks/generation_throughput.py`` takes about half a minute on two cores. Both write
from the starter weights with the same sampling, in 32 bits, in turns; first they must write the same greedy text.
"""

from __future__ import annotations

import time
from statistics import median

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from mlcore.device import Device, pick
from mlcore.infer.generate import Generation
from mlcore.infer.sampling import Sampling
from mlcore.infer.speakers import DecoderSpeaker
from mlcore.models.llama import llama_config, llama_state
from mlcore.models.saved import SavedModel, load_model
from mlcore.tasks.text_generation.quote import STARTER

pytestmark = pytest.mark.benchmark

PROMPT = "It is a truth universally acknowledged, that"
TOKENS, ROUNDS = 200, 8
SAMPLING = {"temperature": 0.8, "top_k": 50, "top_p": 0.95}


def theirs_of(saved: SavedModel, device: Device) -> LlamaForCausalLM:
    model = LlamaForCausalLM(LlamaConfig(**llama_config(saved.decoder.config), pad_token_id=0, eos_token_id=None))
    model.load_state_dict(llama_state(saved.decoder))
    return model.eval().to(device.torch)


def generated(speaker: DecoderSpeaker, **settings: float) -> tuple[Generation, float]:
    """A text, and its tokens a second from the prompt to the last token."""
    generation = Generation(speaker, PROMPT, Sampling(max_new_tokens=TOKENS, **settings), lambda: None)  # type: ignore[arg-type]
    for _ in generation:
        pass
    return generation, generation.tokens / generation.seconds


def test_generation_throughput() -> None:
    device = pick()
    saved = load_model(STARTER)
    theirs = theirs_of(saved, device)
    speaker = DecoderSpeaker(saved.decoder, saved.tokenizer, device.torch)
    ids = torch.tensor([speaker.encode(PROMPT)], device=device.torch)

    greedy = theirs.generate(ids, max_new_tokens=TOKENS, do_sample=False)[0, ids.shape[1] :].tolist()
    assert generated(speaker, temperature=0)[0].text == saved.tokenizer.decode(greedy)

    speaker.end_ids = frozenset()  # both write all tokens
    mine, others = [], []
    for turn in range(ROUNDS):
        mine.append(generated(speaker, seed=turn, **SAMPLING)[1])
        started = time.perf_counter()
        theirs.generate(ids, max_new_tokens=TOKENS, do_sample=True, **SAMPLING)
        others.append(TOKENS / (time.perf_counter() - started))
    print(
        f"\ngeneration, {saved.decoder.config.parameters():,} parameters, one text of {TOKENS} tokens, {device.name}"
        f"\n  ours                   best {max(mine):7,.0f}  median {median(mine):7,.0f} tokens/s"
        f"\n  transformers.generate  best {max(others):7,.0f}  median {median(others):7,.0f} tokens/s"
        f"\n  ratio                  best {max(mine) / max(others):7.2f}  median {median(mine) / median(others):7.2f}"
    )
    assert max(mine) > 1.5 * max(others)
