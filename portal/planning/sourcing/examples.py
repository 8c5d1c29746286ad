"""Worked cases of the build-or-buy calculator, and the starting points of its page."""

from __future__ import annotations

from typing import Any

from portal.planning.calculator import Example, Preset
from portal.planning.sourcing.inputs import ALTERNATIVES, LIST, MANAGED, OWN, RENTED, SCRATCH, TUNED

# Of the API and one other way, what a case does not state is nothing. Left out ways keep their starting values.
_COMMON = {
    "horizon": 12, "discount": 0, "engineer_cost": 0, "requests": 1_000_000, "growth": 0, "input_tokens": 1_000,
    "output_tokens": 500, "cached_share": 0, "batch_share": 0, "api_model": "typed", "api_input": 2, "api_cached": 0.2,
    "api_output": 8, "api_decline": 0, "api_risk": 0, "api_engineers": 0, "open_fallback": 0, "open_input_rate": 1e9,
    "open_output_rate": 1_000, "open_devices": 1, "open_copies": 1, "utilisation": 0.5, "price_basis": "typed",
    "usd_per_device_hour": 2, "rent_decline": 0, "cloud_risk": 0, "small_input_rate": 1e9, "small_output_rate": 1_000,
    "small_copies": 1,
}  # fmt: skip
_OF_WAY: dict[str, dict[str, Any]] = {
    MANAGED: {"managed_model": "typed", "managed_input": 0.5, "managed_cached": 0.5, "managed_output": 1.5,
              "managed_decline": 0, "managed_risk": 0},
    RENTED: {},
    OWN: {"own_price": 30_000, "own_power": 0, "colocation": 0, "maintenance": 0, "residual": 1},
    TUNED: {"tuning_cost": 0, "tuning_data": 0, "tunings": 0, "tuned_share": 1, "tuned_fallback": 0},
    SCRATCH: {"training_cost": 0, "trials": 0, "training_data": 0, "retraining": 0, "scratch_share": 1,
              "scratch_fallback": 0},
}  # fmt: skip
# The API asks $20 for a million tokens of output, a request has 1,000 of them, and a device writes 100 a second.
STEPS = {"input_tokens": 0, "output_tokens": 1_000, "api_output": 20, "open_output_rate": 100}


def plain(*ways: str) -> dict[str, Any]:
    """Inputs that compare the API with these ways, and look closely at the first of them."""
    return {
        **_COMMON,
        **{f"compare_{key}": "yes" if key in ways else "no" for key in ALTERNATIVES},
        "against": ways[0],
        **{name: value for key in ways for name, value in _OF_WAY[key].items()},
        **{f"{key}_{cost}": 0 for key in ways for cost in ("engineers", "switching", "wait")},
    }


