"""What the raise plan says: the answer, warnings, what it refuses, the ways side by side, and what must be true."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from portal.planning.calculator import Sentence, Table
from portal.planning.calendar import from_month, to_month
from portal.planning.company.words import WRONG_YEAR
from portal.planning.company.words import refuse as refuse_month
from portal.planning.milestones.inputs import TYPED

NO_MILESTONE = "Wanted at least one milestone. Add a row: money is raised to reach something."
NO_ROUND = "Wanted at least one round. Add a row."
FIRST_NOW = "Wanted a first round now, after milestone 0, got {after}: without it nothing pays for the work."
NOT_RISING = "Wanted a round after a later milestone than the one before it, {before}, got {after}."
NO_SUCH = "Wanted one of the {count} milestones, got {after}. Add the milestone, or choose an earlier one."
SAFES_TAKE_ALL = "Wanted SAFEs that together convert into less than the whole company, got {share} at their caps."

RAISE = (
    "Raise *{amount}*, nine times in ten between {low} and {high}. Start by *{start}* to be in time nineteen times in "
    "twenty. Founders hold *{after}* after the round, {least} to {most}, and {end} after all."
)
RAISE_AT_ONCE = (
    "Raise *{amount}*, nine times in ten between {low} and {high}, and start *at once*: only a start in {start} would "
    "be in time nineteen times in twenty. Founders hold *{after}* after the round, {least} to {most}, and {end} after "
    "all."
)
RAISE_SURE = "Raise *{amount}* and start by *{start}*. Founders hold *{after}* after the round and {end} after all."
RAISE_ANY = (
    "Raise *{amount}*, {low} to {high}. Cash without new money lasts through the horizon, so nothing presses. Founders "
    "hold *{after}* after the round, {least} to {most}, and {end} after all."
)
GOES_FAR = (
    "*{amount}* is enough for the first stage in *{share}* of the cases; it needs {needed}, nine times in ten between "
    "{low} and {high}. Founders hold *{after}* after the round, {least} to {most}, and {end} after all."
)
NO_MONEY = "The first stage needs no new money: cash lasts. Founders hold *{end}* after all rounds."

TOO_LATE = (
    "Raising begins in {begin} and takes until {close}; cash without it lasts until {zero}. Begin earlier, cut costs, "
    "or close a bridge first."
)
THIN = "At the first closing less than the reserve of {reserve} is left: begin in {start}."
LOWER = (
    "{round} at {value} is a round at a lower price: after the round before it the company is valued at {post}. "
    "Investors' protection would then take more from founders than is counted here."
)
GIVES_TOO_MUCH = (
    "Founders hold {end} in the end, less than the {wanted} that they want. In the first round that takes a pre-money "
    "of {needed}, all else as planned."
)
BEYOND = "The plan ends in {month}, after the horizon. What comes later is not counted: lengthen the horizon."
BRIDGE_SHORT = (
    "The bridge does not last until the round after the first milestone has closed: make it larger, or do not bridge."
)

UNTIL_CLOSING = "Cash lasts until the first closing in {close}; without new money it runs out in {zero}."
WORTH = "{round} is done at a pre-money of at least {needed}; as planned, {value}."
NOT_WORTH = "No pre-money of {round} is enough alone for founders to hold {wanted}; as planned it is {value}."
GROWS = "Revenue grows by at least {needed} a month until {month}, to be worth that; as planned, {growth}."
NO_GROWTH = "No growth of today's revenue makes the last round worth enough."
SLIPS = "The work that the first round pays for takes at most {months} longer than counted, with its slip."
SHORT = "The first round is {months} too short for what it has to pay for."
HOLD = "Founders hold at least {wanted} after all rounds; as planned, {end}."

SENTENCES = (
    WRONG_YEAR, NO_MILESTONE, NO_ROUND, FIRST_NOW, NOT_RISING, NO_SUCH, SAFES_TAKE_ALL, RAISE, RAISE_AT_ONCE,
    RAISE_SURE, RAISE_ANY, GOES_FAR, NO_MONEY, TOO_LATE, THIN, LOWER, GIVES_TOO_MUCH, BEYOND, BRIDGE_SHORT,
    UNTIL_CLOSING, WORTH, NOT_WORTH, GROWS, NO_GROWTH, SLIPS, SHORT, HOLD,
)  # fmt: skip

WAYS = ("As planned", "All money now", "Bridge by SAFE, then a round")
WAYS_TITLE = "Raise in steps, at once, or bridge"
WAYS_NOTE = (
    "The same milestones paid for in three ways. More money now is safer and sold at today's price; later rounds "
    "are at what the milestones support."
)
WAYS_COLUMNS = (
    ("Way", ""), ("Raised", "USD"), ("Founders in the end", "%"), ("Founders' part in the end", "USD"),
    ("Money is there in time", ""),
)  # fmt: skip
TRUE_TITLE = "What must be true"
TRUE_NOTE = (
    "Each line is what it takes by itself, all else as planned, every range at its median. The plan holds where all do."
)
TRUE_COLUMNS = (("Condition", ""), ("Holds", ""))
A_MONTH = 0.999  # rounding of a month in which cash just lasts


# Refused


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = dict(refuse_month(inputs))
    if not inputs.milestones:
        found["milestones"] = Sentence(NO_MILESTONE)
    if not inputs.rounds:
        found["rounds"] = Sentence(NO_ROUND)
    before = -1
    for at, row in enumerate(inputs.rounds):
        path, after = f"rounds.{at}.after", (row.after, "")
        if at == 0 and row.after:
            found[path] = Sentence(FIRST_NOW, {"after": after})
        elif row.after <= before:
            found[path] = Sentence(NOT_RISING, {"before": (before, ""), "after": after})
        elif row.after > len(inputs.milestones):
            found[path] = Sentence(NO_SUCH, {"count": (len(inputs.milestones), ""), "after": after})
        before = row.after
    return found | _refuse_safes(inputs)


def _refuse_safes(inputs: Any) -> dict[str, Sentence]:
    outstanding = inputs.safes / inputs.safes_cap if inputs.safes_cap else 0.0
    bridged = inputs.bridge / inputs.bridge_cap if inputs.bridge_cap else 0.0
    if outstanding >= 1:
        return {"safes_cap": Sentence(SAFES_TAKE_ALL, {"share": (outstanding, "%")})}
    if outstanding + bridged >= 1:
        return {"bridge_cap": Sentence(SAFES_TAKE_ALL, {"share": (outstanding + bridged, "%")})}
    return {}


# Said


def answer(outcome: Any) -> Sentence:
    low, needed, high = outcome.quantiles("amount_needed", (0.05, 0.5, 0.95))
    least, after, most = outcome.quantiles("founders_first", (0.05, 0.5, 0.95))
    end = {"end": (outcome.quantile("founders_end", 0.5), "%")}
    typed = outcome.inputs.size_by == TYPED
    if not typed and needed <= 0:
        return Sentence(NO_MONEY, end)
    figures = {
        **end, "amount": (outcome.quantile("amount", 0.5), "USD"), "after": (after, "%"),
    }  # fmt: skip
    between = {"low": (low, "USD"), "high": (high, "USD"), "least": (least, "%"), "most": (most, "%")}
    if typed:
        amounts = np.atleast_1d(outcome.samples["amount"]) >= np.atleast_1d(outcome.samples["amount_needed"])
        share = {"needed": (needed, "USD"), "share": (float(np.mean(amounts)), "%")}
        return Sentence(GOES_FAR, {**figures, **between, **share})
    start = outcome.quantile("start_by", 0.05)
    if not np.isfinite(start):
        return Sentence(RAISE_ANY, {**figures, **between})
    figures["start"] = (from_month(start), "month")
    if low == high:
        return Sentence(RAISE_SURE, figures)
    late = start < int(to_month(outcome.inputs.first_month))
    return Sentence(RAISE_AT_ONCE if late else RAISE, {**figures, **between})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    start = int(to_month(x.first_month))
    if not outputs["in_time"]:
        figures = {
            "begin": (from_month(start + x.starts_in), "month"), "close": (from_month(outputs["closes"]), "month"),
            "zero": (from_month(outputs["zero_cash"]), "month"),
        }  # fmt: skip
        found.append(Sentence(TOO_LATE, figures))
    elif start + x.starts_in > outputs["start_by"]:
        figures = {"reserve": (x.reserve, "months"), "start": (from_month(outputs["start_by"]), "month")}
        found.append(Sentence(THIN, figures))
    if not outputs["keeps"] and np.isfinite(outputs["needed_now"]):
        figures = {
            "end": (outputs["founders_end"], "%"), "wanted": (x.wanted, "%"), "needed": (outputs["needed_now"], "USD"),
        }  # fmt: skip
        found.append(Sentence(GIVES_TOO_MUCH, figures))
    if outputs["plan_months"] > x.horizon:
        found.append(Sentence(BEYOND, {"month": (from_month(outputs["plan_ends"]), "month")}))
    if not outputs["lasts_by_way"][2] and outputs["in_time"]:
        found.append(Sentence(BRIDGE_SHORT))
    return found + _lower_rounds(x, outputs)


def _lower_rounds(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    values, amounts = outputs["round_value"], outputs["round_amount"]
    for at in range(1, len(values)):
        post = values[at - 1] + amounts[at - 1]
        if amounts[at] > 0 and values[at] < post:
            figures = {"round": (x.rounds[at].name, ""), "value": (values[at], "USD"), "post": (post, "USD")}
            found.append(Sentence(LOWER, figures))
    return found


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    ways = tuple(
        zip(
            WAYS, outputs["raised_by_way"], outputs["founders_by_way"], outputs["value_by_way"],
            outputs["lasts_by_way"], strict=True,
        )
    )  # fmt: skip
    return [
        Table(title=WAYS_TITLE, note=WAYS_NOTE, columns=WAYS_COLUMNS, rows=ways, words=WAYS),
        Table(title=TRUE_TITLE, note=TRUE_NOTE, columns=TRUE_COLUMNS, rows=tuple(_conditions(x, outputs))),
    ]


def _conditions(x: Any, outputs: Mapping[str, Any]) -> list[tuple[Sentence, bool]]:
    found = []
    if np.isfinite(outputs["zero_cash"]):
        when = {
            "close": (from_month(outputs["closes"]), "month"), "zero": (from_month(outputs["zero_cash"]), "month"),
        }  # fmt: skip
        found.append((Sentence(UNTIL_CLOSING, when), bool(outputs["in_time"])))
    if np.isfinite(slip := outputs["may_slip"]):
        text, holds = (SLIPS, True) if slip > -A_MONTH else (SHORT, False)
        found.append((Sentence(text, {"months": (max(slip, 0.0) if holds else -slip, "months")}), holds))
    hold = {"wanted": (x.wanted, "%"), "end": (outputs["founders_end"], "%")}
    found.append((Sentence(HOLD, hold), bool(outputs["keeps"])))
    rounds = zip(x.rounds, outputs["value_needed"], outputs["round_value"], outputs["round_amount"], strict=True)
    found += [_worth(x, row.name, needed, value) for row, needed, value, amount in rounds if amount > 0]
    return found + ([_grows(x, outputs)] if outputs["round_amount"][-1] > 0 else [])


def _worth(x: Any, name: str, needed: float, value: float) -> tuple[Sentence, bool]:
    figures = {"round": (name, ""), "value": (value, "USD")}
    if not np.isfinite(needed):
        return Sentence(NOT_WORTH, {**figures, "wanted": (x.wanted, "%")}), False
    return Sentence(WORTH, {**figures, "needed": (needed, "USD")}), bool(value >= needed)


def _grows(x: Any, outputs: Mapping[str, Any]) -> tuple[Sentence, bool]:
    needed = outputs["growth_needed"]
    if not np.isfinite(needed):
        return Sentence(NO_GROWTH), False
    figures = {
        "needed": (needed, "%"), "growth": (x.growth, "%"), "month": (from_month(outputs["round_closes"][-1]), "month"),
    }  # fmt: skip
    return Sentence(GROWS, figures), bool(x.growth >= needed)
