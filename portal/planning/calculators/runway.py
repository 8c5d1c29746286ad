"""How long the money lasts: cash month by month, with ranges."""

from __future__ import annotations

from portal.planning.calculator import Calculator, Fan, Parts
from portal.planning.company.calculation import compute
from portal.planning.company.examples import EXAMPLES, PRESETS
from portal.planning.company.inputs import Inputs
from portal.planning.company.outputs import GRAHAM, OUTPUTS, SACKS
from portal.planning.company.words import SENTENCES, answer, notices, refuse

CALCULATOR = Calculator(
    slug="runway",
    version=1,
    title="Runway",
    summary="When the money runs out, month by month, and whether the company lives without raising more.",
    family="Company",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="cash_at_horizon",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    charts=(
        Fan(output="cash_by_month", title="Cash balance"),
        Parts(
            title="Where the money goes",
            outputs=(
                "spent_on_payroll", "spent_on_compute", "spent_on_training", "spent_on_revenue", "spent_on_other",
            ),
        ),
    ),
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(GRAHAM, SACKS),
)  # fmt: skip