EXAMPLES = (
    Example(
        inputs={**plain(MANAGED), "open_fallback": 0.1, "managed_switching": 12_000, "managed_wait": 2},
        expected={
            "api_per_request": 0.006, "api_total": 72_000, "rival_total": 42_500, "saving": 29_500, "rival_api": 18_000,
            "rival_serving": 12_500, "break_even_requests": 12_000 / 0.0415, "lasting_requests": 12_000 / 0.0415,
            "break_even_after": 5, "cheapest": [False, True], "even_api_price": (12_000 + 12_500) / (72_000 - 18_000),
        },
        source="By hand: a request costs $0.006 at the API and $0.00125 by the token, a tenth of them both. Two months "
        "of $6,000, then ten of $1,250 and $600, and $12,000 to switch. Each request a month gains 10 × ($0.0054 − "
        "$0.00125) = $0.0415.",
    ),
    Example(
        inputs={**plain(RENTED), **STEPS, "rented_switching": 70_000},
        expected={
            "api_total": 240_000, "rival_serving": 8 * 12 * 1_461, "rival_total": 70_000 + 140_256,
            "break_even_requests": (70_000 + 5 * 17_532) / 0.24, "lasting_requests": (70_000 + 7 * 17_532) / 0.24,
            "break_even_after": 9, "devices_by_month": [8] * 12,
        },
        source="By hand: a request takes 10 of the 1,314,900 seconds that a device works in a month, so a device "
        "answers 131,490 and eight answer a million. A device costs 12 × 730.5 × $2 = $17,532 and saves 131,490 × "
        "$0.24 = $31,557.60, $14,025.60 more: the $70,000 come back with the fifth, and the eighth no longer loses.",
    ),
    Example(
        inputs={
            **plain(OWN), **STEPS, "horizon": 24, "requests": 100_000, "own_price": 30_000, "life": 60,
            "residual": 10**-0.7,
        },
        expected={"rival_total": 30_000 * (1 - 10**-0.28), "rival_serving": 30_000 * (1 - 10**-0.28),
                  "supplier_share": 1, "supplier_index": 10_000, "break_even_after": 15,
                  "break_even_requests": 30_000 * (1 - 10**-0.28) / 0.48},
        source="Epoch AI, arXiv 2405.21015: 0.14 orders of magnitude a year leave 52.5% after two years. By hand: one "
        "device of $30,000 saves $2,000 a month.",
    ),
    Example(
        inputs={
            **plain(TUNED), "tuning_cost": 5_000, "tuning_data": 4_000, "tunings": 2, "tuned_share": 0.8,
            "tuned_fallback": 0.05, "usd_per_device_hour": 1,
        },
        expected={
            "rival_api": 17_280, "rival_building": 19_000, "rival_serving": 8_766, "rival_total": 45_046,
            "supplier_share": 23_766 / 45_046,
            "supplier_index": (17_280**2 + 23_766**2 + 4_000**2) / 45_046**2 * 10_000,
        },
        source="By hand: 0.8 × 0.95 of $6,000 a month is saved, one device costs 8,766 hours at $1, and it is tuned at "
        "the start and twice a year. The cloud gets $5,000 + $10,000 + $8,766, the API $17,280, data $4,000.",
    ),
    Example(
        inputs={
            **plain(SCRATCH), "training_cost": 100_000, "trials": 0.5, "training_data": 20_000, "retraining": 0.25,
            "scratch_share": 0.5, "usd_per_device_hour": 1, "scratch_wait": 6, "scratch_engineers": 2,
            "engineer_cost": 120_000,
            "api_risk": 0.75, "api_exit": 2, "scratch_switching": 10_000,
        },
        expected={
            "rival_building": 182_500, "rival_staff": 240_000, "rival_api": 54_000, "rival_serving": 4_383,
            "rival_risk": 54_000 * 2 * (1 - 0.25 ** (1 / 12)), "rival_switching": 10_000,
            "api_total": 72_000 * (1 + 2 * (1 - 0.25 ** (1 / 12))),
        },
        source="By hand: $150,000 and $20,000 at the start, $12,500 in the half year in which it runs, and "
        "the API six months in full and six by half. Of a yearly 75%, 1 − 0.25^(1/12) falls on a month, and costs two "
        "bills.",
    ),
    Example(
        inputs={"api_model": "gpt-5", "cached_share": 0.5, "input_tokens": 800, "output_tokens": 300,
                "batch_share": 0.2},
        expected={"api_per_request": (400 * 1.25 + 400 * 0.125 + 300 * 10) / 1e6 * 0.9},
        source="OpenAI's prices of GPT-5, $1.25, $0.125 cached and $10, by way of " + LIST + ", and half for a fifth.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="support", label="Support bot, 100,000 requests a day", inputs={}),
    Preset(
        slug="documents",
        label="Extraction from documents, in batches",
        inputs={
            "requests": "300k to 700k", "growth": "0% to 5%", "input_tokens": "4k to 9k", "output_tokens": "300 to 800",
            "cached_share": "5% to 15%", "batch_share": 1, "api_model": "gpt-5-mini", "managed_model": "minimax-m2",
            "utilisation": "50% to 85%", "open_copies": 1, "small_copies": 1, "tuned_share": "70% to 95% as beta",
            "tuned_fallback": "3% to 12%", "against": "tuned",
        },
    ),
    Preset(
        slug="chat",
        label="Consumer chat, two million requests a day",
        inputs={
            "requests": "45M to 75M", "growth": "2% to 8%", "input_tokens": "1k to 2.5k", "output_tokens": "250 to 500",
            "cached_share": "40% to 70%", "api_model": "claude-4.5-haiku", "managed_model": "kimi-k2",
            "against": "rented",
        },
    ),
)  # fmt: skip
