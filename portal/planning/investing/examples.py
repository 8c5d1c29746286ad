"""Worked examples of investor fit, and the lists that it can start with."""

from __future__ import annotations

from typing import Any

from portal.planning.calculator import Example, Preset
from portal.planning.investing.fit import CRITERIA

# A round of 4M at 16M before the money: the post-money is 20M, and 20% are sold.
ROUND = {"this_round": "seed", "round_size": 4_000_000, "pre_money": 16_000_000, "as_of": "2027-01-11",
         "close_by": "2027-02-22"}  # fmt: skip
ASKS_NOTHING = {"needs_lead": False, "needs_compute": False, "sectors": "", "places": "", "competitors": ""}
# Of what a round that asks for neither a lead nor compute is judged by.
NO_WEIGHT = {f"weight_{name}": 0 for name in CRITERIA if name not in ("lead", "compute")}
ANY_ROUND = {"first_round": "pre_seed", "last_round": "growth"}

EXAMPLES = (
    Example(
        inputs={
            **ROUND, **ASKS_NOTHING, **NO_WEIGHT, "weight_cheque": 1, "weight_ownership": 1, "weight_intro": 2,
            "top": 1, "chance_diligence": 0.3, "chance_meeting": 0.1,
            "investors": [
                {"name": "One", "stage": "diligence", **ANY_ROUND, "cheque_low": 1_000_000, "cheque_high": 2_000_000,
                 "ownership": 0.1, "leads": "leads", "intro": "close"},
                {"name": "Two", "stage": "meeting", **ANY_ROUND, "cheque_low": 4_000_000, "cheque_high": 4_000_000,
                 "ownership": 0.15},
            ],
        },
        expected={
            "sold": 0.2, "score": [7.5, 5.625], "score_low": [7.5, 3.125], "score_high": [7.5, 8.125], "place": [1, 2],
            "among_first": [True, False], "among_first_at_worst": [True, False], "among_first_at_best": [True, True],
            "expected_of": [450_000, 400_000], "expected": 850_000, "chance_filled": 0.1, "chance_lead": 0.3,
            "typical_cheque": 2_750_000, "more_meetings": 12, "days_left": 42, "meetings_a_week": 2,
        },
        source="By hand: One has (5 + 5 + 2 × 10) ÷ 4; Two (10 + 2.5 + 2 × 0 or 10) ÷ 4, its way in not being known. "
        "3.15M ÷ (10% × 2.75M) is 11.5 first meetings more.",
    ),
    Example(
        inputs={
            **ROUND, **ASKS_NOTHING, "competitors": "Rival One, Rival Two",
            "investors": [
                {"name": "Wants too much", **ANY_ROUND, "cheque_high": 2_000_000, "ownership": 0.15},
                {"name": "Just reaches it", **ANY_ROUND, "cheque_low": 500_000, "cheque_high": 2_000_000,
                 "ownership": 0.1, "portfolio": "none"},
                {"name": "Too large", **ANY_ROUND, "cheque_low": 5_000_000, "ownership": 0.1},
                {"name": "Too late", "first_round": "series_a"},
                {"name": "In conflict", "portfolio": "Other, RIVAL two"},
                {"name": "Small fund", **ANY_ROUND, "fund_size": 10_000_000, "ownership": 0.06},
                {"name": "Passed", "stage": "passed"},
            ],
        },
        expected={"excluded": [True, False, True, True, True, True, True], "fitting": 1, "doubtful": 0,
                  "sold": 0.2},
        source="By hand: 2M of 20M buy 10%, a tenth of a fund of 10M buys 5%; 5M is more than the round.",
    ),
    Example(
        inputs={
            **ROUND, **ASKS_NOTHING, "round_size": 3_000_000, "chance_committed": 0.9, "chance_terms": 0.5,
            "investors": [
                {"name": "One", "stage": "committed", "amount": 1_000_000},
                {"name": "Two", "stage": "committed", "amount": 1_000_000},
                {"name": "Three", "stage": "terms", "amount": 2_000_000},
            ],
        },
        expected={"chance_filled": 0.495, "committed": 2_000_000, "expected": 2_800_000, "gap": 200_000},
        source="By hand: the 2M and at least one of the others, 50% × (1 − 10% × 10%).",
    ),
)  # fmt: skip


def _angel(name: str, stage: str, cheque: float, intro: str, **more: Any) -> dict[str, Any]:
    """One who asks for no ownership and leads no round."""
    return {
        "name": name, "stage": stage, "first_round": "pre_seed", "last_round": "seed", "cheque_low": cheque,
        "cheque_high": cheque, "ownership": 0.0001, "leads": "follows", "places": "any", "intro": intro,
        "reserves": "no", "compute": "none", **more,
    }  # fmt: skip


PRESETS = (
    Preset(slug="seed", label="Seed, ten investors", inputs={}),
    Preset(
        slug="angels",
        label="Pre-seed from angels",
        inputs={
            "this_round": "pre_seed", "round_size": 600_000, "pre_money": "4M to 6M", "needs_lead": False,
            "needs_compute": False, "close_by": "2027-03-15",
            "investors": [
                _angel("Angel Example One", "committed", 100_000, "close", sectors="developer tools"),
                _angel("Angel Example Two", "committed", 50_000, "close", sectors="AI"),
                _angel("Angel Example Three", "terms", 100_000, "known", sectors="any", due="2027-01-08",
                       next_step="Send the SAFE"),
                _angel("Angel Example Four", "diligence", 50_000, "known", sectors="AI", due="2027-01-14",
                       next_step="Answer two questions"),
                _angel("Angel Example Five", "meeting", 100_000, "cold", portfolio="Mockstack"),
                _angel("Angel Example Six", "contacted", 50_000, "known", sectors="consumer goods"),
                {"name": "Studio Example", "stage": "meeting", "first_round": "pre_seed", "last_round": "pre_seed",
                 "cheque_low": 150_000, "cheque_high": 300_000, "ownership": 0.06, "leads": "leads", "sectors": "any",
                 "places": "Europe", "next_step": "Second call", "due": "2027-01-19", "intro": "known"},
            ],
        },
    ),
    Preset(
        slug="no-lead",
        label="With a lead, without compute",
        inputs={"needs_lead": False, "needs_compute": False, "top": 3},
    ),
)  # fmt: skip
