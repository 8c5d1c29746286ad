"""How long a package takes to read and write, and a workbook to make: printed, never asserted."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from portal.interchange.workbooks import workbook_bytes
from portal.planning.equity import events
from portal.planning.interchange.cap_table_book import cap_table_book
from portal.planning.interchange.package import Given
from portal.planning.interchange.reading import read
from portal.planning.interchange.writing import Issuer, write

pytestmark = pytest.mark.benchmark
HOLDERS = 200
ON = date(2026, 1, 1)


def ledger() -> list[events.Event]:
    """200 holders with shares, each of whom sells some, and 200 grants."""
    day = date(2024, 1, 1)
    issued = [
        events.Issue(on=day, security=f"C-{n}", holder=f"H{n}", stock_class="Common", shares=10_000)
        for n in range(HOLDERS)
    ]
    sold = [
        events.Transfer(on=day, security=f"C-{n}", to=f"H{n - 1}", into=f"D-{n}", shares=100) for n in range(1, HOLDERS)
    ]
    granted = [
        events.Grant(on=day, security=f"O-{n}", holder=f"E{n}", options=500, strike=Fraction(1, 10))
        for n in range(HOLDERS)
    ]
    return [*issued, events.PoolChange(on=day, shares=200_000), *sold, *granted]


def seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def test_time_of_a_package_and_a_workbook() -> None:
    history = ledger()
    company = Issuer(name="Company", formed=ON, country="US")
    made = write(history, company, on=ON, made_at=datetime.now(UTC))
    files = {name: Given(json.loads(data)) for name, data in made.files.items()}
    objects = sum(len(file.content.get("items", ())) for file in files.values())
    writing = seconds(lambda: write(history, company, on=ON, made_at=datetime.now(UTC)))
    reading = seconds(lambda: read(files))
    book = seconds(lambda: workbook_bytes(cap_table_book(history, ON)))
    print(f"\n{len(history)} events, {objects} objects: written in {writing:.2f} s, read in {reading:.2f} s; "
          f"workbook in {book:.2f} s")  # fmt: skip
