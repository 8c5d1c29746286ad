"""``manage.py refit [family …]``: fit the estimators' coefficients to the published measurements again.

Writes ``coefficients.csv`` (fitted on all measurements, dated) and ``predictions.csv`` (each by a fit without its
model); families that are not named keep theirs.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.planning import evidence
from portal.planning.evidence.coefficients import Fit, fits, predictions, write
from portal.planning.evidence.registry import all_families
from portal.planning.evidence.validation import score, validate


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("families", nargs="*", help="Slugs of families; all when none is named.")

    def handle(self, *args: Any, **options: Any) -> None:
        families = all_families()
        named = options["families"] or list(families)
        if unknown := set(named) - set(families):
            raise CommandError(f"Wanted families out of {', '.join(families)}; got {', '.join(sorted(unknown))}.")
        fitted = {slug: fit for slug, fit in fits().items() if slug in families}
        predicted = {slug: list(rows.values()) for slug, rows in predictions().items() if slug in families}
        for slug in named:
            family = families[slug]
            cases = list(family.read())
            used = [case for case in cases if case.fitted]
            fitted[slug] = Fit(
                values=family.fit(used), fitted_on=date.today(), cases=len(used), models=len({c.model for c in used})
            )
            predicted[slug] = validate(family)
            result = score(cases, predicted[slug])
            self.stdout.write(
                f"{slug}: {result.cases} cases of {result.models} models, median error {result.median:.1%}, "
                f"{result.within_quarter:.0%} within 25%, {result.coverage:.0%} within the interval"
            )
        write(Path(evidence.__file__).parent, fitted, predicted)
