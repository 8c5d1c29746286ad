"""What the own hardware calculator says: the answer in one sentence, warnings, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from portal.planning.calculator import Sentence
from portal.planning.calendar import from_month
from portal.planning.company.words import WRONG_YEAR
from portal.planning.company.words import refuse as refuse_month
from portal.planning.hardware.comparison import credits_used
from portal.planning.hardware.crediting import CIRCULAR, RETURNED, notice_returned, refuse_circular
from portal.planning.training.offers import NO_CUSTOM_PRICE, NO_PRICE, OLD_PRICE, old_price, refuse_price

ROUNDING = 1e-9  # of an amount, within which sums over months are the same

SHORT_LIFE = (
    "Wanted a useful life of at least the horizon, {horizon}, got {life}: at its end all would have to be bought "
    "again. Shorten the horizon, or take a longer life and a lower residual value."
)
CREDIT_ENDS_EARLY = "Wanted a last month that is not before the first, {first}, got {last}."

NOTHING_USED = "Nothing is used, so own hardware costs *{cost}* for nothing."
OWN_AHEAD = (
    "Owning costs *{own}* an hour used and renting {rent}: owning saves *{saving}* over {horizon} and is ahead from "
    "{month} on."
)
OWN_BY_SALE = (
    "Owning costs *{own}* an hour used and renting {rent}: owning saves *{saving}* over {horizon}, but only with the "
    "sale at the end."
)
RENT_AHEAD = (
    "Renting costs *{rent}* an hour used and owning {own}: renting saves *{saving}* over {horizon}. Owning would pay "
    "above {even} of the hours."
)
RENT_ALWAYS = (
    "Renting costs *{rent}* an hour used and owning {own}: renting saves *{saving}* over {horizon}. Owning would not "
    "pay even if every hour were used."
)
OWN_IN_SHARE = (
    "Owning is cheaper than renting in *{share}* of the cases. In the middle one an hour used costs *{own}* when owned "
    "and {rent} when rented, and owning pays above {even} of the hours."
)
OWN_IN_SHARE_ALWAYS = (
    "Owning is cheaper than renting in *{share}* of the cases. In the middle one an hour used costs *{own}* when owned "
    "and {rent} when rented, and owning does not pay even if every hour is used."
)

FULL = "From month {month} on every hour is used. What is needed beyond that is not counted on either side."
UNDER_WATER = "At the horizon the loan still owes {owed}, more than the {value} that the hardware is worth."
LATE_CREDIT = "Credits {row} begin after the horizon and are not counted."
UNUSED_CREDITS = "Of the credits, {given} in all, the chosen way of renting uses {used}; the rest expires."
UNUSED_COMMITMENT = "The commitment covers {committed} of the hours but {use} are used at first: the rest is paid idle."

SENTENCES = (
    WRONG_YEAR, NO_PRICE, NO_CUSTOM_PRICE, SHORT_LIFE, CREDIT_ENDS_EARLY, NOTHING_USED, OWN_AHEAD, OWN_BY_SALE,
    RENT_AHEAD, RENT_ALWAYS, OWN_IN_SHARE, OWN_IN_SHARE_ALWAYS, FULL, UNDER_WATER, LATE_CREDIT, UNUSED_CREDITS,
    UNUSED_COMMITMENT, OLD_PRICE, CIRCULAR, RETURNED,
)  # fmt: skip


def refuse(inputs: Any) -> dict[str, Sentence]:
    found = {**refuse_month(inputs), **refuse_price(inputs), **refuse_circular(inputs)}
    if inputs.life < inputs.horizon:
        figures = {"horizon": (inputs.horizon, "months"), "life": (inputs.life, "months")}
        found["life"] = Sentence(SHORT_LIFE, figures)
    for at, credit in enumerate(inputs.credits):
        if credit.last < credit.first:
            figures = {"first": (credit.first, ""), "last": (credit.last, "")}
            found[f"credits.{at}.last"] = Sentence(CREDIT_ENDS_EARLY, figures)
    return found


def answer(outcome: Any) -> Sentence:
    own, rent = outcome.quantile("own_per_hour", 0.5), outcome.quantile("rival_per_hour", 0.5)
    even = outcome.quantile("break_even_use", 0.5)
    if not (np.isfinite(own) and np.isfinite(rent)):
        return Sentence(NOTHING_USED, {"cost": (outcome.quantile("own_total", 0.5), "USD")})
    figures = {"own": (own, "USD"), "rent": (rent, "USD")}
    pays = {"even": (even, "%")} if np.isfinite(even) else {}
    share = outcome.share("own_cheaper")
    if 0 < share < 1:
        figures["share"] = (share, "%")
        return Sentence(OWN_IN_SHARE if pays else OWN_IN_SHARE_ALWAYS, {**figures, **pays})
    saving, month = outcome.quantile("saving", 0.5), outcome.quantile("break_even_month", 0.5)
    figures |= {"saving": (abs(saving), "USD"), "horizon": (outcome.inputs.horizon, "months")}
    if saving <= 0:
        return Sentence(RENT_AHEAD if pays else RENT_ALWAYS, {**figures, **pays})
    if np.isinf(month):
        return Sentence(OWN_BY_SALE, figures)
    return Sentence(OWN_AHEAD, {**figures, "month": (from_month(month), "month")})


def notices(x: Any, outputs: Mapping[str, Any]) -> list[Sentence]:
    found = [*old_price(x), *notice_returned(x)]
    full = np.flatnonzero(np.asarray(outputs["use_by_month"]) >= 1)
    if len(full) and x.use_growth > 0:
        found.append(Sentence(FULL, {"month": (int(full[0]) + 1, "")}))
    if outputs["owed_at_horizon"] > outputs["sale"]:
        found.append(Sentence(UNDER_WATER, {"owed": (outputs["owed_at_horizon"], "USD"),
                                            "value": (outputs["sale"], "USD")}))  # fmt: skip
    if x.against == "reserved" and x.reserved_share > x.utilisation:
        figures = {"committed": (x.reserved_share, "%"), "use": (x.utilisation, "%")}
        found.append(Sentence(UNUSED_COMMITMENT, figures))
    found += [Sentence(LATE_CREDIT, {"row": (at, "")}) for at, credit in enumerate(x.credits, 1)
              if credit.first > x.horizon]  # fmt: skip
    given = sum(credit.amount for credit in x.credits if credit.first <= x.horizon)
    if (used := credits_used(x)) < given * (1 - ROUNDING):
        found.append(Sentence(UNUSED_CREDITS, {"given": (given, "USD"), "used": (used, "USD")}))
    return found
