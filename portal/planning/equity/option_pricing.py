"""What a class is worth before an exit: the option-pricing method over the waterfall's breakpoints.

Each stretch between two breakpoints is a call spread on the company's equity (Black and Scholes); a class has the part
of it that the waterfall gives it of the next dollar there. An aid to think with, not an appraisal for tax (409A).
"""

from __future__ import annotations

import math

import numpy as np

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
    calls = [_call(equity_value, strike, volatility, years, risk_free) for strike in lines.knots]
    spreads = -np.diff([*calls, 0.0])
    values = {}
    for name, at in lines.at.items():
        slopes = np.append(np.diff(at) / np.diff(lines.knots), lines.slopes[name])
        values[name] = float(slopes @ spreads)
    return values


def _call(value: float, strike: float, volatility: float, years: float, rate: float) -> float:
    """Black and Scholes; a call at a strike of zero is the equity itself."""
    from scipy.special import ndtr

    if strike == 0:
        return value
    spread = volatility * math.sqrt(years)
    first = (math.log(value / strike) + rate * years) / spread + spread / 2
    return float(value * ndtr(first) - strike * math.exp(-rate * years) * ndtr(first - spread))
