"""Text that goes on from a prompt, token by token, from any ``Speaker``."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mlcore.infer.sampling import Sampler, Sampling
from mlcore.infer.speakers import Speaker

_KEPT_SHARE = 0.5  # of the context, when it is full and the oldest half is forgotten


@dataclass(frozen=True, slots=True)
class Token:
    """One token: what it adds to the text, the model's probability for it, and the most probable tokens then.

    ``text`` may be empty: a character can take several tokens, and text that may yet turn into a stop sequence waits.
    """

    text: str
    probability: float
    alternatives: tuple[tuple[str, float], ...]


class Generation:
    """Iterate over it for the tokens; afterwards it says how it ended and how fast it was."""

    def __init__(self, speaker: Speaker, prompt: str, settings: Sampling, check: Callable[[], None]) -> None:
        self.stopped_by = ""
        """"length", "stop sequence" or "end of text"."""
        self.tokens = 0
        self.text = ""
        self.first_token_seconds = 0.0
        self.seconds = 0.0
        self._speaker, self._settings, self._check = speaker, settings, check
        self._ids = speaker.encode(prompt) or [speaker.start_id]
        self._started = time.perf_counter()

    @property
    def tokens_per_second(self) -> float:
        """After the first token: how fast the stream runs."""
        streaming = self.seconds - self.first_token_seconds
        return (self.tokens - 1) / streaming if self.tokens > 1 and streaming > 0 else 0.0

    def __iter__(self) -> Iterator[Token]:
        text = _Text(self._settings.stop)
        for token in self._drawn():
            added = text.add(self._speaker.pieces[token.id])
            self._count(added)
            yield Token(added, token.probability, token.alternatives)
            if text.stopped:
                self.stopped_by = "stop sequence"
                break
        if not text.stopped and (rest := text.close()):
            self.text += rest
            yield Token(rest, 1.0, ())

    def _count(self, added: str) -> None:
        self.tokens += 1
        self.text += added
        self.seconds = time.perf_counter() - self._started
        if self.tokens == 1:
            self.first_token_seconds = self.seconds

    def _drawn(self) -> Iterator[_Drawn]:
        """Ids with their probabilities, until the end of text or the greatest length."""
        speaker, ids = self._speaker, self._ids[-(self._speaker.context - 1) :]
        sampler = Sampler(self._settings, vocab=len(speaker.pieces), seen=self._ids)
        logits = speaker.read(ids)
        for left in reversed(range(self._settings.max_new_tokens)):
            self._check()
            chosen, probability, best = sampler.take(logits[: len(speaker.pieces)])
            if chosen in speaker.end_ids:
                self.stopped_by = "end of text"
                return
            yield _Drawn(chosen, probability, tuple((_shown(speaker.pieces[i]), p) for i, p in best))
            ids.append(chosen)
            if left and len(ids) > speaker.context:
                ids = ids[-int(speaker.context * _KEPT_SHARE) :]
                logits = speaker.read(ids)
            elif left:
                logits = speaker.add(chosen)
        self.stopped_by = "length"


@dataclass(frozen=True, slots=True)
class _Drawn:
    id: int
    probability: float
    alternatives: tuple[tuple[str, float], ...]


class _Text:
    """Joins the bytes of tokens into text, and holds back what may be the beginning of a stop sequence."""

    def __init__(self, stop: tuple[str, ...]) -> None:
        self.stopped = False
        self._stop = tuple(sequence for sequence in stop if sequence)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held = ""

    def add(self, piece: bytes) -> str:
        """The text that is certain now; sets ``stopped`` when a stop sequence is complete, which is not part of it."""
        self._held += self._decoder.decode(piece)
        found = [at for sequence in self._stop if (at := self._held.find(sequence)) >= 0]
        if found:
            self.stopped = True
            return self._release(min(found))
        return self._release(len(self._held) - self._beginning())

    def close(self) -> str:
        """What was held back, once no more comes."""
        self._held += self._decoder.decode(b"", final=True)
        return self._release(len(self._held))

    def _release(self, count: int) -> str:
        out, self._held = self._held[:count], self._held[count:]
        return out

    def _beginning(self) -> int:
        """The length of the longest end of the held text that begins a stop sequence."""
        for length in range(min(len(self._held), max(map(len, self._stop), default=0)), 0, -1):
            if any(sequence.startswith(self._held[-length:]) for sequence in self._stop):
                return length
        return 0


def _shown(piece: bytes) -> str:
    return piece.decode("utf-8", errors="replace")
