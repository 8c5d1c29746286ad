"""What a priced round does to ownership: SAFEs, notes, new money and the pool, exactly and in whole shares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from portal.planning.calculator import Axis, Bars, Calculator, Parts, Table
from portal.planning.equity.notes import Election
from portal.planning.raising.calculation import compute
from portal.planning.raising.examples import EXAMPLES, PRESETS
from portal.planning.raising.inputs import Inputs
from portal.planning.raising.instruments import UNSAID
from portal.planning.raising.outputs import LOST, OUTPUTS, PARTS, YC
from portal.planning.raising.sheets import clause_table, sheet_tables
from portal.planning.raising.switches import SWITCHES
from portal.planning.raising.whole import reasons, whole_tables
from portal.planning.raising.words import SENTENCES, answer, notices, refuse


def upgraded(inputs: dict[str, Any]) -> dict[str, Any]:
    """Version 1 only knew that the holder of a note had agreed to convert after its maturity."""
    notes = [
        {**{name: value for name, value in row.items() if name != "agreed"},
         "past_due": Election.CONVERT.value if row.get("agreed") else UNSAID}
        for row in inputs.get("notes", [])
    ]  # fmt: skip
    return {**inputs, "notes": notes, "sheets": inputs.get("sheets", [])}


def tables(x: Any, outputs: Mapping[str, Any]) -> list[Table]:
    return [*whole_tables(x), *sheet_tables(x), clause_table(x), *reasons(x)]


CALCULATOR = Calculator(
    slug="round",
    version=2,
    upgrade={1: upgraded},
    title="Priced round",
    summary="What SAFEs, notes, new money and the pool leave to whom, to the last share, and what each clause moves.",
    family="Funding",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="founders_after",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={
        "part": Axis(label="Group", places=lambda inputs: PARTS),
        "switch": Axis(label="Clause", places=lambda inputs: list(SWITCHES.values())),
    },
    charts=(
        Parts(title="Where the founders' part goes", outputs=("founders_after", *LOST), limit="founders_before"),
        Bars(output="part_after", title="Who owns the company after the round"),
        Bars(output="switch_points", title="What each clause moves for the founders"),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(YC,),
)
