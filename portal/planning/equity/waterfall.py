"""Who gets what when the company is sold, exactly, with conversion as the game that it is.

What is left after costs, debts and carve-outs pays preferences by seniority; the rest goes to common, converted and
participating shares by share. Let ``y`` be what a common share gets. A class that may convert takes the better of its
preference and ``y`` a share, so the payout of all is a rising, piecewise straight function of ``y``; the ``y`` whose
payout is the money there is makes the one equilibrium. ``solve`` verifies it: no class gains by choosing otherwise.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from mlcore.reading import Problem
from portal.planning.equity.money import Refused, not_negative, part, positive, settle, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """A claim in full: principal, interest, end-of-term fee. Rank 1 is paid first; equal ranks share by claim."""

    name: str
    claim: Fraction
    rank: int = 1

    def __post_init__(self) -> None:
        settle(self, f"debts.{self.name}", claim=not_negative)


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """Common shares, or vested options where ``strike`` is above zero: they are exercised when that pays.

    Exercise adds the strike to the money and shares in it, so the holder nets what a share gets less the strike.
    Unvested options and the unallocated pool get nothing and are not listed.
    """

    name: str
    shares: Fraction
    strike: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        settle(self, f"classes.{self.name}", shares=positive, strike=not_negative)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferred:
    """Preferred shares. ``shares`` are common ones on conversion. Rank 1 is paid first; equal ranks share by claim.

    ``cap``: the most that a participating class gets in all, preference included, as a multiple of what was invested
    (NVCA, note 20); None without limit. ``dividends``: accrued and paid with the preference, lost on conversion and
    inside the cap; dividends paid in kind belong in ``shares``.
    """

    name: str
    shares: Fraction
    invested: Fraction
    multiple: Fraction = Fraction(1)
    participating: bool = False
    cap: Fraction | None = None
    dividends: Fraction = Fraction(0)
    rank: int = 1
    convertible: bool = True
    preference: Fraction = field(init=False)
    limit: Fraction | None = field(init=False)  # the most it gets without converting

    def __post_init__(self) -> None:
        where = f"classes.{self.name}"
        settle(self, where, ("cap",), shares=positive, invested=not_negative, multiple=not_negative, cap=positive,
               dividends=not_negative)  # fmt: skip
        object.__setattr__(self, "preference", self.invested * self.multiple + self.dividends)
        object.__setattr__(self, "limit", None if self.participating else self.preference)
        if self.cap is None:
            return
        if not self.participating:
            raise Refused(Problem("A cap limits participation, and {name} does not participate.",
                                  {"name": self.name}), f"{where}.cap")  # fmt: skip
        if self.cap * self.invested < self.preference:
            problem = Problem("The cap of {name} is {cap}, less than its preference of {preference}.",
                              {"name": self.name, "cap": shown(self.cap * self.invested, 2),
                               "preference": shown(self.preference, 2)})  # fmt: skip
            raise Refused(problem, f"{where}.cap")
        object.__setattr__(self, "limit", self.cap * self.invested)

    def held(self, per_share: Fraction) -> Fraction:
        """What it gets without converting when its preference is paid in full."""
        if not self.participating:
            return self.preference
        together = self.preference + per_share * self.shares
        return together if self.limit is None else min(together, self.limit)

    @property
    def converts_above(self) -> Fraction | None:
        """What a common share must get before converting pays; None where it never does."""
        return self.limit / self.shares if self.convertible and self.limit is not None else None

    @property
    def capped_at(self) -> Fraction | None:
        """What a common share gets when participation reaches its cap."""
        return (self.limit - self.preference) / self.shares if self.participating and self.limit is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """``costs`` are an amount and a part of the exit value; ``carve_out`` is a part of what is left after debts.

    Each class decides for itself: a vote that forces conversion makes payments jump and is not modelled.
    """

    classes: tuple[Common | Preferred, ...]
    debts: tuple[Debt, ...] = ()
    costs: Fraction = Fraction(0)
    cost_share: Fraction = Fraction(0)
    carve_out: Fraction = Fraction(0)
    # The payout of all classes by the level that a common share gets: where it bends, what is paid there, and the
    # shares that take part above.
    levels: tuple[Fraction, ...] = field(init=False, repr=False, compare=False)
    paid: tuple[Fraction, ...] = field(init=False, repr=False, compare=False)
    slopes: tuple[Fraction, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        settle(self, "waterfall", costs=not_negative, cost_share=part, carve_out=part)
        names = [each.name for each in (*self.classes, *self.debts)] + [COSTS, CARVE_OUT]
        for name in names:
            if names.count(name) > 1:
                raise Refused(Problem("Two entries have the name {name}.", {"name": name}), f"classes.{name}")
        if not any(_shares_in_rest(each) for each in self.classes):
            problem = Problem("Nobody would get the last dollar: wanted common shares, or preferred ones that "
                              "participate without a cap or may convert.", {})  # fmt: skip
            raise Refused(problem, "classes")
        levels = _bends(self.classes)
        paid = [payout(self, level) for level in (*levels, levels[-1] + 1)]
        ends = [*levels[1:], levels[-1] + 1]
        slopes = [(paid[k + 1] - paid[k]) / (ends[k] - level) for k, level in enumerate(levels)]
        for name, values in (("levels", levels), ("paid", paid[:-1]), ("slopes", slopes)):
            object.__setattr__(self, name, tuple(values))

    @property
    def preferred(self) -> tuple[Preferred, ...]:
        return tuple(each for each in self.classes if isinstance(each, Preferred))


COSTS, CARVE_OUT = "costs", "carve-out"


def _shares_in_rest(each: Common | Preferred) -> bool:
    return isinstance(each, Common) or each.convertible or (each.participating and each.limit is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Payments by name, costs and carve-out included; they add up to the exit value.

    ``indifferent``: classes that get the same either way. They are taken to keep their preference.
    """

    payments: Mapping[str, Fraction]
    per_share: Fraction
    converted: frozenset[str]
    indifferent: frozenset[str]


