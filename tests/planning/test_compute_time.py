"""Time and energy from work and speed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.planning.compute.energy import drawn_watts, kilograms_co2, kilowatt_hours
from portal.planning.compute.time import model_speed, pipeline_bubble, training_days

RATES = st.floats(1e-3, 1e3)


def test_bigscience_days() -> None:
    # days = tokens × 8 N / (devices × FLOP/s × 86,400), with everything recomputed: 8 N of hardware work for 6 N
    n, tokens, devices, speed = 175e9, 300e9, 1024, 140e12
    days = training_days(tokens, model_speed(devices * speed, 1.0, 6 * n, 2 * n) / (6 * n), 1.0)
    assert days == pytest.approx(tokens * 8 * n / (devices * speed * 86_400))
    assert days == pytest.approx(34, rel=0.01)


def test_a_pipeline_idles_less_with_more_micro_batches_and_parts() -> None:
    assert pipeline_bubble(1, 1, 8) == 0
    assert pipeline_bubble(8, 1, 64) == 7 / 64
    assert pipeline_bubble(8, 4, 64) == 7 / 256


def test_llama_65b_took_449_megawatt_hours() -> None:
    energy = kilowatt_hours(400, 1_022_362, 1.1)
    assert energy == pytest.approx(449_000, rel=0.002)
    assert kilograms_co2(energy, 385) == pytest.approx(173_000, rel=0.002)
    assert drawn_watts(700, 1.0, 10_200 / 8 / 700) == pytest.approx(10_200 / 8)


@given(st.lists(RATES, min_size=1, max_size=5), RATES, RATES)
def test_draws_give_what_single_numbers_give(values: list[float], other: float, third: float) -> None:
    drawn = np.array(values)
    for one in (
        lambda v: model_speed(v, other, third, 1.0),
        lambda v: training_days(v, other, third),
        lambda v: kilowatt_hours(v, other, third),
    ):
        assert one(drawn) == pytest.approx([one(value) for value in values])
