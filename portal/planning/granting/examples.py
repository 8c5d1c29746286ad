"""Worked cases and starting points of the option pool calculator."""

from __future__ import annotations

from portal.planning.calculator import Example, Preset
from portal.planning.granting.inputs import GONE, SALARY, VALUE
from portal.planning.granting.outputs import ASC_718, SHUFFLE

# A company without options, leavers, refreshers and buffer.
PLAIN = {
    "promised": 0, "refresh": 0, "buffer": 0, "attrition": 0, "exercised": 0, "other_shares": 0, "granted": 0,
    "granted_vested": 0, "pool_now": 0, "common_part": 1, "volatility": 0.5, "option_life": 5, "risk_free": 0.05,
}  # fmt: skip

EXAMPLES = (
    Example(
        inputs={
            **PLAIN, "founders_shares": 6_000_000, "pre_money": 8_000_000, "new_money": 2_000_000, "asked": 0.2,
            "hires": [{"role": "All", "part": 0.2}],
        },
        expected={
            "topup": 2_000_000, "price": 1.0, "price_without": 4 / 3, "effective_pre_money": 6_000_000,
            "total": 10_000_000, "new_shares": 2_000_000, "founders_after": 0.6, "founders_asked": 0.6,
            "asked_costs_value": 0,
            "point_founders": 1,
        },
        source=f"{SHUFFLE}: 6M shares, 8M before 2M of new money, a pool of 20% afterwards.",
    ),
    Example(
        inputs={
            **PLAIN, "founders_shares": 7_000_000, "pool_now": 500_000, "pre_money": 9_000_000,
            "new_money": 1_000_000, "horizon": 24, "asked": 0,
            "hires": [
                {"role": "Lead", "part": 0.02, "people": 2},
                {"role": "Engineer", "by": VALUE, "value": 100_000, "people": 3, "month": 12},
                {"role": "Seller", "by": SALARY, "salary": 100_000, "multiple": 1, "people": 3, "month": 24},
                {"role": "Later", "part": 0.2, "month": 25},
            ],
        },
        # 4% + 3% + 3% = 10% for the pool, 10% sold: 80% are 7M shares.
        expected={
            "pool_share": 0.1, "total": 8_750_000, "pool_needed": 875_000, "topup": 375_000, "price": 10 / 8.75,
            "shares_each": [175_000, 87_500, 87_500, 1_750_000], "founders_without": 7 / 7.5 * 0.9,
            "worth_each": [200_000, 100_000, 100_000, 2_000_000],
        },
        source="By hand: a tenth is sold and a tenth granted, so that 7M shares are 80%.",
    ),
    Example(
        inputs={
            **PLAIN, "founders_shares": 9_000_000, "granted": 1_000_000, "granted_left": 10, "horizon": 2,
            "attrition": 1 - 0.9**12, "exercised": 0.5, "pool_now": 100_000, "pre_money": 10_000_000,
            "new_money": 1_000_000, "hires": [], "asked": 0,
        },
        # Vested 10% and 20%; 100,000 leave, then 90,000.
        expected={
            "forfeited_by_month": [90_000, 162_000], "lapsed_by_month": [5_000, 14_000],
            "vested_by_month": [95_000, 176_000], "come_back": 176_000, "pool_needed": 0,
            "available_by_month": [195_000, 276_000],
        },
        source="By hand: a tenth leaves at the end of each month; half of what had vested is exercised.",
    ),
    Example(
        inputs={
            **PLAIN, "founders_shares": 9_000, "pre_money": 950_000, "new_money": 50_000, "volatility": 0.3,
            "option_life": 1, "risk_free": 0.05, "returns": GONE, "hires": [{"part": 0.05, "vesting": 24}], "asked": 0,
        },
        expected={"price": 100, "option_value": 14.231255, "grant_value": 7_115.6274, "expense_year": 3_557.8137},
        source=f"{ASC_718}. S = K = 100, 5%, 30%, one year: 14.2313 in textbooks; 500 options, half of them in a year.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="series-a", label="Before a Series A", inputs={}),
    Preset(
        slug="seed",
        label="Seed round",
        inputs={
            "founders_shares": 9_000_000, "other_shares": 0, "granted": 0, "promised": 0, "pool_now": 1_000_000,
            "pre_money": "6M to 10M", "new_money": "1.5M to 3M", "asked": 0.1,
            "hires": [
                {"role": "First engineer", "level": "Founding", "month": "1 to 3", "part": "0.5% to 2%"},
                {"role": "Researcher", "level": "Founding", "month": "2 to 5", "part": "0.5% to 2%"},
                {"role": "Engineers", "people": 2, "month": "4 to 10", "part": "0.2% to 0.8%"},
                {"role": "Designer", "month": "5 to 12", "part": "0.1% to 0.5%"},
                {"role": "Adviser", "month": 2, "part": "0.1% to 0.4%", "vesting": 24, "cliff": 0},
            ],
        },
    ),
    Preset(
        slug="growth",
        label="Growing team, grants by salary",
        inputs={
            "founders_shares": 12_000_000, "other_shares": 14_000_000, "granted": 3_500_000, "granted_vested": 0.5,
            "pool_now": 900_000, "promised": 250_000, "horizon": 24, "attrition": "10% to 22%", "asked": 0.08,
            "pre_money": "120M to 180M", "new_money": "25M to 40M", "refresh": "10% to 25%",
            "hires": [
                {"role": "Vice presidents", "level": "Executive", "people": 3, "month": "2 to 9", "by": "salary",
                 "salary": 280_000, "multiple": "2 to 5"},
                {"role": "Researchers", "level": "Senior", "people": 12, "month": "1 to 12", "by": "salary",
                 "salary": 240_000, "multiple": "0.8 to 2"},
                {"role": "Engineers", "people": 30, "month": "2 to 18", "by": "salary", "salary": 180_000,
                 "multiple": "0.4 to 1"},
                {"role": "Sales", "people": 15, "month": "3 to 20", "by": "salary", "salary": 130_000,
                 "multiple": "0.2 to 0.5"},
                {"role": "Operations", "people": 8, "month": "4 to 20", "by": "salary", "salary": 110_000,
                 "multiple": "0.1 to 0.4"},
            ],
        },
    ),
)  # fmt: skip
