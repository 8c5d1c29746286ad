"""What a priced round does to ownership: SAFEs, notes, new money and the pool, exactly and in whole shares."""

from __future__ import annotations

from portal.planning.calculator import Axis, Bars, Calculator, Parts
from portal.planning.raising.calculation import compute
from portal.planning.raising.examples import EXAMPLES, PRESETS
from portal.planning.raising.inputs import Inputs
from portal.planning.raising.outputs import LOST, OUTPUTS, PARTS, YC
from portal.planning.raising.terms import SWITCHES
from portal.planning.raising.words import SENTENCES, answer, notices, refuse, tables

CALCULATOR = Calculator(
    slug="round",
    version=1,
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
