"""Worked SAFEs and notes with their sources, and starting points of the page."""

from __future__ import annotations

from typing import Any

from portal.planning.calculator import Example, Preset
from portal.planning.converting.outputs import QUICK
from portal.planning.equity.notes import ExitElection
from portal.planning.equity.terms import Pricing
from portal.planning.raising.instruments import PRE

OVF = "ogulcan-ozyavuz/algorithmic-game-theory-for-private-equity @2cc17f5 (Apache-2.0), docs/"

# Founders alone, and a round without a pool.
PLAIN: dict[str, Any] = {
    "founders": 8_000_000, "others": 0, "options": 0, "pool_now": 0, "promised": 0, "pool_target": 0, "notes": [],
    "pre_money": 12_000_000, "sale_price": 20_000_000,
}  # fmt: skip
CAPPED = {"name": "Angel", "amount": 1_000_000, "cap": 10_000_000}
LENDER = {"name": "Lender", "principal": 500_000, "rate": 0.06, "issued": "2026-03-31", "maturity": "2028-03-31",
          "cap": 8_000_000, "discount": 0.2, "threshold": 1_000_000}  # fmt: skip

EXAMPLES = (
    Example(
        inputs={**PLAIN, "safes": [{**CAPPED, "amount": 800_000, "cap": 6_700_000}]},
        expected={"sold_before": 0.12, "effective_post": 6_700_000}, source=QUICK + " 1, which prints about 12%",
        rtol=0.01,
    ),
    Example(
        inputs={**PLAIN, "safes": [{"name": "A", "amount": 500_000, "cap": 5_500_000},
                                   {"name": "B", "amount": 500_000, "cap": 8_300_000}]},
        expected={"safe_sold": [1 / 11, 5 / 83], "sold_before": 1 / 11 + 5 / 83,
                  "effective_post": 1_000_000 / (1 / 11 + 5 / 83)},
        source=QUICK + " 2, which prints about 9%, 6% and 15%",
    ),
    Example(
        inputs={**PLAIN, "founders": 9_400_000, "pool_now": 600_000, "safes": [
            {"name": "A", "amount": 1_000_000, "cap": 10_000_000},
            {"name": "B", "amount": 1_000_000, "cap": 20_000_000},
            {"name": "C", "amount": 1_000_000, "cap": 10_000_000, "form": PRE},
        ]},
        expected={"safe_sold": [0.1, 0.05, 0.07727]}, rtol=1e-4,
        source="1984vc/cap-table (MIT), pre-round.test.ts: shares of before and the unused pool under a pre-money cap",
    ),
    Example(
        inputs={**PLAIN, "safes": [CAPPED]},
        expected={"price": 1.35, "founders_after": 0.72, "safe_part": [0.08], "safe_at_cap": [True],
                  "safe_sold": [0.1], "safe_cap_from": [10_000_000], "safe_sale": [2_000_000],
                  "sale_founders": 18_000_000},
        source=OVF + "fixtures.md S1; by hand: at a pre-money of 10,000,000 round price and cap price are both 1.125, "
        "and a tenth of 20,000,000 is more than the amount",
    ),
    Example(
        inputs={**PLAIN, "safes": [], "notes": [LENDER], "closing": "2027-03-31", "sale_day": "2027-03-31",
                "new_part": 0.2, "pricing": Pricing.PRE_MONEY_METHOD.value, "sale_price": 4_000_000},
        expected={"note_owed": [530_000], "price": 1.5, "note_price": [1], "note_converts": [530_000],
                  "note_cap_from": [10_000_000], "note_due": [560_082.191780], "note_sale": [530_000],
                  "sale_founders": 3_470_000},
        source=OVF + "debt.md C1: 530,000 converts at 8,000,000 ÷ 8,000,000 = 1.00, below 1.50 less 20%; two years "
        "with a leap day are 731 days",
    ),
    Example(
        inputs={**PLAIN, "safes": [], "notes": [{**LENDER, "discount": 0, "at_sale": ExitElection.MULTIPLE.value,
                                                 "multiple": 2}],
                "sale_day": "2027-03-31", "sale_price": 800_000},
        expected={"note_sale": [800_000], "sale_founders": 0, "sale_owed": 800_000},
        source="By hand: twice 500,000 and 30,000 of interest are more than the price.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="stack", label="Accelerator, angels, a seed fund and a note", inputs={}),
    Preset(
        slug="first-safe", label="One post-money SAFE",
        inputs={"safes": [{"name": "Angels", "amount": 500_000, "cap": 6_000_000}], "notes": []},
    ),
    Preset(
        slug="pre-money", label="Pre-money SAFEs of the old form",
        inputs={
            "safes": [
                {"name": "Angels", "amount": 300_000, "cap": 5_000_000, "form": PRE},
                {"name": "Fund", "amount": 700_000, "cap": 8_000_000, "discount": 0.2, "form": PRE},
            ],
            "notes": [],
        },
    ),
    Preset(
        slug="bridge", label="Notes with interest that compounds",
        inputs={
            "safes": [],
            "notes": [
                {"name": "Angel fund", "principal": 400_000, "rate": 0.06, "issued": "2026-03-31",
                 "maturity": "2028-03-31", "cap": 6_000_000, "at_maturity": "converts"},
                {"name": "Bridge", "principal": 300_000, "rate": 0.1, "compounding": "quarterly",
                 "issued": "2026-06-30", "partial": "simple", "maturity": "2027-12-31", "discount": 0.25,
                 "threshold": 2_000_000, "below": "keep", "at_sale": "multiple", "multiple": 1.5},
            ],
            "pre_money": "6M to 16M",
        },
    ),
)  # fmt: skip
