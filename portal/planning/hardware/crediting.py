"""Credits that a cloud gives back as a share of what is spent there: as inputs, in closed form, and where they would
never end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mlcore.spec import flag, number
from portal.planning.calculator import Sentence

CIRCULAR = (
    "Credits that earn credits at {share} of the spending are circular: each dollar earns another one for ever, and no "
    "bill is ever paid in money. Put less than 100%, or let only money earn credits: then {money} of the spending is "
    "paid in money."
)
RETURNED = "Of what is spent at the cloud {money} is paid in money: the credits that come back pay the rest."


def returned(group: str) -> Any:
    """The input ``credits_returned``."""
    return number(
        "Credits returned", default=0, low=0, high=10, fixed=True, unit="%", group=group,
        help="Share of what is spent at the cloud that it gives back as credits, taken to pay the same bill.",
    )  # fmt: skip


def earning(group: str) -> Any:
    """The input ``credits_earn``."""
    return flag(
        "Credits earn credits", default=False, group=group,
        help="Whether what credits pay counts as spending too. Off: only what is paid in money does.",
    )  # fmt: skip


def money_share(x: Any) -> float:
    """What is paid in money for a dollar of spending, at a share r of credits returned.

    Where only money earns credits, a dollar of it spends 1 + r. Where credits earn credits it spends
    1 + r + r² + … = 1 ÷ (1 − r), which has no end from r = 1 on: that is refused.
    """
    share = float(x.credits_returned)
    return 1 - share if x.credits_earn else 1 / (1 + share)


def refuse_circular(x: Any) -> dict[str, Sentence]:
    if not x.credits_earn or x.credits_returned < 1:
        return {}
    figures = {"share": (x.credits_returned, "%"), "money": (1 / (1 + x.credits_returned), "%")}
    return {"credits_returned": Sentence(CIRCULAR, figures)}


def notice_returned(x: Any) -> Iterator[Sentence]:
    if x.credits_returned:
        yield Sentence(RETURNED, {"money": (money_share(x), "%")})
