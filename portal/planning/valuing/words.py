"""What the valuation calculator says: which methods apply and on what they rest, the answer, warnings, refusals."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlcore.spec import Range
from portal.planning.calculator import Sentence, Table
from portal.planning.valuing.inputs import EARLY, GROWING, IDEA
from portal.planning.valuing.methods import GROWTH

METHODS = {
    "vc": "Venture capital method",
    "chicago": "First Chicago method",
    "comparables": "Comparables",
    "scorecard": "Scorecard method",
    "berkus": "Berkus",
    "dcf": "Discounted cash flow",
}
STAGES_OF = {
    "vc": (IDEA, EARLY, GROWING),
    "chicago": (IDEA, EARLY, GROWING),
    "comparables": (EARLY, GROWING),
    "scorecard": (IDEA,),
    "berkus": (IDEA,),
    "dcf": (GROWING,),
}
RESTS_ON = {
    "vc": "One exit if all goes to plan, the return that investors need, and the rounds until then.",
    "chicago": "Several exits and how likely you think each is.",
    "comparables": "What is paid for other companies, and how like yours they are.",
    "scorecard": "What is usual in the region, and how you score yourself against it.",
    "berkus": "A sum for each of five elements, by convention.",
    "dcf": "A forecast of cash flows, and above all what comes after it.",
}
APPLIES = {
    "vc": "It applies at every stage at which an exit can be imagined.",
    "chicago": "It applies at every stage; the earlier, the more the probabilities are guesses.",
    "comparables": "It applies: there is a figure that multiples can be taken of.",
    "scorecard": "It applies: it is made for companies before revenue.",
    "berkus": "It applies: it is made for companies before revenue.",
    "dcf": "It applies as far as the forecast can be believed.",
}
DOES_NOT_APPLY = {
    "comparables": "It does not apply before revenue: a multiple of almost nothing says nothing.",
    "scorecard": "It does not apply once there is revenue: figures say more than scores.",
    "berkus": "It does not apply once there is revenue: Berkus made it for the time before.",
    "dcf": "It does not apply before revenue grows: nearly all of the value would lie after a guessed forecast.",
}
NOBODY_COMPARED = "It does not apply: no company is compared. Add rows with multiples."

# Refused

LATER_THAN_EXIT = "Wanted a later round before the exit in {exit_years}, got {year}."
NOT_CERTAIN = "Wanted probabilities that add up to 100%, got {sum}. Change the scenario that you know least about."
NOT_WHOLE = "Wanted weights that add up to 100%, got {sum}. Payne's are 30, 25, 15, 10, 10, 5 and 5%."
ABOVE_MOST = "Wanted at most {most}, which is the most for each element, got {given}. Lower it, or raise the most."
NO_FIGURE = (
    "Wanted a figure above zero that multiples can be taken of, got {given}. Type one, remove the compared companies, "
    "or choose the stage before revenue."
)
NO_FORECAST = "Wanted at least one year of cash flow, got none. Add a row."
GROWS_AS_RATE = (
    "Wanted growth for ever below the discount rate in every case, got up to {growth} against {wacc} and more. Type "
    "at most {most}, which is what an economy may grow by, or take a multiple in the last year."
)
LAST_NEGATIVE = (
    "Wanted a cash flow above zero in the last year, from which growth for ever starts, got {given}. Forecast until "
    "the company earns money, or take a multiple in the last year."
)

# Said

RANGES = (
    "The {count} methods that apply at this stage put the company between *{low}* ({low_method}) and *{high}* "
    "({high_method}) before the money. It is a range to negotiate in, no appraisal."
)
ALIKE = (
    "The {count} methods that apply at this stage agree on *{low}* before the money. They rest on what was typed: it "
    "is a point to negotiate from, no appraisal."
)
APART = "The methods differ by a factor of {times}. Look at what each rests on before you show any of them."
NO_PRICE = "{method} leaves no value before the money: the round is larger than what it finds the company worth after."
TAKEN_WHOLE = (
    "By the venture capital method later rounds take the whole company: their amounts, at the returns they need, come "
    "to more than the exit."
)
DOWN_ROUND = "Later round {row} would come at a lower value, {pre}, than this one after the money, {post}."
MUCH_SOLD = "At the lowest value this round sells {share} of the company. Founders rarely sell more than 30% at once."
FEW_COMPARED = "Only {count} companies are compared: the quartiles of fewer than {few} say little."
MOSTLY_AFTER = "{share} of the discounted value lies after the forecast: it is what was assumed about growth and rate."
SENTENCES = (
    LATER_THAN_EXIT, NOT_CERTAIN, NOT_WHOLE, ABOVE_MOST, NO_FIGURE, NO_FORECAST, GROWS_AS_RATE, LAST_NEGATIVE, RANGES,
    ALIKE, APART, NO_PRICE, TAKEN_WHOLE, DOWN_ROUND, MUCH_SOLD, FEW_COMPARED, MOSTLY_AFTER, NOBODY_COMPARED,
    *RESTS_ON.values(), *dict.fromkeys(APPLIES.values()), *DOES_NOT_APPLY.values(),
)  # fmt: skip

ELEMENTS = ("sound_idea", "prototype", "team", "relationships", "rollout")
CLOSE = 1e-6  # to 100%, for shares typed as thirds
ECONOMY = 0.03  # nominal growth of a rich economy, a year
FEW = 5
FAR, MUCH, MOSTLY = 3, 0.3, 0.75

TABLE_TITLE = "What each method rests on"
TABLE_NOTE = (
    "Values before the money, every range at its median. There is no average: each method answers another question."
)
TABLE_COLUMNS = (
    ("Method", ""), ("Value before the money", "USD"), ("Whether it applies", ""), ("What it rests on", ""),
)  # fmt: skip


def applying(inputs: Any) -> list[str]:
    """The methods that apply at this stage, in their order."""
    found = [name for name, stages in STAGES_OF.items() if inputs.stage in stages]
    return [name for name in found if name != "comparables" or inputs.compared]


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = {
        f"later_rounds.{at}.year": Sentence(
            LATER_THAN_EXIT, {"exit_years": (inputs.exit_years, "years"), "year": (row.year, "years")}
        )
        for at, row in enumerate(inputs.later_rounds)
        if row.year >= inputs.exit_years
    }
    certain = sum(row.probability for row in inputs.scenarios)
    if abs(certain - 1) > CLOSE:
        found["scenarios"] = Sentence(NOT_CERTAIN, {"sum": (certain, "%")})
    whole = sum(row.weight for row in inputs.factors)
    if abs(whole - 1) > CLOSE:
        found["factors"] = Sentence(NOT_WHOLE, {"sum": (whole, "%")})
    for name in ELEMENTS:
        if (given := _ends(getattr(inputs, name))[1]) > inputs.berkus_most:
            found[name] = Sentence(ABOVE_MOST, {"most": (inputs.berkus_most, "USD"), "given": (given, "USD")})
    if "comparables" in applying(inputs) and _ends(inputs.figure_now)[1] <= 0:
        found["figure_now"] = Sentence(NO_FIGURE, {"given": (_ends(inputs.figure_now)[1], "USD")})
    return found | _refuse_forecast(inputs)


def _refuse_forecast(inputs: Any) -> dict[str, Sentence]:
    if not inputs.forecast:
        return {"forecast": Sentence(NO_FORECAST)}
    if inputs.terminal != GROWTH:
        return {}
    found = {}
    growth, wacc = _ends(inputs.terminal_growth)[1], _ends(inputs.wacc)[0]
    if growth >= wacc:
        most = min(ECONOMY, wacc / 2)
        figures = {"growth": (growth, "%"), "wacc": (wacc, "%"), "most": (most, "%")}
        found["terminal_growth"] = Sentence(GROWS_AS_RATE, figures)
    last = _ends(inputs.forecast[-1].cash_flow)[0]
    if last <= 0:
        at = len(inputs.forecast) - 1
        found[f"forecast.{at}.cash_flow"] = Sentence(LAST_NEGATIVE, {"given": (last, "USD")})
    return found


def _ends(value: Any) -> tuple[float, float]:
    return (value.low, value.high) if isinstance(value, Range) else (value, value)


def answer(outcome: Any) -> Sentence:
    names = [METHODS[name] for name in applying(outcome.inputs)]
    values = outcome.fan("value_by_method", (0.5,))[0]
    low, high = int(values.argmin()), int(values.argmax())
    figures: dict[str, tuple[Any, str]] = {"count": (len(names), ""), "low": (float(values[low]), "USD")}
    if values[low] == values[high]:
        return Sentence(ALIKE, figures)
    figures |= {"low_method": (names[low], ""), "high": (float(values[high]), "USD"), "high_method": (names[high], "")}
    return Sentence(RANGES, figures)


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    names = applying(x)
    found = [Sentence(NO_PRICE, {"method": (METHODS[name], "")}) for name in names if outputs[name] <= 0]
    if FAR < outputs["spread"] < math.inf:
        found.append(Sentence(APART, {"times": (outputs["spread"], "")}))
    sold = max(outputs["sold_by_method"])
    if MUCH < sold < 1:
        found.append(Sentence(MUCH_SOLD, {"share": (sold, "%")}))
    if "comparables" in names and len(x.compared) < FEW:
        found.append(Sentence(FEW_COMPARED, {"count": (len(x.compared), ""), "few": (FEW, "")}))
    if "dcf" in names and MOSTLY < outputs["terminal_share"] < math.inf:
        found.append(Sentence(MOSTLY_AFTER, {"share": (outputs["terminal_share"], "%")}))
    return found + _about_rounds(x, outputs)


def _about_rounds(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    if outputs["retention"] <= 0:
        return [Sentence(TAKEN_WHOLE)]
    post = outputs["vc_post"]
    return [
        Sentence(DOWN_ROUND, {"row": (row, ""), "pre": (pre, "USD"), "post": (post, "USD")})
        for row, pre in enumerate(outputs["later_pre"], 1)
        if 0 < pre < post
    ]


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    names = applying(x)
    rows = []
    for name, label in METHODS.items():
        why = APPLIES[name] if name in names else DOES_NOT_APPLY[name]
        if name == "comparables" and name not in names and x.stage in STAGES_OF[name]:
            why = NOBODY_COMPARED
        value = outputs[name] if np.isfinite(outputs[name]) else ""
        rows.append((label, value, why, RESTS_ON[name]))
    return [Table(title=TABLE_TITLE, note=TABLE_NOTE, columns=TABLE_COLUMNS, rows=tuple(rows))]
