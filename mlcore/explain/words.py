"""What each word of a text adds to a class, by integrated gradients (Sundararajan, Taly and Yan 2017).

The path runs from a text of padding to the text in question, in the embedded words. What the words add comes to the
difference of the two logits; by how much the sum misses it, the convergence delta, is the error of the integral.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from captum.attr import IntegratedGradients
from torch import Tensor

from mlcore.models.text_classifiers import TextClassifier

_FEWEST_POINTS, _MOST_POINTS = 16, 256  # of the path; each is one pass forward and back
_POINTS_AT_ONCE = 32  # bounds the memory
_TOLERANCE = 0.02  # of the difference of the logits, within which the integral counts as converged


@dataclass(frozen=True, slots=True)
class Attribution:
    """``weights`` (L,) add up to ``difference`` but for ``delta``, all in logits of the class."""

    weights: Tensor
    difference: float
    delta: float
    points: int


def attribute(network: TextClassifier, ids: Tensor, *, target: int) -> Attribution:
    """What each word of ``ids`` (L,) adds to the class ``target``, compared with a text of padding.

    For a network with one output, which is the logit of the second class, the first class has its negative. The points
    of the path are doubled until the error is small, to a limit; ``delta`` says what is left.
    """
    device = next(network.parameters()).device
    row = ids.to(device)[None]  # (1, L)
    with torch.no_grad():
        embedded = network.embed(row)  # (1, L, E)
        baseline = network.embed(torch.zeros_like(row))
        difference = float(_class_logit(network, embedded, row, target) - _class_logit(network, baseline, row, target))
    method = IntegratedGradients(lambda points, numbers: _class_logit(network, points, numbers, target))
    points = _FEWEST_POINTS
    while True:
        added, delta = method.attribute(
            embedded,
            baselines=baseline,
            additional_forward_args=(row,),
            n_steps=points,
            internal_batch_size=_POINTS_AT_ONCE,
            return_convergence_delta=True,
        )
        error = float(delta)
        if points >= _MOST_POINTS or abs(error) <= _TOLERANCE * abs(difference):
            return Attribution(added.sum(dim=2)[0].detach().cpu(), difference, error, points)
        points *= 2


def _class_logit(network: TextClassifier, embedded: Tensor, ids: Tensor, target: int) -> Tensor:
    """(B,)"""
    logits = network.from_embedded(embedded, ids)
    if logits.shape[1] == 1:
        return logits[:, 0] if target == 1 else -logits[:, 0]
    return logits[:, target]
