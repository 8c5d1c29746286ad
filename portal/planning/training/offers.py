"""Prices of the catalogue as calculators meet them: refused where there is none, named where it is old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from portal.planning.calculator import Sentence
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.age import is_stale
from portal.planning.catalog.prices import market
from portal.planning.training.inputs import TYPED
from portal.planning.training.own_model import CUSTOM

NO_PRICE = "The catalogue has no such price for {accelerator}. Choose another basis, or type a price."
NO_CUSTOM_PRICE = "The catalogue has no price for a custom device: type one."
OLD_PRICE = "The newest such price of {accelerator} in the catalogue is of {month}: type what you are offered now."


def refuse_price(x: Any) -> dict[str, Sentence]:
    """Where the catalogue has no price on the basis that was chosen."""
    if x.price_basis == TYPED:
        return {}
    if x.accelerator == CUSTOM:
        return {"price_basis": Sentence(NO_CUSTOM_PRICE)}
    if not market(x.accelerator, x.price_basis):
        return {"price_basis": Sentence(NO_PRICE, {"accelerator": (ACCELERATORS[x.accelerator].name, "")})}
    return {}


def old_price(x: Any, today: date | None = None) -> Iterator[Sentence]:
    """That the newest price in use is older than the catalogue permits."""
    if x.price_basis == TYPED:
        return
    newest = max(price.as_of for price in market(x.accelerator, x.price_basis))
    if is_stale("prices", newest, today):
        yield Sentence(OLD_PRICE, {"accelerator": (ACCELERATORS[x.accelerator].name, ""), "month": (newest, "month")})
