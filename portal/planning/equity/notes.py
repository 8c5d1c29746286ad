"""Convertible notes: what is owed on a day, whether a financing converts them, and what they claim at an exit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from mlcore.reading import Problem
from portal.planning.equity.capitalization import CapitalizationRules
from portal.planning.equity.interest import Compounding, DayCount, PartialPeriod, accrued
from portal.planning.equity.money import Refused, not_negative, part, positive, settle, shown
from portal.planning.equity.safes import Converting, Terms


class Election(StrEnum):
    """What the holder does where the note does not convert by itself."""

    CONVERT = "convert"
    KEEP = "keep"  # the note stays a debt


class ExitElection(StrEnum):
    REPAY = "repay"  # principal and interest
    MULTIPLE = "multiple"  # a multiple of the principal, and the interest
    CONVERT = "convert"  # common shares at the cap


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A convertible note as signed. Interest stops at maturity.

    ``threshold``: gross proceeds from which a financing is qualified and converts the note by itself. What happens
    below it and after maturity is the holder's choice, so it must be stated where it arises.
    """

    name: str
    holder: str
    principal: Fraction
    rate: Fraction
    issued: date
    maturity: date
    day_count: DayCount
    compounding: Compounding
    partial_period: PartialPeriod = PartialPeriod.REFUSE
    cap: Fraction | None = None
    discount: Fraction = Fraction(0)
    rules: CapitalizationRules
    threshold: Fraction
    below_threshold: Election | None = None
    past_maturity: Election | None = None

    def __post_init__(self) -> None:
        where = f"notes.{self.name}"
        settle(
            self,
            where,
            ("cap",),
            principal=positive,
            rate=not_negative,
            cap=positive,
            discount=part,
            threshold=not_negative,
        )
        if self.maturity <= self.issued:
            problem = Problem("Wanted a maturity after the issue on {issued}, got {maturity}.",
                              {"issued": str(self.issued), "maturity": str(self.maturity)})  # fmt: skip
            raise Refused(problem, f"{where}.maturity")

    def interest(self, on: date) -> Fraction:
        """Accrued from the issue to ``on``, or to maturity if that comes first."""
        if on < self.issued:
            problem = Problem("The note was issued on {issued}, after {day}.",
                              {"issued": str(self.issued), "day": str(on)})  # fmt: skip
            raise Refused(problem, f"notes.{self.name}.issued")
        try:
            return accrued(
                self.principal, self.rate, self.issued, min(on, self.maturity), day_count=self.day_count,
                compounding=self.compounding, partial_period=self.partial_period,
            )  # fmt: skip
        except Refused as refused:
            raise Refused(refused.problem, f"notes.{self.name}.{refused.where}") from None

    def owed(self, on: date) -> Fraction:
        return self.principal + self.interest(on)

    @property
    def terms(self) -> Terms:
        return Terms(cap=self.cap, discount=self.discount, rules=self.rules, origin=self.name)

    def converts(self, *, new_money: Fraction, closing: date) -> bool:
        """Does a financing convert it?

        Raises:
            Refused: the holder decides and has not, because the financing is not qualified or the note is past
                maturity.
        """
        if closing > self.maturity:
            problem = Problem(
                "The note was due on {maturity}, before the closing on {closing}: say whether its holder converts or "
                "is still owed.",
                {"maturity": str(self.maturity), "closing": str(closing)},
            )
            return self._elected(self.past_maturity, problem, "past_maturity")
        if new_money < self.threshold:
            problem = Problem(
                "{new_money} of new money is less than the {threshold} of a qualified financing, so the note does "
                "not convert by itself: say whether its holder converts.",
                {"new_money": shown(new_money, 2), "threshold": shown(self.threshold, 2)},
            )
            return self._elected(self.below_threshold, problem, "below_threshold")
        return True

    def _elected(self, election: Election | None, problem: Problem, field: str) -> bool:
        if election is None:
            raise Refused(problem, f"notes.{self.name}.{field}")
        return election is Election.CONVERT

    def converting(self, closing: date) -> Converting:
        return Converting(
            name=self.name, holder=self.holder, amount=self.owed(closing), principal=self.principal,
            terms=(self.terms,),
        )  # fmt: skip

    def price(self, round_price: Fraction, capitalization: Fraction) -> Fraction:
        """The conversion price at a known round price and a known capitalization."""
        discounted = round_price * (1 - self.discount)
        return discounted if self.cap is None else min(discounted, self.cap / capitalization)

    def exit_claim(self, on: date, election: ExitElection, multiple: Fraction | None = None) -> Fraction:
        """What the holder is paid ahead of shares in a sale of the company; nothing after a conversion.

        Raises:
            Refused: a multiple without its number, or a number without the multiple.
        """
        if (election is ExitElection.MULTIPLE) != (multiple is not None):
            problem = Problem("Wanted the multiple of the principal exactly where the holder elects it.", {})
            raise Refused(problem, f"notes.{self.name}.multiple")
        if election is ExitElection.CONVERT:
            return Fraction(0)
        return self.owed(on) if multiple is None else multiple * self.principal + self.interest(on)

    def exit_shares(self, on: date, capitalization: Fraction) -> Fraction:
        """Common shares for a holder who converts in a sale of the company, at the cap.

        Raises:
            Refused: a note without a cap has no price then.
        """
        if self.cap is None:
            problem = Problem("A note without a cap has no price to convert at in a sale of the company.", {})
            raise Refused(problem, f"notes.{self.name}.cap")
        return self.owed(on) * capitalization / self.cap
