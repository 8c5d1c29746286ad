"""What the team budget says: the answer, warnings, what it refuses, and published pay beside the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from portal.planning.calculator import Sentence, Table, row_names
from portal.planning.catalog.age import is_stale
from portal.planning.catalog.salaries import MEASURES, SALARIES
from portal.planning.people.hiring import YEAR
from portal.planning.people.inputs import CONTRACTOR

EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)

NO_ROLES = "Wanted at least one role, got none. Add a row for each group of people who join together."
SAME_NAME = "Wanted a name of its own for each role; {name} stands there twice."
WRONG_YEAR = "Wanted a first month from {first} to {last}."

COSTS = "The team costs *{total}* over {months}; at the end a team of {people} costs {last}."
COSTS_BETWEEN = (
    "The team costs *{total}* over {months}: nine times in ten, between {low} and {high}. At the end a team of "
    "{people} costs {last}."
)
COSTS_NOTHING = "These roles cost nothing within {months}: nobody joins, or nobody is paid."

LATE = "Role {row} comes after the horizon and is not counted."
UNPAID = "Role {row} is paid nothing. Where that is not meant, put in a salary or a rate."
FAST = (
    "Within a year the team grows to {times} its size. Few companies can find and teach so many: start some searches "
    "later."
)
NOT_YET = (
    "Next to nobody is paid in the first month, so no growth leads from there to this payroll: a runway cannot take "
    "it. Start the plan in the month in which the first person joins."
)
STEEP = "Payroll grows by {growth} a month on average. A runway takes at most {most}: start the plan later."

SENTENCES = (
    NO_ROLES, SAME_NAME, WRONG_YEAR, COSTS, COSTS_BETWEEN, COSTS_NOTHING, LATE, UNPAID, FAST, NOT_YET, STEEP,
)  # fmt: skip

FAST_TIMES = 3  # times the team of the first month, after a year
STEEPEST = 0.5  # growth a month that a runway takes

PAY_TITLE = "Published salaries"
PAY_NOTE = "Gross pay a year, all employers. Start-ups pay partly in shares, large labs far more."
PAY_COLUMNS = (("Occupation", ""), ("Measure", ""), ("Salary", "USD/year"), ("State", ""), ("Source", ""))


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = {}
    if not inputs.roles:
        found["roles"] = Sentence(NO_ROLES)
    # Bars with one name would be drawn on top of each other.
    names = [name.strip().casefold() for name in row_names(inputs.roles)]
    for at, name in enumerate(names):
        if name in names[:at]:
            found[f"roles.{at}.name"] = Sentence(SAME_NAME, {"name": (row_names(inputs.roles)[at], "")})
    if not EARLIEST <= inputs.first_month <= LATEST:
        years = {"first": (str(EARLIEST.year), ""), "last": (str(LATEST.year), "")}
        found["first_month"] = Sentence(WRONG_YEAR, years)
    return found


def answer(outcome: Any) -> Sentence:
    low, middle, high = outcome.quantiles("total", (0.05, 0.5, 0.95))
    months = {"months": (outcome.inputs.horizon, "months")}
    if high == 0:
        return Sentence(COSTS_NOTHING, months)
    figures = {
        **months,
        "total": (middle, "USD"),
        "people": (outcome.quantile("people_at_end", 0.5), ""),
        "last": (outcome.quantile("burn_at_end", 0.5), "USD/month"),
    }
    if low == high:
        return Sentence(COSTS, figures)
    return Sentence(COSTS_BETWEEN, {**figures, "low": (low, "USD"), "high": (high, "USD")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    for row, role in enumerate(x.roles, 1):
        if role.count > 0 and role.start > 0 and role.start - 1 + role.fill >= x.horizon:
            found.append(Sentence(LATE, {"row": (row, "")}))
        elif role.count > 0 and (role.rate if role.terms == CONTRACTOR else role.salary) == 0:
            found.append(Sentence(UNPAID, {"row": (row, "")}))
    growth = outputs["payroll_growth"]
    if np.isinf(growth):
        found.append(Sentence(NOT_YET))
    elif growth > STEEPEST:
        found.append(Sentence(STEEP, {"growth": (growth, "%"), "most": (STEEPEST, "%")}))
    people = outputs["people_by_month"]
    if people[0] > 0 and people[min(YEAR, len(people) - 1)] >= FAST_TIMES * people[0]:
        times = people[min(YEAR, len(people) - 1)] / people[0]
        found.append(Sentence(FAST, {"times": (times, "×")}))
    return found


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    rows = tuple(
        (
            f"{each.occupation}, {each.region}",
            MEASURES[each.measure],
            each.usd_per_year,
            "stale" if is_stale("salaries", each.as_of) else "current",
            each.source,
        )
        for each in SALARIES
    )
    return [Table(title=PAY_TITLE, note=PAY_NOTE, columns=PAY_COLUMNS, rows=rows, words=tuple(MEASURES.values()))]
