"""What shares sold below an earlier price give to its holders, by full ratchet or weighted average.

Source: NVCA model charter 4.4.4. ``portal.planning.equity.dilution`` is the same in exact numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlcore.spec import choice, number
from portal.planning.calculator import Calculator, Example, Output, Parts, Preset, Sentence
from portal.planning.equity.dilution import DEEMED_CONSIDERATION, Protection

RATCHET, AVERAGE = Protection.FULL_RATCHET.value, Protection.WEIGHTED_AVERAGE.value
MOST = 1e12
ASSUMED = "Assumption: put in your own."
OVF = "ogulcan-ozyavuz, algorithmic-game-theory-for-private-equity, docs/antidilution.md"
NVCA = "NVCA model certificate of incorporation, 4.4.4"


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    protected: float = number(
        "Protected shares", default=2_000_000, low=1, high=MOST, unit="", fixed=True, group="Protected series",
        help="Preferred shares of the series whose conversion price is adjusted.")
    issue_price: float = number(
        "Their issue price", default=2.5, low=0.0001, high=MOST, unit="USD", fixed=True, group="Protected series",
        help="What one of them first cost.")
    conversion_price: float = number(
        "Their conversion price", default=2.5, low=0.0001, high=MOST, unit="USD", fixed=True, group="Protected series",
        help="The one in force: the issue price, unless it was adjusted before.")
    formula: str = choice(
        "Adjusted by", default=RATCHET, choices={RATCHET: "Full ratchet", AVERAGE: "Weighted average"},
        group="Protected series", help="As the charter says. Broad and narrow averages differ in the base alone.")
    base: float = number(
        "Shares that count as outstanding (A)", default=0, low=0, high=MOST, unit="", fixed=True,
        group="Protected series", when=("formula", (AVERAGE,)),
        help="As the charter defines them before the sale; there is no usual number. Broad ones count common, "
        "preferred as converted, options and warrants, and not the options that are not granted.")
    others: float = number(
        "Shares of all others", default=8_000_000, low=1, high=MOST, unit="", fixed=True, group="The sale",
        help="Fully diluted, without the protected and the new ones: founders, team, other series.")
    new_shares: float = number(
        "New shares", likely=(1_500_000, 3_000_000), low=1, high=MOST, unit="", group="The sale", source=ASSUMED,
        help="Sold below the conversion price, or given. What the charter exempts does not count.")
    consideration: float = number(
        "Paid for them", likely=(1_500_000, 4_000_000), low=0, high=MOST, unit="USD", group="The sale", source=ASSUMED,
        help="All of it. Shares given for nothing count as sold for a tenth of a cent in all.")
# fmt: on


def compute(x: Any) -> dict[str, Any]:
    paid = np.where(np.equal(x.consideration, 0), float(DEEMED_CONSIDERATION), x.consideration)
    price = paid / x.new_shares
    if x.formula == RATCHET:
        adjusted = price
    else:
        adjusted = x.conversion_price * (x.base + paid / x.conversion_price) / (x.base + x.new_shares)
    after = np.where(price < x.conversion_price, adjusted, x.conversion_price)
    before_each, after_each = x.issue_price / x.conversion_price, x.issue_price / after
    part_before = x.others / (x.others + x.protected * before_each + x.new_shares)
    part_after = x.others / (x.others + x.protected * after_each + x.new_shares)
    return {
        "price": price, "price_after": after, "each": after_each, "extra": x.protected * (after_each - before_each),
        "part_before": part_before, "part_after": part_after, "lost": part_before - part_after,
    }  # fmt: skip


PAYS = "At a conversion price of *{price}* the protected series gets {extra} shares more, and all others keep *{part}*."
NOTHING = "The new shares are not sold below the conversion price, so nothing is adjusted: all others keep *{part}*."
NO_BASE = (
    "Wanted the shares that the charter counts as outstanding (A), got none: broad and narrow charters count others, "
    "so none is assumed. Put in the number of the charter, or choose the full ratchet."
)


def answer(outcome: Any) -> Sentence:
    part = (outcome.quantile("part_after", 0.5), "%")
    extra = outcome.quantile("extra", 0.5)
    if extra <= 0:
        return Sentence(NOTHING, {"part": part})
    price = (outcome.quantile("price_after", 0.5), "USD")
    return Sentence(PAYS, {"price": price, "extra": (extra, ""), "part": part})


def refuse(inputs: Any) -> Mapping[str, Sentence]:
    return {"base": Sentence(NO_BASE)} if inputs.formula == AVERAGE and not inputs.base else {}


FREE = {"new_shares": 4_000_000, "consideration": 0, "formula": AVERAGE}

CALCULATOR = Calculator(
    slug="anti-dilution",
    version=1,
    title="Anti-dilution",
    summary="What a sale of shares below an earlier price gives to its holders, and what it takes from all others.",
    family="Funding",
    inputs=Inputs,
    outputs={
        "part_after": Output(
            label="Part of all others", unit="%", headline=True, better="higher",
            help="After the sale and the adjustment.",
            formula="{others} ÷ ({others} + {protected} × {each} + {new_shares})"),
        "lost": Output(
            label="Lost to the adjustment", unit="%", headline=True, better="lower",
            help="Of the company, by all others.", formula="{part_before} − {part_after}"),
        "price_after": Output(
            label="Conversion price after", unit="USD", headline=True, help="At which a protected share converts.",
            source=NVCA,
            method="{conversion_price} where {price} is not below it. Else by full ratchet {price}; by weighted "
            "average {conversion_price} times A and what {consideration} would have bought at it, over A and "
            "{new_shares}."),
        "extra": Output(
            label="Shares more", unit="", headline=True, better="lower",
            help="Common ones that the protected series converts into beyond those before.",
            formula="{protected} × ({each} − {issue_price} ÷ {conversion_price})"),
        "price": Output(
            label="Price of the new shares", unit="USD", help="For each of them.",
            method="{consideration}, or $0.001 where it is nothing, divided by {new_shares}."),
        "each": Output(
            label="Common shares for each", unit="", help="That a protected share converts into.",
            formula="{issue_price} ÷ {price_after}"),
        "part_before": Output(
            label="Part without the adjustment", unit="%", better="higher", help="Of all others, after the sale.",
            formula="{others} ÷ ({others} + {protected} × {issue_price} ÷ {conversion_price} + {new_shares})"),
    },
    compute=compute,
    explains="part_after",
    sentences=(PAYS, NOTHING, NO_BASE),
    answer=answer,
    refuse=refuse,
    charts=(Parts(title="What the adjustment takes", outputs=("part_after", "lost"), limit="part_before"),),
    presets=(
        Preset(slug="broad", label="Broad base of 10 million", inputs={"formula": AVERAGE, "base": 10_000_000}),
        Preset(slug="narrow", label="Narrow base of 2 million", inputs={"formula": AVERAGE, "base": 2_000_000}),
    ),
    examples=(
        Example(inputs={**FREE, "base": 12_000_000}, expected={"price_after": 1.875},
                source=f"{OVF}, AD6, broad"),
        Example(inputs={**FREE, "base": 10_000_000}, expected={"price_after": 1.7857142857142858},
                source=f"{OVF}, AD6, narrow"),
        Example(inputs={"new_shares": 1_000_000, "consideration": 3_000_000, "formula": AVERAGE, "base": 12_000_000},
                expected={"price_after": 2.5, "extra": 0, "lost": 0},
                source=f"{OVF}, AD5"),
    ),
    sources=(NVCA,),
)  # fmt: skip
