"""Whether to buy answers by the token, rent or own the devices, or build a model: month by month, and where they
meet."""

from __future__ import annotations

from portal.planning.calculator import Axis, Bars, Calculator, Fan, Lines, Parts
from portal.planning.sourcing.examples import EXAMPLES, PRESETS
from portal.planning.sourcing.inputs import BATCH, LIST, WAYS, Inputs, compared
from portal.planning.sourcing.outputs import OUTPUTS, PARTS
from portal.planning.sourcing.results import alternatives, compute
from portal.planning.sourcing.words import SENTENCES, answer, notices, refuse, tables

CALCULATOR = Calculator(
    slug="build-or-buy",
    version=1,
    title="Build or buy",
    summary="API, open model by the token, rented or own devices, fine-tuned or own model: what each costs over the "
    "years, and at which traffic the answer turns.",
    family="Compute",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="saving",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={
        "way": Axis(label="Way", places=lambda inputs: [WAYS[key] for key in compared(inputs)]),
        "alternative": Axis(label="Alternative", places=lambda inputs: [WAYS[key] for key in alternatives(inputs)]),
    },
    charts=(
        Bars(output="total_by_way", title="What each way costs", ordered=True),
        Bars(output="cheapest", title="How often each way is the cheapest", ordered=True),
        Lines(title="Spent by each way, by month", outputs=("spent_by_way",)),
        Fan(output="lead_by_month", title="Lead over the API, by month"),
        Parts(title="What the way looked at costs", outputs=PARTS),
        Lines(title="Devices of the way looked at, by month", outputs=("devices_by_month",)),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(LIST, BATCH),
)
