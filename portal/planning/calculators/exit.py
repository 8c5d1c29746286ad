"""Who gets what when the company is sold, at a price that is a range, and what each contract term moves."""

from __future__ import annotations

from portal.planning.calculator import Axis, Bars, Calculator, Lines, Parts
from portal.planning.selling.calculation import compute, holders, price_places
from portal.planning.selling.examples import EXAMPLES, PRESETS
from portal.planning.selling.inputs import Inputs
from portal.planning.selling.outputs import OUTPUTS, PARTS
from portal.planning.selling.terms import tables
from portal.planning.selling.words import SENTENCES, answer, notices, refuse

CALCULATOR = Calculator(
    slug="exit",
    version=1,
    title="Exit",
    summary="Who gets what when the company is sold, who converts, and how much money each contract term moves.",
    family="Funding",
    inputs=Inputs,
    axes={
        "holder": Axis(label="Class, SAFE or note", places=holders),
        "price": Axis(label="Price of the company", unit="USD", places=price_places),
    },
    outputs=OUTPUTS,
    compute=compute,
    explains="own_proceeds",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    charts=(
        Lines(title="What each class gets by price", outputs=("proceeds_by_price",)),
        Lines(title="What you get by price", outputs=("own_by_price", "own_by_shares_by_price")),
        Parts(title="Where the price goes", outputs=PARTS),
        Bars(output="class_proceeds", title="What each class gets"),
        Bars(output="converts", title="How often each class converts or exercises"),
        Bars(output="terms_cost", title="What the terms of each class cost you"),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
)
