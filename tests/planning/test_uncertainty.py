"""Ranges, their distributions, and the draws from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import stats
from scipy.special import betainc, betaincinv

from mlcore.spec import Family, Kind, Param, Range
from portal.planning import uncertainty
from portal.planning.uncertainty import beta_shape, draw, median, quantile, stratum
from tests.planning import golden

PLAIN = Param(label="A", help="b", kind=Kind.NUMBER)
WHOLE = Param(label="A", help="b", kind=Kind.INTEGER)
SHARES = np.array([0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999])


def test_a_log_normal_range_is_the_90_percent_interval() -> None:
    case = golden.LOG_NORMAL_5_TO_10
    values = quantile(Range(**case.inputs, family=Family.LOGNORMAL), np.array([0.05, 0.5, 0.95]))
    assert values[[0, 2]] == pytest.approx([case.expected["p5"], case.expected["p95"]], rel=1e-12)
    assert np.log(values[1]) == pytest.approx(case.expected["mu"], rel=1e-12)
    assert np.log(values[2] / values[1]) / uncertainty.Z95 == pytest.approx(case.expected["sigma"], rel=1e-7)
    draws = draw(1, "a", 10_000, PLAIN, Range(**case.inputs, family=Family.LOGNORMAL))
    assert draws.mean() == pytest.approx(case.expected["mean"], rel=1e-4)


def test_a_normal_range_is_the_90_percent_interval() -> None:
    case = golden.NORMAL_25_TO_35
    draws = draw(1, "a", 10_000, PLAIN, Range(**case.inputs, family=Family.NORMAL))
    assert draws.mean() == pytest.approx(case.expected["mean"], rel=1e-4)
    assert draws.std() == pytest.approx(case.expected["deviation"], rel=1e-3)


REFERENCES = [
    (Range(24, 38, Family.UNIFORM), stats.uniform(24, 14)),
    (Range(24, 38, Family.TRIANGLE), stats.triang(0.5, 24, 14)),
    (Range(24, 38, Family.TRIANGLE, 24), stats.triang(0, 24, 14)),
    (Range(24, 38, Family.TRIANGLE, 38), stats.triang(1, 24, 14)),
    (Range(24, 38, Family.TRIANGLE, 27), stats.triang(3 / 14, 24, 14)),
    (Range(24, 38, Family.PERT, 27), stats.beta(1 + 4 * 3 / 14, 1 + 4 * 11 / 14, 24, 14)),
    (Range(24, 38, Family.PERT), stats.beta(3, 3, 24, 14)),
    (Range(24, 38, Family.NORMAL), stats.norm(31, 7 / stats.norm.ppf(0.95))),
]


@pytest.mark.parametrize(("spread", "reference"), REFERENCES)
def test_quantiles_agree_with_scipy_stats(spread: Range, reference: stats.rv_continuous) -> None:
    assert quantile(spread, SHARES) == pytest.approx(reference.ppf(SHARES), rel=1e-9)


def test_pert_has_its_textbook_mean() -> None:
    draws = draw(1, "a", 10_000, PLAIN, Range(10, 40, Family.PERT, 16))
    assert draws.mean() == pytest.approx((10 + 4 * 16 + 40) / 6, rel=1e-4)


@given(st.floats(1e-6, 1 - 1e-6), st.floats(1e-6, 1 - 1e-6))
def test_beta_has_the_stated_percentiles(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assume(high - low > 1e-5 * low)
    a, b = beta_shape(low, high)
    assert (betainc(a, b, low), betainc(a, b, high)) == pytest.approx((0.05, 0.95), abs=1e-6)


@given(st.floats(-1.5, 9), st.floats(-1.5, 9))
@example(0.0, 0.69)
@example(0.3, 0.6)
def test_a_table_of_the_beta_inverse_follows_the_exact_one(log_a: float, log_b: float) -> None:
    a, b = 10**log_a, 10**log_b
    shares = np.concatenate((np.linspace(0.001, 0.999, 900), [1e-9, 1e-6, 1 - 1e-6, 1 - 1e-9]))
    exact = betaincinv(a, b, shares)
    spread = exact[shares <= 0.95].max() - exact[shares >= 0.05].min()
    found = uncertainty._beta_inverse(a, b, shares)
    pert = 1 <= a <= 5 and 1 <= b <= 5
    assert np.max(np.abs(found - exact)) <= (1e-7 if pert else 1e-6) * spread + 1e-15
    assert (np.diff(found[np.argsort(shares)]) >= -1e-15).all()


TRUNCATED = [
    (Range(0.06, 0.14, Family.LOGNORMAL), 0.05, 0.15, stats.lognorm),
    (Range(-5, 5, Family.NORMAL), -6, 8, stats.norm),
    (Range(0.2, 0.6, Family.BETA), 0.1, 0.7, stats.beta),
]


@pytest.mark.parametrize(("spread", "low", "high", "kind"), TRUNCATED)
def test_a_range_is_cut_at_what_is_permitted_without_piling_up(
    spread: Range, low: float, high: float, kind: stats.rv_continuous
) -> None:
    param = Param(label="A", help="b", kind=Kind.NUMBER, low=low, high=high)
    draws = draw(3, "a", 20_000, param, spread)
    assert low <= draws.min() < draws.max() <= high
    assert np.sum((draws == low) | (draws == high)) <= 2
    if kind is stats.lognorm:
        whole = kind(
            s=np.log(spread.high / spread.low) / (2 * stats.norm.ppf(0.95)), scale=np.sqrt(spread.low * spread.high)
        )
    elif kind is stats.norm:
        whole = kind(0, spread.high / stats.norm.ppf(0.95))
    else:
        whole = kind(*beta_shape(spread.low, spread.high))
    expected = whole.ppf(whole.cdf(low) + SHARES * (whole.cdf(high) - whole.cdf(low)))
    assert quantile(spread, SHARES, low, high) == pytest.approx(expected, rel=1e-9)
    assert np.median(draws) == pytest.approx(median(spread, low, high), abs=1e-3 * (high - low))


def test_a_bound_of_zero_cuts() -> None:
    param = Param(label="A", help="b", kind=Kind.NUMBER, low=0)
    draws = draw(3, "a", 5_000, param, Range(0, 10, Family.NORMAL))
    assert draws.min() >= 0
    assert median(Range(0, 10, Family.NORMAL), 0) > median(Range(0, 10, Family.NORMAL))


numbers = st.floats(-1e9, 1e9, allow_subnormal=False)


@given(numbers, numbers, st.sampled_from(Family), st.floats(0, 1), st.floats(0, 1e9), st.booleans())
def test_quantiles_rise_and_stay_within_bounds(
    first: float, second: float, family: Family, place: float, room: float, bounded: bool
) -> None:
    low, high = sorted((first, second))
    try:
        mode = low + place * (high - low) if family in (Family.TRIANGLE, Family.PERT) else None
        spread = Range(low, high, family, mode)
    except ValueError:
        return
    assume(high - low > 1e-9 * max(abs(low), abs(high)))
    bounds = (low - room, high + room) if bounded else (None, None)
    values = quantile(spread, SHARES, *bounds)
    assert np.isfinite(values).all()
    assert (np.diff(values) >= 0).all()
    if bounded:
        assert low - room <= values[0] <= values[-1] <= high + room


def test_each_stratum_is_drawn_once() -> None:
    draws = draw(11, "price", 1_000, PLAIN, Range(0, 1, Family.UNIFORM))
    assert sorted((draws * 1_000).astype(int)) == list(range(1_000))
    assert ((draws * 1_000).astype(int) == stratum(11, "price", 1_000)).all()


def test_a_stream_depends_on_seed_and_path_alone() -> None:
    spread = Range(1, 2, Family.LOGNORMAL)
    one = draw(1, "price", 500, PLAIN, spread)
    assert (one == draw(1, "price", 500, PLAIN, spread)).all()
    assert not np.array_equal(one, draw(2, "price", 500, PLAIN, spread))
    assert not np.array_equal(one, draw(1, "seats", 500, PLAIN, spread))
    moved = draw(1, "price", 500, PLAIN, Range(2, 4, Family.LOGNORMAL))
    assert moved == pytest.approx(2 * one, rel=1e-12)  # the same uniforms, another range


def test_large_samples_are_drawn_afresh_and_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    spread = Range(1, 2, Family.LOGNORMAL)
    cached = draw(1, "price", 500, PLAIN, spread)
    monkeypatch.setattr(uncertainty, "CACHED_DRAWS", 100)
    assert np.array_equal(cached, draw(1, "price", 500, PLAIN, spread))


def test_draws_are_shared_and_so_read_only() -> None:
    draws = draw(1, "price", 500, PLAIN, Range(1, 2, Family.LOGNORMAL))
    assert draws is draw(1, "price", 500, PLAIN, Range(1, 2, Family.LOGNORMAL))
    with pytest.raises(ValueError, match="read-only"):
        draws[0] = 5


def test_whole_numbers_are_rounded_to_the_nearest() -> None:
    draws = draw(1, "seats", 3_000, WHOLE, Range(0.5, 3.5, Family.UNIFORM))
    values, counts = np.unique(draws, return_counts=True)
    assert values.tolist() == [1, 2, 3]
    assert counts == pytest.approx([1_000] * 3, abs=1)


@pytest.mark.parametrize("chance", [0.001, 0.3, 0.7, 0.999])
def test_an_event_happens_in_its_share_of_the_draws(chance: float) -> None:
    draws = draw(1, "closes", 2_000, PLAIN, chance)
    assert set(np.unique(draws)) <= {0.0, 1.0}
    assert draws.mean() == pytest.approx(chance, abs=1 / 2_000)
