"""What a class is worth before an exit: the option-pricing method over the waterfall's breakpoints.

Each stretch between two breakpoints is a call spread on the company's equity (Black and Scholes); a class has the part
of it that the waterfall gives it of the next dollar there. An aid to think with, not an appraisal for tax (409A).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mlcore.reading import Problem
from portal.planning.equity.money import Refused
from portal.planning.equity.payoffs import payoffs
from portal.planning.equity.waterfall import Waterfall


def option_values(
    waterfall: Waterfall, *, equity_value: float, volatility: float, years: float, risk_free: float
) -> dict[str, float]:
    """The value of every claim; they add up to ``equity_value``. ``volatility`` and ``risk_free`` are yearly.

    Raises:
        Refused: a value, volatility or time that is not above zero, or a rate that is not finite.
    """
    for name, given in (("equity_value", equity_value), ("volatility", volatility), ("years", years)):
        if not (given > 0 and math.isfinite(given)):
            raise Refused(Problem("Wanted a number above zero, got {given}.", {"given": str(given)}), name)
    if not math.isfinite(risk_free):
        raise Refused(Problem("Wanted a finite number, got {given}.", {"given": str(risk_free)}), "risk_free")
    lines = payoffs(waterfall)
    calls = [float(call_value(equity_value, strike, volatility, years, risk_free)) for strike in lines.knots]
    spreads = -np.diff([*calls, 0.0])
    values = {}
    for name, at in lines.at.items():
        slopes = np.append(np.diff(at) / np.diff(lines.knots), lines.slopes[name])
        values[name] = float(slopes @ spreads)
    return values


def call_value(value: ArrayLike, strike: ArrayLike, volatility: ArrayLike, years: ArrayLike, rate: ArrayLike) -> Any:
    """Black and Scholes, of numbers or arrays that broadcast; a call at a strike of zero is the share itself.

    ``volatility`` and ``rate`` are yearly, the rate with continuous compounding; no dividends.
    """
    from scipy.special import ndtr

    value, strike, volatility, years, rate = (
        np.asarray(each, dtype=float) for each in (value, strike, volatility, years, rate)
    )
    spread = volatility * np.sqrt(years)
    with np.errstate(divide="ignore"):
        first = (np.log(value / strike) + rate * years) / spread + spread / 2
    return value * ndtr(first) - strike * np.exp(-rate * years) * ndtr(first - spread)
