"""Who owns the company on any day: a ledger of events, and why each share is whose it is."""

from __future__ import annotations

from portal.planning.calculator import Area, Axis, Bars, Calculator
from portal.planning.holding.calculation import (
    STANDINGS,
    class_places,
    compute,
    holder_places,
    layer_places,
    time_places,
)
from portal.planning.holding.examples import EXAMPLES, PRESETS
from portal.planning.holding.inputs import Inputs
from portal.planning.holding.outputs import OCF, OUTPUTS
from portal.planning.holding.refusals import refuse
from portal.planning.holding.words import SENTENCES, answer, notices, tables

CALCULATOR = Calculator(
    slug="cap-table",
    version=1,
    title="Cap table",
    summary="Who owns what on any day, from a ledger of every event, with where each share comes from.",
    family="Funding",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="founders_part",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={
        "holder": Axis(label="Holder", places=holder_places),
        "class": Axis(label="Class of shares", places=class_places),
        "layer": Axis(label="Owner", places=layer_places),
        "standing": Axis(label="Shares and options", places=lambda inputs: STANDINGS),
        "time": Axis(label="End of month", unit="month", places=time_places),
    },
    charts=(
        Area(output="part_over_time", title="Who owns the company over time, fully diluted"),
        Bars(output="holder_part", title="Who owns the company on the day, fully diluted", ordered=True),
        Area(output="standing_over_time", title="Shares and options over time, vested and not"),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(OCF,),
)
