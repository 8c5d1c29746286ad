"""Worked rounds with their sources, and starting points of the page."""

from __future__ import annotations

from typing import Any

from portal.planning.calculator import Example, Preset
from portal.planning.equity.safes import Mfn
from portal.planning.equity.table import Kind
from portal.planning.equity.terms import Pricing
from portal.planning.raising.inputs import SHARES
from portal.planning.raising.instruments import PRE
from portal.planning.raising.outputs import COOLEY, SHUFFLE

OVF = "ogulcan-ozyavuz/algorithmic-game-theory-for-private-equity @2cc17f5 (Apache-2.0), docs/"
GUIDE = "YC Post-Money Safe User Guide, Appendix II"


def _founders(shares: int) -> list[dict[str, Any]]:
    return [{"name": "Founders", "shares": shares, "founder": True}]


# A round of 3 million on 12 million pre-money for a company of founders alone.
PLAIN = {
    "holders": _founders(8_000_000), "pool_now": 0, "pool_target": 0, "safes": [], "notes": [],
    "pre_money": 12_000_000, "new_money": 3_000_000, "investors": [{"name": "Lead"}],
}  # fmt: skip
CAPPED = {"name": "Angel", "amount": 1_000_000, "cap": 10_000_000}
MFN = {"name": "First", "amount": 500_000, "mfn": Mfn.STATED.value, "elects": "Fund"}
DISCOUNTED = {"name": "Fund", "amount": 1_000_000, "discount": 0.2}
COOLEY_ROUND = {
    **PLAIN, "holders": _founders(1_000_000), "pre_money": 8_000_000, "new_money": 2_000_000,
    "safes": [{"name": "Safe", "amount": 1_000_000, "discount": 0.3}],
}  # fmt: skip
YC_COMPANY = {
    "holders": [*_founders(9_250_000), {"name": "Team", "shares": 300_000, "kind": Kind.OPTION.value}],
    "pool_now": 450_000, "promised": 350_000, "notes": [], "investors": [{"name": "Lead"}],
}  # fmt: skip
YC_SAFES = [{"name": "A", "amount": 200_000, "cap": 4_000_000}, {"name": "B", "amount": 800_000, "cap": 8_000_000}]

