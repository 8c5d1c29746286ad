"""How fast the runway is simulated: ``python -m tests.benchmarks.simulation``.

The yardstick is the same model written by hand in NumPy: one loop over months, whole arrays of draws, the same
figures, nothing declared, checked or cut into parts. Both draw their inputs; "again" repeats a seed, as dragging a
slider does, when the engine has the draws of all other inputs at hand. Runs alternate, medians are printed.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from portal.planning.calculators.runway import CALCULATOR
from portal.planning.engine import report, simulate

MONTHS = 36
RUNS = {1_000: 40, 10_000: 30, 100_000: 10, 1_000_000: 3}
LIKELY = {
    "growth": (0.055, 0.11),
    "churn": (0.015, 0.04),
    "payroll_growth": (0.004, 0.016),
    "model_compute": (22_000, 45_000),
    "compute_growth": (0.01, 0.04),
    "training_cost": (60_000, 160_000),
}


def draw_by_hand(draws: int, seed: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        name: np.exp(rng.normal(np.log(low * high) / 2, np.log(high / low) / (2 * 1.6448536269514722), draws))
        for name, (low, high) in LIKELY.items()
    }


def by_hand(x: dict[str, Any]) -> dict[str, Any]:
    """The starting plan of the runway calculator."""
    draws = len(x["growth"])
    cash, revenue, payroll = np.full(draws, 3.2e6), np.full(draws, 55e3), np.full(draws, 135e3)
    compute, net = x["model_compute"], x["growth"] - x["churn"]
    path = np.empty((MONTHS, draws))
    runway, break_even = np.full(draws, np.inf), np.full(draws, np.inf)
    lowest, lowest_at = cash.copy(), np.zeros(draws)
    deepest, year, burn_3 = np.zeros(draws), np.zeros(draws), np.zeros(draws)
    on_revenue, on_payroll, on_compute = np.zeros(draws), np.zeros(draws), np.zeros(draws)
    for m in range(MONTHS):
        cost_of_revenue = revenue * 0.15
        running = cost_of_revenue + payroll + compute + 28e3
        costs = running + x["training_cost"] if m == 4 else running + 35e3 if m == 3 else running
        burn = costs - revenue
        if m == 0:
            gross, first_burn, need = costs, burn, (payroll + compute + 28e3) / 0.85
        left = cash - burn
        gone = (left < 0) & np.isinf(runway)
        runway[gone] = m + cash[gone] / burn[gone]
        cash = left
        break_even[np.isinf(break_even) & (revenue >= running)] = m
        deepest = np.where(np.isinf(break_even), np.minimum(deepest, cash), deepest)
        lower = cash < lowest
        lowest[lower], lowest_at[lower] = cash[lower], m
        if m < 12:
            year += burn
        if m < 3:
            burn_3 += burn
        on_revenue += cost_of_revenue
        on_payroll += payroll
        on_compute += compute
        path[m] = cash
        revenue, payroll, compute = (
            revenue * (1 + net),
            payroll * (1 + x["payroll_growth"]),
            compute * (1 + x["compute_growth"]),
        )
    start = 2027 * 12
    arr = 12 * 55e3 * ((1 + net) ** 12 - 1)
    other = 28e3 * MONTHS + 35e3
    return {
        "zero_cash_month": start + runway,
        "runway": runway,
        "runway_alone": runway,
        "default_alive": np.isinf(runway) & np.isfinite(break_even),
        "funded": np.isinf(runway),
        "gross_burn": gross,
        "net_burn": first_burn,
        "net_burn_3": burn_3 / 3,
        "break_even_month": start + break_even,
        "break_even_after": break_even,
        "money_to_break_even": np.where(np.isfinite(break_even), -deepest, np.inf),
        "burn_multiple": np.divide(year, arr, out=np.full(draws, np.inf), where=arr > 0),
        "net_burn_year": year,
        "net_new_arr": arr,
        "net_growth": net,
        "break_even_revenue": need,
        "flat_runway": np.divide(3.2e6, first_burn, out=np.full(draws, np.inf), where=first_burn > 0),
        "lowest_cash": lowest,
        "lowest_cash_month": start + lowest_at,
        "cash_at_horizon": cash,
        "spent_on_revenue": on_revenue,
        "spent_on_payroll": on_payroll,
        "spent_on_compute": on_compute,
        "spent_on_training": x["training_cost"],
        "spent_on_other": other,
        "spent": on_revenue + on_payroll + on_compute + x["training_cost"] + other,
        "cash_by_month": path,
    }


def check_same_model() -> None:
    """Both give the same figures for the same draws."""
    outcome = simulate(CALCULATOR, CALCULATOR.inputs(), draws=2_000, seed=1)
    assert set(outcome.drawn) == set(LIKELY)
    theirs = by_hand(dict(outcome.drawn))
    assert set(theirs) == set(outcome.samples)
    for name, value in theirs.items():
        np.testing.assert_allclose(outcome.samples[name], value, rtol=1e-9, atol=1e-6, err_msg=name)


def seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def page(draws: int, seed: int) -> None:
    """What a recompute of the page needs: draws, bands, tornado, distribution, quantiles of every figure."""
    outcome = simulate(CALCULATOR, CALCULATOR.inputs(), draws=draws, seed=seed)
    outcome.tornado()
    outcome.fan("cash_by_month")
    outcome.histogram("cash_at_horizon")
    for name, output in CALCULATOR.outputs.items():
        if not (output.along or output.boolean):
            outcome.quantiles(name)


def compare(draws: int, runs: int) -> str:
    """A line of medians over alternating runs."""
    inputs = CALCULATOR.inputs()

    def engine(seed: int) -> Any:
        return simulate(CALCULATOR, inputs, draws=draws, seed=seed)

    def hand(seed: int) -> Any:
        return by_hand(draw_by_hand(draws, seed))

    timed: dict[str, list[float]] = {"new": [], "hand": [], "again": []}
    engine(0), hand(0)
    for seed in range(1, runs + 1):
        for name, work in (("new", engine), ("hand", hand), ("again", engine)):
            timed[name].append(seconds(partial(work, seed)))
    new, yardstick, again = (statistics.median(times) for times in timed.values())
    rate = draws * MONTHS / again / 1e6
    return (
        f"{draws:>9,} {new * 1e3:>9.1f} {again * 1e3:>9.1f} {yardstick * 1e3:>9.1f} {rate:>12.1f} "
        f"{yardstick / new:>9.2f} {yardstick / again:>9.2f}"
    )


def quantile_line(title: str, work: Callable[[], Any]) -> str:
    work()
    times = sorted(seconds(work) for _ in range(40))
    return f"{title}: p50 {times[20] * 1e3:.1f} ms, p95 {times[37] * 1e3:.1f} ms"


def main() -> None:
    check_same_model()
    print(f"runway, {MONTHS} months, {len(LIKELY)} ranges; milliseconds, and millions of draws x months a second")
    print("    draws       new     again   by hand  M draw-mo/s ratio new     again")
    for draws, runs in RUNS.items():
        print(compare(draws, runs))
    for draws in (2_000, 10_000):
        print(quantile_line(f"a recompute of the page, {draws:,} draws", partial(page, draws, 7)))
    inputs = CALCULATOR.inputs()
    print(quantile_line("report, 10,000 draws", lambda: report(simulate(CALCULATOR, inputs, draws=10_000, seed=7))))


if __name__ == "__main__":
    main()
