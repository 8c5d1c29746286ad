"""What a calculation gives: ``Case`` for one set of numbers, ``Outcome`` for many draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.reading import uncertain
from mlcore.spec import Kind, Param, Range, params
from portal.planning.calculator import Calculator, Sentence, Table
from portal.planning.catalog.offered import EDITED, edited_names
from portal.planning.order import quantiles
from portal.planning.sensitivity import centred_ranks, scaled
from portal.planning.uncertainty import stratum

Array = NDArray[np.float64]

BANDS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Case:
    """One calculation, every range at its median and every event as is more likely.

    ``inputs`` is the declared instance, ``resolved`` what ``compute`` was given. ``outputs`` holds plain floats and
    booleans, (nested) lists of them for outputs that run along something; ``inf`` where the output says what it means
    by ``never``.
    """

    calculator: Calculator
    inputs: Any
    resolved: SimpleNamespace
    outputs: Mapping[str, Any]

    @cached_property
    def notices(self) -> list[Sentence]:
        edited = [Sentence(EDITED, {"name": (name, "")}) for name in edited_names(self.inputs)]
        return edited + self.calculator.notices(self.resolved, self.outputs)

    @cached_property
    def tables(self) -> list[Table]:
        return self.calculator.tables(self.resolved, self.outputs)

    @property
    def values(self) -> dict[str, Any]:
        """Resolved inputs and outputs by name: what formulas are about."""
        return {**vars(self.resolved), **self.outputs}


@dataclass(frozen=True, slots=True)
class Influence:
    """How an uncertain input moves the explained output. ``labels``: of the table of rows, if any, and of the field."""

    path: str
    labels: tuple[str, ...]
    row: int | None  # counted from 1
    correlation: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """``counts[i]`` draws lie between ``edges[i]`` and ``edges[i + 1]``; outliers and "never" are counted apart."""

    edges: list[float]
    counts: list[int]
    below: int
    above: int
    never: int


@dataclass(frozen=True)
class Outcome:
    """Many draws of one calculation.

    ``samples[name]`` has shape ``(draws,)``, of an output that runs along something ``(places, kept draws)``; without
    the last axis when the output does not depend on anything uncertain. ``drawn[path]`` has shape ``(draws,)``.
    """

    case: Case
    draws: int
    seed: int
    samples: Mapping[str, Any] = field(repr=False)
    drawn: Mapping[str, Array] = field(repr=False)

    @property
    def calculator(self) -> Calculator:
        return self.case.calculator

    @property
    def inputs(self) -> Any:
        return self.case.inputs

    @property
    def uncertain(self) -> bool:
        return bool(self.drawn)

    def quantile(self, name: str, share: float) -> float:
        """The value of a number below which this share of the draws lies; ``inf`` where that is never."""
        return self.quantiles(name, (share,))[0]

    def quantiles(self, name: str, shares: Sequence[float] = BANDS) -> list[float]:
        key = (name, tuple(shares))
        if key not in self._quantiles:
            self._quantiles[key] = quantiles(self._sample(name), shares).tolist()
        return list(self._quantiles[key])

    def fan(self, name: str, shares: Sequence[float] = BANDS) -> Array:
        """Bands of an output along one axis, shape ``(shares, places)``."""
        output = self.calculator.outputs[name]
        assert name in self.samples, f"{name} has no spread, so its draws are not kept"
        assert len(output.along) == 1, f"{name} runs along {output.along}"
        assert not output.boolean, f"{name} is boolean: ask for its shares"
        # A chart and a table may show the same, and sorting the draws is most of what a page costs.
        key = (name, tuple(shares))
        if key not in self._fans:
            self._fans[key] = self._fan(np.asarray(self.samples[name], dtype=np.float64), shares)
        return self._fans[key]

    @staticmethod
    def _fan(sample: Array, shares: Sequence[float]) -> Array:
        if sample.ndim == 1:
            return np.tile(sample, (len(shares), 1))
        if not len(sample):
            return np.empty((len(shares), 0))
        return np.stack([quantiles(place, shares) for place in sample], axis=1)

    def share(self, name: str) -> float:
        """The share of the draws in which a single boolean output is true."""
        assert not self.calculator.outputs[name].along, f"{name} has a share for each place: ask for its shares"
        return float(self.shares(name))

    def shares(self, name: str) -> Array:
        """The share of the draws in which a boolean output is true, at each place along which it runs."""
        output = self.calculator.outputs[name]
        assert output.boolean, f"{name} is not boolean"
        sample = np.asarray(self.samples[name], dtype=np.float64)
        return sample.mean(axis=-1) if sample.ndim > len(output.along) else sample

    def share_never(self, name: str) -> float:
        """The share of the draws in which the output is infinite, that is never."""
        return float(np.mean(np.isinf(self.samples[name])))

    def mean(self, name: str) -> float | None:
        """None when some draws are never."""
        return None if self.share_never(name) else float(np.mean(self.samples[name]))

    def histogram(self, name: str, bins: int = 40) -> Histogram:
        """Equal bins over the middle 99% of the finite draws, or over all of them where no tail is long."""
        sample = self._sample(name)
        finite = sample[np.isfinite(sample)]
        never = len(sample) - len(finite)
        if not len(finite):
            return Histogram([], [], 0, 0, never)
        low, inner_low, inner_high, high = (float(end) for end in quantiles(finite, (0, 0.005, 0.995, 1)))
        if high - low > 1.5 * (inner_high - inner_low) > 0:
            low, high = inner_low, inner_high
        if high - low <= 1e-12 * max(abs(low), abs(high)):
            return Histogram([low, high], [len(finite)], 0, 0, never)
        counts, edges = np.histogram(finite, bins=bins, range=(low, high))
        below, above = int(np.sum(finite < low)), int(np.sum(finite > high))
        return Histogram(edges.tolist(), counts.tolist(), below, above, never)

    def tornado(self, name: str | None = None) -> list[Influence]:
        """Rank correlations of an output, by default the explained one, with all that was drawn; strongest first."""
        sample = np.asarray(self.samples[name or self.calculator.explains], dtype=np.float64)
        effect = centred_ranks(sample) if sample.ndim else None
        bars = []
        for path, param, value in uncertain(self.inputs):
            correlation = 0.0 if effect is None else float(self._ranks(path, param, value) @ effect)
            labels, row = _labels(self.calculator.inputs, path)
            bars.append(Influence(path, labels, row, correlation))
        return sorted(bars, key=lambda bar: -abs(bar.correlation))

    def _sample(self, name: str) -> Array:
        output = self.calculator.outputs[name]
        assert not output.along, f"{name} runs along {output.along}: ask for its fan"
        assert not output.boolean, f"{name} is boolean: ask for its share"
        return np.atleast_1d(np.asarray(self.samples[name], dtype=np.float64))

    @cached_property
    def _fans(self) -> dict[tuple[str, tuple[float, ...]], Array]:
        return {}

    @cached_property
    def _quantiles(self) -> dict[tuple[str, tuple[float, ...]], list[float]]:
        return {}

    def _ranks(self, path: str, param: Param, value: Range | float) -> Array:
        # The inverse distribution function keeps order, so the strata are the ranks, unless rounding made ties.
        if isinstance(value, Range) and param.kind is not Kind.INTEGER:
            return scaled(stratum(self.seed, path, self.draws).astype(np.float64))
        return centred_ranks(self.drawn[path])


def _labels(inputs: type, path: str) -> tuple[tuple[str, ...], int | None]:
    name, *rest = path.split(".")
    param = next(param for field_name, param, _ in params(inputs) if field_name == name)
    if not rest:
        return (param.label,), None
    assert param.row is not None
    inner, _ = _labels(param.row, ".".join(rest[1:]))
    return (param.label, *inner), int(rest[0]) + 1
