"""What the calculator of SAFEs and notes says: the answer, warnings and refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from portal.planning.calculator import Sentence
from portal.planning.converting.calculation import where
from portal.planning.converting.cases import NAMES, as_round, check, names_of
from portal.planning.equity import reasons, trace
from portal.planning.equity.money import Refused
from portal.planning.equity.notes import ExitElection
from portal.planning.equity.waterfall import CARVE_OUT, COSTS
from portal.planning.raising.instruments import EARLIEST, LATEST, NO_CLAUSE, days_of
from portal.planning.raising.terms import middle
from portal.planning.raising.whole import closing_of
from portal.planning.raising.words import WRONG_DAY, said

NOTHING = "Wanted at least one SAFE or note. Add a row."
UPSIDE_DOWN = "Wanted more than the {lowest} that the charts start from, got {given}."
NAME_TAKEN = "Wanted another name than {name}, which the calculation uses itself. Rename this row."
TWICE = "Two entries have the name {name}."
NO_MULTIPLE = "{name} gets no multiple in a sale, so its multiple has to be 0. Choose the multiple, or set it to 0."

KEEPS = (
    "At a pre-money of {pre_money} founders keep *{after}* after the round. SAFEs and notes have bought *{sold}* of "
    "the company already, together as if at one cap of {effective}. Sold before a round for {sale}, founders get "
    "{gets}."
)
KEEPS_UNCAPPED = (
    "At a pre-money of {pre_money} founders keep *{after}* after the round. Nothing has a cap, so what is sold is "
    "known only then. Sold before a round for {sale}, founders get {gets}."
)
UNCAPPED = "{name} has no cap: its part is not known before a round, and is not in what is sold already."
NOT_BOUND = (
    "The cap of {name} decides only from a pre-money of {pre_money}; at {here} the round price, less any discount, "
    "gives it more shares."
)
STAYS = "The note of {name} does not convert in this round and stays a debt of {owed}."
PAST_DUE = "Interest of the note of {name} stops at its maturity, before the closing."
MUCH_SOLD = "SAFEs and notes have bought {sold} of the company before any priced round. A round comes on top."
MOST_FAVOURED = "{name} has a most-favoured-nation clause: the table shows what each election gives."
SENTENCES = (
    NOTHING, UPSIDE_DOWN, NAME_TAKEN, TWICE, NO_MULTIPLE, WRONG_DAY, KEEPS, KEEPS_UNCAPPED, UNCAPPED, NOT_BOUND, STAYS,
    PAST_DUE, MUCH_SOLD, MOST_FAVOURED, *trace.SENTENCES, *reasons.SENTENCES,
)  # fmt: skip
MUCH = 0.25  # of the company


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = {
        path: Sentence(WRONG_DAY, {"earliest": (EARLIEST, "day"), "latest": (LATEST, "day"), "given": (day, "day")})
        for path, day in (("closing", inputs.closing), ("sale_day", inputs.sale_day), *days_of(inputs.notes))
        if not EARLIEST <= day <= LATEST
    }
    if not inputs.safes and not inputs.notes:
        found["safes"] = Sentence(NOTHING)
    if inputs.largest <= inputs.lowest:
        figures = {"lowest": (inputs.lowest, "USD"), "given": (inputs.largest, "USD")}
        found["largest"] = Sentence(UPSIDE_DOWN, figures)
    return found | _refuse_names(inputs) or _refuse_case(middle(inputs))


def _refuse_names(inputs: Any) -> dict[str, Sentence]:
    found, known = {}, {*NAMES, COSTS, CARVE_OUT}
    taken: set[str] = set()
    for table in ("safes", "notes"):
        for at, name in enumerate(names_of(getattr(inputs, table))):
            if name in known | taken:
                text = NAME_TAKEN if name in known else TWICE
                found[f"{table}.{at}.name"] = Sentence(text, {"name": (name, "")})
            taken.add(name)
    for at, row in enumerate(inputs.notes):
        if row.multiple and row.at_sale != ExitElection.MULTIPLE:
            found[f"notes.{at}.multiple"] = Sentence(NO_MULTIPLE, {"name": (names_of(inputs.notes)[at], "")})
    return found


def _refuse_case(x: Any) -> dict[str, Sentence]:
    """What the engine says of the case at the median of every range."""
    try:
        check(x)
        closing_of(as_round(x))
    except Refused as refused:
        return {where(refused, x): said(refused)}
    return {}


def answer(outcome: Any) -> Sentence:
    x = outcome.case.resolved
    figures = {
        "pre_money": (x.pre_money, "USD"), "after": (outcome.quantile("founders_after", 0.5), "%"),
        "sale": (x.sale_price, "USD"), "gets": (outcome.quantile("sale_founders", 0.5), "USD"),
    }  # fmt: skip
    effective = outcome.quantile("effective_post", 0.5)
    if not np.isfinite(effective):
        return Sentence(KEEPS_UNCAPPED, figures)
    sold = (outcome.quantile("sold_before", 0.5), "%")
    return Sentence(KEEPS, {**figures, "sold": sold, "effective": (effective, "USD")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = [Sentence(MUCH_SOLD, {"sold": (outputs["sold_before"], "%")})] if outputs["sold_before"] > MUCH else []
    for table, rows in (("safe", x.safes), ("note", x.notes)):
        for at, name in enumerate(names_of(rows)):
            found += _of_instrument(x, outputs, table, at, {"name": (name, "")})
    for at, (row, name) in enumerate(zip(x.notes, names_of(x.notes), strict=True)):
        if not outputs["note_converts"][at]:
            found.append(Sentence(STAYS, {"name": (name, ""), "owed": (outputs["note_owed"][at], "USD")}))
        if row.maturity < x.closing:
            found.append(Sentence(PAST_DUE, {"name": (name, "")}))
    return found


def _of_instrument(x: Any, outputs: Mapping[str, Any], table: str, at: int, named: Any) -> list[Sentence]:
    row = getattr(x, f"{table}s")[at]
    if getattr(row, "mfn", NO_CLAUSE) != NO_CLAUSE:
        return [Sentence(MOST_FAVOURED, named)]
    if not row.cap:
        return [Sentence(UNCAPPED, named)]
    decides_from = outputs[f"{table}_cap_from"][at]
    if outputs[f"{table}_converts"][at] and x.pre_money < decides_from < np.inf:
        here = {"pre_money": (decides_from, "USD"), "here": (x.pre_money, "USD")}
        return [Sentence(NOT_BOUND, {**named, **here})]
    return []
