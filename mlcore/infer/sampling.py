"""From the logits of one position to the next token: penalty, temperature, top-k, top-p, one draw.

On the CPU and in NumPy also when the model runs elsewhere: for one vector its calls cost far less than torch's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

ALTERNATIVES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the next token is drawn.

    Raises:
        ValueError: naming the setting, what was wanted and what came.
    """

    max_new_tokens: int
    seed: int = 1
    temperature: float = 1.0
    """0 takes the most probable token."""
    top_k: int = 0
    """Draw from this many of the most probable tokens; 0 from all."""
    top_p: float = 1.0
    """Draw from the fewest tokens whose probabilities reach this sum (Holtzman et al. 2020, section 3.1)."""
    repetition_penalty: float = 1.0
    """Divides the positive and multiplies the negative logits of tokens already there, prompt included (Keskar et al.
    2019, section 4.1)."""
    stop: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        for name, low, high in (
            ("max_new_tokens", 1, 100_000),
            ("temperature", 0, 100),
            ("top_k", 0, 1_000_000),
            ("top_p", 0, 1),
            ("repetition_penalty", 1, 10),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name}: wanted {low} to {high}, got {value}")
        if self.top_p == 0:
            raise ValueError("top_p: wanted more than 0, got 0; for the most probable token set the temperature to 0")


class Sampler:
    """Draws tokens one by one; the same seed gives the same text from the same model."""

    def __init__(self, settings: Sampling, *, vocab: int, seen: list[int]) -> None:
        self.settings = settings
        self._draw = np.random.Generator(np.random.PCG64(settings.seed))
        self._seen = np.zeros(vocab, dtype=bool)
        self._seen[seen] = True

    def take(self, logits: np.ndarray) -> tuple[int, float, list[tuple[int, float]]]:
        """The chosen id, its probability, and the most probable ids with theirs.

        Probabilities are the model's own, at temperature 1 and before any penalty or cut. ``logits`` is (V,).
        """
        probability = softmax(logits)
        chosen = self._choose(logits)
        self._seen[chosen] = True
        best = _largest(probability, ALTERNATIVES)
        return chosen, float(probability[chosen]), [(int(i), float(probability[i])) for i in best]

    def _choose(self, logits: np.ndarray) -> int:
        s = self.settings
        if s.repetition_penalty != 1:
            penalised = np.where(logits > 0, logits / s.repetition_penalty, logits * s.repetition_penalty)
            logits = np.where(self._seen, penalised, logits)
        if s.temperature == 0:
            return int(logits.argmax())
        scores = logits / s.temperature
        if s.top_k:
            candidates = _largest(scores, s.top_k)
        elif s.top_p < 1:
            candidates = np.argsort(-scores, kind="stable")
        else:
            candidates = np.arange(len(scores))
        weights = softmax(scores[candidates])
        if s.top_p < 1:
            # The candidate that reaches the sum is the last one kept, so one always is.
            kept = int(np.searchsorted(np.cumsum(weights), s.top_p)) + 1
            candidates, weights = candidates[:kept], weights[:kept]
        cumulative = np.cumsum(weights)
        place = int(np.searchsorted(cumulative, self._draw.random() * cumulative[-1], side="right"))
        return int(candidates[min(place, len(candidates) - 1)])


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max())
    return powers / powers.sum()


def _largest(values: np.ndarray, count: int) -> np.ndarray:
    """Indices of the ``count`` largest values, the largest first."""
    if count >= len(values):
        return np.argsort(-values, kind="stable")
    found = np.argpartition(values, -count)[-count:]
    return found[np.argsort(-values[found], kind="stable")]
