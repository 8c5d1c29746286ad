"""What the runway calculator says: the answer in one sentence, warnings, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from portal.planning.calculator import Sentence
from portal.planning.calendar import from_month, to_month

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)

WRONG_YEAR = "Wanted a first month from {first} to {last}."

RUNS_OUT = "Cash runs out in *{month}*."
RUNS_OUT_BETWEEN = "Cash runs out around *{month}*: nine times in ten, between {early} and {late}."
RUNS_OUT_WITHIN = "Cash runs out in *{month}*, nine times in ten."
RUNS_OUT_FROM = (
    "Cash runs out around *{month}*. It may be gone by {early}, one time in twenty; it lasts beyond {end} "
    "in {share} of the cases."
)
MAY_RUN_OUT_FROM = (
    "Cash most likely lasts beyond *{end}*, but runs out earlier in *{share}* of the cases: by {early}, "
    "one time in twenty."
)
MAY_RUN_OUT = "Cash very likely lasts beyond *{end}*; it runs out earlier in *{share}* of the cases."
LASTS = "Cash lasts beyond *{end}*. It is lowest in {month}, at {lowest}."
LASTS_IN_ALL = "Cash lasts beyond *{end}* in every case that was drawn."

SHRINKS = "More revenue is lost than won: it falls by {rate} a month."
SUSPECT = "A burn multiple of {multiple} is suspect: above 2, growth costs more cash than most investors like."
BAD = "A burn multiple of {multiple} is bad: above 3, growth costs far more cash than it brings in revenue."
DEAD_SOON = "Without new money, cash is gone after {months} and the plan does not reach break-even before. Act now."
LEANS_ON_FUNDING = "Without the planned funding, cash runs out in {month}."
FLAT_MISLEADS = "Cash divided by today's burn would say {flat}; month by month, with growth, cash lasts beyond {end}."
GROWS_FAR = "At this rate revenue is {times} today's at the end. Few companies keep that up so long: try a lower rate."
LATE_ONE_OFF = "One-off item {row} comes after the horizon and is not counted."
LATE_FUNDING = "Funding {row} comes after the horizon and is not counted."
LATE_TRAINING = "The training run comes after the horizon and is not counted."

SENTENCES = (
    WRONG_YEAR, RUNS_OUT, RUNS_OUT_BETWEEN, RUNS_OUT_WITHIN, RUNS_OUT_FROM, MAY_RUN_OUT_FROM, MAY_RUN_OUT, LASTS,
    LASTS_IN_ALL, SHRINKS, SUSPECT, BAD, DEAD_SOON, LEANS_ON_FUNDING, FLAT_MISLEADS, GROWS_FAR, LATE_ONE_OFF,
    LATE_FUNDING, LATE_TRAINING,
)  # fmt: skip

SUSPECT_MULTIPLE, BAD_MULTIPLE = 2, 3
SOON = 6  # months in which a round can hardly be raised
FAR = 50  # times today's revenue


def refuse(inputs: Any) -> dict[str, Sentence]:
    if EARLIEST <= inputs.first_month <= LATEST:
        return {}
    years = {"first": (str(EARLIEST.year), ""), "last": (str(LATEST.year), "")}
    return {"first_month": Sentence(WRONG_YEAR, years)}


def answer(outcome: Any) -> Sentence:
    case = outcome.case
    start = int(to_month(case.inputs.first_month))
    end = (from_month(start + case.inputs.horizon - 1), "month")
    if not outcome.uncertain:
        return _single_answer(case.outputs, end)
    early, middle, late = outcome.quantiles("zero_cash_month", (0.05, 0.5, 0.95))
    lasting = outcome.share("funded")
    if lasting == 1:
        return Sentence(LASTS_IN_ALL, {"end": end})
    if np.isfinite(late):
        figures = {"early": _month(early), "month": _month(middle), "late": _month(late)}
        same = int(early) == int(late)
        return Sentence(RUNS_OUT_WITHIN, {"month": _month(middle)}) if same else Sentence(RUNS_OUT_BETWEEN, figures)
    if np.isfinite(middle):
        figures = {"month": _month(middle), "early": _month(early), "end": end, "share": (lasting, "%")}
        return Sentence(RUNS_OUT_FROM, figures)
    if np.isfinite(early):
        return Sentence(MAY_RUN_OUT_FROM, {"end": end, "share": (1 - lasting, "%"), "early": _month(early)})
    return Sentence(MAY_RUN_OUT, {"end": end, "share": (1 - lasting, "%")})


def _single_answer(outputs: Mapping[str, Any], end: tuple[date, str]) -> Sentence:
    if np.isfinite(outputs["zero_cash_month"]):
        return Sentence(RUNS_OUT, {"month": _month(outputs["zero_cash_month"])})
    lowest = {"month": _month(outputs["lowest_cash_month"]), "lowest": (outputs["lowest_cash"], "USD")}
    return Sentence(LASTS, {"end": end, **lowest})


def _month(number: float) -> tuple[date, str]:
    return from_month(number), "month"


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    end = (from_month(int(to_month(x.first_month)) + x.horizon - 1), "month")
    runway, alone, flat = outputs["runway"], outputs["runway_alone"], outputs["flat_runway"]
    if alone <= SOON and not outputs["default_alive"]:
        found.append(Sentence(DEAD_SOON, {"months": (alone, "months")}))
    if np.isinf(runway) and np.isfinite(alone):
        month = from_month(int(to_month(x.first_month)) + alone)
        found.append(Sentence(LEANS_ON_FUNDING, {"month": (month, "month")}))
    if np.isinf(alone) and flat < x.horizon:
        found.append(Sentence(FLAT_MISLEADS, {"flat": (flat, "months"), "end": end}))
    return found + _efficiency_notices(x, outputs) + _late_notices(x)


def _efficiency_notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    multiple, rate = outputs["burn_multiple"], outputs["net_growth"]
    if np.isfinite(multiple) and multiple > SUSPECT_MULTIPLE:
        text = BAD if multiple > BAD_MULTIPLE else SUSPECT
        found.append(Sentence(text, {"multiple": (multiple, "×")}))
    if rate < 0 < x.revenue:
        found.append(Sentence(SHRINKS, {"rate": (-rate, "%")}))
    times = (1 + rate) ** (x.horizon - 1)
    if times > FAR and x.revenue > 0:
        found.append(Sentence(GROWS_FAR, {"times": (times, "×")}))
    return found


def _late_notices(x: Any) -> list[Sentence]:
    found = [Sentence(LATE_TRAINING)] if x.training_month > x.horizon and x.training_cost > 0 else []
    for text, items in ((LATE_ONE_OFF, x.one_offs), (LATE_FUNDING, x.funding)):
        found += [Sentence(text, {"row": (row, "")}) for row, item in enumerate(items, 1) if item.month > x.horizon]
    return found