EXAMPLES = (
    Example(
        inputs={**PLAIN, "safes": [CAPPED]},
        expected={"price": 1.35, "total": 100_000_000 / 9, "founders_after": 0.72, "part_after":
                  [0.72, 0, 0.08, 0, 0.2, 0], "safe_at_cap": [True]},
        source=OVF + "fixtures.md S1",
    ),
    Example(
        inputs={**PLAIN, "safes": [DISCOUNTED, CAPPED]},
        expected={"price": 191 / 160, "safe_converts": [200_000_000 / 191, 192_000_000 / 191],
                  "safe_at_cap": [False, True], "safe_at_discount": [True, False]},
        source=OVF + "rounds.md DO2",
    ),
    Example(
        inputs={**PLAIN, "safes": [MFN, CAPPED, DISCOUNTED]},
        expected={"total": 1_600_000_000 / 119, "safe_part": [1 / 24, 0.08, 1 / 12]},
        source=OVF + "rounds.md MF-disc",
    ),
    Example(
        inputs={**YC_COMPANY, "safes": YC_SAFES, "pre_money": 15_000_000, "new_money": 5_000_000, "pool_by": SHARES,
                "pool_shares": 1_695_000},
        expected={"total": 915_260_000 / 51, "price": 51_000 / 45_763, "new_shares": 228_815_000 / 51,
                  "safe_converts": [10_000_000 / 17, 20_000_000 / 17]},
        source=GUIDE + ", Example 1, question 2, before its rounding",
    ),
    Example(
        inputs={**COOLEY_ROUND, "pricing": Pricing.DOLLARS_INVESTED.value},
        expected={"price": 53 / 7, "total": 77_000_000 / 53, "safe_price": [5.3]}, source=COOLEY,
    ),
    Example(
        inputs={**COOLEY_ROUND, "pricing": Pricing.PRE_MONEY_METHOD.value},
        expected={"price": 8, "total": 10_000_000 / 7, "safe_price": [5.6], "new_shares": 250_000}, source=COOLEY,
    ),
    Example(
        inputs={**COOLEY_ROUND, "pricing": Pricing.PERCENTAGE_OWNERSHIP.value},
        expected={"price": 6.57, "total": 1_521_739, "safe_price": [4.60], "safe_converts": [217_391]}, source=COOLEY,
        rtol=1e-3,
    ),
    Example(
        inputs={**PLAIN, "holders": _founders(6_000_000), "pre_money": 8_000_000, "new_money": 2_000_000,
                "pool_target": 0.2},
        expected={"price": 1, "total": 10_000_000, "pool_increase": 2_000_000, "effective_pre_money": 6_000_000},
        source=SHUFFLE,
    ),
    Example(
        inputs={**PLAIN, "holders": _founders(9_000_000), "pre_money": 20_000_000, "new_money": 5_000_000,
                "safes": [{**CAPPED, "pro_rata": True}]},
        expected={"investor_paid": [4_500_000], "investor_part": [0.18], "founders_after": 0.72},
        source="help.pulley.com/en/articles/4781654, corrected: its dilution of 25% (5 ÷ 20) is 20% (5 ÷ 25)",
    ),
    Example(
        inputs={**PLAIN, "notes": [{"name": "Lender", "principal": 100_000, "rate": 0.08, "discount": 0.2,
                                    "issued": "2025-03-31", "maturity": "2030-01-01"}],
                "closing": "2026-03-31", "pricing": Pricing.PRE_MONEY_METHOD.value},
        expected={"note_owed": [108_000], "price": 1.5, "note_price": [1.2], "note_converts": [90_000],
                  "note_at_discount": [True], "total": 10_090_000},
        source="By hand: a year at 8% makes 108,000 of 100,000; 20% less than 12,000,000 ÷ 8,000,000 is 1.20.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="seed", label="Two SAFEs, then a seed round", inputs={}),
    Preset(
        slug="notes",
        label="Notes with a cap",
        inputs={
            "safes": [],
            "notes": [
                {"name": "Angel fund", "principal": 400_000, "rate": 0.06, "issued": "2025-09-01",
                 "maturity": "2027-09-01", "cap": 6_000_000, "discount": 0.2},
                {"name": "Family", "principal": 150_000, "rate": 0.05, "issued": "2026-03-15",
                 "maturity": "2028-03-15", "discount": 0.15},
            ],
            "new_money": "2M to 3M", "pre_money": "8M to 13M",
        },
    ),
    Preset(
        slug="mfn",
        label="Stack with a most-favoured-nation SAFE",
        inputs={
            "safes": [
                {"name": "Accelerator MFN", "amount": 375_000, "mfn": Mfn.BEST_PRICE.value},
                {"name": "Accelerator", "amount": 125_000, "cap": 1_785_714},
                {"name": "Angels", "amount": 600_000, "cap": 8_000_000},
                {"name": "Seed fund", "amount": 1_200_000, "cap": 14_000_000, "discount": 0.1, "pro_rata": True},
            ],
            "new_money": "5M to 8M", "pre_money": "18M to 30M",
        },
    ),
    Preset(
        slug="old-forms",
        label="Pre-money SAFEs and a new pool",
        inputs={
            "safes": [
                {"name": "Angels", "amount": 300_000, "cap": 5_000_000, "form": PRE},
                {"name": "Fund", "amount": 700_000, "cap": 8_000_000, "discount": 0.2, "form": PRE},
            ],
            "pool_now": 0, "pool_target": 0.15,
        },
    ),
)  # fmt: skip
