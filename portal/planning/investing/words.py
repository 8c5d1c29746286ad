"""What investor fit says: the answer, warnings, and what it refuses; the reasons of single investors are in
``reasons``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np

from portal.planning.calculator import Sentence
from portal.planning.investing.calculation import overdue, probable_cheque
from portal.planning.investing.facts import (
    ANSWERED,
    COMMITTED,
    EITHER,
    INVESTS_AT,
    LEADS,
    LISTED,
    ORDER,
    PASSED,
    day_of,
    plain,
)
from portal.planning.investing.filling import is_exact
from portal.planning.investing.fit import CRITERIA, counts
from portal.planning.investing.reasons import REASONS
from portal.planning.ranking.words import names

FITS = "*{investor}* fits best, with {score} of 10 points. The list fills the round with a chance of *{chance}*."
FITS_OFTEN = (
    "*{investor}* fits best: among the first {top} in {share} of the cases. The list fills the round with a chance of "
    "*{chance}*."
)
NOBODY = "Nobody on the list fits this round: something known rules out each of them."

OVERDUE = "Overdue next steps: {count}. The oldest is that with {investor}, due {day}."
QUIET = "You last spoke with {investor} on {day}, more than {days} before the day of the list."
TOO_LATE = "The day to close by, {day}, is not after the day of the list."
NO_LEAD = "The round needs a lead, and of those who fit nobody is known to lead."
NO_CHEQUE = "Of those who fit, no cheque is known of {investors}: they count as nothing in the sums."
CONTRADICTS = "{investor} has committed, but something known excludes them: look at the facts again."
LARGE = "{investor} is said to pay up to {cheque}, more than {share} of a fund of {fund}: one of them may be wrong."
ROUNDED = (
    "The cheques divide the round into more than 400 parts, so they are rounded down to one of 400: the chance to fill "
    "it is a little more than shown."
)

NO_ROWS = "Wanted at least one investor. Add a row, paste a table or read a CSV file."
NO_WEIGHT = "Wanted a weight above zero for at least one criterion that counts for this round, got none."
WRONG_DAY = "Wanted a day as YYYY-MM-DD, or nothing, got “{given}”."
WRONG_ROUNDS = "Wanted the earliest round before the latest, got {first} after {last}."
WRONG_CHEQUES = "Wanted the smallest cheque at most as large as the largest, got {low} and {high}."
WRONG_VINTAGE = "Wanted the year in which the fund began, at most {latest}, or 0 if not known, got {given}."

SENTENCES = (
    FITS, FITS_OFTEN, NOBODY, OVERDUE, QUIET, TOO_LATE, NO_LEAD, NO_CHEQUE, CONTRADICTS, LARGE, ROUNDED, NO_ROWS,
    NO_WEIGHT, WRONG_DAY, WRONG_ROUNDS, WRONG_CHEQUES, WRONG_VINTAGE, *REASONS,
)  # fmt: skip

SILENCE = timedelta(days=30)
OLDEST_FUND = 1950  # no fund that invests today is older
NAMED = 3  # investors in one sentence


# Refused


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = {} if inputs.investors else {"investors": Sentence(NO_ROWS)}
    asked = [name for name, asks in counts(inputs).items() if asks]
    if not any(getattr(inputs, f"weight_{name}") for name in asked):
        found[f"weight_{next(iter(CRITERIA))}"] = Sentence(NO_WEIGHT)
    for at, row in enumerate(inputs.investors):
        found |= {f"investors.{at}.{field}": sentence for field, sentence in _refuse_row(row, inputs).items()}
    return found


def _refuse_row(row: Any, inputs: Any) -> dict[str, Sentence]:
    found = {}
    for field in ("due", "contacted"):
        try:
            day_of(getattr(row, field))
        except ValueError:
            found[field] = Sentence(WRONG_DAY, {"given": (plain(getattr(row, field)), "")})
    first, last = ORDER.get(row.first_round), ORDER.get(row.last_round)
    if first is not None and last is not None and first > last:
        rounds = {"first": (INVESTS_AT[row.first_round], ""), "last": (INVESTS_AT[row.last_round], "")}
        found["last_round"] = Sentence(WRONG_ROUNDS, rounds)
    if row.cheque_high and row.cheque_low > row.cheque_high:
        ends = {"low": (row.cheque_low, "USD"), "high": (row.cheque_high, "USD")}
        found["cheque_high"] = Sentence(WRONG_CHEQUES, ends)
    if row.vintage and not OLDEST_FUND <= row.vintage <= inputs.as_of.year:
        years = {"latest": (str(inputs.as_of.year), ""), "given": (str(row.vintage), "")}
        found["vintage"] = Sentence(WRONG_VINTAGE, years)
    return found


# Said


def answer(outcome: Any) -> Sentence:
    places = np.asarray(outcome.case.outputs["place"])
    first = int(np.argmin(places))
    if np.isinf(places[first]):
        return Sentence(NOBODY)
    said = {
        "investor": (names(outcome.inputs.investors)[first], ""),
        "chance": (outcome.quantile("chance_filled", 0.5), "%"),
    }
    if outcome.uncertain:
        share = float(outcome.shares("among_first")[first])
        return Sentence(FITS_OFTEN, said | {"top": (outcome.inputs.top, ""), "share": (share, "%")})
    return Sentence(FITS, said | {"score": (outcome.case.outputs["score"][first], "")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    called = names(x.investors)
    fits = [not out and row.stage != PASSED for out, row in zip(outputs["excluded"], x.investors, strict=True)]
    found = [*_days(x, called), *_cheques(x, called, fits)]
    if x.needs_lead and not any(
        fit and row.leads in (LEADS, EITHER) for fit, row in zip(fits, x.investors, strict=True)
    ):
        found.append(Sentence(NO_LEAD))
    found += [
        Sentence(CONTRADICTS, {"investor": (called[at], "")})
        for at, row in enumerate(x.investors)
        if row.stage == COMMITTED and outputs["excluded"][at]
    ]
    return found


def _days(x: Any, called: list[str]) -> list[Sentence]:
    found = []
    if late := overdue(x):
        at, day = late[0]
        found.append(Sentence(OVERDUE, {"count": (len(late), ""), "investor": (called[at], ""), "day": (day, "day")}))
    if x.close_by <= x.as_of:
        found.append(Sentence(TOO_LATE, {"day": (x.close_by, "day")}))
    spoken = [
        (day, at)
        for at, row in enumerate(x.investors)
        if row.stage not in (*ANSWERED, LISTED) and (day := day_of(row.contacted)) is not None
    ]
    if spoken and x.as_of - min(spoken)[0] > SILENCE:
        day, at = min(spoken)
        figures = {"investor": (called[at], ""), "day": (day, "day"), "days": (SILENCE.days, "days")}
        found.append(Sentence(QUIET, figures))
    return found


def _cheques(x: Any, called: list[str], fits: list[bool]) -> list[Sentence]:
    found = []
    silent = [called[at] for at, row in enumerate(x.investors) if fits[at] and not probable_cheque(row, x)]
    if silent:
        listed = ", ".join(silent[:NAMED]) + (" …" if len(silent) > NAMED else "")
        found.append(Sentence(NO_CHEQUE, {"investors": (listed, "")}))
    for at, row in enumerate(x.investors):
        if row.fund_size and row.cheque_high > x.fund_share * row.fund_size:
            figures = {
                "investor": (called[at], ""), "cheque": (row.cheque_high, "USD"), "share": (x.fund_share, "%"),
                "fund": (row.fund_size, "USD"),
            }  # fmt: skip
            found.append(Sentence(LARGE, figures))
    if not is_exact(x.round_size, [probable_cheque(row, x) for row in x.investors]):
        found.append(Sentence(ROUNDED))
    return found
