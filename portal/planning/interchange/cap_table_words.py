"""What the workbook of a cap table says."""

from __future__ import annotations

_ = str  # marks a text that is translated where it is shown

TITLE = _("Cap table")
NOTE = _("Change the day, or the movements on the next sheet: the ownership follows.")
AS_OF = _("As of")
OWNERSHIP, MOVEMENTS, SECURITIES = _("Ownership"), _("Movements"), _("Securities")
MOVEMENTS_NOTE = _(
    "Every share issued, moved or ended. What a priced round issued is pasted in whole shares; splits are computed. "
    "SAFEs and notes are no shares before they convert."
)
MOVEMENT_HEAD = (_("Day"), _("Event"), _("Security"), _("Shares"), _("New"), _("Old"))
SECURITY_HEAD = (
    _("Security"), _("Holder"), _("Class"), _("Common shares for each"), _("Shares or options"), _("As converted"),
    _("Options: 1 for yes, 0 for no"),
)  # fmt: skip
OWNERSHIP_HEAD = (_("As converted"), _("Of the shares in issue"), _("Fully diluted"))
BY_HOLDER, BY_CLASS = _("By holder"), _("By class")
ISSUED, GRANTED = _("Shares in issue"), _("Options and warrants")
TOPUP, TOTAL = _("Still to be reserved for promised options"), _("All shares, fully diluted")
ADDS_UP = _("Shares add up")
BROKEN = _("They do not: a movement names a security that the next sheet does not list.")
RESERVES = {"pool": _("Pool, not granted"), "promised": _("Options promised")}
OPTIONS, WARRANTS = _("Options"), _("Warrants")
EVENTS = {
    "Issue": _("Issue"), "Transfer": _("Transfer"), "Cancel": _("Cancellation"), "PoolChange": _("Change of the pool"),
    "PromiseChange": _("Promise of options"), "Grant": _("Grant"), "Exercise": _("Exercise"), "Split": _("Split"),
    "PricedRound": _("Priced round"), "Vest": _("Vesting at once"), "SafeSigned": _("SAFE signed"),
    "NoteSigned": _("Note signed"), "Settled": _("SAFE or note ended"),
}  # fmt: skip
