"""Whether to buy accelerators or to rent them: both month by month, and the use at which they cost the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from portal.planning.calculator import Axis, Bars, Calculator, Example, Fan, Lines, Parts, Preset
from portal.planning.calendar import to_month
from portal.planning.finance import Array, draw_count, quotient, settled
from portal.planning.hardware import comparison
from portal.planning.hardware.inputs import EPOCH, LLAMA, PURCHASES, RIVALS, Inputs
from portal.planning.hardware.outputs import COST_PARTS, OUTPUTS, TOTALS, WAYS
from portal.planning.hardware.owning import HOURS, Hardware, design_watts, energy, hardware, upkeep
from portal.planning.hardware.words import SENTENCES, answer, notices, refuse

# Calculation


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    owned, months = hardware(x), comparison.course(x)
    use = comparison.use_by_month(months, x.utilisation)
    hours = x.devices * HOURS * use
    rents = {way: comparison.rent(x, months, way, use) for way in RIVALS}
    parts, own = _own(x, months, owned, use)
    totals = {
        "own_total": sum(parts.values()),
        **{f"{way}_total": comparison.worth(months, rents[way]) for way in RIVALS},
    }
    rival, discounted = totals[f"{x.against}_total"], comparison.worth(months, hours)
    saving = rival - totals["own_total"]
    spent = {way: np.cumsum(by_month, axis=0) for way, by_month in rents.items()}
    lead = spent[x.against] - own - owned.owed
    after = comparison.ahead_after(lead, np.atleast_1d(x.delay))
    by_way = np.stack(np.broadcast_arrays(*(np.atleast_1d(totals[name]) for name in TOTALS)))
    results = {
        **parts,
        **totals,
        **{name.replace("_total", "_per_hour"): quotient(totals[name], discounted) for name in TOTALS},
        "rival_total": rival,
        "rival_per_hour": quotient(rival, discounted),
        "saving": saving,
        "own_cheaper": saving > 0,
        "break_even_after": after,
        "break_even_month": int(to_month(x.first_month)) + after - 1,
        "break_even_use": comparison.break_even_use(x, months, owned),
        "bought": owned.bought,
        "up_front": owned.up_front,
        "loan_payment": owned.payment,
        "owed_at_horizon": owned.owed[-1],
        "sale": owned.value[-1],
        "rent": months.prices[0],
        "design_power": design_watts(x),
        "hours": hours.sum(axis=0),
        "worth_of_hours": discounted,
        "total_by_way": by_way,
        "cheapest": by_way == by_way.min(axis=0),
        "own_by_month": own,
        **{f"{way}_by_month": by_month for way, by_month in spent.items()},
        "lead_by_month": lead,
        "value_by_month": owned.value,
        "owed_by_month": owned.owed,
        "use_by_month": use,
    }
    return {name: settled(value, draws) for name, value in results.items()}


def _own(x: Any, months: comparison.Course, owned: Hardware, use: Array) -> tuple[dict[str, Array], Array]:
    """Present value of each part of owning, and what was paid up to the end of each month."""
    running = {
        "electricity_cost": energy(x, use, owned.running),
        **upkeep(x, owned),
        "waiting_total": comparison.waiting(x, months, use, owned),
    }
    parts = {name: comparison.worth(months, by_month) for name, by_month in running.items()}
    paid = owned.delivered * owned.up_front + owned.paying * owned.payment + sum(running.values())
    return {"hardware_cost": comparison.hardware_worth(x, months, owned), **parts}, np.cumsum(paid, axis=0)


# Declaration

# One device of which only what a case states is not nothing.
PLAIN = {
    "accelerator": "custom", "device_power": 0, "devices": 1, "horizon": 36, "life": 36, "price_basis": "typed",
    "usd_per_device_hour": 0, "utilisation": 1, "use_growth": 0, "price": 0, "surcharge": 0, "delay": 0, "residual": 0,
    "idle_share": 0, "pue": 1, "electricity": 0, "colocation": 0, "staff": 0, "maintenance": 0, "failures": 0,
    "rent_decline": 0, "reserved_share": 0, "reserved_price": 1, "spot_price": 1, "spot_overhead": 0, "discount": 0,
}  # fmt: skip

EXAMPLES = (
    Example(
        inputs={**PLAIN, "price": 36_000, "usd_per_device_hour": 2},
        expected={"own_total": 36_000, "on_demand_total": 52_596, "own_per_hour": 36_000 / 26_298, "saving": 16_596,
                  "break_even_after": 25, "break_even_use": 36_000 / 52_596, "up_front": 36_000},
        source="By hand: 36 months of 730.5 hours at $2 are $52,596; $36,000 are 24.6 months of $1,461.",
    ),
    Example(
        inputs={**PLAIN, "price": 200_000, "paying": "loan", "down_payment": 0, "loan_rate": 0.075, "loan_term": 180},
        expected={"loan_payment": 1854.0247200054619, "up_front": 0},
        source="numpy-financial documentation, “pmt”: $200,000 over 15 years at 7.5% cost $1,854.02 a month.",
    ),
    Example(
        inputs={**PLAIN, "price": 30_000, "horizon": 24, "life": 60, "residual": 10**-0.7},
        expected={"sale": 30_000 * 10**-0.28, "own_total": 30_000 * (1 - 10**-0.28)},
        source="Epoch AI, arXiv 2405.21015: 0.14 orders of magnitude a year leave 52.5% after two years.",
    ),
    Example(
        inputs={
            **PLAIN, "devices": 10, "utilisation": 0.8, "usd_per_device_hour": 2, "reserved_share": 0.5,
            "reserved_price": 0.6, "spot_price": 0.4, "spot_overhead": 0.25, "against": "reserved",
            "credits": [{"amount": 30_000, "first": 1, "last": 2}],
        },
        expected={
            "on_demand_total": 36 * 11_688 - 23_376, "reserved_total": 36 * 8_766 - 17_532,
            "spot_total": 36 * 5_844 - 11_688, "cheapest": [True, False, False, False],
        },
        source="By hand: a month has 5,844 hours used. 3,652.5 are committed at $1.20, 2,191.5 cost $2; spot is 1.25 "
        "× $0.80. Credits pay two months of each way, and what is left of them is lost.",
    ),
    Example(
        inputs={**PLAIN, "devices": 8, "device_power": 1_275, "utilisation": 0.5, "idle_share": 0.2, "electricity": 0.1,
                "colocation": 150, "horizon": 18},
        expected={"colocation_total": 18 * 10.2 * 150, "electricity_cost": 18 * 10.2 * 0.6 * 730.5 * 0.1},
        source="By hand, from the DGX H100 data sheet: 10.2 kW for eight; half of the hours used and a fifth of the "
        "draw in the others make 60% of it.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="cluster", label="64 H100, in full use", inputs={"utilisation": "75% to 95%"}),
    Preset(
        slug="one-server",
        label="One server on a loan",
        inputs={
            "devices": 8,
            "staff": "0.05 to 0.2",
            "paying": "loan",
            "horizon": 36,
            "against": "reserved",
            "surcharge": "40% to 60%",
            "delay": "1 to 3 as triangle",
        },
    ),
    Preset(
        slug="credits",
        label="Start-up with cloud credits",
        inputs={
            "devices": 16,
            "staff": "0.1 to 0.4",
            "utilisation": "20% to 50%",
            "use_growth": 0.03,
            "credits": [{"label": "Start-up programme", "amount": 350_000, "first": 1, "last": 24}],
        },
    ),
    Preset(
        slug="workstation",
        label="Four cards in the office",
        inputs={
            "accelerator": "rtx-4090",
            "devices": 4,
            "price": "1.4k to 2.4k",
            "surcharge": "60% to 120%",
            "delay": 0,
            "server_factor": "1.2 to 1.5",
            "pue": 1,
            "colocation": 0,
            "staff": "0.01 to 0.05",
            "horizon": 36,
            "utilisation": "20% to 60%",
            "residual": "5% to 20%",
        },
    ),
)

CALCULATOR = Calculator(
    slug="own-hardware",
    version=1,
    title="Own hardware",
    summary="Buying accelerators against renting them, month by month, and how much use it takes for owning to pay.",
    family="Compute",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="saving",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={"way": Axis(label="Way", places=lambda inputs: list(WAYS.values()))},
    charts=(
        Fan(output="lead_by_month", title="Lead of owning, by month"),
        Lines(title="Spent by month",
              outputs=("own_by_month", "on_demand_by_month", "reserved_by_month", "spot_by_month")),
        Parts(title="What owning costs", outputs=COST_PARTS),
        Bars(output="cheapest", title="How often each way is the cheapest", ordered=True),
        Bars(output="total_by_way", title="What each way costs"),
        Lines(title="Worth of the hardware and debt", outputs=("value_by_month", "owed_by_month")),
    ),
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(EPOCH, PURCHASES, LLAMA),
)  # fmt: skip
