"""The schedule of a loan that is drawn in parts, paid interest-only at first and then down. USD, months, draws last.

Conventions: money is drawn on the first day of a month, and payments fall on the last: interest of a month is a twelfth
of the yearly rate on all that is drawn. Month 1 begins with the closing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.planning.finance import Array
from portal.planning.hardware.owning import annuity

ANNUITY, LEVEL = "annuity", "level"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a loan contract says; rates and fees are shares, single or ``(draws,)``."""

    commitment: Any  # USD
    rate: Any  # a year
    term: int  # months from closing to the last payment
    interest_only: int  # months, fewer than the term
    repayment: str  # ANNUITY or LEVEL principal
    upfront_fee: Any  # of the commitment, at closing
    undrawn_fee: Any  # a year, of what is not drawn yet
    availability: int  # months in which it may be drawn, and in which the undrawn fee is due
    end_fee: Any  # of what was drawn, with the last payment or at prepayment
    prepaid_after: int  # months; 0 for never
    prepayment_fee: Any  # of what is paid back early


@dataclass(frozen=True, slots=True)
class Schedule:
    """Tables (months, draws); ``upfront`` (draws,) falls due at closing, before the first month."""

    upfront: Array
    drawn: Array  # on the first day of each month; all others on the last
    interest: Array
    principal: Array
    undrawn: Array  # the fee on what is not drawn
    end: Array  # the end-of-term payment
    prepayment: Array  # the fee for paying back early
    balance: Array

    @property
    def paid(self) -> Array:
        """What the lender gets on the last day of each month."""
        return self.interest + self.principal + self.undrawn + self.end + self.prepayment


def schedule(terms: Terms, draws: dict[int, Any]) -> Schedule:
    """Month by month to the end of the term.

    Args:
        terms: of the contract.
        draws: USD by month counted from 0, each single or ``(draws,)``.

    What is drawn later joins the same schedule: after the interest-only months each payment is the one that would pay
    the balance off by the end of the term. With one draw that is the usual annuity, or the usual level principal.
    """
    parts = [terms.commitment, terms.rate, terms.upfront_fee, terms.undrawn_fee, terms.end_fee, terms.prepayment_fee]
    width = np.broadcast_shapes(*(np.shape(np.atleast_1d(part)) for part in [*parts, *draws.values()]))[0]
    drawn, interest, principal, undrawn, end, prepayment, balance = np.zeros((7, terms.term, width))
    monthly = np.atleast_1d(terms.rate) / 12
    owed, total = np.zeros(width), np.zeros(width)
    last = terms.prepaid_after or terms.term
    for month in range(last):
        drawn[month] = draws.get(month, 0.0)
        owed, total = owed + drawn[month], total + drawn[month]
        interest[month] = owed * monthly
        principal[month] = _principal(terms, month, owed, monthly)
        if month < terms.availability:
            undrawn[month] = np.maximum(terms.commitment - total, 0) * np.atleast_1d(terms.undrawn_fee) / 12
        owed = owed - principal[month]
        balance[month] = owed
    end[last - 1] = terms.end_fee * total
    if terms.prepaid_after:
        prepayment[last - 1] = terms.prepayment_fee * owed
        principal[last - 1] += owed
        balance[last - 1] = 0.0
    upfront = np.broadcast_to(terms.commitment * terms.upfront_fee, width) + np.zeros(width)
    return Schedule(upfront, drawn, interest, principal, undrawn, end, prepayment, balance)


def _principal(terms: Terms, month: int, owed: Array, monthly: Array) -> Array:
    if month < terms.interest_only:
        return np.zeros_like(owed)
    left = terms.term - month
    if left == 1:
        return owed
    if terms.repayment == LEVEL:
        return owed / left
    return owed / annuity(monthly, left) - owed * monthly


# Warrants


def warrants(coverage: Any, commitment: Any, drawn: Any, on_commitment: Any, strike: Any) -> Array:
    """How many shares may be bought: coverage ÷ strike, of a base that is the commitment for the part ``on_commitment``
    and what is drawn for the rest."""
    base = np.asarray(on_commitment) * commitment + (1 - np.asarray(on_commitment)) * drawn
    return np.asarray(coverage * base / strike)


def net_exercised(count: Any, strike: Any, price: Any) -> Array:
    """Shares issued when warrants or options are used without cash (treasury stock method): none below the strike."""
    count, strike, price = np.broadcast_arrays(np.asarray(count, dtype=float), strike, price)
    gain = np.maximum(price - strike, 0.0)
    return count * np.divide(gain, price, out=np.zeros_like(count), where=price > 0)
