"""Electricity and carbon of a run. All arguments may be numbers or arrays of draws."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

N = TypeVar("N", float, NDArray[np.float64])


def drawn_watts(design_power: N, share: N, server_factor: N) -> N:
    """Watts that a device draws with its share of the server.

    Args:
        design_power: thermal design power of the device, W.
        share: mean draw over design power; 0.75 for GPUs in training (Epoch AI, arXiv 2405.21015, appendix A.4).
        server_factor: power of the server over that of its devices; DGX H100 10.2 kW / 8 / 0.7 kW = 1.82.
    """
    return design_power * share * server_factor


def kilowatt_hours(watts: N, device_hours: N, pue: N) -> N:
    """kWh at the meter: power usage effectiveness (PUE) adds cooling and conversion."""
    return watts * device_hours * pue / 1000


def kilograms_co2(kwh: N, grams_per_kwh: N) -> N:
    """kg CO2 equivalent from the mean intensity of the grid."""
    return kwh * grams_per_kwh / 1000
