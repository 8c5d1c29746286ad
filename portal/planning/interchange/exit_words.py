"""What the workbook of a sale of the company says."""

from __future__ import annotations

_ = str  # marks a text that is translated where it is shown

EXIT = _("Exit")
SALE, CLASSES, DEBTS, LEVELS, PAYMENTS = _("Sale"), _("Classes of shares"), _("Debts"), _("Levels"), _("Who gets what")
CHANGE = _("Change the coloured cells: all other sheets follow, and their checks say whether they still hold.")
PRICE, COSTS = _("Price of the company"), _("Fixed costs of the sale")
COST_SHARE, CARVE_OUT = _("Costs as a share of the price"), _("Carve-out for the team")
OWN_SHARES, OWN_CARVE_OUT = _("Your common shares"), _("Your part of the carve-out")

CLASSES_NOTE = _(
    "A strike is of options; the other terms of preferred shares. 1 for yes, 0 for no; a cap of 0 is none."
)
CLASS_HEAD = (
    _("Class"), _("Shares"), _("Strike price"), _("Preferred"), _("Invested"), _("Preference, times"),
    _("Unpaid dividends"), _("Participates"), _("Cap, times"), _("Rank"), _("May convert"), _("Preference"),
    _("Most without converting, −1 for no limit"), _("Converts above, a share"), _("Cap reached at, a share"),
)  # fmt: skip
DEBT_HEAD = (_("Debt"), _("Owed at the sale"), _("Rank"))
LEVELS_NOTE = _(
    "What a common share gets where somebody starts or stops to share, in rising order, and what all get there."
)
UNSORTED = _("The levels, unsorted")
LEVEL_HEAD = (_("A common share gets"), _("All classes get"), _("Shares in the next dollar"))

PAYMENTS_NOTE = _("Each class converts where it gets more that way. A class with a choice takes the better for itself.")
COSTS_PAID, DEBT_PAID, CARVED = _("Costs"), _("To lenders"), _("Carve-out")
EQUITY, PER_SHARE, OWN = _("Left for all shares"), _("A common share gets"), _("You get")
PAYMENT_HEAD = (_("Class"), _("Gets"), _("A share gets"), _("Part of the price"), _("Converts or exercises"))
YES, NO = _("yes"), _("no")
CHECKS, ADDS_UP = _("Checks"), _("Payments add up")
BROKEN = _("They do not: somebody must get the last dollar. Add common shares.")
