"""What failures cost: how often to save, and which share of the time advances the run.

Young 1974 (Commun. ACM 17:530) and Daly 2006 (Future Generation Computer Systems 22:303): failures that strike at a
constant rate, a stop to write a checkpoint, work lost since the last one, and time to start again. All arguments may be
numbers or arrays of draws.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Amount = Any  # a number, or an array of draws

# 54 days of 16,384 H100 over 419 unexpected interruptions (Llama 3, arXiv 2407.21783, section 3.3.4).
HOURS_PER_INTERRUPTION = 50_677


def write_seconds(bytes_written: Amount, bytes_per_second: Amount) -> Amount:
    """Seconds that training stands still for a checkpoint."""
    return bytes_written / bytes_per_second


def best_interval(write: Amount, between_failures: Amount) -> Amount:
    """Seconds of work between two checkpoints that waste least.

    Daly's equation 37: √(2 δ M) (1 + ⅓ √(δ/2M) + ⅑ δ/2M) − δ for a checkpoint of δ seconds and M seconds between
    failures; M where writing takes longer than 2 M. Without the two corrections it is Young's.
    """
    ratio = np.minimum(write / (2 * between_failures), 1.0)
    root = np.sqrt(2 * write * between_failures)
    best = root * (1 + np.sqrt(ratio) / 3 + ratio / 9) - write
    return np.where(write < 2 * between_failures, best, between_failures)[()]


def goodput(interval: Amount, write: Amount, restart: Amount, between_failures: Amount) -> Amount:
    """Share of the time that advances the run, from 0 to 1: Daly's equation 20, exact for failures at a constant rate.

    Args:
        interval: seconds of work between checkpoints, above 0.
        write: seconds to write one.
        restart: seconds from a failure until work goes on.
        between_failures: mean seconds between failures of the whole cluster.
    """
    m = between_failures
    # Beyond an exponent of 300 the share is 0 as far as anyone can tell, and floats come to their end.
    attempts = np.expm1(np.minimum((interval + write) / m, 300.0))
    return interval / m / attempts * np.exp(-np.minimum(restart / m, 300.0))


def interruptions(device_hours: Amount, hours_between: Amount = HOURS_PER_INTERRUPTION) -> Amount:
    """Unexpected stops to be planned for."""
    return device_hours / hours_between
