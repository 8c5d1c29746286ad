"""What the workbook of a priced round says."""

from __future__ import annotations

_ = str  # marks a text that is translated where it is shown

TERMS, HOLDERS, INSTRUMENTS = _("Terms"), _("Holders"), _("SAFEs and notes")
SOLUTION, RESULT, CLOSING = _("Solution"), _("Result"), _("Closing")
ROUND = _("Priced round")
CHANGE = _("Change the coloured cells: all other sheets follow, and their checks say whether they still hold.")
YES_NO = _("1 for yes, 0 for no")

PRE_MONEY, PRICING, CLOSING_DAY = _("Pre-money valuation"), _("Pricing convention"), _("Closing")
PRICINGS = _("1 percentage ownership, 2 dollars invested, 3 pre-money method")
POOL, BY_TARGET, TARGET = _("Pool"), _("Increase by a target"), _("Pool target")
WITH_GRANTS, PRE_BASIS = _("Granted options count"), _("Target of the shares before the new money")
ADDED, INSIDE = _("Shares added to the pool"), _("Within the pre-money")
RESERVED, PROMISED = _("Pool now"), _("Options promised")
ENLARGES, INVESTORS = _("Pro-rata rights enlarge the round"), _("Investors")

HOLDER_HEAD = (
    _("Holder"), _("Security"), _("Shares as converted"), _("Options: 1 for yes, 0 for no"),
    _("Right to buy of the round"),
)  # fmt: skip
INSTRUMENTS_NOTE = _(
    "In the order of their issue. A cap of 0 is none. Whether a note converts was decided by the portal; add no rows."
)
INSTRUMENT_HEAD = (
    _("Name"), _("Amount that converts"), _("Principal"), _("Interest a year"), _("Interest from"), _("Maturity"),
    _("Valuation cap"), _("Discount"), _("Pro-rata side letter"),
)  # fmt: skip
SWITCH_HEAD = (
    _("Cap counts shares in issue"), _("Cap counts options granted"), _("Cap counts the pool"), _("Cap counts itself"),
    _("Cap counts other SAFEs and notes"), _("Cap counts the increase for promised options"),
    _("Cap counts the rest of the increase"), _("Cap counts the new money"),
)  # fmt: skip

SOLUTION_NOTE = _(
    "Everything is a straight line in T, the shares after the round. Each step solves T with the best ways of the step "
    "before; the last one is the solution."
)
SHARES, GRANTED, TOPUP = _("Shares in issue"), _("Options granted"), _("Still to be reserved for promised options")
BEFORE, NEW_MONEY, CONVERTING = _("All shares before the round"), _("New money"), _("Amounts that convert")
GROWS = _("The pool is increased to its target")
A0, A1 = _("Shares for a dollar without an increase: start"), _("Shares for a dollar without an increase: slope")
B = _("Shares for a dollar, for each share of the increase")
C0, C1 = _("Increase without its part by price: start"), _("Increase without its part by price: slope")
E = _("Increase for each share for a dollar")
INCREASE_LINE = (_("Increase of the pool: start"), _("Increase of the pool: slope"))
PRICE_LINE = (_("Shares for a dollar: start"), _("Shares for a dollar: slope"))
LEFT_LINE = (_("Left for what converts: start"), _("Left for what converts: slope"))
WAYS = _("Ways to convert")
WAY_HEAD = (_("Name"), _("Way"), _("Start"), _("Slope"))
AT_CAP, AT_PRICE = _("At the cap"), _("At the round price less the discount")
TOTAL, STEP, TAKEN = _("Shares after the round, T"), _("Step"), _("Taken")

RESULT_NOTE = _("Exact shares: whole ones stand in the sheet of the closing.")
PRICE, ALL_SHARES = _("Price of a share"), _("All shares after the round")
ADDED_TO_POOL, POOL_AFTER = _("Added to the pool"), _("Pool after the round")
POST_MONEY, EFFECTIVE = _("Post-money valuation"), _("Effective pre-money")
CHECKS = _("Checks")
POOL_CHECK, POOL_BROKEN = _("The pool's target"), _("The pool is large enough already: compute the round anew.")
ONE_SOLUTION = _("One solution")
NO_SOLUTION = _("The terms determine no single round: lower amounts, or raise caps or the pre-money.")
ADDS_UP, NOT_SOLVED = _("Shares add up"), _("The steps did not reach the solution: compute the round anew.")
CONVERSIONS, PURCHASES, OWNERSHIP = _("Conversions"), _("New money by buyer"), _("Ownership")
CONVERSION_HEAD = (
    _("Name"), _("Shares"), _("Price of a share"), _("Part of the company"), _("Worth at the round price"),
)  # fmt: skip
PURCHASE_HEAD = (_("Buyer"), _("Pays"), _("Shares"), _("Part of the company"))
OWNERSHIP_HEAD = (_("Holder"), _("Before"), _("After"), _("At the round price"))

CLOSING_NOTE = _(
    "Prices and shares rounded as agreed. The total was found by trying and is pasted; all else follows from it."
)
FOUND_TOTAL, AGREED_PRICE = _("All shares, as found"), _("Price of the closing")
NO_IDENTITY = _("No price in whole shares gives itself back: this is the exact one, rounded.")
LEFT, TOGETHER, NEW_SHARES = _("Left for what converts"), _("All shares added up"), _("Shares for the new money")
BEST_WAY = _("The best of all its ways, each rounded")
FIND_AGAIN = _("The terms changed: find the closing anew in the portal.")
