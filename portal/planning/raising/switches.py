"""The contract switches of a round, each as the same terms with that one turned.

``SWITCHES`` are the few that a chart follows through every draw; ``clauses`` are all of them, for one case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from portal.planning.equity.capitalization import POST_MONEY_SAFE, PRE_MONEY_SAFE, CapitalizationRules
from portal.planning.equity.interest import Compounding, DayCount, PartialPeriod
from portal.planning.equity.notes import Note
from portal.planning.equity.safes import Mfn, Safe
from portal.planning.equity.terms import (
    Basis,
    Counting,
    PoolIncrease,
    PoolTarget,
    Pricing,
    ProRataSource,
    RoundTerms,
)
from portal.planning.raising.inputs import BASES, BEARERS, COUNTINGS, INSIDE, OUTSIDE, PRICINGS, PRO_RATA
from portal.planning.raising.instruments import CLAUSES, COMPOUNDINGS, DAY_COUNTS, POST, PRE, SWITCH_LABELS

SWITCHES = {
    "post": "All SAFEs post-money",
    "pre": "All SAFEs pre-money",
    "no_discount": "No discounts",
    "inside": "Pool within the pre-money",
    "outside": "Pool borne by everybody",
    "unallocated": "Pool target without grants",
    "with_grants": "Pool target with grants",
    "percentage": "Priced by percentage ownership",
    "dollars": "Priced by dollars invested",
    "pre_money": "Priced by the pre-money method",
}
_PRICING = {
    "percentage": Pricing.PERCENTAGE_OWNERSHIP,
    "dollars": Pricing.DOLLARS_INVESTED,
    "pre_money": Pricing.PRE_MONEY_METHOD,
}
_COUNTING = {"unallocated": Counting.UNALLOCATED, "with_grants": Counting.WITH_GRANTS}


def switched(terms: RoundTerms, switch: str) -> RoundTerms:
    """``terms`` with one switch of ``SWITCHES`` as it says and all else as it is."""
    if switch in (POST, PRE):
        rules = POST_MONEY_SAFE if switch == POST else PRE_MONEY_SAFE
        return replace(terms, safes=tuple(replace(safe, rules=rules) for safe in terms.safes))
    if switch == "no_discount":
        nothing = Fraction(0)
        return replace(
            terms,
            safes=tuple(replace(safe, discount=nothing) for safe in terms.safes),
            notes=tuple(replace(note, discount=nothing) for note in terms.notes),
        )
    if switch in (INSIDE, OUTSIDE):
        return replace(terms, pool=replace(terms.pool, inside_pre_money=switch == INSIDE))
    if switch in _COUNTING:
        if isinstance(terms.pool, PoolIncrease):
            return terms
        return replace(terms, pool=replace(terms.pool, counting=_COUNTING[switch]))
    return replace(terms, pricing=_PRICING[switch])


# All of them, for one case


@dataclass(frozen=True, slots=True)
class Clause:
    """``about`` whom, which ``clause``, what it is ``instead``, and the ``terms`` with that. All words but names."""

    about: str
    clause: str
    instead: str
    terms: RoundTerms


THE_ROUND, ALL_SAFES, ALL_NOTES = "Round", "SAFEs", "Notes"
POST_SAFES, PRE_SAFES, OTHER_SAFES = "Post-money SAFEs", "Pre-money SAFEs", "SAFEs of another definition"
COUNTED, NOT_COUNTED, DIFFERS = "counted", "not counted", "the other way for each"
NONE, NOT_USED = "none", "not used"
SHADOW, PLAIN = "shadow series", "series of the round"
FIELDS = ("Caps", "Discounts", "Pro-rata side letters", "Most favoured nation")
PRICED_BY, BORNE_BY = "Pricing convention", "Who bears the increase"
COUNTS, PART_OF = "The target counts", "The target is a part of"
POOL_INCREASE, RIGHTS, RIGHTS_FROM = "Pool increase", "Rights to buy of the round", "Shares of pro-rata buyers"
SERIES_OF, DAYS, COMPOUNDS = "What converts becomes", "Days of interest", "Interest compounds"
WORDS = (
    THE_ROUND, ALL_SAFES, ALL_NOTES, POST_SAFES, PRE_SAFES, OTHER_SAFES, COUNTED, NOT_COUNTED, DIFFERS, NONE,
    NOT_USED, SHADOW, PLAIN, *FIELDS, PRICED_BY, BORNE_BY, COUNTS, PART_OF, POOL_INCREASE, RIGHTS, RIGHTS_FROM,
    SERIES_OF, DAYS, COMPOUNDS, *SWITCH_LABELS.values(),
)  # fmt: skip


def clauses(terms: RoundTerms) -> Iterator[Clause]:
    """Every switch of the contracts, one at a time; of several alternatives each."""
    yield from _of_safes(terms)
    if terms.notes:
        yield from _capitalizations(terms, ALL_NOTES, (), terms.notes)
        yield from _of_notes(terms)
    yield from _of_round(terms)
    yield from _of_pool(terms)


def _of_safes(terms: RoundTerms) -> Iterator[Clause]:
    groups = {POST_SAFES: [], PRE_SAFES: [], OTHER_SAFES: []}  # type: dict[str, list[Safe]]
    known = {POST_MONEY_SAFE: POST_SAFES, PRE_MONEY_SAFE: PRE_SAFES}
    for safe in terms.safes:
        if safe.cap is not None:
            groups[known.get(safe.rules, OTHER_SAFES)].append(safe)
    for about, found in groups.items():
        yield from _capitalizations(terms, about, found, ())
    caps, discounts, letters, mfn = FIELDS
    if any(groups.values()):
        yield Clause(ALL_SAFES, caps, NONE, _safes(terms, [replace(each, cap=None) for each in terms.safes]))
    if any(safe.discount for safe in terms.safes):
        plain = [replace(each, discount=Fraction(0)) for each in terms.safes]
        yield Clause(ALL_SAFES, discounts, NONE, _safes(terms, plain))
    if any(safe.pro_rata for safe in terms.safes):
        without = [replace(each, pro_rata=False) for each in terms.safes]
        yield Clause(ALL_SAFES, letters, NOT_USED, _safes(terms, without))
    for at, safe in enumerate(terms.safes):
        if safe.mfn is not None:
            for instead, other in _elections(safe, terms.safes[at + 1 :]):
                changed = [*terms.safes[:at], other, *terms.safes[at + 1 :]]
                yield Clause(safe.name, mfn, instead, _safes(terms, changed))


def _elections(safe: Safe, later: Sequence[Safe]) -> Iterator[tuple[str, Safe]]:
    """What else the holder of a most-favoured-nation SAFE may have elected."""
    for way in (Mfn.UNAMENDED, Mfn.BEST_PRICE):
        if safe.mfn is not way:
            yield CLAUSES[way], replace(safe, mfn=way, elects=None)
    for each in later:
        if each.mfn is None and each.name != safe.elects:
            yield each.name, replace(safe, mfn=Mfn.STATED, elects=each.name)


def _capitalizations(terms: RoundTerms, about: str, safes: Sequence[Safe], notes: Sequence[Note]) -> Iterator[Clause]:
    """The eight switches of a group of instruments, each turned for all of them."""
    capped: list[Safe | Note] = [*safes, *(note for note in notes if note.cap is not None)]
    if not capped:
        return
    names = {each.name for each in capped}
    for switch, text in SWITCH_LABELS.items():
        values = {getattr(each.rules, switch) for each in capped}
        instead = DIFFERS if len(values) > 1 else NOT_COUNTED if True in values else COUNTED
        other = replace(
            terms,
            safes=tuple(
                replace(each, rules=_turned(each.rules, switch)) if each.name in names else each for each in terms.safes
            ),
            notes=tuple(
                replace(each, rules=_turned(each.rules, switch)) if each.name in names else each for each in terms.notes
            ),
        )
        yield Clause(about, text, instead, other)


def _turned(rules: CapitalizationRules, switch: str) -> CapitalizationRules:
    return replace(rules, **{switch: not getattr(rules, switch)})


def _safes(terms: RoundTerms, safes: Sequence[Safe]) -> RoundTerms:
    return replace(terms, safes=tuple(safes))


def _of_notes(terms: RoundTerms) -> Iterator[Clause]:
    def changed(**what: object) -> RoundTerms:
        return replace(terms, notes=tuple(replace(note, **what) for note in terms.notes))  # type: ignore[arg-type]

    caps, discounts, *_ = FIELDS
    if any(note.cap is not None for note in terms.notes):
        yield Clause(ALL_NOTES, caps, NONE, changed(cap=None))
    if any(note.discount for note in terms.notes):
        yield Clause(ALL_NOTES, discounts, NONE, changed(discount=Fraction(0)))
    now = terms.notes[0].day_count
    for way in DayCount:
        if way is not now:
            yield Clause(ALL_NOTES, DAYS, DAY_COUNTS[way], changed(day_count=way))
    compounding = {note.compounding for note in terms.notes}
    for each in Compounding:
        if compounding != {each}:
            other = changed(compounding=each, partial_period=PartialPeriod.SIMPLE)
            yield Clause(ALL_NOTES, COMPOUNDS, COMPOUNDINGS[each], other)


def _of_round(terms: RoundTerms) -> Iterator[Clause]:
    for pricing in Pricing:
        if pricing is not terms.pricing:
            other = replace(terms, pricing=pricing)
            yield Clause(THE_ROUND, PRICED_BY, PRICINGS[pricing], other)
    if terms.pro_rata:
        yield Clause(THE_ROUND, RIGHTS, NOT_USED, replace(terms, pro_rata=()))
        for source in ProRataSource:
            if source is not terms.pro_rata_source and not any(safe.pro_rata for safe in terms.safes):
                other = replace(terms, pro_rata_source=source)
                yield Clause(THE_ROUND, RIGHTS_FROM, PRO_RATA[source], other)
    if terms.safes or terms.notes:
        instead = PLAIN if terms.shadow_series else SHADOW
        yield Clause(THE_ROUND, SERIES_OF, instead, replace(terms, shadow_series=not terms.shadow_series))


def _of_pool(terms: RoundTerms) -> Iterator[Clause]:
    pool = terms.pool
    instead = OUTSIDE if pool.inside_pre_money else INSIDE
    other = replace(terms, pool=replace(pool, inside_pre_money=not pool.inside_pre_money))
    yield Clause(THE_ROUND, BORNE_BY, BEARERS[instead], other)
    if isinstance(pool, PoolTarget):
        for counting in Counting:
            if counting is not pool.counting:
                other = replace(terms, pool=replace(pool, counting=counting))
                yield Clause(THE_ROUND, COUNTS, COUNTINGS[counting], other)
        for basis in Basis:
            if basis is not pool.basis:
                other = replace(terms, pool=replace(pool, basis=basis))
                yield Clause(THE_ROUND, PART_OF, BASES[basis], other)
    none = PoolIncrease(shares=Fraction(0), inside_pre_money=pool.inside_pre_money)
    yield Clause(THE_ROUND, POOL_INCREASE, NONE, replace(terms, pool=none))
