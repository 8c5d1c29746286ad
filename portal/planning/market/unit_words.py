"""What the unit economics calculator says: the answer in one sentence, warnings, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from portal.planning.calculator import Sentence
from portal.planning.company.words import BAD, BAD_MULTIPLE, SUSPECT, SUSPECT_MULTIPLE
from portal.planning.market.retention import LARGEST_A, LARGEST_B
from portal.planning.market.units import EXPANDING, FITTED, SIMPLE

TOO_FEW = "Wanted at least 3 numbers, from the customers won to those left after two months, got {count}."
NOBODY = "Wanted more than 0 customers at the start of the cohort, got {count}."
MORE_LATER = (
    "Wanted numbers that fall or stay: number {place} is larger than the one before it. Count one cohort only, and "
    "leave out who came later."
)
ALL_STAYED = "Wanted a cohort that has lost someone: from one in which all stayed no churn can be told."

WORTH = "A customer is worth *{ratio}* what it costs to win and pays that back in *{months}*."
WORTH_BETWEEN = (
    "A customer is worth *{ratio}* what it costs to win, nine times in ten between {low} and {high}, and pays that "
    "back in *{months}*."
)
WORTH_FROM = (
    "A customer is worth *{ratio}* what it costs to win, at least {low} nineteen times in twenty, and pays that back "
    "in *{months}*."
)
NO_END = "A customer pays back in *{months}*; by this formula what it is worth after that has no end."
FREE = "Winning a customer costs nothing here; each brings *{ltv}* over its life."
LOSES = "A customer leaves a loss of *{loss}*: it costs more to serve than it pays, so winning more makes it worse."
BREAKS_EVEN = "A customer leaves no profit, so what it cost to win is not paid back."

COSTS_MORE = "Serving a customer takes {cost} of each dollar that it pays; {inference} of it is inference."
LOW_RATIO = "Lifetime value is {ratio} the cost of winning a customer. The usual aim is 3× and more."
SLOW = "Payback takes {months}. The usual aim is 12 months or less."
PAID_BY_FEW = (
    "A customer who stays pays back in {months}, but a cohort does not within {horizon}: too many leave first."
)
THIN = "A gross margin of {margin} is thin. AI companies that grow steadily have about 60% (Bessemer, 2025)."
NOBODY_LEAVES = (
    "With this retention some customers stay for good, so the lifetime has no end. Choose the discounted formula."
)
CONTRACTS = "Contraction outweighs expansion, which the formula with expansion cannot say. Choose another formula."
GROWS_ALONE = (
    "Expansion outweighs what is lost: revenue of the customers at hand grows by {rate} a month. Few keep that up for "
    "years."
)
NO_CUSTOMERS = "There are no customers yet, so what is lost, expanded and kept of their revenue is nothing."
ALIKE = "This cohort shows no churn that falls with age. The same churn every month describes it as well."
LEAKS = "Each dollar of revenue lost is met by only {ratio} dollars gained."

SENTENCES = (
    TOO_FEW, NOBODY, MORE_LATER, ALL_STAYED, WORTH, WORTH_BETWEEN, WORTH_FROM, NO_END, FREE, LOSES, BREAKS_EVEN,
    COSTS_MORE, LOW_RATIO, SLOW, PAID_BY_FEW, THIN, NOBODY_LEAVES, CONTRACTS, GROWS_ALONE, NO_CUSTOMERS, ALIKE, LEAKS,
    SUSPECT, BAD,
)  # fmt: skip

AIM_RATIO, AIM_PAYBACK, AIM_MARGIN = 3, 12, 0.6  # Skok, Skok, Bessemer
FEWEST = 3  # numbers of a cohort that two parameters need


def refuse(inputs: Any) -> dict[str, Sentence]:
    if inputs.retention != FITTED:
        return {}
    survivors = inputs.survivors
    problem = None
    if len(survivors) < FEWEST:
        problem = Sentence(TOO_FEW, {"count": (len(survivors), "")})
    elif survivors[0] <= 0:
        problem = Sentence(NOBODY, {"count": (survivors[0], "")})
    elif rising := [place for place in range(1, len(survivors)) if survivors[place] > survivors[place - 1]]:
        problem = Sentence(MORE_LATER, {"place": (rising[0] + 1, "")})
    elif survivors[-1] == survivors[0]:
        problem = Sentence(ALL_STAYED)
    return {"survivors": problem} if problem else {}


def answer(outcome: Any) -> Sentence:
    profit, cac = outcome.quantile("gross_profit", 0.5), outcome.quantile("cac", 0.5)
    if profit < 0:
        return Sentence(LOSES, {"loss": (-profit, "USD/month")})
    payback = outcome.quantile("payback", 0.5)
    if profit == 0 or not np.isfinite(payback):
        return Sentence(BREAKS_EVEN)
    months = {"months": (payback, "months")}
    low, middle, high = outcome.quantiles("ltv_to_cac", (0.05, 0.5, 0.95))
    if not np.isfinite(middle):
        ltv = outcome.quantile("ltv", 0.5)
        return Sentence(FREE, {"ltv": (ltv, "USD")}) if cac == 0 and np.isfinite(ltv) else Sentence(NO_END, months)
    figures = {**months, "ratio": (middle, "×")}
    if low == high:
        return Sentence(WORTH, figures)
    if not np.isfinite(high):
        return Sentence(WORTH_FROM, {**figures, "low": (low, "×")})
    return Sentence(WORTH_BETWEEN, {**figures, "low": (low, "×"), "high": (high, "×")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    return _customer_notices(x, outputs) + _retention_notices(x, outputs) + _company_notices(x, outputs)


def _customer_notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    margin, ratio, payback = outputs["gross_margin"], outputs["ltv_to_cac"], outputs["payback"]
    if margin < 0:
        inference = (outputs["inference"] + outputs["free_inference"]) / x.arpa
        found.append(Sentence(COSTS_MORE, {"cost": (1 - margin, "USD"), "inference": (inference, "USD")}))
    elif margin < AIM_MARGIN:
        found.append(Sentence(THIN, {"margin": (margin, "%")}))
    if 0 < ratio < AIM_RATIO:
        found.append(Sentence(LOW_RATIO, {"ratio": (ratio, "×")}))
    if np.isfinite(payback) and payback > AIM_PAYBACK:
        found.append(Sentence(SLOW, {"months": (payback, "months")}))
    if payback <= x.horizon and np.isinf(outputs["cohort_payback"]):
        found.append(Sentence(PAID_BY_FEW, {"months": (payback, "months"), "horizon": (x.horizon, "months")}))
    return found


def _retention_notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    if x.formula == EXPANDING and x.expansion < x.contraction:
        found.append(Sentence(CONTRACTS))
    elif x.formula in (SIMPLE, EXPANDING) and np.isinf(outputs["ltv"]):
        found.append(Sentence(NOBODY_LEAVES))
    if x.retention == FITTED and (outputs["shape_a"] >= LARGEST_A or outputs["shape_b"] >= LARGEST_B):
        found.append(Sentence(ALIKE))
    rate = outputs["nrr_month"] - 1
    if rate > 0:
        found.append(Sentence(GROWS_ALONE, {"rate": (rate, "%")}))
    return found


def _company_notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = []
    if x.customers == 0:
        found.append(Sentence(NO_CUSTOMERS))
    if outputs["quick_ratio"] < 1:
        found.append(Sentence(LEAKS, {"ratio": (outputs["quick_ratio"], "")}))
    multiple = outputs["burn_multiple"]
    if np.isfinite(multiple) and multiple > SUSPECT_MULTIPLE:
        found.append(Sentence(BAD if multiple > BAD_MULTIPLE else SUSPECT, {"multiple": (multiple, "×")}))
    return found
