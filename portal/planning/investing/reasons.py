"""Why each investor stands where it does: what speaks for and against it, what excludes it, and what to find out first.

All at the median of every range; how often a place holds over the ranges is told by the outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mlcore.spec import params
from portal.planning.calculator import Sentence, Table
from portal.planning.investing.calculation import OUT, place_of, weights_of
from portal.planning.investing.facts import (
    EITHER,
    INVESTS_AT,
    ROUNDS,
    in_common,
    names_any,
    plain,
    same_names,
)
from portal.planning.investing.fit import (
    CRITERIA,
    FACT_OF,
    counts,
    excluded_by,
    largest_cheque,
    may_exclude,
    missing,
    points,
    post_money,
)
from portal.planning.investing.inputs import FundInvestor
from portal.planning.ranking.criteria import TOP
from portal.planning.ranking.words import names

FILLS = "Its largest cheque fills {share} of the round."
WANTS = "It wants {wanted} of the {sold} that the round sells."
LEADS_IT, LEADS_TOO, FOLLOWS = "It leads.", "It can lead.", "It follows, and nobody sets the terms yet."
SECTOR = "It invests in {theirs}."
ANY_SECTOR = "It invests in any sector, which counts half."
OTHER_SECTORS = "None of your sectors is among its own: {theirs}."
PLACE, ANYWHERE = "It invests in {theirs}, where you are.", "It invests everywhere."
OTHER_PLACES = "It does not invest where you are, but in: {theirs}."
FUND = "Its fund of {vintage} has {left} of its time for new investments left."
HAS_RESERVES, NO_RESERVES = "It keeps money for your later rounds.", "It keeps no money for your later rounds."
CLUSTER, CREDITS, NO_COMPUTE = "It gives time on a cluster.", "It gives credits for compute.", "It gives no compute."
CLOSE_INTRO = "A founder whom it backed can introduce you."
KNOWN_INTRO = "Somebody whom you know can introduce you."
COLD_INTRO = "Nobody can introduce you."

OUT_STAGE = "It invests from {first} to {last}, and this is another: {this}."
OUT_CHEQUE = "Its smallest cheque, {cheque}, is larger than the round of {round}."
OUT_OWNERSHIP = "It wants {wanted}, but at {post} after the money its largest cheque buys {bought}."
OUT_CONFLICT = "It owns part of {rivals}, with whom you compete."
OUT_PASSED = "It has passed."

FIND_OR_OUT = "{fact}: it may be place {best}, or excluded."
FIND_PLACE = "{fact}: it may be place {best}, or place {worst}."
FIND_LITTLE = "{fact}: worth {points} in score, and no change of place."
KNOWN = "All that counts is known."

REASONS = (
    FILLS, WANTS, LEADS_IT, LEADS_TOO, FOLLOWS, SECTOR, ANY_SECTOR, OTHER_SECTORS, PLACE, ANYWHERE, OTHER_PLACES, FUND,
    HAS_RESERVES, NO_RESERVES, CLUSTER, CREDITS, NO_COMPUTE, CLOSE_INTRO, KNOWN_INTRO, COLD_INTRO, OUT_STAGE,
    OUT_CHEQUE, OUT_OWNERSHIP, OUT_CONFLICT, OUT_PASSED, FIND_OR_OUT, FIND_PLACE, FIND_LITTLE, KNOWN,
)  # fmt: skip

WHY_TITLE = "Reasons, and what to find out first"
WHY_NOTE = (
    "What adds most to the score, what costs it most, and of the facts that are not known the one whose answer moves "
    "the place most. Every range at its median."
)
WHY_COLUMNS = (("Investor", ""), ("Place in the list", ""), ("For", ""), ("Against", ""), ("Find out first", ""))
OUT_TITLE = "Excluded, and why"
OUT_NOTE = "Whatever the score. Those who may still be excluded by something that is not known are not listed here."
OUT_COLUMNS = (("Investor", ""), ("Reason", ""))
POINTS_TITLE = "Points by criterion"
POINTS_NOTE = (
    "From 0 to 10, before the weights. Two numbers: a fact is missing, and this is what it may turn out to be."
)

_FIELD_LABELS = {name: param.label for name, param, _start in params(FundInvestor)}


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    called = names(x.investors)
    found = [
        Table(title=WHY_TITLE, note=WHY_NOTE, columns=WHY_COLUMNS, rows=tuple(_why(x, outputs, called))),
        Table(
            title=POINTS_TITLE,
            note=POINTS_NOTE,
            columns=(("Investor", ""), *((each, "") for each in CRITERIA.values())),
            rows=tuple((called[at], *_points(row, x)) for at, row in enumerate(x.investors)),
        ),
    ]  # fmt: skip
    out = [(called[at], said) for at, row in enumerate(x.investors) for said in why_out(row, x)]
    if out:
        found.insert(1, Table(title=OUT_TITLE, note=OUT_NOTE, columns=OUT_COLUMNS, rows=tuple(out)))
    return found


def _why(x: Any, outputs: Mapping[str, Any], called: list[str]) -> list[tuple[Any, ...]]:
    weights = dict(zip(CRITERIA, outputs["weights"], strict=True))
    ranked = np.where(outputs["excluded"], OUT, outputs["score"])
    inside = [int(at) for at in np.argsort(outputs["place"], kind="stable") if not outputs["excluded"][at]]
    return [
        (called[at], outputs["place"][at], *_for_and_against(x.investors[at], x, weights), first_fact(at, x, ranked))
        for at in inside
    ]


def _points(row: Any, x: Any) -> list[str | None]:
    """The points of an investor, or the two ends of what they may be; none by a criterion that does not count."""
    asked = counts(x)
    return [_ends(ends) if asked[name] else None for name, ends in points(row, x).items()]


def _ends(ends: tuple[Any, Any]) -> str:
    low, high = (f"{float(end) * TOP:.1f}".removesuffix(".0") for end in ends)
    return low if low == high else f"{low}–{high}"


# For and against


def _for_and_against(row: Any, x: Any, weights: Mapping[str, float]) -> tuple[Sentence | None, Sentence | None]:
    """What of the known adds most to the score, if it is more than half of what it could be, and what costs most."""
    known = {name: float(low) for name, (low, high) in points(row, x).items() if low == high and weights[name] > 0}
    good = {name: weights[name] * value for name, value in known.items() if value > 0.5}
    bad = {name: weights[name] * (1 - value) for name, value in known.items() if value <= 0.5}
    best, worst = (max(each, key=lambda name: each[name]) if each else "" for each in (good, bad))
    return (reason(best, row, x) if best else None), (reason(worst, row, x) if worst else None)


def reason(name: str, row: Any, x: Any) -> Sentence:
    """Why an investor has the points that it has by a criterion that is known."""
    theirs = {"theirs": (plain(row.sectors if name == "sector" else row.places), "")}
    match name:
        case "cheque":
            return Sentence(FILLS, {"share": (largest_cheque(row, x)[1] / x.round_size, "%")})
        case "ownership":
            sold = float(x.round_size / post_money(x))
            return Sentence(WANTS, {"wanted": (row.ownership, "%"), "sold": (sold, "%")})
        case "sector":
            in_it, any_of_it, out_of_it = SECTOR, ANY_SECTOR, OTHER_SECTORS
            ours, all_of_theirs = x.sectors, row.sectors
        case "place":
            in_it, any_of_it, out_of_it = PLACE, ANYWHERE, OTHER_PLACES
            ours, all_of_theirs = x.places, row.places
        case "fund":
            left = float(points(row, x)["fund"][0])
            return Sentence(FUND, {"vintage": (str(int(row.vintage)), ""), "left": (left, "%")})
        case _:
            return Sentence(_CHOSEN[name][getattr(row, FACT_OF[name])])
    if shared := in_common(all_of_theirs, ours):
        return Sentence(in_it, {"theirs": (plain(", ".join(shared)), "")})
    return Sentence(any_of_it) if names_any(all_of_theirs) else Sentence(out_of_it, theirs)


_CHOSEN = {
    "lead": {"leads": LEADS_IT, EITHER: LEADS_TOO, "follows": FOLLOWS},
    "reserves": {"yes": HAS_RESERVES, "no": NO_RESERVES},
    "compute": {"cluster": CLUSTER, "credits": CREDITS, "none": NO_COMPUTE},
    "intro": {"close": CLOSE_INTRO, "known": KNOWN_INTRO, "cold": COLD_INTRO},
}


# Excluded


def why_out(row: Any, x: Any) -> list[Sentence]:
    """Each thing that is known and rules an investor out."""
    post = float(post_money(x))
    said = {
        "stage": lambda: Sentence(OUT_STAGE, {
            "first": (INVESTS_AT[row.first_round], ""), "last": (INVESTS_AT[row.last_round], ""),
            "this": (ROUNDS[x.this_round], "")}),
        "cheque": lambda: Sentence(OUT_CHEQUE, {"cheque": (row.cheque_low, "USD"), "round": (x.round_size, "USD")}),
        "ownership": lambda: Sentence(OUT_OWNERSHIP, {
            "wanted": (row.ownership, "%"), "post": (post, "USD"), "bought": (largest_cheque(row, x)[1] / post, "%")}),
        "conflict": lambda: Sentence(OUT_CONFLICT, {
            "rivals": (plain(", ".join(same_names(row.portfolio, x.competitors))), "")}),
        "passed": lambda: Sentence(OUT_PASSED),
    }  # fmt: skip
    return [said[name]() for name, out in excluded_by(row, x).items() if out]


# What to find out


def first_fact(at: int, x: Any, ranked: Any) -> Sentence:
    """The missing fact of investor ``at`` whose answer moves its place most, others staying as ``ranked``.

    Of two that move it as far, the one that is worth more points.
    """
    row = x.investors[at]
    worth = {field: (_swing(at, field, x, ranked), field) for field in missing(row, x)}
    if not worth:
        return Sentence(KNOWN)
    (places, gained, best, worst), field = max(worth.values(), key=lambda each: each[0][:2])
    fact = {"fact": (_FIELD_LABELS[field], "")}
    if np.isinf(worst):
        return Sentence(FIND_OR_OUT, fact | {"best": (best, "")})
    if places:
        return Sentence(FIND_PLACE, fact | {"best": (best, ""), "worst": (worst, "")})
    return Sentence(FIND_LITTLE, fact | {"points": (gained, "")})


def _swing(at: int, field: str, x: Any, ranked: Any) -> tuple[float, float, float, float]:
    """Places and points that lie between a bad and a good answer about one field, and the place after each."""
    row = x.investors[at]
    weights, asked = weights_of(x, 1)[:, 0], counts(x)
    half = sum(
        float(weight) * float(high - low) * TOP / 2
        for (name, (low, high)), weight in zip(points(row, x).items(), weights, strict=True)
        if asked[name] and FACT_OF[name] == field
    )
    others = np.asarray(ranked, dtype=float)[:, np.newaxis]
    best, worst = (float(place_of(at, others[at] + sign * half, others)[0]) for sign in (1, -1))
    if bool(may_exclude(row, x).get(field)):
        worst = np.inf
    return worst - best, 2 * half, best, worst
