"""SAFEs: caps, discounts, most-favoured-nation clauses and pro-rata side letters, as what they convert into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from mlcore.reading import Problem
from portal.planning.equity.capitalization import CapitalizationRules
from portal.planning.equity.money import Number, Refused, exact, part, positive, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One way to a conversion price: the lower of cap ÷ capitalization and the round price less the discount."""

    cap: Fraction | None
    discount: Fraction
    rules: CapitalizationRules
    origin: str  # the instrument whose terms they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Converting:
    """What a SAFE or a note brings into a round: an amount that buys on the best of its ``terms``."""

    name: str
    holder: str
    amount: Fraction
    terms: tuple[Terms, ...]
    principal: Fraction
    pro_rata: bool = False


class Mfn(StrEnum):
    """What became of a most-favoured-nation clause. Both ways to read it are in use, so it is always stated."""

    UNAMENDED = "unamended"  # the holder elected nothing: converts at the round price
    STATED = "stated election"  # the holder elected the whole of one later SAFE
    BEST_PRICE = "best price"  # whichever later SAFE gives the most shares when it converts


@dataclass(frozen=True, slots=True, kw_only=True)
class Safe:
    """A SAFE as signed. ``discount`` is what is taken off: YC's Discount Rate of 85% is a discount of 15%.

    ``cap`` is None for a discount-only or most-favoured-nation SAFE. The cap limits the price from above, never from
    below: in a round under the cap the SAFE converts at the round price.
    """

    name: str
    holder: str
    amount: Fraction
    cap: Fraction | None = None
    discount: Fraction = Fraction(0)
    rules: CapitalizationRules
    mfn: Mfn | None = None
    elects: str | None = None
    pro_rata: bool = False

    def __post_init__(self) -> None:
        settle(self, f"safes.{self.name}", ("cap",), amount=positive, cap=positive, discount=part)
        if (self.mfn is Mfn.STATED) != (self.elects is not None):
            problem = Problem("Wanted the name of the elected SAFE exactly with a stated election.", {})
            raise Refused(problem, f"safes.{self.name}.elects")
        if self.mfn is not None and (self.cap is not None or self.discount):
            problem = Problem(
                "A most-favoured-nation SAFE has no cap and no discount of its own; with terms of its own it has no "
                "such clause left.",
                {},
            )
            raise Refused(problem, f"safes.{self.name}.mfn")

    @property
    def terms(self) -> Terms:
        return Terms(cap=self.cap, discount=self.discount, rules=self.rules, origin=self.name)


def discount_of_rate(rate: Number, where: str = "") -> Fraction:
    """The discount that YC's forms print as a Discount Rate: 85% means 15% off."""
    if not 0 < (read := exact(rate, where)) <= 1:
        raise Refused(Problem("Wanted a Discount Rate above 0% and up to 100%, such as 85% for 15% off.", {}), where)
    return 1 - read


def converting(safes: Sequence[Safe], notes: Sequence[str] = ()) -> tuple[Converting, ...]:
    """Every SAFE with the terms that it converts on. ``safes`` stand in the order in which they were issued.

    ``notes`` are the names of notes in the same round, which an MFN holder cannot elect here: amended to a
    note, a SAFE would have a day from which interest runs, which no form states.

    Raises:
        Refused: two of one name, or an election of something that is no later SAFE with better terms.
    """
    names = [safe.name for safe in safes]
    for name in names:
        if names.count(name) > 1:
            raise Refused(Problem("Two SAFEs have the name {name}.", {"name": name}), f"safes.{name}.name")
    return tuple(
        Converting(
            name=safe.name, holder=safe.holder, amount=safe.amount, principal=safe.amount, pro_rata=safe.pro_rata,
            terms=_terms(safe, safes[place + 1 :], notes),
        )
        for place, safe in enumerate(safes)
    )  # fmt: skip


def _terms(safe: Safe, later: Sequence[Safe], notes: Sequence[str]) -> tuple[Terms, ...]:
    offered = {each.name: each.terms for each in later if each.mfn is None}
    if safe.mfn is Mfn.BEST_PRICE:
        if notes:
            problem = Problem(
                "The best price may be that of the note {note}, and what a SAFE becomes then is not determined: "
                "state which SAFE the holder elected.",
                {"note": notes[0]},
            )
            raise Refused(problem, f"safes.{safe.name}.mfn")
        return (safe.terms, *offered.values())
    if safe.mfn is Mfn.STATED:
        assert safe.elects is not None
        if safe.elects not in offered:
            problem = Problem(
                "Wanted the election of a SAFE issued later that has a cap or a discount ({offered}), got {given}.",
                {"offered": ", ".join(offered) or "−", "given": safe.elects},
            )
            raise Refused(problem, f"safes.{safe.name}.elects")
        return (offered[safe.elects],)
    return (safe.terms,)
