"""The three things that may become of SAFEs and notes: a next round, a sale before it, and the maturity of a note."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlcore.reading import Problem
from portal.planning.converting.inputs import CONVERTS
from portal.planning.equity.draws import Draws, many_rounds
from portal.planning.equity.exits import NoteAtExit, at_exit
from portal.planning.equity.money import Refused, shown
from portal.planning.equity.notes import ExitElection
from portal.planning.equity.round import solve_round
from portal.planning.equity.safes import Converting, Safe, converting
from portal.planning.equity.system import converted_at_caps
from portal.planning.equity.table import CapTable, Kind
from portal.planning.equity.terms import Basis, Counting, RoundTerms
from portal.planning.equity.waterfall import Common, Debt, Waterfall
from portal.planning.raising.inputs import INSIDE, LAWYERS, TARGET
from portal.planning.raising.instruments import name_of, notes_of, safes_of, typed
from portal.planning.raising.terms import company, terms_of

Array = NDArray[np.float64]
FOUNDERS, OTHERS, OPTIONS, NEW, DEBTS = "Founders", "Other shares", "Options", "New investors", "Other debts"
NAMES = (FOUNDERS, OTHERS, OPTIONS, NEW, DEBTS)
# Of the search for the valuation from which a cap decides: 64 parts of what the pass before left, eight times.
PASSES, PARTS = 8, 64
NEAR = 1e-12  # relative difference below which two prices are one


def new_money(x: Any, pre_money: Any) -> Any:
    """What is raised at a valuation."""
    return pre_money * x.new_part / (1 - x.new_part)


def as_round(x: Any, pre_money: Any = None) -> Any:
    """The next round as the ``round`` calculator knows it, at the valuation typed or at another."""
    valuation = x.pre_money if pre_money is None else pre_money
    rows = ((FOUNDERS, x.founders, Kind.COMMON), (OTHERS, x.others, Kind.COMMON), (OPTIONS, x.options, Kind.OPTION))
    holders = tuple(
        SimpleNamespace(name=name, shares=shares, kind=kind.value, founder=name == FOUNDERS, pro_rata=0.0,
                        protected_price=0.0)
        for name, shares, kind in rows if shares or name == FOUNDERS
    )  # fmt: skip
    return SimpleNamespace(**{
        **vars(x), "pre_money": valuation, "new_money": new_money(x, valuation), "holders": holders,
        "investors": (SimpleNamespace(name=NEW, share=1.0),), "pool_by": TARGET, "pool_bearers": INSIDE,
        "pool_counting": Counting.UNALLOCATED.value, "pool_basis": Basis.POST_MONEY.value,
        "pro_rata_source": "displaces", "shadow_series": True, "rounding": LAWYERS, "sheets": (),
    })  # fmt: skip


# The next round, at many valuations


def at_valuations(x: Any, valuations: Array) -> Draws:
    """The round at each of them; refused if one determines none."""
    lowest = as_round(x, float(np.min(valuations)))
    return _at(company(lowest), terms_of(lowest), tuple(valuations.tolist()), float(x.new_part))


@lru_cache(maxsize=32)
def _at(table: CapTable, terms: RoundTerms, valuations: tuple[float, ...], part: float) -> Draws:
    pre_money = np.array(valuations)
    return many_rounds(table, terms, pre_money, pre_money * part / (1 - part))


def caps_decide_from(x: Any) -> dict[str, float]:
    """The pre-money from which the cap of each instrument gives it more shares than the round price does.

    Searched between the ends of the charts: the lower one where the cap decides there already, infinite where it does
    not decide at the upper one, or there is no cap.
    """
    lowest = as_round(x, x.lowest)
    return _decide_from(company(lowest), terms_of(lowest), float(x.lowest), float(x.largest), float(x.new_part))


@lru_cache(maxsize=32)
def _decide_from(table: CapTable, terms: RoundTerms, lowest: float, largest: float, part: float) -> dict[str, float]:
    names = [each.name for each in terms.safes] + [each.name for each in terms.notes]
    amounts = np.array([float(safe.amount) for safe in terms.safes]
                       + [float(note.owed(terms.closing)) for note in terms.notes])[:, None]  # fmt: skip
    kept = (
        1
        - np.array(
            [max(float(one.discount) for one in each.terms) for each in converting(terms.safes)]
            + [float(note.discount) for note in terms.notes]
        )[:, None]
    )

    def decides(valuations: Array) -> NDArray[np.bool_]:
        """Whether the cap of each instrument decides at each valuation of its row."""
        found = many_rounds(table, terms, valuations, valuations * part / (1 - part))
        nothing = np.zeros(valuations.shape)
        mine = np.stack([found.conversions.get(name, nothing)[at] for at, name in enumerate(names)])
        return mine * found.price * kept > amounts * (1 + NEAR)

    if not names:
        return {}
    each, steps = np.arange(len(names)), np.linspace(0, 1, PARTS + 1)
    low, high = np.full(len(names), lowest), np.full(len(names), largest)
    ends = decides(np.stack([low, high], axis=1))
    for _ in range(PASSES):
        places = low[:, None] + (high - low)[:, None] * steps
        first = np.maximum(decides(places).argmax(axis=1), 1)
        low, high = places[each, first - 1], places[each, first]
    found = np.where(ends[:, 0], lowest, np.where(ends[:, 1], high, np.inf))
    return dict(zip(names, found.tolist(), strict=True))


# Before any round


def capped(x: Any, *names: str) -> list[Converting]:
    """All instruments with a cap, notes with what is owed at the closing; or those of these ``names``."""
    brought = [*converting(safes_of(x)), *(note.converting(x.closing) for note in notes_of(x))]
    return [
        each for each in brought
        if any(one.cap is not None for one in each.terms) and (not names or each.name in names)
    ]  # fmt: skip


def sold(x: Any) -> dict[str, Fraction]:
    """The part of the company that each instrument with a cap is, if all convert at their caps before new money.

    Raises:
        Refused: caps that together sell all of it.
    """
    table, brought = company(as_round(x)), capped(x)
    if not brought:
        return {}
    shares = converted_at_caps(table, brought)
    everything = table.fully_diluted + sum(shares.values(), Fraction(0))
    return {name: mine / everything for name, mine in shares.items()}


def at_maturity(x: Any) -> list[tuple[Fraction, Fraction, Fraction]]:
    """For each note: owed at its maturity, shares if it then converts at its cap, and their part of the company.

    Its own capitalization decides whether SAFEs count in it; they stay what they are.

    Raises:
        Refused: a note that converts and has no cap, or interest that the terms do not determine.
    """
    table, found = company(as_round(x)), []
    for row, note in zip(x.notes, notes_of(x), strict=True):
        owed, shares = note.owed(note.maturity), Fraction(0)
        if row.at_maturity == CONVERTS:
            brought = [each for each in capped(x) if each.name != note.name]
            shares = converted_at_caps(table, [*brought, note.converting(note.maturity)])[note.name]
        found.append((owed, shares, shares / (table.fully_diluted + shares)))
    return found


def sale(x: Any) -> Waterfall:
    """The company sold before any round: other debts, notes that are paid back, SAFEs, and the shares.

    A SAFE with a discount and no cap is priced from the sale itself, so it claims its amount ÷ (1 − discount).

    Raises:
        Refused: as ``equity.exits.at_exit``; or a note issued after the sale.
    """
    table = company(as_round(x))
    notes = [
        NoteAtExit(
            note=note, election=ExitElection(row.at_sale), rank=2,
            multiple=typed(row.multiple) if row.multiple else None,
        )
        for row, note in zip(x.notes, notes_of(x), strict=True)
    ]  # fmt: skip
    instruments = at_exit(table, _with_claims(safes_of(x)), notes, on=x.sale_day, rank=1)
    held = [Common(name=FOUNDERS, shares=Fraction(x.founders))]
    if x.others:
        held.append(Common(name=OTHERS, shares=Fraction(x.others)))
    if x.options:
        held.append(Common(name=OPTIONS, shares=Fraction(x.options), strike=typed(x.strike)))
    return Waterfall(
        classes=(*held, *instruments.converted, *instruments.safes),
        debts=(*([Debt(name=DEBTS, claim=typed(x.debts))] if x.debts else []), *instruments.debts),
    )


def _with_claims(safes: tuple[Safe, ...]) -> tuple[Safe, ...]:
    terms = {safe.name: safe.terms for safe in safes}
    found = []
    for safe in safes:
        its = terms.get(safe.elects or "", safe.terms)
        if its.cap is None and its.discount:
            safe = replace(safe, amount=safe.amount / (1 - its.discount), discount=Fraction(0), mfn=None, elects=None)
        found.append(safe)
    return tuple(found)


def names_of(rows: Sequence[Any]) -> list[str]:
    return [name_of(row, at) for at, row in enumerate(rows)]


def check(x: Any) -> None:
    """Everything that the engine may refuse of one case.

    Raises:
        Refused: with ``where`` as ``equity`` says, or ``lowest`` for the charts' lowest valuation.
    """
    sold(x)
    at_maturity(x)
    sale(x)
    next_round = as_round(x)
    solve_round(company(next_round), terms_of(next_round))
    try:
        at_valuations(x, np.array([x.lowest, x.largest]))
    except Refused as refused:
        if refused.where not in ("draws", "round"):
            raise
        problem = Problem(
            "At a pre-money of {lowest} SAFEs, notes, pool and new money leave nothing to the others. Start the charts "
            "from more.",
            {"lowest": shown(typed(x.lowest), 2)},
        )
        raise Refused(problem, "lowest") from None
