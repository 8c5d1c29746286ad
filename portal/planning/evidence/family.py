"""What a family of published measurements declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Coefficients = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One published measurement. ``inputs`` is what its family's ``predict`` needs, in a form of the family's own."""

    key: str  # names it within its family, and stays when rows are added
    model: str  # rows of one model are left out together
    label: str  # what a reader calls it
    hardware: str
    parameters: float  # all weights of the model
    measured: float  # in the family's unit, above 0
    source: str
    as_of: str  # "2025-03", or a year
    inputs: Any
    shown: Mapping[str, Any] = field(default_factory=dict)  # inputs as a reader sees them: name to number or text
    rivals: Mapping[str, float] = field(default_factory=dict)  # what others predict of it, by their names
    fitted: bool = True  # no: never part of a fit, only scored


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """How measurements of one kind are read, fitted and predicted.

    ``fit`` gets the cases that are not left out and returns few, named coefficients; ``predict`` gives one positive
    number a case. Both are pure. ``rule`` is what the usual rule of thumb says of the same cases, for comparison; it is
    fitted by the same means where it has a constant.
    """

    slug: str
    title: str
    summary: str  # what is measured and what predicts it
    unit: str
    read: Callable[..., Sequence[Case]]  # (path=None): of its own table, or of another in the same columns
    fit: Callable[[Sequence[Case]], Coefficients]
    predict: Callable[[Sequence[Case], Coefficients], NDArray[np.float64]]
    meanings: Mapping[str, str]  # of each coefficient, with its unit
    # Cases whose inputs rest on another family's fit, as they are when that fit has not seen their model either
    unseen: Callable[[Sequence[Case]], Sequence[Case]] | None = None
    wanted_median: float | None = None  # bar for the median of the absolute relative error; 0.15 is 15 %
    wanted_within_quarter: float | None = None  # bar for the share of cases within 25 %
    rule: Callable[[Sequence[Case], Sequence[Case]], NDArray[np.float64]] | None = None  # (fitted on, predicted)
    rule_name: str = ""
    order: int = 100  # place on the page
