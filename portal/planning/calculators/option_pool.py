"""How large an option pool a hiring plan needs until the next round, and what pool shares cost whom."""

from __future__ import annotations

from portal.planning.calculator import Axis, Calculator, Fan, Lines, Parts
from portal.planning.granting.calculation import TARGETS, compute
from portal.planning.granting.examples import EXAMPLES, PRESETS
from portal.planning.granting.inputs import SAB, Inputs
from portal.planning.granting.outputs import ASC_718, OUTPUTS, SHUFFLE
from portal.planning.granting.words import SENTENCES, answer, notices, refuse, tables

CALCULATOR = Calculator(
    slug="option-pool",
    version=1,
    title="Option pool",
    summary="How large a pool the hiring plan needs until the next round, and what each point of it costs founders.",
    family="Funding",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="pool_share",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={"target": Axis(label="Pool after the round", unit="%", places=lambda inputs: TARGETS)},
    charts=(
        Lines(
            title="The pool month by month",
            outputs=("available_by_month", "granted_by_month", "vested_by_month", "forfeited_by_month"),
        ),
        Fan(output="available_by_month", title="Available in the pool"),
        Fan(output="founders_by_target", title="Founders after the round by size of the pool"),
        Parts(
            title="What the pool is for",
            outputs=("to_hires", "to_promised", "to_refresh", "kept_free"),
            limit="pool_after",
        ),
        Fan(output="expense_by_month", title="Expense of the new grants"),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(SHUFFLE, ASC_718, SAB),
)
