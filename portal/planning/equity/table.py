"""Who holds what at a moment: the cap table that a round starts from and ends in."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from mlcore.reading import Problem
from portal.planning.equity.money import Refused, not_negative, positive, settle


class Kind(StrEnum):
    COMMON = "common"
    PREFERRED = "preferred"
    OPTION = "option"  # granted; a warrant counts as one

    @property
    def outstanding(self) -> bool:
        """Is it a share in issue, not a right to one?"""
        return self is not Kind.OPTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Shares or options of one holder in one security. ``ratio``: common shares for each on conversion."""

    holder: str
    security: str
    kind: Kind = Kind.COMMON
    quantity: Fraction
    ratio: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        settle(self, f"positions.{self.security}", quantity=not_negative, ratio=positive)

    @property
    def as_converted(self) -> Fraction:
        return self.quantity * self.ratio


def treasury_method(options: Fraction, strike: Fraction, price: Fraction) -> Fraction:
    """Shares that options add at a price when the strikes paid in buy shares back at it; none out of the money."""
    return options * max(Fraction(0), 1 - strike / positive(price, "price"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CapTable:
    """Positions, and the option pool: ``reserved`` shares not granted yet, of which some may be ``promised``.

    Options promised beyond the reserve need a top-up of the pool, which a round makes first.
    """

    positions: tuple[Position, ...]
    reserved: Fraction = Fraction(0)
    promised: Fraction = Fraction(0)
    shares: Fraction = field(init=False)  # in issue, as converted
    granted: Fraction = field(init=False)  # options, as converted

    def __post_init__(self) -> None:
        settle(self, "pool", reserved=not_negative, promised=not_negative)
        totals = {True: Fraction(0), False: Fraction(0)}
        for position in self.positions:
            totals[position.kind.outstanding] += position.as_converted
        object.__setattr__(self, "shares", totals[True])
        object.__setattr__(self, "granted", totals[False])
        if not self.shares:
            raise Refused(Problem("Wanted a company with shares in issue, got none.", {}), "positions")

    @property
    def topup(self) -> Fraction:
        """Shares that must be reserved before all promised options are covered."""
        return max(Fraction(0), self.promised - self.reserved)

    @property
    def unallocated(self) -> Fraction:
        """Reserved shares that are neither granted nor promised."""
        return max(Fraction(0), self.reserved - self.promised)

    @property
    def fully_diluted(self) -> Fraction:
        """Shares, options and the pool, with what promised options still need."""
        return self.shares + self.granted + self.reserved + self.topup

    def holders(self) -> dict[str, Fraction]:
        """Shares and options of each holder as converted; the pool has no holder."""
        found: dict[str, Fraction] = {}
        for position in self.positions:
            found[position.holder] = found.get(position.holder, Fraction(0)) + position.as_converted
        return found

    def ownership(self, *, diluted: bool) -> dict[str, Fraction]:
        """Each holder's part of the shares in issue, or of everything fully diluted (the pool makes up the rest)."""
        whole = self.fully_diluted if diluted else self.shares
        parts: dict[str, Fraction] = {}
        for position in self.positions:
            if diluted or position.kind.outstanding:
                parts[position.holder] = parts.get(position.holder, Fraction(0)) + position.as_converted / whole
        return parts
