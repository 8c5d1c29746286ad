"""What moves an output most: Spearman's rank correlation on paired samples.

"Paired" means that the draws of inputs and output belong together row by row; correlating separately sorted or
separately drawn samples gives noise. Ties share their average rank (Kendall, Rank Correlation Methods, ch. 3).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def average_ranks(values: Array) -> Array:
    """Ranks of ``values`` (n,) from 0, those that are alike sharing their average."""
    order = np.argsort(values)
    ordered = values[order]
    starts = np.concatenate(([0], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, [len(values)]))
    ranks = np.empty(len(values))
    if len(starts) == len(values) + 1:
        ranks[order] = np.arange(len(values))
    else:
        ranks[order] = np.repeat((starts[:-1] + starts[1:] - 1) / 2, np.diff(starts))
    return ranks


def centred_ranks(values: Array) -> Array:
    """Ranks of ``values`` (draws,) about their mean, scaled to length 1; zeros when all values are alike."""
    return scaled(average_ranks(values))


def scaled(ranks: Array) -> Array:
    """Ranks about their mean, scaled to length 1, so that a correlation is a dot product."""
    centred = ranks - ranks.mean()
    length = np.sqrt(centred @ centred)
    return centred / length if length > 0 else centred
