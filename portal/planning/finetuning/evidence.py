"""What published fine-tunes say of the estimates: coefficients, and how far predictions of unseen models lie off."""

from __future__ import annotations

from functools import cache

import numpy as np

from portal.planning.evidence.coefficients import predictions
from portal.planning.evidence.families.finetuning import FAMILIES
from portal.planning.evidence.family import Case
from portal.planning.evidence.validation import spread

MEMORY, SPEED = FAMILIES


@cache
def cases(slug: str) -> tuple[Case, ...]:
    """The measurements of one of the two families."""
    return tuple(next(family for family in FAMILIES if family.slug == slug).read())


@cache
def factors(slug: str) -> tuple[float, float]:
    """Factors on a prediction between which 80% of new models lie."""
    said = predictions()[slug]
    known = [case for case in cases(slug) if case.key in said]
    logs = np.log([case.measured / said[case.key].predicted for case in known])
    return spread(logs, [case.model for case in known])
