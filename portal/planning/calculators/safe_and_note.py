"""What SAFEs and convertible notes become: in a next round at any valuation, in a sale before it, and at maturity."""

from __future__ import annotations

from portal.planning.calculator import Axis, Bars, Calculator, Lines
from portal.planning.converting.calculation import compute, instruments, places_of
from portal.planning.converting.examples import EXAMPLES, PRESETS
from portal.planning.converting.inputs import Inputs
from portal.planning.converting.outputs import OUTPUTS
from portal.planning.converting.tables import tables
from portal.planning.converting.words import SENTENCES, answer, notices, refuse
from portal.planning.raising.outputs import YC

CALCULATOR = Calculator(
    slug="safe-and-note",
    version=1,
    title="SAFEs and notes",
    summary="What SAFEs and notes become in a next round, in a sale before it and at maturity, and what founders keep.",
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
        "instrument": Axis(label="SAFE or note", places=instruments),
        "valuation": Axis(
            label="Pre-money of the next round", unit="USD", places=lambda inputs: places_of(inputs, "valuation")
        ),
        "sale": Axis(label="Price in a sale", unit="USD", places=lambda inputs: places_of(inputs, "sale")),
    },
    charts=(
        Lines(title="Part after the round by valuation", outputs=("part_by_valuation",)),
        Lines(title="What founders keep by valuation", outputs=("founders_by_valuation", "converted_by_valuation")),
        Lines(
            title="Round price and conversion prices by valuation",
            outputs=("price_by_valuation", "paid_by_valuation"),
        ),
        Bars(output="given", title="What founders give for each"),
        Lines(title="What each gets in a sale by price", outputs=("founders_by_sale", "each_by_sale")),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(YC,),
)
