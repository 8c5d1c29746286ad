"""What the option pool calculator says: the answer, warnings, what it refuses, and the pools side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from portal.planning.calculator import Sentence, Table
from portal.planning.calendar import from_month, to_month
from portal.planning.company.words import WRONG_YEAR
from portal.planning.company.words import refuse as refuse_month

CLIFF_TOO_LATE = "Wanted a cliff of at most the vesting, {vesting}, got {cliff}."

NEEDS = (
    "The plan needs a pool of *{share}* of the company after the round: {topup} shares more. Founders then hold "
    "*{founders}*; each further point of pool costs them {points}."
)
NEEDS_BETWEEN = (
    "The plan needs a pool of *{share}* of the company after the round, nine times in ten between {low} and {high}: "
    "{topup} shares more. Founders then hold *{founders}*; each further point of pool costs them {points}."
)
HAS = "The pool of now is enough for the plan, which needs *{share}* of the company. Founders then hold *{founders}*."

ASKED_MORE = (
    "The investor asks for {asked}, the plan needs {needed}. The difference costs founders {part} of the company, "
    "{value} at the price of the round: show the plan."
)
ASKED_LESS = "The pool that the investor asks for, {asked}, is less than the plan needs, {needed}: it ends in {month}."
PROMISED_BEYOND = "More options are promised than the pool of now has. They must be reserved before the round."
LATE = "Row {row} joins after the next round and is not counted."
NOTHING = "Row {row} is granted nothing. Where that is not meant, put in the number that its basis uses."

SENTENCES = (
    WRONG_YEAR, CLIFF_TOO_LATE, NEEDS, NEEDS_BETWEEN, HAS, ASKED_MORE, ASKED_LESS, PROMISED_BEYOND, LATE,
    NOTHING,
)  # fmt: skip

FELT = 0.0005  # of the company, below which two pools are the same

POOLS = ("No new shares", "What the plan needs", "The same, borne by everybody", "What the investor asks for")
POOLS_TITLE = "The option pool shuffle"
POOLS_NOTE = (
    "New pool shares inside the pre-money lower the price: who was there before bears them alone. The same round four "
    "times."
)
POOLS_COLUMNS = (
    ("Pool", ""), ("Part of the company", "%"), ("Price of a share", "USD"), ("Founders", "%"),
    ("Founders, at the round price", "USD"),
)  # fmt: skip
GRANTS_TITLE = "Grants of the plan"
GRANTS_NOTE = "When each row joins, and what all its people are granted, every range at its median."
GRANTS_COLUMNS = (("Role", ""), ("Level", ""), ("People", ""), ("Starts", "month"), ("Part of the company", "%"))


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = dict(refuse_month(inputs))
    for at, row in enumerate(inputs.hires):
        if row.cliff > row.vesting:
            figures = {"vesting": (row.vesting, "months"), "cliff": (row.cliff, "months")}
            found[f"hires.{at}.cliff"] = Sentence(CLIFF_TOO_LATE, figures)
    return found


def answer(outcome: Any) -> Sentence:
    low, middle, high = outcome.quantiles("pool_share", (0.05, 0.5, 0.95))
    topup = outcome.quantile("topup", 0.5)
    figures = {"share": (middle, "%"), "founders": (outcome.quantile("founders_after", 0.5), "%")}
    if topup <= 0:
        return Sentence(HAS, figures)
    figures |= {"topup": (topup, ""), "points": (outcome.quantile("point_founders", 0.5), "points")}
    if low == high:
        return Sentence(NEEDS, figures)
    return Sentence(NEEDS_BETWEEN, {**figures, "low": (low, "%"), "high": (high, "%")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    needed = outputs["pool_share"]
    if outputs["asked_costs"] > FELT:
        figures = {
            "asked": (x.asked, "%"), "needed": (needed, "%"), "part": (outputs["asked_costs"], "%"),
            "value": (outputs["asked_costs_value"], "USD"),
        }  # fmt: skip
        found.append(Sentence(ASKED_MORE, figures))
    elif not outputs["asked_enough"] and (month := _ends(x, outputs)) is not None:
        day = from_month(int(to_month(x.first_month)) + month)
        figures = {"asked": (x.asked, "%"), "needed": (needed, "%"), "month": (day, "month")}
        found.append(Sentence(ASKED_LESS, figures))
    if x.promised > x.pool_now:
        found.append(Sentence(PROMISED_BEYOND))
    return found + _about_rows(x, outputs)


def _ends(x: Any, outputs: Mapping[str, Any]) -> int | None:
    """The month, from 0, in which the pool asked for would be used up but for the buffer; None if only that is."""
    used = outputs["pool_after"] - np.asarray(outputs["available_by_month"])
    short = np.flatnonzero(used > outputs["pool_asked"])
    return int(short[0]) if len(short) else None


def _about_rows(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    for row, hire in enumerate(x.hires, 1):
        if hire.people > 0 and hire.month > x.horizon:
            found.append(Sentence(LATE, {"row": (row, "")}))
        elif hire.people > 0 and outputs["part_each"][row - 1] == 0:
            found.append(Sentence(NOTHING, {"row": (row, "")}))
    return found


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    without = x.pool_now / outputs["total_before"] * x.pre_money / outputs["post_money"]
    after = outputs["pool_after"] / outputs["total"]
    founders = (
        outputs["founders_without"], outputs["founders_after"], outputs["founders_shared"], outputs["founders_asked"],
    )  # fmt: skip
    prices = (outputs["price_without"], outputs["price"], outputs["price_without"], outputs["price_asked"])
    parts = (without, after, after, outputs["pool_asked"] * outputs["price_asked"] / outputs["post_money"])
    pools = tuple(
        (name, part, price, owned, x.founders_shares * price)
        for name, part, price, owned in zip(POOLS, parts, prices, founders, strict=True)
    )
    start = int(to_month(x.first_month))
    grants = tuple(
        (row.role, row.level, row.people, start + row.month - 1, row.people * part)
        for row, part in zip(x.hires, outputs["part_each"], strict=True)
    )
    return [
        Table(title=POOLS_TITLE, note=POOLS_NOTE, columns=POOLS_COLUMNS, rows=pools, words=POOLS),
        Table(title=GRANTS_TITLE, note=GRANTS_NOTE, columns=GRANTS_COLUMNS, rows=grants),
    ]
