"""Vesting terms of the format as the schedules of the ledger, and back.

A schedule is the usual form: a start, a cliff after so many months, then equal tranches every so many months. Terms of
any other form have no schedule here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from portal.planning.equity.money import Refused
from portal.planning.equity.vesting import Allocation, Schedule
from portal.planning.interchange.numbers import fraction, ratio

START, CLIFF, TRANCHE, MILESTONE = "start", "cliff", "tranche", "milestone"
_START_DAY = "VESTING_START_DAY_OR_LAST_DAY_OF_MONTH"
_LAST = "_OR_LAST_DAY_OF_MONTH"


@dataclass(frozen=True, slots=True)
class _Step:
    """A condition that is met a number of times, each so many months after the one before."""

    every: int
    times: int
    portion: Fraction
    day: int | None


def is_milestones(terms: Mapping[str, Any]) -> bool:
    """Whether nothing vests by the calendar."""
    return all(each["trigger"]["type"] == "VESTING_EVENT" for each in terms["vesting_conditions"])


def schedule_of(terms: Mapping[str, Any], start: date | None) -> Schedule | None:
    """The schedule that ``terms`` write, from ``start``; None where they are of another form or have no start."""
    conditions = {each["id"]: each for each in terms["vesting_conditions"]}
    steps = _steps(conditions)
    if start is None or not steps or len(conditions) != len(steps) + 1:
        return None
    last = steps[-1]
    cliff = steps[0] if len(steps) == 2 or last.times == 1 else None
    months = sum(step.every * step.times for step in steps)
    cliff_months = cliff.every if cliff else 0
    after = Fraction(0) if cliff and len(steps) == 1 else last.portion * last.times
    whole = after + (cliff.portion if cliff else 0)
    if len({step.day for step in steps}) > 1 or whole != 1 or (cliff and cliff.times != 1):
        return None
    by_months = cliff is None or cliff.portion == Fraction(cliff_months, months)
    try:
        return Schedule(
            start=start, months=months, every=1 if cliff and len(steps) == 1 else last.every,
            cliff_months=cliff_months, cliff_portion=None if by_months or cliff is None else cliff.portion,
            day=last.day, allocation=Allocation(terms["allocation_type"]),
        )  # fmt: skip
    except Refused:
        return None


def _steps(conditions: Mapping[str, Any]) -> list[_Step]:
    """The one or two conditions after the start, in their order; empty where the terms are of another form."""
    starts = [each for each in conditions.values() if each["trigger"]["type"] == "VESTING_START_DATE"]
    if len(starts) != 1 or _portion(starts[0]) != 0:
        return []
    steps: list[_Step] = []
    current = starts[0]
    while len(current["next_condition_ids"]) == 1 and len(steps) < 3:
        following = conditions[current["next_condition_ids"][0]]
        trigger = following["trigger"]
        period = trigger.get("period", {})
        portion = _portion(following)
        counted = trigger.get("relative_to_condition_id") == current["id"]
        monthly = period.get("type") == "MONTHS" and min(period["length"], period["occurrences"]) > 0
        if not counted or not monthly or portion is None:
            return []
        steps.append(_Step(period["length"], period["occurrences"], portion, _day(period["day_of_month"])))
        current = following
    ended = not current["next_condition_ids"]
    return steps if ended and len(steps) in (1, 2) else []


def _portion(condition: Mapping[str, Any]) -> Fraction | None:
    """The part of the grant; None where it is a part of what is left, or a number of shares other than none."""
    if "portion" not in condition:
        return Fraction(0) if Fraction(condition["quantity"]) == 0 else None
    if condition["portion"].get("remainder"):
        return None
    return fraction(condition["portion"], "portion")


def _day(text: str) -> int | None:
    return None if text == _START_DAY else int(text.removesuffix(_LAST))


def terms_of(schedule: Schedule | None, number: int) -> dict[str, Any]:
    """Vesting terms that ``schedule_of`` reads as ``schedule``; of None, terms by which events alone vest."""
    conditions = [_milestone()] if schedule is None else _conditions(schedule)
    allocation = Allocation.CUMULATIVE_ROUND_DOWN if schedule is None else schedule.allocation
    return {
        "id": f"vesting-{number}", "object_type": "VESTING_TERMS", "name": _name(schedule),
        "description": _name(schedule), "allocation_type": allocation.value, "vesting_conditions": conditions,
    }  # fmt: skip


def _name(schedule: Schedule | None) -> str:
    if schedule is None:
        return "By events alone"
    cliff = f", cliff after {schedule.cliff_months}" if schedule.cliff_months else ""
    return f"{schedule.months} months, every {schedule.every}{cliff}"


def _milestone() -> dict[str, Any]:
    return {"id": MILESTONE, "portion": ratio(Fraction(1)), "trigger": {"type": "VESTING_EVENT"},
            "next_condition_ids": []}  # fmt: skip


def _conditions(schedule: Schedule) -> list[dict[str, Any]]:
    count = (schedule.months - schedule.cliff_months) // schedule.every
    by_months = Fraction(schedule.cliff_months, schedule.months)
    cliff = by_months if schedule.cliff_portion is None else schedule.cliff_portion
    found = [{"id": START, "portion": ratio(Fraction(0)), "trigger": {"type": "VESTING_START_DATE"}}]
    if schedule.cliff_months:
        found.append(_relative(CLIFF, START, schedule, schedule.cliff_months, 1, cliff))
    if count:
        before, part = str(found[-1]["id"]), (1 - cliff) / count
        found.append(_relative(TRANCHE, before, schedule, schedule.every, count, part))
    following = [[each["id"]] for each in found[1:]] + [[]]
    return [{**each, "next_condition_ids": ids} for each, ids in zip(found, following, strict=True)]


def _relative(name: str, after: str, schedule: Schedule, every: int, times: int, part: Fraction) -> dict[str, Any]:
    day = _START_DAY if schedule.day is None else f"{schedule.day:02d}" + (_LAST if schedule.day > 28 else "")
    period = {"length": every, "type": "MONTHS", "occurrences": times, "day_of_month": day}
    trigger = {"type": "VESTING_SCHEDULE_RELATIVE", "period": period, "relative_to_condition_id": after}
    return {"id": name, "portion": ratio(part), "trigger": trigger}
