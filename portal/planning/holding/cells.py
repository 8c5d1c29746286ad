"""Which cells of a ledger's row its event uses, and what is wrong with those that it does not."""

from __future__ import annotations

from datetime import date
from typing import Any

from mlcore.reading import Problem
from portal.planning.holding import columns as col

EARLIEST, LATEST = date(1900, 1, 1), date(2200, 12, 31)

WANTED_EMPTY = "“{event}” does not use this column. Leave it empty."
WANTED_FILLED = "“{event}” needs this. Fill it in."
WANTED_PERIOD = "Wanted a day from {earliest} to {latest}, got {given}."


def cell_problems(at: int, row: Any) -> dict[str, list[Problem]]:
    """The cells of one row that are filled or empty against what its event uses, and days beyond what can be read."""
    found: dict[str, list[Problem]] = {}
    for name, kinds in col.COUNTS.items():
        value = getattr(row, name)
        filled = bool(value.strip() if isinstance(value, str) else value)
        if filled and row.kind not in kinds:
            found[f"events.{at}.{name}"] = [Problem(WANTED_EMPTY, {"event": col.KINDS[row.kind]})]
        elif not filled and row.kind in col.NEEDS.get(name, ()):
            found[f"events.{at}.{name}"] = [Problem(WANTED_FILLED, {"event": col.KINDS[row.kind]})]
    if not EARLIEST <= row.on <= LATEST:
        told = {"earliest": str(EARLIEST), "latest": str(LATEST), "given": str(row.on)}
        found[f"events.{at}.on"] = [Problem(WANTED_PERIOD, told)]
    return found
