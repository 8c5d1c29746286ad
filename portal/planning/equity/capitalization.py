"""Which shares a valuation cap is divided by: the eight switches of the Open Cap Format, and what the usual forms say.

Source: Open Cap Format 1.2.0, type Capitalization Definition Rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any


def _switch(text: str) -> Any:
    return field(metadata={"text": text})


@dataclass(frozen=True, slots=True, kw_only=True)
class CapitalizationRules:
    """What counts, each a yes or no of the contract. There is no default: the instrument's own text decides."""

    include_outstanding_shares: bool = _switch("Shares in issue, preferred ones as converted to common.")
    include_outstanding_options: bool = _switch("Options and warrants granted and not yet exercised.")
    include_outstanding_unissued_options: bool = _switch("Shares reserved for options that are not granted yet.")
    include_this_security: bool = _switch("The shares that this instrument itself converts into.")
    include_other_converting_securities: bool = _switch("The shares that the other SAFEs and notes convert into.")
    include_option_pool_topup_for_promised_options: bool = _switch(
        "The part of a pool increase that covers options promised beyond the pool."
    )
    include_additional_option_pool_topup: bool = _switch("The rest of a pool increase made with the round.")
    include_new_money: bool = _switch("The shares that the new investors buy in the round.")


SWITCHES = {each.name: str(each.metadata["text"]) for each in fields(CapitalizationRules)}

# YC's post-money SAFE 1.1 and 1.2, "Company Capitalization".
POST_MONEY_SAFE = CapitalizationRules(
    include_outstanding_shares=True,
    include_outstanding_options=True,
    include_outstanding_unissued_options=True,
    include_this_security=True,
    include_other_converting_securities=True,
    include_option_pool_topup_for_promised_options=True,
    include_additional_option_pool_topup=False,
    include_new_money=False,
)
# YC's original SAFE: without SAFEs and notes, with the whole plan increase.
PRE_MONEY_SAFE = CapitalizationRules(
    include_outstanding_shares=True,
    include_outstanding_options=True,
    include_outstanding_unissued_options=True,
    include_this_security=False,
    include_other_converting_securities=False,
    include_option_pool_topup_for_promised_options=True,
    include_additional_option_pool_topup=True,
    include_new_money=False,
)
# Often met in notes; their wording differs from note to note, so a page shows the switches beside it.
TYPICAL_NOTE = CapitalizationRules(
    include_outstanding_shares=True,
    include_outstanding_options=True,
    include_outstanding_unissued_options=True,
    include_this_security=False,
    include_other_converting_securities=False,
    include_option_pool_topup_for_promised_options=False,
    include_additional_option_pool_topup=False,
    include_new_money=False,
)
