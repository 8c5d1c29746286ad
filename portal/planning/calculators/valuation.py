"""What a company may be worth before a round, by six methods side by side, each as a range with what it rests on."""

from __future__ import annotations

from typing import Any

import numpy as np

from portal.planning.calculator import Axis, Bars, Calculator, Example, Parts, Preset
from portal.planning.finance import Array, draw_count, quotient, settled
from portal.planning.valuing.inputs import BERKUS, EARLY, GROWING, PAYNE, Inputs
from portal.planning.valuing.methods import GROWTH, MIDDLE, MULTIPLE, discounted, place_among, priced
from portal.planning.valuing.outputs import GORDON, OUTPUTS, SAHLMAN
from portal.planning.valuing.words import METHODS, SENTENCES, answer, applying, notices, refuse, tables

# Calculation


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    results = {**_venture_capital(x), **_comparables(x), **_scorecard(x), **_cash_flows(x)}
    results |= _chicago(x, results["retention"])
    results["berkus"] = np.atleast_1d(x.sound_idea + x.prototype + x.team + x.relationships + x.rollout)
    values = _stacked([results[name] for name in applying(x)])
    results |= {
        "value_by_method": values,
        "sold_by_method": quotient(np.atleast_1d(x.investment), values + x.investment),
        "price_by_method": values / x.shares,
        "lowest": values.min(axis=0),
        "highest": values.max(axis=0),
        "spread": quotient(values.max(axis=0), values.min(axis=0)),
    }
    return {name: settled(value, draws) for name, value in results.items()}


def _stacked(values: list[Any]) -> Array:
    """Shape (values, draws), or (0, 1) of none."""
    each = np.broadcast_arrays(*(np.atleast_1d(np.asarray(value, dtype=float)) for value in values))
    return np.stack(each) if each else np.zeros((0, 1))


def _venture_capital(x: Any) -> dict[str, Array]:
    exit_value = np.atleast_1d(x.exit_figure * x.exit_multiple)
    order = sorted(range(len(x.later_rounds)), key=lambda at: x.later_rounds[at].year)
    later = [(x.later_rounds[at].amount, x.later_rounds[at].year, x.later_rounds[at].required) for at in order]
    now, *after = priced(
        [(x.investment, 0, x.required_return), *later], exit_value, x.exit_years, 1 - x.further_dilution
    )
    by_row = [after[order.index(at)] for at in range(len(order))]
    below_whole = np.where(now.sold < 1, now.sold, 0.0)
    new_shares = np.where(now.sold < 1, x.shares * below_whole / (1 - below_whole), np.inf)
    return {
        "exit_value": exit_value,
        "retention": np.atleast_1d(now.retention),
        "final_share": now.final,
        "sold_now": now.sold,
        "new_shares": new_shares,
        "vc_post": now.post,
        "vc": now.post - x.investment,
        "later_sold": _stacked([one.sold for one in by_row]),
        "later_pre": _stacked([one.post - row.amount for one, row in zip(by_row, x.later_rounds, strict=True)]),
    }


def _chicago(x: Any, retention: Array) -> dict[str, Array]:
    today = retention / np.atleast_1d(1 + x.chicago_return) ** x.exit_years
    exits = _stacked([row.exit_value for row in x.scenarios])
    expected = (np.array([row.probability for row in x.scenarios])[:, np.newaxis] * exits).sum(axis=0)
    return {
        "expected_exit": expected,
        "scenario_value": exits * today,
        "chicago": expected * today - x.investment,
    }


def _comparables(x: Any) -> dict[str, Array]:
    multiples = _stacked([row.multiple for row in x.compared])
    places = {"multiple_low": 0.25, "multiple_median": 0.5, "multiple_high": 0.75, "multiple_taken": x.place}
    if not x.compared:
        nobody = np.full(1, np.inf)
        return {**dict.fromkeys(places, nobody), "comparables": nobody}
    taken = {name: place_among(multiples, place) for name, place in places.items()}
    business = x.figure_now * taken["multiple_taken"] * (1 - x.discount)
    return {**taken, "comparables": business + x.net_cash}


def _scorecard(x: Any) -> dict[str, Array]:
    factor = np.atleast_1d(sum(row.weight * row.score for row in x.factors))
    return {"factor": factor, "scorecard": x.regional_median * factor}


def _cash_flows(x: Any) -> dict[str, Array]:
    flows = _stacked([row.cash_flow for row in x.forecast])
    if x.terminal == GROWTH:
        parts = discounted(flows, np.atleast_1d(x.wacc), x.timing, growth=x.terminal_growth)
    else:
        exit_value = x.terminal_figure * x.terminal_multiple
        parts = discounted(flows, np.atleast_1d(x.wacc), x.timing, exit_value=exit_value)
    business = parts.explicit + parts.terminal
    known = np.isfinite(business)
    share = np.where(known, quotient(np.where(known, parts.terminal, 0.0), np.where(known, business, 1.0)), 1.0)
    return {
        "dcf_explicit": parts.explicit,
        "dcf_terminal": parts.terminal,
        "dcf": business + x.net_cash,
        "terminal_share": share,
    }


# Declaration

SURE = {"further_dilution": 0, "later_rounds": [], "net_cash": 0}

