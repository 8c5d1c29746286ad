"""Power of accelerators while they serve, by what they are busy with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

COEFFICIENTS: Mapping[str, str] = {
    "idle": "share of the design power while a step waits",
    "reading": "further share of the design power at full bandwidth",
    "multiplying": "further share of the design power at full peak",
}


def step_energy(seconds: Any, *, reading: Any, multiplying: Any, shares: Mapping[str, Any]) -> Any:
    """Energy of a step over the design power, in seconds: J/W.

    Every byte and every operation has its energy, and time costs what an idle device draws; a device is held to its
    design power. So energy per token falls with the batch, as weights are read once for all.

    Args:
        seconds: what the step lasts.
        reading: seconds of its reading at full bandwidth.
        multiplying: seconds of its operations at full peak.
        shares: those of ``COEFFICIENTS``.
    """
    spent = seconds * shares["idle"] + reading * shares["reading"] + multiplying * shares["multiplying"]
    return np.minimum(spent, seconds)
