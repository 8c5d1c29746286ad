"""The terms of a priced round: what the term sheet and the instruments say, each fact stated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from mlcore.reading import Problem
from portal.planning.equity.money import Refused, not_negative, part, percent, positive, settle
from portal.planning.equity.notes import Note
from portal.planning.equity.safes import Converting, Safe, converting


class Pricing(StrEnum):
    """Who bears the conversions. Three negotiated conventions, none of them right or wrong (Cooley GO)."""

    PERCENTAGE_OWNERSHIP = "percentage ownership"  # the pre-money is for all shares but the new money's
    DOLLARS_INVESTED = "dollars invested"  # what converts adds its amount to the valuation
    PRE_MONEY_METHOD = "pre-money method"  # the pre-money is for the shares before any conversion


class Counting(StrEnum):
    """What a pool target measures."""

    UNALLOCATED = "unallocated"  # shares neither granted nor promised
    WITH_GRANTS = "with grants"  # granted options too


class Basis(StrEnum):
    """What a pool target is a part of."""

    POST_MONEY = "post-money"  # all shares after the round
    PRE_MONEY = "pre-money"  # all but those that the new money buys


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolIncrease:
    """So many shares more. ``inside_pre_money``: the price counts them, so that holders before the round bear them."""

    shares: Fraction
    inside_pre_money: bool = True

    def __post_init__(self) -> None:
        settle(self, "pool", shares=not_negative)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolTarget:
    """As many shares more as make the pool this part of the company; none where it is that already."""

    share: Fraction
    counting: Counting
    basis: Basis
    inside_pre_money: bool = True

    def __post_init__(self) -> None:
        settle(self, "pool", share=part)


PoolChange = PoolIncrease | PoolTarget


@dataclass(frozen=True, slots=True, kw_only=True)
class Investor:
    name: str
    amount: Fraction

    def __post_init__(self) -> None:
        settle(self, f"investors.{self.name}", amount=positive)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProRata:
    """A right to buy this part of the new shares. A SAFE's side letter is declared on the SAFE and measured there."""

    holder: str
    share: Fraction

    def __post_init__(self) -> None:
        settle(self, f"pro_rata.{self.holder}", share=part)


class ProRataSource(StrEnum):
    """Where the shares of pro-rata buyers come from."""

    DISPLACES = "displaces"  # the round keeps its size and the other buyers take less, in proportion
    ENLARGES = "enlarges"  # the other buyers keep their amounts and the round grows


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """A class with anti-dilution protection, and its conversion price before the round."""

    security: str
    conversion_price: Fraction

    def __post_init__(self) -> None:
        settle(self, f"protected.{self.security}", conversion_price=positive)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTerms:
    """``safes`` stand in the order of their issue. ``protected`` lists every class that has not waived protection.

    ``shadow_series``: what converts below the round price gets a series of its own whose preference is what was paid
    (YC's forms); otherwise it gets the preference of the new series for every share, which is more.
    """

    series: str
    closing: date
    pre_money: Fraction
    investors: tuple[Investor, ...]
    pricing: Pricing
    pool: PoolChange
    safes: tuple[Safe, ...] = ()
    notes: tuple[Note, ...] = ()
    pro_rata: tuple[ProRata, ...] = ()
    pro_rata_source: ProRataSource = ProRataSource.DISPLACES
    protected: tuple[Protected, ...] = ()
    shadow_series: bool = True
    new_money: Fraction = field(init=False)

    def __post_init__(self) -> None:
        settle(self, "round", pre_money=positive)
        if not self.investors:
            raise Refused(Problem("Wanted at least one investor with new money, got none.", {}), "investors")
        _distinct([each.name for each in self.investors], "investors")
        _distinct([safe.name for safe in self.safes] + [note.name for note in self.notes], "convertibles")
        _distinct([each.holder for each in self.pro_rata], "pro_rata")
        object.__setattr__(self, "new_money", self._size())

    def _size(self) -> Fraction:
        committed = sum((each.amount for each in self.investors), Fraction(0))
        stated = sum((each.share for each in self.pro_rata), Fraction(0))
        if stated >= 1:
            problem = Problem("The pro-rata rights take {stated} of the round: wanted less than all of it.",
                              {"stated": percent(stated)})  # fmt: skip
            raise Refused(problem, "pro_rata")
        if self.pro_rata_source is ProRataSource.DISPLACES:
            return committed
        if any(safe.pro_rata for safe in self.safes):
            problem = Problem(
                "A side letter's part of a round that grows with it is not known before the round is solved: state "
                "it as a pro-rata right with its share.",
                {},
            )
            raise Refused(problem, "pro_rata_source")
        return committed / (1 - stated)

    def converting(self, new_money: Fraction | None = None) -> tuple[Converting, ...]:
        """The SAFEs, and the notes that this financing, or one of ``new_money``, converts, with what each brings.

        Raises:
            Refused: an election that is missing or impossible, or interest that the terms do not determine.
        """
        raised = self.new_money if new_money is None else new_money
        notes = [n for n in self.notes if n.converts(new_money=raised, closing=self.closing)]
        return converting(self.safes, [n.name for n in notes]) + tuple(n.converting(self.closing) for n in notes)


def _distinct(names: Sequence[str], where: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise Refused(Problem("Two entries have the name {name}.", {"name": name}), f"{where}.{name}")
