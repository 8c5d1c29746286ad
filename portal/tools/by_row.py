"""What a calculator computes for each row of a table, as a table: a line a row, a column an output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.derive.along import axis_label
from portal.derive.wording import figure, range_words
from portal.planning.calculator import Output, row_names
from portal.planning.outcome import Outcome
from portal.tools.drawn import TAILS, output_words


@dataclass(frozen=True, slots=True)
class Column:
    """An output; ``name`` finds its formula."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class RowTable:
    """``rows`` are the name of each row and its cells: the median or share, and its 90% where it has any."""

    id: str
    title: str
    columns: list[Column]
    rows: list[tuple[str, list[tuple[str, str]]]]


def row_tables(outcome: Outcome) -> list[RowTable]:
    """One for each table of the inputs that has rows and along which outputs run, in the order of the inputs."""
    calculator = outcome.calculator
    found = []
    for table in calculator.tables_of_rows():
        outputs = {name: output for name, output in calculator.outputs.items() if output.along == (table,)}
        names = row_names(getattr(outcome.inputs, table))
        if outputs and names:
            columns = [_cells(outcome, name, output) for name, output in outputs.items()]
            found.append(
                RowTable(
                    id=table.replace("_", "-"),
                    title=axis_label(calculator, table),
                    columns=[Column(name, _(output.label)) for name, output in outputs.items()],
                    rows=[(name, list(cells)) for name, *cells in zip(names, *columns, strict=True)],
                )
            )
    return found


def _cells(outcome: Outcome, name: str, output: Output) -> Sequence[tuple[str, str]]:
    if output.boolean:
        return [(figure(share, "%") if 0 < share < 1 else figure(bool(share)), "") for share in outcome.shares(name)]
    return [_cell(output, *ends) for ends in outcome.fan(name, TAILS).T.tolist()]


def _cell(output: Output, low: float, middle: float, high: float) -> tuple[str, str]:
    sure = low == high or figure(low, output.unit) == figure(high, output.unit)
    return output_words(output, middle), "" if sure else range_words(low, high, output.unit)
