"""How much to raise, when and at what dilution, for milestones that take time and may fail; and what must be true."""

from __future__ import annotations

from portal.planning.calculator import Axis, Bars, Calculator, Fan, Lines
from portal.planning.milestones.calculation import compute
from portal.planning.milestones.examples import EXAMPLES, PRESETS
from portal.planning.milestones.inputs import Inputs
from portal.planning.milestones.outputs import OUTPUTS, YC
from portal.planning.milestones.words import SENTENCES, WAYS, answer, notices, refuse, tables

CALCULATOR = Calculator(
    slug="raise-plan",
    version=1,
    title="Raise plan",
    summary="How much to raise, when and at what dilution, to reach the next milestones; in steps, at once or bridged.",
    family="Funding",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="amount_needed",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={"way": Axis(label="Way", places=lambda inputs: WAYS)},
    charts=(
        Fan(output="cash_by_month", title="Cash as planned"),
        Bars(output="founders_after", title="Founders after each round"),
        Bars(output="round_amount", title="Amount of each round"),
        Lines(
            title="Cash in three ways", outputs=("cash_by_month", "cash_whole_by_month", "cash_bridge_by_month")
        ),
        Bars(output="founders_by_way", title="Founders in the end, three ways"),
        Bars(output="lasts_by_way", title="How often money is there in time, three ways"),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(YC,),
)  # fmt: skip
