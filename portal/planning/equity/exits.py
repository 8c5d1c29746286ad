"""SAFEs and notes in a sale of the company: as classes and debts of the waterfall.

YC's forms give the holder of a SAFE the greater of the purchase amount and the worth of the shares at the cap, on a par
with preferred preferences, after debts and before common: one times non-participating preferred. A note is a debt, or
common shares at its cap, as its holder elects.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from mlcore.reading import Problem
from portal.planning.equity.capitalization import CapitalizationRules
from portal.planning.equity.money import Refused
from portal.planning.equity.notes import ExitElection, Note
from portal.planning.equity.safes import Converting, Safe, converting
from portal.planning.equity.system import converted_at_caps
from portal.planning.equity.table import CapTable
from portal.planning.equity.waterfall import Common, Debt, Preferred


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAtExit:
    """What the holder of a note elects in the sale. ``rank``: among debts, where the note is one."""

    note: Note
    election: ExitElection
    multiple: Fraction | None = None
    rank: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AtExit:
    """The instruments in the order given: SAFEs as preferred, notes that convert as common, the others as debts."""

    safes: tuple[Preferred, ...] = ()
    converted: tuple[Common, ...] = ()
    debts: tuple[Debt, ...] = ()


def at_exit(
    table: CapTable, safes: Sequence[Safe], notes: Sequence[NoteAtExit] = (), *, on: date, rank: int,
    counted: Collection[str] | None = None,
) -> AtExit:  # fmt: skip
    """``safes``, in the order of their issue, as classes of this ``rank``, and ``notes`` as their holders elect.

    The Liquidity Capitalization that the cap of a SAFE is divided by leaves out the option pool, granted options
    apart; that of a note is what the note says. Where capitalizations count what else converts, they count every
    SAFE with a cap and every note that converts, whether or not its holder is paid back in the end; or those
    ``counted`` by name, beside the instrument itself.
    A most-favoured-nation SAFE that was not amended has no cap, and its holder gets the purchase amount.

    Raises:
        Refused: a SAFE with a discount and no cap, whose price would be that of the sale itself; a note that converts
            without a cap, or whose multiple and election contradict each other; or as ``converted_at_caps``.
    """
    brought = converting([replace(safe, rules=_liquid(safe)) for safe in safes])
    for each in brought:
        if any(terms.cap is None and terms.discount for terms in each.terms):
            problem = Problem(
                "In a sale of the company {name} is priced from the sale itself, by its discount: enter it as a claim "
                "of the purchase amount divided by one less the discount.",
                {"name": each.name},
            )
            raise Refused(problem, f"safes.{each.name}.discount")
    debts, lent = [], []
    for one in notes:
        claim = one.note.exit_claim(on, one.election, one.multiple)
        if one.election is ExitElection.CONVERT:
            lent.append(_converting(one.note, on))
        else:
            debts.append(Debt(name=one.note.name, claim=claim, rank=one.rank))
    capped = [each for each in brought if any(terms.cap is not None for terms in each.terms)]
    shares = _shares(table, [*capped, *lent], counted)
    return AtExit(
        safes=tuple(
            Preferred(
                name=each.name, shares=shares.get(each.name, each.amount), invested=each.amount, rank=rank,
                convertible=each.name in shares,
            )
            for each in brought
        ),
        converted=tuple(Common(name=each.name, shares=shares[each.name]) for each in lent), debts=tuple(debts),
    )  # fmt: skip


def _shares(table: CapTable, brought: Sequence[Converting], counted: Collection[str] | None) -> dict[str, Fraction]:
    inside = [each for each in brought if counted is None or each.name in counted]
    found = converted_at_caps(table, inside) if inside else {}
    for each in brought:
        if each.name not in found:
            found[each.name] = converted_at_caps(table, [*inside, each])[each.name]
    return found


def _liquid(safe: Safe) -> CapitalizationRules:
    return replace(
        safe.rules, include_outstanding_unissued_options=False, include_additional_option_pool_topup=False,
        include_option_pool_topup_for_promised_options=False,
    )  # fmt: skip


def _converting(note: Note, on: date) -> Converting:
    if note.cap is None:
        problem = Problem("A note without a cap has no price to convert at in a sale of the company.", {})
        raise Refused(problem, f"notes.{note.name}.cap")
    return note.converting(on)
