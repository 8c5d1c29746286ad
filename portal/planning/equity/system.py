"""A round as straight lines in the number of shares after it, and the total that solves them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from mlcore.reading import Problem
from portal.planning.equity.lines import IDENTITY, Line, constant
from portal.planning.equity.money import Refused, percent, shown
from portal.planning.equity.safes import Converting, Terms
from portal.planning.equity.solver import Branch, margin, solve
from portal.planning.equity.table import CapTable
from portal.planning.equity.terms import Basis, Counting, PoolIncrease, PoolTarget, Pricing, RoundTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """The pool's increase and the shares for a dollar as lines, the total, and what each conversion takes there."""

    brought: tuple[Converting, ...]
    increase: Line
    per_dollar: Line
    total: Fraction
    taken: list[Branch]
    margin: Fraction


def prepared(table: CapTable, terms: RoundTerms) -> System:
    """The solved lines of a round: with the pool's target met by an increase, or without where it is large enough.

    Raises:
        Refused: an instrument's election is missing, or the terms determine no single round.
    """
    brought = terms.converting()
    system = _system(table, terms, brought, with_increase=True)
    if system.increase(system.total) >= 0:
        return system
    unchanged = _system(table, terms, brought, with_increase=False)
    wanted, _ = _pool_and_price(table, terms, brought, with_increase=True)
    if wanted(unchanged.total) > 0:
        problem = Problem("The pool's target is neither met as it is nor by an increase: state an increase in shares.",
                          {})  # fmt: skip
        raise Refused(problem, "pool.share")
    return unchanged


def _system(table: CapTable, terms: RoundTerms, brought: tuple[Converting, ...], *, with_increase: bool) -> System:
    increase, per_dollar = _pool_and_price(table, terms, brought, with_increase=with_increase)
    new = per_dollar * terms.new_money
    left = IDENTITY - constant(table.fully_diluted) - increase - new
    choices = [
        [branch for one in each.terms
         for branch in _branches(each.amount, one, base_line(table, one, increase, new), per_dollar, left)]
        for each in brought
    ]  # fmt: skip
    last = _unique(left, choices, brought, increase.slope + new.slope)
    total, taken = solve(left, choices)
    return System(brought=brought, increase=increase, per_dollar=per_dollar, total=total, taken=taken, margin=last)


def _pool_and_price(
    table: CapTable, terms: RoundTerms, brought: Sequence[Converting], *, with_increase: bool
) -> tuple[Line, Line]:
    """The pool's increase and the shares for a dollar, each from the other: ``u = a + b·d`` and ``d = c + e·u``."""
    inside = terms.pool.inside_pre_money
    converting = sum((each.amount for each in brought), Fraction(0))
    if terms.pricing is Pricing.PRE_MONEY_METHOD:
        a, b = constant(table.fully_diluted / terms.pre_money), (1 if inside else 0) / terms.pre_money
    else:
        extra = converting if terms.pricing is Pricing.DOLLARS_INVESTED else Fraction(0)
        value = terms.pre_money + terms.new_money + extra
        a, b = IDENTITY * (1 / value), (0 if inside else -1) / value
    if isinstance(terms.pool, PoolIncrease) or not with_increase:
        c, e = constant(terms.pool.shares if isinstance(terms.pool, PoolIncrease) else 0), Fraction(0)
    else:
        share = terms.pool.share
        c = IDENTITY * share - constant(_counted_pool(table, terms))
        e = -share * terms.new_money if terms.pool.basis is Basis.PRE_MONEY else Fraction(0)
    increase = (c + a * e) * (1 / (1 - e * b))
    return increase, a + increase * b


def _counted_pool(table: CapTable, terms: RoundTerms) -> Fraction:
    """The part of the pool before the increase that the target counts."""
    if isinstance(terms.pool, PoolTarget) and terms.pool.counting is Counting.WITH_GRANTS:
        return table.granted + table.reserved + table.topup
    return table.unallocated