def solve(waterfall: Waterfall, exit_value: Fraction) -> Outcome:
    """The equilibrium at an exit value, verified class by class.

    Raises:
        Refused: an exit value below zero.
    """
    before, equity = _before_equity(waterfall, not_negative(exit_value, "exit_value"))
    per_share = _level(waterfall, equity)
    levels = {each.name: each.converts_above for each in waterfall.preferred}
    converted = frozenset(name for name, level in levels.items() if level is not None and per_share > level)
    even = frozenset(name for name, level in levels.items() if level == per_share and per_share)
    outcome = Outcome(
        payments=before | distribute(waterfall, equity, converted), per_share=per_share, converted=converted,
        indifferent=even,
    )  # fmt: skip
    assert not deviations(waterfall, equity, outcome), "the conversion choices are no equilibrium"
    return outcome


def deviations(waterfall: Waterfall, equity: Fraction, outcome: Outcome) -> list[str]:
    """The classes that would gain by choosing otherwise while all others keep their choice."""
    gaining = []
    for each in waterfall.preferred:
        if each.convertible:
            other = distribute(waterfall, equity, outcome.converted ^ {each.name})
            if other[each.name] > outcome.payments[each.name]:
                gaining.append(each.name)
    return gaining


def distribute(waterfall: Waterfall, equity: Fraction, converted: Collection[str]) -> dict[str, Fraction]:
    """Payments to classes out of ``equity`` when exactly these have converted, whether that is wise or not."""
    holding = [each for each in waterfall.preferred if each.name not in converted]
    paid = by_rank([(each.name, each.preference, each.rank) for each in holding], equity)
    left = equity - sum(paid.values(), Fraction(0))
    sharing = [_Share(each.name, each.shares, each.strike, None) for each in waterfall.classes
               if isinstance(each, Common)]  # fmt: skip
    sharing += [_Share(each.name, each.shares, Fraction(0), None) for each in waterfall.preferred
                if each.name in converted]  # fmt: skip
    sharing += [
        _Share(each.name, each.shares, Fraction(0), None if each.limit is None else each.limit - each.preference)
        for each in holding
        if each.participating
    ]
    rest = fill(sharing, left)
    return {
        each.name: paid.get(each.name, Fraction(0)) + rest.get(each.name, Fraction(0)) for each in waterfall.classes
    }


