"""Why a number is what it is: steps with a formula in words and the figures in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """``about`` is the holder, instrument or quantity; ``text`` is one of ``SENTENCES`` with ``{places}``."""

    about: str
    text: str
    values: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.about}: {self.text.format(**self.values)}"


TOTAL = "{total} shares fully diluted after the round: the only number that agrees with every term."
MARGIN = "Each further share in the total leaves at least {margin} of a share over, so that no other total fits."
PRICE_PERCENTAGE = "Price {price} = ({pre_money} pre-money + {new_money} new money) ÷ {shares} shares."
PRICE_DOLLARS = (
    "Price {price} = ({pre_money} pre-money + {new_money} new money + {converting} converting) ÷ {shares} shares."
)
PRICE_PRE_MONEY = "Price {price} = {pre_money} pre-money ÷ {shares} shares before conversions and new money."
POOL = "{increase} shares more in the pool, which then has {reserved} not granted."
POOL_ENOUGH = "The pool of {reserved} shares not granted is enough, so none are added."
PURCHASE = "{shares} shares = {amount} ÷ {price}."
AT_CAP = "{shares} shares = {amount} ÷ {price}, where {price} = cap {cap} ÷ {capitalization} shares."
AT_DISCOUNT = "{shares} shares = {amount} ÷ {price}, where {price} = round price {round_price} less {discount}."
AT_ROUND_PRICE = "{shares} shares = {amount} ÷ the round price {price}."
ELECTED = "Converts on the terms of {origin}."
INTEREST = "{amount} converts = {principal} principal + {interest} interest to {day}."
KEPT = "{shares} shares as before."
IDENTITY_FOUND = "All whole shares add up to {total}, which gives the price {price} that they were bought at."
IDENTITY_ABSENT = (
    "At none of {tried} prices do the shares add up to a total that gives this price; at {price} they add up to "
    "{total}, which gives {implied}."
)
SENTENCES = (
    TOTAL, MARGIN, PRICE_PERCENTAGE, PRICE_DOLLARS, PRICE_PRE_MONEY, POOL, POOL_ENOUGH, PURCHASE, AT_CAP, AT_DISCOUNT,
    AT_ROUND_PRICE, ELECTED, INTEREST, KEPT, IDENTITY_FOUND, IDENTITY_ABSENT,
)  # fmt: skip