EXAMPLES = (
    Example(
        inputs={
            **SURE, "investment": 1_500_000, "shares": 1_000_000, "exit_years": 5, "exit_figure": 2_500_000,
            "exit_multiple": 15, "required_return": 0.5,
            "later_rounds": [{"name": "Second", "year": 2, "amount": 1_000_000, "required": 0.4},
                             {"name": "Third", "year": 4, "amount": 1_000_000, "required": 0.25}],
        },
        expected={"exit_value": 37_500_000, "final_share": 0.30375, "retention": 0.8935, "sold_now": 0.34,
                  "new_shares": 515_055, "vc": 2_912_312.76, "vc_post": 4_412_312.76, "later_sold": [0.0757, 0.0333],
                  "later_pre": [12_210_641.4, 29_000_000]},
        source="Spreadsheet “Venture Capital Method (w/ Dilution)” of vcmethod.com: Sahlman's three rounds.",
        rtol=1.6e-3,
    ),
    Example(
        inputs={**SURE, "investment": 5_000_000, "exit_years": 1, "exit_figure": 46_480_000, "exit_multiple": 1 / 0.7,
                "required_return": 0, "further_dilution": 0.3},
        expected={"vc_post": 46_480_000, "vc": 41_480_000, "sold_now": 0.1076, "final_share": 0.1076 * 0.7},
        source="Figures of ryanoconnellfinance.com, VC method calculator: 5M of 46.48M after the money is 10.76%.",
        rtol=1e-3,
    ),
    Example(
        inputs={"factors": [{"weight": weight, "score": score} for weight, score in zip(
            (0.3, 0.25, 0.15, 0.1, 0.1, 0.05, 0.05), (1.25, 1.5, 1, 0.75, 0.8, 1, 1), strict=True)],
            "regional_median": 2_000_000},
        expected={"factor": 1.155, "scorecard": 2_310_000},
        source="Bill Payne's worked table: 37.5 + 37.5 + 15 + 7.5 + 8 + 5 + 5 = 115.5%.",
    ),
    Example(
        inputs={"sound_idea": 250_000, "prototype": 350_000, "team": 300_000, "relationships": 100_000,
                "rollout": 50_000},
        expected={"berkus": 1_050_000},
        source="Berkus sheet of vcmethod.com.",
    ),
    Example(
        inputs={**SURE, "stage": GROWING, "wacc": 0.1, "terminal_growth": 0.02, "timing": "end",
                "forecast": [{"cash_flow": 110}, {"cash_flow": 121}]},
        expected={"dcf_explicit": 200, "dcf_terminal": 121 * 1.02 / 0.08 / 1.21, "dcf": 200 + 1_275},
        source="By hand: 100 + 100, and 121 × 1.02 ÷ 8% = 1,542.75 in two years.",
    ),
    Example(
        inputs={**SURE, "stage": EARLY, "figure_now": 1_000_000, "place": 0.25, "discount": 0.2,
                "compared": [{"multiple": 4}, {"multiple": 10}, {"multiple": 6}, {"multiple": 8}, {"multiple": 20}]},
        expected={"multiple_low": 6, "multiple_median": 8, "multiple_high": 10, "comparables": 4_800_000},
        source="By hand: of 4, 6, 8, 10, 20 the quartiles are the second and the fourth.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="before-revenue", label="Before revenue", inputs={}),
    Preset(
        slug="first-revenue",
        label="First revenue",
        inputs={
            "stage": EARLY, "investment": 4_000_000, "shares": 10_000_000, "net_cash": 900_000,
            "figure_now": "0.8M to 1.4M", "exit_figure": "20M to 60M", "required_return": "35% to 50%",
            "later_rounds": [{"name": "Series B", "year": 2, "amount": "8M to 14M", "required": 0.35},
                             {"name": "Series C", "year": 4, "amount": "15M to 30M", "required": 0.25}],
            "scenarios": [{"name": "Success", "probability": 0.25, "exit_value": "200M to 600M"},
                          {"name": "Sideways", "probability": 0.4, "exit_value": "30M to 80M"},
                          {"name": "Failure", "probability": 0.35, "exit_value": "1M to 6M"}],
        },
    ),
    Preset(
        slug="growing",
        label="Growing revenue",
        inputs={
            "stage": GROWING, "investment": 15_000_000, "shares": 16_000_000, "net_cash": 3_000_000, "exit_years": 5,
            "figure_now": "6M to 8M", "exit_figure": "50M to 110M", "required_return": "28% to 40%",
            "later_rounds": [{"name": "Series C", "year": 2, "amount": "30M to 50M", "required": 0.25}],
            "scenarios": [{"name": "Success", "probability": 0.3, "exit_value": "500M to 1200M"},
                          {"name": "Sideways", "probability": 0.45, "exit_value": "90M to 200M"},
                          {"name": "Failure", "probability": 0.25, "exit_value": "5M to 20M"}],
            "forecast": [{"name": "1", "cash_flow": -8e6}, {"name": "2", "cash_flow": -4e6},
                         {"name": "3", "cash_flow": "1M to 4M"}, {"name": "4", "cash_flow": "6M to 13M"},
                         {"name": "5", "cash_flow": "12M to 24M"}],
            "terminal": MULTIPLE, "terminal_figure": "50M to 110M", "terminal_multiple": "3 to 6", "timing": MIDDLE,
        },
    ),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="valuation",
    version=1,
    title="Valuation",
    summary="What a company may be worth before a round, by six methods side by side: ranges to negotiate in, with "
    "what each rests on.",
    family="Funding",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="vc",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={"method": Axis(label="Method", places=lambda inputs: [METHODS[name] for name in applying(inputs)])},
    charts=(
        Bars(output="value_by_method", title="Value before the money by each method"),
        Bars(output="sold_by_method", title="Sold in this round at each value"),
        Bars(output="scenario_value", title="Worth today in each scenario"),
        Bars(output="later_pre", title="Value before each later round"),
        Parts(title="Discounted cash flow in parts", outputs=("dcf_explicit", "dcf_terminal")),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(SAHLMAN, PAYNE, BERKUS, GORDON),
)  # fmt: skip
