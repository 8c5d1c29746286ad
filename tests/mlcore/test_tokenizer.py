"""The tokenizer: every text survives it, training repeats exactly, and no text makes it slow."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from mlcore.data.tokenizer import END_OF_TEXT, TextTokenizer, token_bytes


@given(text=st.text(st.characters(exclude_categories=("Cs",))))
def test_every_text_survives(tokenizer: TextTokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_documents_are_joined_by_the_end_of_text(tokenizer: TextTokenizer) -> None:
    ids = tokenizer.encode_documents(["one " * 40_000, "two"])
    assert [at for at, token in enumerate(ids) if token == tokenizer.end][-1] == len(ids) - 1
    assert ids.count(tokenizer.end) == 2
    assert tokenizer.decode(ids) == "one " * 40_000 + "two"


def test_a_person_cannot_type_the_end_of_text(tokenizer: TextTokenizer) -> None:
    ids = tokenizer.encode(f"before {END_OF_TEXT} after")
    assert tokenizer.end not in ids
    assert tokenizer.decode(ids) == f"before {END_OF_TEXT} after"
    assert tokenizer.end not in TextTokenizer.from_json(tokenizer.to_json()).encode(END_OF_TEXT)


def test_training_repeats_exactly(story: str, tokenizer: TextTokenizer) -> None:
    assert TextTokenizer.train([story], vocab=300).to_json() == tokenizer.to_json()


def test_it_learns_the_words_of_the_text(story: str) -> None:
    learnt = TextTokenizer.train([story], vocab=600)
    assert len(learnt) <= 600
    assert b" Netherfield" in learnt.pieces
    assert len(learnt.encode(story)) < len(story) / 3


@pytest.mark.parametrize("part", ["a", "的", " ", "ab"])
def test_a_text_of_one_endless_word_is_not_slow(part: str) -> None:
    text = part * 1_000_000
    started = time.process_time()
    learnt = TextTokenizer.train([text], vocab=1_000)
    assert learnt.decode(learnt.encode_documents([text])) == text
    assert time.process_time() - started < 20


def test_what_is_no_byte_level_tokenizer_is_refused() -> None:
    with pytest.raises(ValueError, match="byte-level"):
        token_bytes(Tokenizer(WordLevel({"word": 0, "two words": 1}, unk_token="word")))
    with pytest.raises(ValueError, match=r"tokenizer\.json: wanted a tokenizer"):
        TextTokenizer.from_json('{"version": 1}')
