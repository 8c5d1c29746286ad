"""Which investors fit a round and why, what to find out of each first, and whether the list fills the round."""

from __future__ import annotations

from portal.planning.calculator import Axis, Bars, Board, Calculator, Fan
from portal.planning.investing.calculation import RAISED, compute
from portal.planning.investing.examples import EXAMPLES, PRESETS
from portal.planning.investing.facts import ANSWERED
from portal.planning.investing.fit import CRITERIA
from portal.planning.investing.inputs import Inputs
from portal.planning.investing.outputs import OUTPUTS
from portal.planning.investing.reasons import tables
from portal.planning.investing.words import SENTENCES, answer, notices, refuse

CALCULATOR = Calculator(
    slug="investor-fit",
    version=1,
    title="Investor fit",
    summary="Which investors fit a round and why, what to find out of each first, and whether the list fills it.",
    family="Funding",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="chance_filled",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={
        "criteria": Axis(label="Criterion", places=lambda inputs: list(CRITERIA.values())),
        "raised": Axis(label="Part of the round", unit="%", places=lambda inputs: RAISED),
    },
    boards=(
        Board(
            title="Pipeline", table="investors", by="stage", shows="score", marks="excluded", step="next_step",
            due="due", today="as_of", done=ANSWERED,
        ),
    ),
    charts=(
        Bars(output="among_first", title="How often each is among the first", ordered=True),
        Bars(output="score", title="Score of each investor, the excluded ones too", ordered=True),
        Fan(output="chance_at_least", title="Chance that at least so much of the round comes"),
        Bars(output="expected_of", title="Expected cheque of each investor", ordered=True),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
)  # fmt: skip