def base_line(table: CapTable, terms: Terms, increase: Line, new: Line) -> Line:
    """The capitalization of a cap but for what converts."""
    rules = terms.rules
    fixed = (
        rules.include_outstanding_shares * table.shares
        + rules.include_outstanding_options * table.granted
        + rules.include_outstanding_unissued_options * table.reserved
        + rules.include_option_pool_topup_for_promised_options * table.topup
    )
    line = constant(fixed)
    line = line + increase if rules.include_additional_option_pool_topup else line
    return line + new if rules.include_new_money else line


def _branches(amount: Fraction, terms: Terms, base: Line, per_dollar: Line, left: Line) -> list[Branch]:
    at_price = Branch(per_dollar * (amount / (1 - terms.discount)), terms, at_cap=False)
    return [at_price] if terms.cap is None else [cap_branch(amount, terms, base, left), at_price]


def cap_branch(amount: Fraction, terms: Terms, base: Line, left: Line) -> Branch:
    """Shares at the cap: amount ÷ cap of a capitalization that may count the instrument itself and the others.

    Its own shares are solved for: ``s = r (base + s)`` is ``r ÷ (1 − r)`` of the base, and ``s = r (base + all − s)``
    is ``r ÷ (1 + r)`` of base and all.
    """
    assert terms.cap is not None
    ratio = amount / terms.cap
    this, others = terms.rules.include_this_security, terms.rules.include_other_converting_securities
    if this and not others and ratio >= 1:
        problem = Problem("{amount} at a cap of {cap} buys the whole company or more.",
                          {"amount": shown(amount, 2), "cap": shown(terms.cap, 2)})  # fmt: skip
        raise Refused(problem, f"convertibles.{terms.origin}.cap")
    if this != others:
        ratio = ratio / (1 - ratio) if this else ratio / (1 + ratio)
    return Branch((base + left if others else base) * ratio, terms, at_cap=True)


def _unique(left: Line, choices: Sequence[Sequence[Branch]], brought: Sequence[Converting], sold: Fraction) -> Fraction:
    """The margin, which proves that there is one solution; refuses where there may be none or several.

    With no shares at all less than nothing is left over, since the company has shares in issue: a function that rises
    from there has one root.
    """
    last = margin(left, choices)
    if last > 0:
        return last
    if (part := _sold_at_caps(brought)) >= 1:
        problem = Problem("The post-money SAFEs together sell {part} of the company: wanted less than 100%.",
                          {"part": percent(part)})  # fmt: skip
        raise Refused(problem, "safes")
    if sold >= 1:
        problem = Problem("Pool and new money together take {part} of the company: wanted less than 100%.",
                          {"part": percent(sold)})  # fmt: skip
        raise Refused(problem, "pool")
    problem = Problem(
        "The terms determine no single round: each further share leaves {margin} of a share for those who hold it, "
        "which must be above zero. Lower the amounts or the discounts, or raise the caps or the pre-money.",
        {"margin": shown(last)},
    )
    raise Refused(problem, "round")


def _sold_at_caps(brought: Sequence[Converting]) -> Fraction:
    return sum(
        (
            max((each.amount / one.cap for one in each.terms if one.cap and one.rules.include_this_security),
                default=Fraction(0))
            for each in brought
        ),
        Fraction(0),
    )  # fmt: skip


# Without a round


def converted_at_caps(table: CapTable, safes: Sequence[Converting]) -> dict[str, Fraction]:
    """Shares of each instrument if all converted today at their caps, without a round.

    Raises:
        Refused: an instrument without a cap, or caps that together sell the whole company.
    """
    choices = []
    left = IDENTITY - constant(table.fully_diluted)
    for each in safes:
        capped = [terms for terms in each.terms if terms.cap is not None]
        if not capped:
            problem = Problem("Without a round only a cap gives a price, and {name} has none.", {"name": each.name})
            raise Refused(problem, f"convertibles.{each.name}.cap")
        choices.append(tuple(
            cap_branch(each.amount, terms, base_line(table, terms, constant(0), constant(0)), left) for terms in capped
        ))  # fmt: skip
    _unique(left, choices, safes, Fraction(0))
    total, taken = solve(left, choices)
    return {each.name: branch.shares(total) for each, branch in zip(safes, taken, strict=True)}
