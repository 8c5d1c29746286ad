"""Worked cases and starting points of the raise plan."""

from __future__ import annotations

from portal.planning.calculator import Example, Preset
from portal.planning.milestones.inputs import TYPED

# A company without revenue, growth and SAFEs, whose raising takes four months.
PLAIN = {
    "revenue": 0, "growth": 0, "costs_growth": 0, "gross_margin": 1, "safes": 0, "safes_cap": 0, "founders_now": 1,
    "months_to_raise": 4, "bridge_months": 1, "bridge_discount": 0, "multiple": 10, "value_now": 5_600_000,
    "horizon": 48, "keep": 6,
}  # fmt: skip

EXAMPLES = (
    Example(
        inputs={
            **PLAIN, "cash": 600_000, "costs": 100_000, "reserve": 1, "keep": 6, "wanted": 0.75,
            "bridge": 1_000_000, "bridge_cap": 10_000_000,
            "milestones": [{"name": "Pilot", "months": 8, "slip": 0, "cost": 200_000, "reached": 1, "value": 9e6}],
            "rounds": [{"name": "Seed", "pool": 0.1}],
        },
        # 18 months of 100,000 and 200,000 on top, of which 600,000 are there; 1.4M of 7M is a fifth.
        expected={
            "amount": 1_400_000, "runway_alone": 6, "plan_months": 18, "sold": 0.2, "founders_end": 0.7,
            "needed_now": 1_400_000 * (1 / 0.15 - 1), "keeps": False, "lasts": True, "in_time": True,
            "value_by_way": [0.7 * 9e6, 0.7 * 9e6, 9e6 * (0.9 - 1.4 / 9.4)],
            "raised_by_way": [1_400_000, 1_400_000, 1_400_000], "lasts_by_way": [True, True, True],
        },
        source="By hand. The bridge leaves 400,000 to raise at 9M, below its cap of 10M: it converts at that price.",
    ),
    Example(
        inputs={
            **PLAIN, "cash": 400_000, "costs": 100_000, "reserve": 2, "keep": 4, "value_now": 4_000_000,
            "bridge": 1_000_000,
            "milestones": [{"name": "One", "months": 6, "slip": 0.5, "cost": 0, "reached": 1, "value": 8_000_000},
                           {"name": "Two", "months": 7, "slip": 0, "cost": 0, "reached": 1, "value": 20_000_000}],
            "rounds": [{"name": "Seed", "after": 0, "pool": 0}, {"name": "A", "after": 1, "pool": 0.1}],
        },
        # Closings in months 4 and 17; the first round pays until 19, the second until 24.
        expected={
            "round_amount": [1_500_000, 500_000], "round_sold": [1.5 / 5.5, 0.5 / 8.5], "plan_months": 24,
            "founders_after": [4 / 5.5, 4 / 5.5 * (0.9 - 0.5 / 8.5)], "raised": 2_000_000, "may_slip": 0,
            "supported": [8_000_000, 20_000_000], "raised_by_way": [2_000_000, 2_000_000, 2_000_000],
        },
        source="By hand: nine months of work, seven more, four of raising each time.",
    ),
    Example(
        inputs={
            **PLAIN, "cash": 1_000_000, "costs": 50_000, "size_by": TYPED, "amount_typed": 3_000_000,
            "value_now": 12_000_000, "safes": 1_000_000, "safes_cap": 10_000_000,
            "milestones": [{"name": "One", "months": 6, "slip": 0, "reached": 1, "value": 20_000_000}],
            "rounds": [{"name": "Seed", "pool": 0.1}],
        },
        expected={"founders_first": 0.63, "sold": 0.2, "round_converted": [0.07], "given_up": 0.37},
        source="Documents of an exit model, docs/fixtures.md S3: a SAFE of 1M at 10M, 3M at 12M, a pool of 10%.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="seed-and-a", label="Seed, then a Series A", inputs={}),
    Preset(
        slug="pre-seed",
        label="Before the seed round",
        inputs={
            "cash": 150_000, "costs": "18k to 30k", "revenue": 0, "safes": 0, "founders_now": 0.95,
            "value_now": "3M to 6M", "wanted": 0.5, "keep": 18, "bridge": 400_000, "bridge_cap": 5_000_000,
            "milestones": [
                {"name": "Prototype", "months": 5, "slip": "10% to 80%", "cost": "40k to 120k", "reached": 0.8,
                 "value": "6M to 10M"},
                {"name": "Three design partners", "months": 5, "slip": "10% to 80%", "cost": "20k to 60k",
                 "reached": 0.7, "value": "9M to 15M"},
            ],
            "rounds": [{"name": "Pre-seed", "after": 0, "pool": 0.1}, {"name": "Seed", "after": 2, "pool": 0.1}],
        },
    ),
    Preset(
        slug="frontier",
        label="Model company with large training runs",
        inputs={
            "cash": 20_000_000, "costs": "1.2M to 1.8M", "costs_growth": "2% to 4%", "revenue": 120_000,
            "growth": "6% to 14%", "safes": 0, "founders_now": 0.62, "value_now": "90M to 160M", "wanted": 0.3,
            "reserve": 6, "bridge": 15_000_000, "bridge_cap": 120_000_000, "multiple": "25 to 60",
            "milestones": [
                {"name": "Second model", "months": 8, "slip": "10% to 60%", "cost": "12M to 25M", "reached": 0.75,
                 "value": "220M to 400M"},
                {"name": "Enterprise product", "months": 8, "slip": "5% to 60%", "cost": "4M to 9M", "reached": 0.7,
                 "value": "300M to 600M"},
                {"name": "Third model", "months": 10, "slip": "10% to 80%", "cost": "50M to 110M", "reached": 0.6,
                 "value": "700M to 1500M"},
            ],
            "rounds": [{"name": "Series A", "after": 0, "pool": 0.08}, {"name": "Series B", "after": 1, "pool": 0.06},
                       {"name": "Series C", "after": 2, "pool": 0.05}],
        },
    ),
)  # fmt: skip
