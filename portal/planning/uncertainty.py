"""How a range is spread and drawn.

``quantile`` is the inverse distribution function of a range, truncated to what the input permits: the part outside
is cut off and the rest scaled up, so that no draws pile up at a bound. ``draw`` feeds it Latin-hypercube uniforms
(McKay, Beckman and Conover, Technometrics 21(2), 1979) from a stream that depends on the seed and the input's path
alone: adding or changing one range never changes the draws of another (common random numbers).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, btdtrib, expit, ndtr, ndtri

from mlcore.spec import Family, Kind, Param, Range

Array = NDArray[np.float64]

Z95 = float(ndtri(0.95))  # 1.6448536
PERT_SHAPE = 4.0  # weight of the mode; Malcolm et al., Operations Research 7(5), 1959
CACHED_DRAWS = 20_000  # what a page asks for while a slider is dragged; larger samples are drawn afresh
SMALLEST = 2.0**-53
TABLE_EDGE, TABLE_STEP = 8.5, 0.05  # normal deviates; no share between SMALLEST and 1 − SMALLEST lies outside
FEW = 400  # shares for which a table does not pay
STEEP = 0.1  # a beta parameter below which the distribution sits at an end too sharply for the table


def median(spread: Range, low: float | None = None, high: float | None = None) -> float:
    """The median of a range truncated to ``low`` and ``high``."""
    return float(quantile(spread, np.array(0.5), low, high))


def quantile(spread: Range, share: Array, low: float | None = None, high: float | None = None) -> Array:
    """The values below which the given shares, strictly between 0 and 1, of the truncated range lie.

    The ends of the range must lie within ``low`` and ``high``.
    """
    first = 0.0 if low is None else _below(spread, low)
    last = 1.0 if high is None else _below(spread, high)
    values = _inverse(spread, first + share * (last - first))
    # Rounding in the inverse may step over the bound by one unit in the last place.
    return np.clip(values, low, high) if low is not None or high is not None else values


def draw(seed: int, path: str, draws: int, param: Param, value: Range | float) -> Array:
    """Values of an uncertain input, shape ``(draws,)``: of a range, or 1 and 0 for an event of that probability.

    The array is shared between callers and read-only. A whole number is rounded to the nearest.
    """
    maker = _cached_draw if draws <= CACHED_DRAWS else _draw
    if not isinstance(value, Range):
        return maker(seed, path, draws, value, None, None, False)
    return maker(seed, path, draws, value, param.low, param.high, param.kind is Kind.INTEGER)


def stratum(seed: int, path: str, draws: int) -> NDArray[np.int64]:
    """Which of the ``draws`` equal parts of (0, 1) each draw comes from: also the rank, from 0, of what is drawn."""
    return _stream(seed, path).permutation(draws)


def beta_shape(low: float, high: float) -> tuple[float, float]:
    """The parameters (a, b) of the beta distribution on (0, 1) with 5th percentile ``low`` and 95th ``high``.

    For each a there is one b with the right 5th percentile, and the 95th then falls as a rises: bisection on log a.
    """
    return _beta_shape(low, high)


def _draw(
    seed: int, path: str, draws: int, value: Range | float, low: float | None, high: float | None, whole: bool
) -> Array:
    stream = _stream(seed, path)
    uniform = (stream.permutation(draws) + stream.random(draws)) / draws
    np.clip(uniform, SMALLEST, 1 - SMALLEST, out=uniform)
    if isinstance(value, Range):
        values = quantile(value, uniform, low, high)
    else:
        values = (uniform < value).astype(np.float64)
    if whole:
        values = np.rint(values)
    values.setflags(write=False)
    return values


_cached_draw = lru_cache(maxsize=256)(_draw)  # at most 40 MB


def _stream(seed: int, path: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *path.encode()])))


def _below(spread: Range, x: float) -> float:
    """The share of the untruncated range that lies below ``x``."""
    low, high = spread.low, spread.high
    match spread.family:
        case Family.LOGNORMAL:
            return float(ndtr((np.log(x) - _centre(spread)) / _deviation(spread))) if x > 0 else 0.0
        case Family.NORMAL:
            return float(ndtr((x - _centre(spread)) / _deviation(spread)))
        case Family.BETA:
            return float(betainc(*beta_shape(low, high), min(max(x, 0.0), 1.0)))
        case _:  # its ends are the ends, and they lie within the bounds
            return 0.0 if x <= low else 1.0


def _inverse(spread: Range, share: Array) -> Array:
    low, high = spread.low, spread.high
    match spread.family:
        case Family.LOGNORMAL:
            return np.exp(_centre(spread) + _deviation(spread) * ndtri(share))
        case Family.NORMAL:
            return _centre(spread) + _deviation(spread) * ndtri(share)
        case Family.BETA:
            return _beta_inverse(*beta_shape(low, high), share)
        case Family.UNIFORM:
            return low + share * (high - low)
        case Family.TRIANGLE:
            top = (_mode(spread) - low) / (high - low)
            rising = np.sqrt(share * top)
            falling = 1 - np.sqrt((1 - share) * (1 - top))
            return low + (high - low) * np.where(share < top, rising, falling)
        case Family.PERT:
            top = (_mode(spread) - low) / (high - low)
            return low + (high - low) * _beta_inverse(1 + PERT_SHAPE * top, 1 + PERT_SHAPE * (1 - top), share)


def _beta_inverse(a: float, b: float, share: Array) -> Array:
    """The inverse of the beta distribution function, for many shares from a table, to 1e-6 of the spread; PERT to 1e-7.

    The exact inverse takes microseconds for each share. As logit(x) against the normal deviate of the share it is so
    smooth that cubic Hermite pieces between some 340 exact points follow it.
    """
    if share.size < FEW or min(a, b) < STEEP:
        return betaincinv(a, b, share)
    points, slopes = _beta_table(a, b)
    place = (ndtri(share) + TABLE_EDGE) / TABLE_STEP
    index = place.astype(np.intp)
    t = place - index
    rise = points[index + 1] - points[index]
    first, last = slopes[index], slopes[index + 1]
    return expit(points[index] + t * (first + t * (3 * rise - 2 * first - last + t * (first + last - 2 * rise))))


@lru_cache(maxsize=256)
def _beta_table(a: float, b: float) -> tuple[Array, Array]:
    """logit(x) at evenly spaced normal deviates, and its slope by differences of fourth order."""
    deviate = np.arange(-TABLE_EDGE, TABLE_EDGE + TABLE_STEP / 2, TABLE_STEP)
    with np.errstate(divide="ignore"):  # log 0 where x is too small for a float
        points = np.log(betaincinv(a, b, ndtr(deviate))) - np.log(betaincinv(b, a, ndtr(-deviate)))
    points = np.clip(points, -700, 700)
    slopes = np.gradient(points)
    slopes[2:-2] = (points[:-4] - 8 * points[1:-3] + 8 * points[3:-1] - points[4:]) / 12
    return points, slopes


def _centre(spread: Range) -> float:
    """Mean of the normal, or of the logarithm of the log-normal."""
    if spread.family is Family.LOGNORMAL:
        return float(np.log(spread.low) + np.log(spread.high)) / 2
    return (spread.low + spread.high) / 2


def _deviation(spread: Range) -> float:
    if spread.family is Family.LOGNORMAL:
        # Ends that differ by one rounding have the same logarithm, and yet a range is no single number.
        return max(float(np.log(spread.high) - np.log(spread.low)), 1e-16) / (2 * Z95)
    return (spread.high - spread.low) / (2 * Z95)


def _mode(spread: Range) -> float:
    return (spread.low + spread.high) / 2 if spread.mode is None else spread.mode


@lru_cache(maxsize=1024)
def _beta_shape(low: float, high: float) -> tuple[float, float]:
    smallest, largest = np.log(1e-4), np.log(1e15)
    for _ in range(120):
        middle = (smallest + largest) / 2
        a = float(np.exp(middle))
        b = float(btdtrib(a, 0.05, low))
        if betainc(a, b, high) < 0.95:
            smallest = middle
        else:
            largest = middle
    return a, b