def by_rank(claims: Iterable[tuple[str, Fraction, int]], money: Fraction) -> dict[str, Fraction]:
    """Pay ``(name, claim, rank)`` in the order of rank; what does not cover a rank is shared by claim."""
    claims = list(claims)
    paid: dict[str, Fraction] = {}
    for rank in sorted({rank for _, _, rank in claims}):
        tier = [(name, claim) for name, claim, its in claims if its == rank]
        owed = sum((claim for _, claim in tier), Fraction(0))
        covered = min(Fraction(1), money / owed) if owed else Fraction(1)
        for name, claim in tier:
            paid[name] = claim * covered
        money -= owed * covered
    return paid


@dataclass(frozen=True, slots=True)
class _Share:
    """Shares in what is left: each gets the level less ``strike``, up to ``most`` for all of them."""

    name: str
    shares: Fraction
    strike: Fraction
    most: Fraction | None

    def at(self, level: Fraction) -> Fraction:
        gets = max(Fraction(0), level - self.strike) * self.shares
        return gets if self.most is None else min(gets, self.most)

    def slopes(self) -> list[tuple[Fraction, Fraction]]:
        """``(level, shares that begin to take part there)``, below zero where they cease."""
        begins = [(self.strike, self.shares)]
        return begins if self.most is None else [*begins, (self.strike + self.most / self.shares, -self.shares)]


def fill(sharing: Sequence[_Share], money: Fraction) -> dict[str, Fraction]:
    """Share ``money`` so that all reach the same level, but for strikes and limits; what nobody may take stays over."""
    changes: dict[Fraction, Fraction] = {}
    for each in sharing:
        for level, shares in each.slopes():
            changes[level] = changes.get(level, Fraction(0)) + shares
    level, taken, slope = Fraction(0), Fraction(0), Fraction(0)
    for kink in sorted(changes):
        reached = taken + slope * (kink - level)
        if slope and money <= reached:
            break
        level, taken = kink, reached
        slope += changes[kink]
    if slope:
        level += (money - taken) / slope
    return {each.name: each.at(level) for each in sharing}


# The level of a common share at equilibrium


def payout(waterfall: Waterfall, level: Fraction) -> Fraction:
    """What all classes get together when a common share gets ``level`` and each preferred class chooses the better."""
    return sum((gets(each, level) for each in waterfall.classes), Fraction(0))


def gets(each: Common | Preferred, level: Fraction) -> Fraction:
    """What a class gets when a common share gets ``level`` and all preferences are paid."""
    if isinstance(each, Common):
        return max(Fraction(0), level - each.strike) * each.shares
    return max(each.held(level), level * each.shares) if each.convertible else each.held(level)


def _bends(classes: Iterable[Common | Preferred]) -> list[Fraction]:
    """Every level at which the payout bends: strikes, caps, conversions, and zero."""
    found = {Fraction(0)}
    for each in classes:
        if isinstance(each, Common):
            found.add(each.strike)
        else:
            found |= {kink for kink in (each.capped_at, each.converts_above) if kink is not None}
    return sorted(found)


def _level(waterfall: Waterfall, equity: Fraction) -> Fraction:
    """What a common share gets; zero while the preferences take everything."""
    place = bisect_left(waterfall.paid, equity) - 1
    if place < 0:
        return Fraction(0)
    return waterfall.levels[place] + (equity - waterfall.paid[place]) / waterfall.slopes[place]


def _before_equity(waterfall: Waterfall, exit_value: Fraction) -> tuple[dict[str, Fraction], Fraction]:
    """Costs, debts and carve-out, and what they leave."""
    costs = min(exit_value, waterfall.costs + waterfall.cost_share * exit_value)
    left = exit_value - costs
    paid = by_rank([(each.name, each.claim, each.rank) for each in waterfall.debts], left)
    left -= sum(paid.values(), Fraction(0))
    carved = left * waterfall.carve_out
    return {COSTS: costs} | paid | {CARVE_OUT: carved}, left - carved
