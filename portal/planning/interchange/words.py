"""What workbooks say. The portal says it in the reader's language."""

from __future__ import annotations

_ = str  # marks a text that is translated where it is shown

INPUTS, RESULTS = _("Inputs"), _("Results")
INPUTS_NOTE = _("Change the coloured cells: what has a formula follows. Ranges stand at their middle.")
RESULTS_NOTE = _("Live figures follow the inputs. Pasted ones were computed by the portal and do not.")
BOOK_HEAD = (_("Input"), _("Value"), _("Low"), _("High"), _("What it is"))
RESULTS_HEAD = (_("Figure"), _("Value"), _("Live or pasted"), _("How it is computed"))
FORMULA, PASTED, HOW = _("Live"), _("Pasted"), _("In this sheet:")
NEVER, PLACE, MONTHS = _("never"), _("For each"), _("Month")
