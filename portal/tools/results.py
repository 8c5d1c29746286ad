"""What the results of a calculator show: the answer, headline figures, charts with their tables, formulas.

``results`` turns an engine's ``Outcome`` into words and drawings in the reader's language. Page, saved scenario and
live recompute draw the same thing from it by ``templates/tools/results.html``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from portal.derive.along import along_words
from portal.derive.wording import change, figure, range_words, sentence_html, writer
from portal.planning.calculator import Output, Sentence, Table
from portal.planning.explain import Explanation, explain
from portal.planning.outcome import Outcome
from portal.tools.boards import Drawn, boards
from portal.tools.by_row import RowTable, row_tables
from portal.tools.drawn import TAILS, Figure, figures, output_words

Baseline = Mapping[str, float]
"""Headline figures that changes are measured against, by output; ``inf`` for never."""


@dataclass(frozen=True, slots=True)
class Value:
    """One output: its median or share, and its range. ``direction`` is up for better, dn for worse.

    Of an output ``along`` something, ``value`` says what it has one value for each of.
    """

    name: str
    label: str
    value: str
    single: str  # with every range at its median: what the formula gives
    spread: str
    delta: str = ""
    direction: str = ""
    along: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """A table beside the answer. Cells are words; ``numeric`` tells which columns stand to the right."""

    title: str
    note: str
    columns: list[tuple[str, bool]]
    rows: list[list[tuple[str, bool]]]


@dataclass(frozen=True, slots=True)
class Results:
    """What changes while a slider is dragged. ``values`` and their formulas follow when it is let go of."""

    outcome: Outcome
    answer: SafeString
    caveat: str
    notices: list[SafeString]
    headlines: list[Value]
    boards: list[Drawn]
    figures: list[Figure]
    row_tables: list[RowTable]
    tables: list[Facts]
    baseline: str  # JSON of the headline figures, which a later recompute compares with
    draws: str
    seed: int
    model: str

    def values(self) -> list[tuple[Value, Explanation]]:
        """Every output, and how it comes about with every range at its median."""
        calculator, write = self.outcome.calculator, writer()
        return [
            (
                _value(self.outcome, name, output, {}),
                explain(calculator, name, self.outcome.case.values, figure=write, translate=_),
            )
            for name, output in calculator.outputs.items()
        ]

    @property
    def may_vary(self) -> bool:
        """Whether any input could be a range or an event, so that draws, seed and spread mean something."""
        return self.outcome.calculator.may_vary


def results(outcome: Outcome, baseline: Baseline | None = None) -> Results:
    """``baseline`` is None on the first view, which becomes the baseline itself."""
    calculator = outcome.calculator
    headlines = {name: output for name, output in calculator.outputs.items() if output.headline}
    return Results(
        outcome=outcome,
        answer=sentence_html(calculator.answer(outcome)),
        caveat=_caveat(outcome),
        notices=[sentence_html(notice) for notice in outcome.case.notices],
        headlines=[_value(outcome, name, output, baseline or {}) for name, output in headlines.items()],
        boards=boards(outcome),
        figures=figures(outcome),
        row_tables=row_tables(outcome),
        tables=[_facts(table) for table in outcome.case.tables],
        baseline=write_baseline({name: _middle(outcome, name) for name in headlines}),
        draws=figure(float(outcome.draws)) if outcome.uncertain else "",
        seed=outcome.seed,
        model=f"{calculator.slug}@{calculator.version}",
    )


def read_baseline(text: str) -> Baseline:
    """What ``write_baseline`` wrote and a page sent back; anything else is no baseline."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    read = {name: math.inf if value is None else value for name, value in found.items()}
    return {name: float(v) for name, v in read.items() if isinstance(v, int | float) and not math.isnan(v)}


def write_baseline(values: Baseline) -> str:
    return json.dumps({name: None if math.isinf(value) else value for name, value in values.items()})


def _caveat(outcome: Outcome) -> str:
    if not outcome.calculator.may_vary:
        return _("Computed from the numbers as they stand: nothing here is drawn by chance.")
    if outcome.uncertain:
        return _(
            "An estimate, not advice. A range means “90% sure”: its ends are the 5th and the 95th percentile, "
            "log-normal where both are above zero, unless another shape is chosen."
        )
    return _("An estimate, not advice. Nothing is given as a range: type one as “24 to 38” to see how sure this is.")


def _middle(outcome: Outcome, name: str) -> float:
    output = outcome.calculator.outputs[name]
    return outcome.share(name) if output.boolean else outcome.quantile(name, 0.5)


def _value(outcome: Outcome, name: str, output: Output, baseline: Baseline) -> Value:
    if output.along:
        return Value(name, _(output.label), along_words(outcome.calculator, output), "", "", along=True)
    spread = ""
    middle: Any
    if output.boolean:
        middle = outcome.share(name)
        shown = figure(middle, "%") if 0 < middle < 1 else figure(bool(middle))
    else:
        low, middle, high = outcome.quantiles(name, TAILS)
        shown = output_words(output, middle)
        if low != high and figure(low, output.unit) != figure(high, output.unit):
            spread = output_words(output, low) if math.isinf(low) else range_words(low, high, output.unit)
    delta, direction = _delta(output, middle, baseline.get(name))
    single = output_words(output, outcome.case.outputs[name])
    return Value(name, _(output.label), shown, single, spread, delta, direction)


def _delta(output: Output, value: float, before: float | None) -> tuple[str, str]:
    """How far a headline is from where the page began, and whether that is better."""
    if before is None:
        return "", ""
    unit = "%" if output.boolean else output.unit
    if figure(value, unit) == figure(before, unit):
        return _("no change"), ""
    if math.isinf(value) or math.isinf(before):
        words = _("{before} at the start").format(before=output_words(output, before))
    else:
        words = _("{change} since the start").format(change=change(value, before, unit))
    better = (value > before) == (output.better == "higher")
    return words, ("up" if better else "dn") if output.better else ""


def _facts(table: Table) -> Facts:
    numeric = [all(_is_figure(row[at]) for row in table.rows) for at in range(len(table.columns))]
    return Facts(
        title=_(table.title),
        note=_(table.note) if table.note else "",
        columns=[(_(label), right) for (label, _unit), right in zip(table.columns, numeric, strict=True)],
        rows=[
            [
                (_cell(cell, unit), right)
                for cell, (_label, unit), right in zip(row, table.columns, numeric, strict=True)
            ]
            for row in table.rows
        ],
    )


def _is_figure(cell: Any) -> bool:
    """A number, written out or not: “2.5–10” stands to the right too."""
    if isinstance(cell, str):
        return not any(letter.isalpha() for letter in cell)
    return cell is None or isinstance(cell, int | float)


def _cell(cell: Any, unit: str) -> str:
    if isinstance(cell, Sentence):
        return sentence_html(cell)
    if isinstance(cell, str):
        return cell and _(cell)
    return figure(cell, unit)
