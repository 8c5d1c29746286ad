"""``manage.py scorecard [family]``: how far our estimates lie from published measurements.

Without a family a line for each; with one its rows too. All errors are of models that the fit had not seen. ``layouts``
in place of a family: what is said of layouts that are known to have run, or not to fit.
``--rows FILE`` scores a CSV file of your own, in the columns of the family's table, with the coefficients in use.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mlcore.reading import Invalid
from portal.planning.evidence.registry import all_families
from portal.scorecard.layouts import SLUG, WRONG, layout_lines, layouts_summary
from portal.scorecard.own_rows import OwnScore, score_own
from portal.scorecard.report import as_csv, detail, errors, families_csv, line, rows_csv, summary
from portal.scorecard.selectors import Card, Errors, all_cards, card

WIDTH = 44  # characters of a label


class Command(BaseCommand):
    help = __doc__
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("family", nargs="?", help="Slug of a family; all when none is named.")
        form = parser.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="The same figures as JSON.")
        form.add_argument("--csv", action="store_true", help="Families, or the rows of the one named, as CSV.")
        parser.add_argument("--rows", metavar="FILE", type=Path, help="A CSV file to score in place of the family's.")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, families = options["family"], all_families()
        if slug == SLUG:
            return self._layouts(options)
        if slug and slug not in families:
            raise CommandError(f"Wanted one of {', '.join(families) or '(no family yet)'}; got {slug}.")
        if options["rows"]:
            self._own(slug, options)
        elif slug:
            self._one(card(slug), options)
        else:
            self._all(all_cards(), options)
        return None

    def _layouts(self, options: dict[str, Any]) -> None:
        found, lines = layouts_summary(), layout_lines()
        if options["json"]:
            return self._json({**found, "rows": lines})
        if options["csv"]:
            return self.stdout.write(as_csv(tuple(lines[0]), lines), ending="")
        self.stdout.write(_layouts_line(found))
        for each in lines:
            if each["verdict"] == WRONG:
                devices = f"{each['devices']} × {each['accelerator']}"
                said = f"{each['happened']}, said: {each['said']} ({each['needed']:.1f} of {each['capacity']:.1f} GiB)"
                self.stdout.write(f"  {each['model']}, {devices}, {each['layout']}: {said}")
        return None

    def _all(self, cards: list[Card], options: dict[str, Any]) -> None:
        if options["json"]:
            return self._json([summary(found) for found in cards])
        if options["csv"]:
            return self.stdout.write(families_csv(cards), ending="")
        self.stdout.write(f"{'':34}{'rows':>6}{'models':>8}{'median':>9}{'mean':>9}{'in 25%':>9}{'in 80%':>9}  wanted")
        for found in cards:
            self.stdout.write(_overview(found))
        self.stdout.write(_layouts_line(layouts_summary()))
        return None

    def _one(self, found: Card, options: dict[str, Any]) -> None:
        if options["json"]:
            return self._json(detail(found))
        if options["csv"]:
            return self.stdout.write(rows_csv(found.rows), ending="")
        if not found.score:
            raise CommandError(f"{found.family.slug} has not been fitted yet: run manage.py refit {found.family.slug}")
        self.stdout.write(f"{found.family.title}\n{found.family.summary}\n")
        self.stdout.write(f"{found.score.cases} rows of {found.score.models} models, each by a fit without its model.")
        self._line("ours", errors_of_card(found), f"{found.score.coverage:.0%} within their 80% interval")
        for rival in found.rivals:
            self._line(rival.name, rival.theirs, f"ours on these rows: median {rival.ours.median:.1%}")
        by_size = found.by(lambda row: row.size)
        for title, groups in (("hardware", found.by(lambda row: row.case.hardware)), ("size", by_size)):
            self.stdout.write(f"\nby {title}")
            for group in groups:
                self._line(group.name, group.errors)
        self.stdout.write(f"\n{'row':{WIDTH}}{'measured':>12}{'predicted':>12}{'error':>9}  {found.family.unit}")
        for row in found.rows:
            mark = "" if row.case.fitted else "  only scored"
            self._row(row.case.label, row.case.measured, row.prediction.predicted, row.error, mark)
        return None

    def _own(self, slug: str | None, options: dict[str, Any]) -> None:
        if not slug:
            raise CommandError("Wanted the family whose columns the file has: manage.py scorecard FAMILY --rows FILE")
        try:
            found = score_own(all_families()[slug], options["rows"])
        except Invalid as problem:
            raise CommandError("; ".join(str(each) for each in problem.problems[""])) from None
        if options["json"]:
            rows = [{**line(row), "seen": row.case.model in found.seen} for row in found.rows]
            return self._json({"family": slug, **errors(found.errors), "rows": rows})
        if options["csv"]:
            return self.stdout.write(rows_csv(found.rows), ending="")
        return self._own_text(found)

    def _own_text(self, found: OwnScore) -> None:
        self.stdout.write(f"{'row':{WIDTH}}{'measured':>12}{'predicted':>12}{'error':>9}  {found.family.unit}")
        for row in found.rows:
            mark = "  its model was in the fit" if row.case.model in found.seen else ""
            self._row(row.case.label, row.case.measured, row.prediction.predicted, row.error, mark)
        self._line("all", found.errors)
        if found.unseen:
            self._line("models that the fit has not seen", found.unseen)

    def _line(self, name: str, found: Errors, more: str = "") -> None:
        self.stdout.write(
            f"  {name[:WIDTH]:{WIDTH}}{found.cases:>5} rows  median {found.median:>6.1%}  mean {found.mean:>6.1%}  "
            f"within 25% {found.within_quarter:>4.0%}  {more}".rstrip()
        )

    def _row(self, label: str, measured: float, predicted: float, error: float, more: str) -> None:
        self.stdout.write(f"{label[: WIDTH - 1]:{WIDTH}}{measured:>12.4g}{predicted:>12.4g}{error:>+9.1%}{more}")

    def _json(self, body: Any) -> None:
        self.stdout.write(json.dumps(body, ensure_ascii=False, indent=1, allow_nan=False))


def errors_of_card(found: Card) -> Errors:
    """Of a card that has a score."""
    score = found.score
    assert score is not None, "only cards with rows are written"
    return Errors(score.cases, score.models, score.median, score.mean, score.within_quarter)


def _layouts_line(found: dict[str, Any]) -> str:
    return (
        f"{SLUG:34}{found['said_to_fit']} of {found['ran']} that ran are said to fit, {found['refused']} of "
        f"{found['misfits']} that cannot are refused; wanted {found['wanted']:.0%}"
        f"{': met' if found['met'] else ': not met'}"
    )


def _overview(found: Card) -> str:
    family, score = found.family, found.score
    if score is None:
        return f"{family.slug:34}not fitted yet: run manage.py refit {family.slug}"
    wanted = [f"median {family.wanted_median:.0%}"] if family.wanted_median is not None else []
    if family.wanted_within_quarter is not None:
        wanted.append(f"{family.wanted_within_quarter:.0%} within 25%")
    verdict = {True: ": met", False: ": not met", None: "-"}[found.met]
    return (
        f"{family.slug:34}{score.cases:>6}{score.models:>8}{score.median:>9.1%}{score.mean:>9.1%}"
        f"{score.within_quarter:>9.0%}{score.coverage:>9.0%}  {', '.join(wanted)}{verdict}"
    )
