"""Straight lines in exact numbers: every quantity of a round is one in the number of shares after it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Line:
    """``start + slope × x``."""

    slope: Fraction
    start: Fraction

    def __call__(self, x: Fraction | int) -> Fraction:
        return self.start + self.slope * x

    def __add__(self, other: Line) -> Line:
        return Line(self.slope + other.slope, self.start + other.start)

    def __sub__(self, other: Line) -> Line:
        return Line(self.slope - other.slope, self.start - other.start)

    def __mul__(self, factor: Fraction | int) -> Line:
        return Line(self.slope * factor, self.start * factor)

    def root(self) -> Fraction:
        return -self.start / self.slope


def constant(value: Fraction | int) -> Line:
    return Line(Fraction(0), Fraction(value))


IDENTITY = Line(Fraction(1), Fraction(0))
