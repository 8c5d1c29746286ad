"""Streaming: the right tokens, whole characters, stop texts, the same text for the same seed, and Stop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import LlamaConfig, LlamaForCausalLM

from mlcore.data.tokenizer import TextTokenizer
from mlcore.infer.generate import Generation
from mlcore.infer.sampling import Sampler, Sampling, softmax
from mlcore.infer.speakers import DecoderSpeaker
from mlcore.models.decoder import Decoder
from mlcore.models.llama import llama_config, llama_state
from mlcore.progress import Cancelled
from tests.mlcore.conftest import SMALL


class Reciting:
    """A speaker that says given bytes, whatever it reads; the last piece ends the text."""

    def __init__(self, said: list[bytes], *, context: int = 1_000) -> None:
        self.pieces = [*said, b""]
        self.end_ids = frozenset({len(said)})
        self.start_id = len(said)
        self.context = context
        self.at = 0
        self.reads: list[int] = []

    def encode(self, text: str) -> list[int]:
        return [0] * len(text)

    def read(self, ids: list[int]) -> np.ndarray:
        self.reads.append(len(ids))
        return self._logits()

    def add(self, token: int) -> np.ndarray:
        return self._logits()

    def _logits(self) -> np.ndarray:
        logits = np.full(len(self.pieces), -20.0, dtype=np.float32)
        logits[min(self.at, len(self.pieces) - 1)] = 5.0
        self.at += 1
        return logits


def recited(said: list[bytes], **settings: object) -> tuple[Generation, list[str]]:
    given = Sampling(**{"max_new_tokens": 100, "temperature": 0.0, **settings})  # type: ignore[arg-type]
    generation = Generation(Reciting(said), "prompt", given, lambda: None)
    return generation, [token.text for token in generation]


@given(st.text(max_size=40), st.lists(st.integers(1, 5), min_size=1, max_size=60))
def test_characters_arrive_whole_however_their_bytes_are_cut(text: str, cuts: list[int]) -> None:
    left, pieces = text.encode("utf-8", errors="ignore"), []
    for cut in cuts:
        pieces.append(left[:cut])
        left = left[cut:]
    pieces = [piece for piece in [*pieces, left] if piece]
    generation, streamed = recited(pieces)
    said = text.encode("utf-8", errors="ignore").decode()
    assert "".join(streamed) == generation.text == said
    assert generation.stopped_by == "end of text"
    assert generation.tokens == len(pieces)


def test_bytes_that_are_no_character_are_shown_as_such() -> None:
    generation, streamed = recited([b"a", b"\xff", b"b", b"\xe4\xbd"])
    assert streamed == ["a", "\ufffd", "b", "", "\ufffd"]
    assert generation.text == "a\ufffdb\ufffd"


@given(
    st.lists(st.text("abx", min_size=1, max_size=4), max_size=12),
    st.lists(st.text("abx", min_size=1, max_size=4), max_size=3),
)
def test_a_stop_text_ends_the_stream_and_never_shows(pieces: list[str], stop: list[str]) -> None:
    generation, streamed = recited([piece.encode() for piece in pieces], stop=tuple(stop))
    whole = "".join(pieces)
    firsts = [whole.find(sequence) for sequence in stop if sequence in whole]
    if firsts:
        assert generation.stopped_by == "stop sequence"
        assert not any(sequence in generation.text for sequence in stop)
        assert whole.startswith(generation.text)
    else:
        assert (generation.stopped_by, generation.text) == ("end of text", whole)
    assert "".join(streamed) == generation.text


def test_length_ends_the_stream() -> None:
    generation, streamed = recited([b"one ", b"two ", b"three "], max_new_tokens=2)
    assert (generation.text, generation.tokens, generation.stopped_by) == ("one two ", 2, "length")
    assert streamed == ["one ", "two "]


def test_when_the_context_is_full_the_oldest_half_is_forgotten() -> None:
    speaker = Reciting([b"x"] * 50, context=8)
    generation = Generation(speaker, "a prompt that is longer", Sampling(max_new_tokens=20), lambda: None)
    assert len(list(generation)) == 20
    assert speaker.reads[0] == 7  # the end of the prompt, and room for one token
    assert set(speaker.reads[1:]) == {4}


def test_stop_takes_effect_before_the_next_token() -> None:
    asked = iter([None, None, Cancelled()])

    def check() -> None:
        if problem := next(asked):
            raise problem

    generation = Generation(Reciting([b"a", b"b", b"c"]), "p", Sampling(max_new_tokens=9, temperature=0), check)
    seen = []
    with pytest.raises(Cancelled):
        seen.extend(token.text for token in generation)
    assert generation.text == "ab"


# Our decoder


@pytest.fixture(scope="module")
def speaker(tokenizer: TextTokenizer) -> DecoderSpeaker:
    torch.manual_seed(1)
    decoder = Decoder(replace(SMALL, vocab=len(tokenizer)))
    for weight in decoder.parameters():
        if weight.dim() == 2:
            torch.nn.init.normal_(weight, std=0.3)  # far from even, so that a wrong position would show
    return DecoderSpeaker(decoder, tokenizer)


def test_greedy_text_is_that_of_transformers(speaker: DecoderSpeaker, tokenizer: TextTokenizer) -> None:
    config = speaker.decoder.config
    theirs = LlamaForCausalLM(LlamaConfig(**llama_config(config), pad_token_id=0)).eval()
    theirs.load_state_dict(llama_state(speaker.decoder))
    ids = tokenizer.encode("Emma walked")
    count = config.context - len(ids)
    expected = theirs.generate(torch.tensor([ids]), max_new_tokens=count, do_sample=False, eos_token_id=-1)[
        0, len(ids) :
    ]
    settings = Sampling(max_new_tokens=count, temperature=0)
    assert tokenizer.end not in expected
    generation = Generation(speaker, "Emma walked", settings, lambda: None)
    list(generation)
    assert generation.text == tokenizer.decode(expected.tolist())


def test_a_seed_repeats_a_text_and_another_does_not(speaker: DecoderSpeaker) -> None:
    def text(seed: int) -> str:
        generation = Generation(speaker, "Anne", Sampling(max_new_tokens=60, seed=seed), lambda: None)
        list(generation)
        return generation.text

    assert text(1) == text(1)
    assert text(1) != text(2)


def test_tokens_carry_probabilities_and_alternatives(speaker: DecoderSpeaker) -> None:
    settings = Sampling(max_new_tokens=12, temperature=0)
    for token in Generation(speaker, "", settings, lambda: None):
        best = [probability for _, probability in token.alternatives]
        assert best == sorted(best, reverse=True)
        assert token.probability == best[0]
        assert 0 < sum(best) <= 1 + 1e-6


def test_time_is_counted(speaker: DecoderSpeaker) -> None:
    generation = Generation(speaker, "Bath", Sampling(max_new_tokens=20, top_k=5), lambda: None)
    list(generation)
    assert 0 < generation.first_token_seconds < generation.seconds
    streaming = generation.seconds - generation.first_token_seconds
    assert generation.tokens_per_second == pytest.approx((generation.tokens - 1) / streaming)


# One draw

VOCAB = 30
logits_lists = st.lists(st.floats(-8, 8, width=32), min_size=VOCAB, max_size=VOCAB)


def drawn(logits: np.ndarray, *, times: int = 40, seen: tuple[int, ...] = (), **settings: float) -> list[int]:
    found = []
    for seed in range(times):
        sampler = Sampler(Sampling(max_new_tokens=1, seed=seed, **settings), vocab=VOCAB, seen=list(seen))  # type: ignore[arg-type]
        found.append(sampler.take(logits)[0])
    return found


@given(logits_lists, st.integers(1, VOCAB))
def test_top_k_draws_from_the_k_likeliest(values: list[float], k: int) -> None:
    logits = np.array(values, dtype=np.float32)
    least = np.sort(logits)[-k]
    assert all(logits[token] >= least for token in drawn(logits, top_k=k))


@given(logits_lists, st.floats(0.05, 1), st.floats(0.2, 2))
def test_top_p_draws_from_the_fewest_that_reach_it(values: list[float], p: float, temperature: float) -> None:
    logits = np.array(values, dtype=np.float32)
    weights = softmax(logits / temperature)
    for token in set(drawn(logits, top_p=p, temperature=temperature)):
        likelier = weights[weights > weights[token]].sum()
        assert likelier < p + 1e-5  # without it the sum was not reached


def test_draws_follow_the_probabilities() -> None:
    logits = np.log(np.array([0.5, 0.3, 0.15, 0.05] + [1e-9] * (VOCAB - 4), dtype=np.float32))
    counts = np.bincount(drawn(logits, times=4_000), minlength=VOCAB)[:4] / 4_000
    np.testing.assert_allclose(counts, [0.5, 0.3, 0.15, 0.05], atol=0.03)
    # At temperature 2 the odds are the square roots of what they were.
    warm = np.sqrt([0.5, 0.3, 0.15, 0.05])
    counts = np.bincount(drawn(logits, times=4_000, temperature=2.0, top_k=4), minlength=VOCAB)[:4] / 4_000
    np.testing.assert_allclose(counts, warm / warm.sum(), atol=0.03)


def test_repetition_makes_a_token_less_likely() -> None:
    logits = np.zeros(VOCAB, dtype=np.float32)
    logits[3], logits[4] = 2.0, 1.9
    assert drawn(logits, times=1, temperature=0) == [3]
    assert drawn(logits, times=1, temperature=0, seen=(3,), repetition_penalty=1.2) == [4]
    logits[3], logits[4] = -0.1, -0.11
    logits[:3] = logits[5:] = -5
    assert drawn(logits, times=1, temperature=0, seen=(3,), repetition_penalty=1.2) == [4]


def test_the_probability_is_the_models_own() -> None:
    logits = np.arange(VOCAB, dtype=np.float32) / 10
    sampler = Sampler(Sampling(max_new_tokens=1, temperature=0.1, top_k=1), vocab=VOCAB, seen=[])
    token, probability, alternatives = sampler.take(logits)
    assert (token, len(alternatives)) == (VOCAB - 1, 5)
    assert probability == pytest.approx(softmax(logits)[-1])


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"max_new_tokens": 0}, "max_new_tokens: wanted 1 to 100000, got 0"),
        ({"temperature": float("nan")}, "temperature: wanted 0 to 100, got nan"),
        ({"temperature": float("inf")}, "temperature"),
        ({"top_k": -1}, "top_k: wanted 0 to 1000000, got -1"),
        ({"top_p": 0.0}, "top_p: wanted more than 0"),
        ({"repetition_penalty": 0.5}, "repetition_penalty: wanted 1 to 10"),
    ],
)
def test_settings_that_make_no_draw_are_refused(settings: dict[str, float], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Sampling(**{"max_new_tokens": 1, **settings})  # type: ignore[arg-type]
