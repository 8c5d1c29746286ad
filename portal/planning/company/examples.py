"""Worked cases and starting points of the runway calculator."""

from __future__ import annotations

from portal.planning.calculator import Example, Preset

# A company without revenue or costs, for cases that state only a few of them.
PLAIN = {
    "payroll": 0, "growth": 0, "churn": 0, "gross_margin": 1, "payroll_growth": 0, "other_costs": 0, "model_compute": 0,
    "compute_growth": 0, "training_cost": 0, "one_offs": [], "funding": [], "revenue": 0,
}  # fmt: skip

EXAMPLES = (
    Example(
        inputs={**PLAIN, "cash": 500_000, "payroll": 62_500},
        expected={"runway": 8, "flat_runway": 8, "default_alive": False},
        source="By hand: 500,000 ÷ 62,500, with a burn that does not change.",
    ),
    Example(
        inputs={**PLAIN, "cash": 800_000, "revenue": 20_000, "growth": "10%", "payroll": 80_000},
        expected={"flat_runway": 13.333333, "break_even_after": 15, "lowest_cash": 235_449.63, "default_alive": True},
        source="Inputs of runwaymodeler.net/blog-default-alive.html. The page divides, finds 13.3 months of runway "
        "before month 15 and says default dead; month by month the company never falls below $235,449.",
    ),
    Example(
        inputs={
            **PLAIN,
            "cash": 100_000,
            "payroll": 10_000,
            "one_offs": [{"label": "Equipment", "month": 3, "amount": -20_000}],
            "funding": [{"label": "Loan", "month": 5, "amount": 50_000, "closes": 1}],
        },
        expected={"runway": 13, "runway_alone": 8, "lowest_cash": -230_000, "default_alive": False, "funded": False},
        source="By hand: 90, 80, 50, 40, 80 thousand, then 10 less each month; 36 months in all.",
    ),
)

PRESETS = (
    Preset(
        slug="lean",
        label="Lean",
        inputs={
            "cash": 650_000, "revenue": 14_000, "growth": "5% to 12%", "churn": "2% to 5%", "gross_margin": "88%",
            "payroll": 42_000, "payroll_growth": "0.2% to 1%", "other_costs": 7_000, "model_compute": "4k to 9k",
            "compute_growth": "1% to 5%", "training_cost": "4k to 15k", "training_month": 3,
            "one_offs": [{"label": "Research grant", "month": 6, "amount": 50_000}],
        },
    ),
    Preset(slug="base", label="Base", inputs={}),
    Preset(
        slug="aggressive",
        label="Aggressive",
        inputs={
            "cash": 9_000_000, "revenue": 90_000, "growth": "8% to 18%", "churn": "2% to 6%", "payroll": 340_000,
            "payroll_growth": "1.5% to 4%", "other_costs": 75_000, "model_compute": "90k to 200k",
            "compute_growth": "4% to 9%", "training_cost": "600k to 2M", "training_month": "5 to 8 as uniform",
            "funding": [{"label": "Series A", "month": "10 to 16 as uniform", "amount": "10M to 18M", "closes": "55%"}],
        },
    ),
    Preset(
        slug="api-7b",
        label="API company with a 7B model",
        # 6 × 7e9 × 2e12 tokens = 8.4e22 FLOP: 59,000 H100 hours at 40% of 989 TFLOP/s, at $2 to $4, with restarts.
        inputs={
            "cash": 5_000_000, "revenue": 95_000, "growth": "7% to 15%", "churn": "3% to 7%", "gross_margin": "90%",
            "payroll": 190_000, "payroll_growth": "0.5% to 2%", "other_costs": 35_000, "model_compute": "55k to 120k",
            "compute_growth": "3% to 7%", "training_cost": "120k to 300k", "training_month": 4,
        },
    ),
)  # fmt: skip
