"""``manage.py import_catalogue FILE [--table prices] [--dry-run]``: rows of a CSV file into a table of the catalogue.

Takes the table's own columns; for prices also those of SkyPilot's catalogue with ``--seller`` and ``--month``. Reports
what is new, what is known already and each line that is refused, with the reason. A second time it changes nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mlcore.reading import Invalid
from portal.catalogue.described import EDITABLE
from portal.catalogue.importing import PRICES, rows_import

MOST_BYTES, MOST_LINES = 40_000_000, 200_000  # a whole cloud in SkyPilot's catalogue


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--table", choices=sorted(EDITABLE), default=PRICES, help="Into which table.")
        parser.add_argument("--dry-run", action="store_true", help="Only report; write nothing.")
        parser.add_argument("--seller", default="", help="Whose prices they are, for SkyPilot's files.")
        parser.add_argument("--month", default="", help="In which they hold, such as 2026-06, for SkyPilot's files.")
        parser.add_argument("--source", default="", help="Where they come from; SkyPilot's repository when not given.")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            if file.stat().st_size > MOST_BYTES:
                raise CommandError(f"Wanted a file of at most {MOST_BYTES:,} bytes, {file.name} is larger.")
            given = file.read_bytes()
        except OSError as problem:
            raise CommandError(f"{file} cannot be read: {problem.strerror}.") from None
        said = {name: options[name] for name in ("seller", "month", "source")}
        try:
            report = rows_import(
                table=options["table"], given=given, name=file.name, by=None, dry=options["dry_run"],
                most_bytes=MOST_BYTES, most_lines=MOST_LINES, **said,
            )  # fmt: skip
        except Invalid as problem:
            raise CommandError("; ".join(str(each) for each in problem.problems[""])) from None
        for refused in sorted(report.refused, key=lambda each: each.line):
            self.stdout.write(f"line {refused.line}: {refused.problem}")
        written = "written" if report.written else "would be written (dry run)"
        dearer = f"{report.dearer} prices of dearer regions left out, " if report.dearer else ""
        self.stdout.write(
            f"{report.kind}, {report.lines} lines: {len(report.accepted)} rows {written}, {report.unchanged} "
            f"unchanged, {dearer}{len(report.refused)} lines refused."
        )
