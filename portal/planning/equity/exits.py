"""SAFEs in a sale of the company: as classes of the waterfall.

YC's forms give the holder the greater of the purchase amount and the worth of the shares at the cap, on a par with
preferred preferences, after debts and before common: one times non-participating preferred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlcore.reading import Problem
from portal.planning.equity.money import Refused
from portal.planning.equity.safes import Safe, converting
from portal.planning.equity.system import converted_at_caps
from portal.planning.equity.table import CapTable
from portal.planning.equity.waterfall import Preferred


def safes_at_exit(table: CapTable, safes: Sequence[Safe], *, rank: int) -> tuple[Preferred, ...]:
    """``safes``, in the order of their issue, as classes of this ``rank``.

    The Liquidity Capitalization that a cap is divided by leaves out the option pool, granted options apart. A
    most-favoured-nation SAFE that was not amended has no cap, and its holder gets the purchase amount.

    Raises:
        Refused: a SAFE with a discount and no cap, whose price would be that of the sale itself; or as
            ``converted_at_caps``.
    """
    liquid = [
        replace(safe, rules=replace(
            safe.rules, include_outstanding_unissued_options=False, include_additional_option_pool_topup=False,
            include_option_pool_topup_for_promised_options=False,
        ))
        for safe in safes
    ]  # fmt: skip
    brought = converting(liquid)
    for each in brought:
        if any(terms.cap is None and terms.discount for terms in each.terms):
            problem = Problem(
                "In a sale of the company {name} is priced from the sale itself, by its discount: enter it as a claim "
                "of the purchase amount divided by one less the discount.",
                {"name": each.name},
            )
            raise Refused(problem, f"safes.{each.name}.discount")
    capped = [each for each in brought if any(terms.cap is not None for terms in each.terms)]
    shares = converted_at_caps(table, capped)
    return tuple(
        Preferred(
            name=each.name, shares=shares.get(each.name, each.amount), invested=each.amount, rank=rank,
            convertible=each.name in shares,
        )
        for each in brought
    )  # fmt: skip
