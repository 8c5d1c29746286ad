"""Published worked rounds: facts, what the source prints (or states exactly), and where it stands.

``rtol`` 0 means equality: of fractions where the source gives fractions, of whole shares where it prints whole shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OVF = "ogulcan-ozyavuz/algorithmic-game-theory-for-private-equity @2cc17f5 (Apache-2.0), docs/"
YC_GUIDE = "YC Post-Money Safe User Guide, Appendix II"
TESTS_1984 = "1984vc/cap-table (MIT) @f7311cb, src/library/__tests__/conversion-solver.ts, "
PRIMER = "Y Combinator SAFE Primer, fundersclub.com/learn/safe-primer"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundCase:
    """Shares before, instruments in the order of issue, the round, and what comes of it.

    A SAFE is ``{amount, post | pre: cap, discount, mfn, elects, pro_rata}``, named a, b, c, ... ``expected`` holds
    total, price, conversions, conversion prices, new shares, pool increase, capitalization, ownership.
    """

    name: str
    common: int
    granted: int = 0
    reserved: int = 0
    promised: int = 0
    safes: tuple[Mapping[str, Any], ...] = ()
    pre_money: Any
    new_money: tuple[Any, ...]
    pool: Any = 0  # shares more, or a target such as "10%"
    pricing: str = "percentage ownership"
    rounding: str = ""
    expected: Mapping[str, Any] = field(default_factory=dict)
    rtol: float = 0
    source: str


YC_1 = {"common": 9_250_000, "granted": 300_000, "promised": 350_000, "reserved": 450_000}
YC_1_SAFES = ({"amount": 200_000, "post": 4_000_000}, {"amount": 800_000, "post": 8_000_000})
YC_2_SAFES = ({"amount": 200_000, "pre": 3_800_000}, {"amount": 800_000, "post": 8_000_000})
CAP_10M = {"amount": 1_000_000, "post": 10_000_000}
MFN = ({"amount": 500_000, "mfn": "stated election", "elects": "c"}, CAP_10M, {"amount": 1_000_000, "discount": "20%"})
COOLEY = {
    "common": 1_000_000,
    "safes": ({"amount": 1_000_000, "discount": "30%"},),
    "pre_money": 8_000_000,
    "new_money": (2_000_000,),
    "source": "Cooley GO, Calculating Share Price With Outstanding Convertible Notes or Safes",
}

EXACT = (
    RoundCase(
        name="safe-S1", common=8_000_000, safes=(CAP_10M,), pre_money=12_000_000, new_money=(3_000_000,), pool="0%",
        expected={"total": "100000000/9", "price": "27/20",
                  "ownership": {"founders": "18/25", "a": "2/25", "x": "1/5"}},
        source=OVF + "fixtures.md S1",
    ),
    RoundCase(
        name="safe-S2", common=8_000_000, safes=(CAP_10M,), pre_money=4_000_000, new_money=(1_000_000,), pool="0%",
        expected={"total": "40000000/3", "price": "3/8", "ownership": {"founders": "3/5", "a": "1/5", "x": "1/5"}},
        source=OVF + "fixtures.md S2",
    ),
    RoundCase(
        name="safe-S3", common=8_000_000, safes=(CAP_10M,), pre_money=12_000_000, new_money=(3_000_000,), pool="10%",
        expected={"total": "800000000/63", "price": "189/160",
                  "ownership": {"founders": "63/100", "a": "7/100", "x": "1/5"}},
        source=OVF + "fixtures.md S3",
    ),
    RoundCase(
        name="round-MX1", common=8_000_000, safes=(CAP_10M, {"amount": 1_000_000, "pre": 8_000_000}),
        pre_money=12_000_000, new_money=(3_000_000,),
        expected={"total": 12_500_000, "price": "6/5", "conversions": [1_000_000, 1_000_000],
                  "capitalization": [10_000_000, 8_000_000]},
        source=OVF + "rounds.md MX1",
    ),
    RoundCase(
        name="round-MX2", common=8_000_000, safes=(CAP_10M, {"amount": 500_000, "pre": 5_000_000}),
        pre_money=16_000_000, new_money=(4_000_000,), pool="10%",
        expected={"total": "440000000/31", "price": "31/22", "conversions": ["30800000/31", "29200000/31"],
                  "new": ["88000000/31"]},
        source=OVF + "rounds.md MX2",
    ),
    RoundCase(
        name="yc-ex1-q5", **YC_1, safes=YC_1_SAFES, pre_money=8_800_000, new_money=(2_200_000,), pool=1_573_000,
        expected={"total": "50173750/3", "price": "2400/3649", "conversions": ["1771000/3", "3649000/3"],
                  "new": ["10034750/3"], "basis": ["cap", "round price"]},
        source=OVF + "rounds.md YC1-Q5",
    ),
    RoundCase(
        name="yc-ex1-q2-target10", **YC_1, safes=YC_1_SAFES, pre_money=15_000_000, new_money=(5_000_000,), pool="10%",
        expected={"total": "3966000000/221", "price": "2210/1983", "increase": "374500000/221",
                  "capitalization": ["200000000/17", "200000000/17"]},
        source=OVF + "rounds.md YC1-Q2t",
    ),
    RoundCase(
        name="yc-ex1-q2", **YC_1, safes=YC_1_SAFES, pre_money=15_000_000, new_money=(5_000_000,), pool=1_695_000,
        expected={"total": "915260000/51", "price": "51000/45763", "new": ["228815000/51"],
                  "conversions": ["10000000/17", "20000000/17"]},
        source=OVF + "rounds.md YC1-Q2; the guide prints the rounded figures",
    ),
    RoundCase(
        name="safe-DO1", common=8_000_000, safes=({"amount": 1_000_000, "discount": "20%"},), pre_money=12_000_000,
        new_money=(3_000_000,),
        expected={"total": "480000000/43", "price": "43/32", "conversions": ["40000000/43"],
                  "ownership": {"founders": "43/60", "a": "1/12", "x": "1/5"}},
        source=OVF + "rounds.md DO1",
    ),
    RoundCase(
        name="safe-DO2", common=8_000_000, safes=({"amount": 1_000_000, "discount": "20%"}, CAP_10M),
        pre_money=12_000_000, new_money=(3_000_000,),
        expected={"total": "2400000000/191", "price": "191/160", "capitalization": [None, "1920000000/191"],
                  "conversions": ["200000000/191", "192000000/191"]},
        source=OVF + "rounds.md DO2",
    ),
    RoundCase(
        name="mfn-disc", common=8_000_000, safes=MFN, pre_money=12_000_000, new_money=(3_000_000,),
        expected={"total": "1600000000/119", "ownership": {"a": "1/24"}}, source=OVF + "rounds.md MF-disc",
    ),
    RoundCase(
        name="mfn-cap", common=8_000_000, safes=(MFN[0] | {"elects": "b"}, *MFN[1:]), pre_money=12_000_000,
        new_money=(3_000_000,),
        expected={"total": "2400000000/179", "price": "179/160", "ownership": {"a": "1/25"}},
        source=OVF + "rounds.md MF-cap",
    ),
    RoundCase(
        name="mfn-none", common=8_000_000, safes=({"amount": 500_000, "mfn": "unamended"}, *MFN[1:]),
        pre_money=12_000_000, new_money=(3_000_000,),
        expected={"total": "2400000000/181", "price": "181/160", "ownership": {"a": "1/30"}},
        source=OVF + "rounds.md MF-none",
    ),
    RoundCase(
        name="round-EP1", common=8_000_000, granted=500_000, reserved=500_000, safes=(CAP_10M,), pre_money=12_000_000,
        new_money=(3_000_000,), pool="10%",
        expected={"total": "95000000/7", "price": "21/19", "increase": "6000000/7", "new": ["19000000/7"],
                  "conversions": [1_000_000], "capitalization": [10_000_000]},
        source=OVF + "rounds.md EP1",
    ),
    RoundCase(
        name="pool-shuffle", common=6_000_000, pre_money=8_000_000, new_money=(2_000_000,), pool="20%",
        expected={"total": 10_000_000, "price": 1, "increase": 2_000_000, "new": [2_000_000]},
        source="Venture Hacks, The Option Pool Shuffle (text at frontrun.notion.site)",
    ),
    RoundCase(
        name="cooley-dollars", pricing="dollars invested", **COOLEY,
        expected={"total": "77000000/53", "price": "53/7", "conversion_prices": ["53/10"],
                  "conversions": ["10000000/53"], "new": ["14000000/53"]},
    ),
    RoundCase(
        name="cooley-premoney", pricing="pre-money method", **COOLEY,
        expected={"total": "10000000/7", "price": 8, "conversion_prices": ["28/5"], "conversions": ["1250000/7"],
                  "new": [250_000]},
    ),
    RoundCase(
        name="cooley-percent", pricing="percentage ownership", **COOLEY, rtol=1e-3,
        expected={"total": 1_521_739, "price": 6.57, "conversion_prices": [4.60], "conversions": [217_391],
                  "new": [304_348]},
    ),
    RoundCase(
        name="pro-rata-post-safe", common=9_000_000, safes=(CAP_10M | {"pro_rata": True},), pre_money=20_000_000,
        new_money=(5_000_000,),
        expected={"ownership": {"a": "1/10"}, "amounts": [4_500_000, 500_000]},
        source="help.pulley.com/en/articles/4781654, corrected: its dilution of 25% (5/20) is 20% (5/25)",
    ),
)  # fmt: skip

ROUNDED = (
    RoundCase(
        name="yc-ex2-q2-printed", **YC_1, safes=YC_2_SAFES, pre_money=15_000_000, new_money=(5_000_000,),
        pool=1_700_000, rounding="yc guide",
        expected={"conversion_prices": [0.3248], "conversions": [615_763, 1_179_529], "price": 1.1115,
                  "new": [4_498_426], "total": 17_993_718, "capitalization": [None, 11_795_292]},
        source=YC_GUIDE + ", Example 2, question 2",
    ),
    RoundCase(
        name="yc-ex2-q5-printed", **YC_1, safes=YC_2_SAFES, pre_money=8_800_000, new_money=(2_200_000,),
        pool=1_575_000, rounding="yc guide",
        expected={"price": 0.6566, "conversions": [609_198, 1_218_397], "new": [3_350_594], "total": 16_753_189},
        source=YC_GUIDE + ", Example 2, question 5",
    ),
    RoundCase(
        name="yc-primer-cap", common=11_000_000, safes=({"amount": 100_000, "pre": 5_000_000},), pre_money=10_000_000,
        new_money=(1_000_000,), pricing="pre-money method", rounding="primer 3 4",
        expected={"price": 0.909, "new": [1_100_110], "conversion_prices": [0.4545], "conversions": [220_022]},
        source=PRIMER + ", cap without discount: prices cut at three and four places",
    ),
    RoundCase(
        name="yc-primer-cap-discount", common=11_000_000,
        safes=({"amount": 100_000, "pre": 8_000_000, "rate": "85%"},), pre_money=10_000_000, new_money=(1_000_000,),
        pricing="pre-money method", rounding="primer 3 5",
        expected={"price": 0.909, "conversion_prices": [0.72727], "basis": ["cap"], "conversions": [137_500]},
        source=PRIMER + ", cap and discount: prices cut at three and five places",
    ),
    RoundCase(
        name="1984-gsheet", common=9_390_728, reserved=609_272,
        safes=({"amount": 125_000, "post": "12500000/7"}, {"amount": 375_000, "post": 10_000_000},
               {"amount": 475_000, "post": 10_000_000}, {"amount": 28_500, "post": 13_000_000},
               {"amount": 2_997_500, "post": 30_000_000}),
        pre_money=16_700_000, new_money=(3_000_000, 1_000_000), pool="10%", rounding="legal",
        expected={"total": 21_040_767, "post": 15_480_138, "pre": 11_494_804, "increase": 1_494_804,
                  "reserved": 2_104_076, "implied_post": 20_700_117},
        source=TESTS_1984 + "“matches our Google Sheet”",
    ),
    RoundCase(
        name="1984-skill", common=9_000_000, reserved=1_000_000, safes=(CAP_10M,), pre_money=12_000_000,
        new_money=(2_000_000,), pool="10%", rounding="legal",
        expected={"price": 1.04836, "conversion_prices": [0.90001], "total": 13_354_265, "pre": 10_335_426,
                  "post": 11_111_098, "conversions": [1_111_098], "new": [1_907_741], "increase": 335_426,
                  "reserved": 1_335_426},
        source="1984vc/cap-table (MIT), SKILL.md, output block",
    ),
    RoundCase(
        name="1984-baseline", common=2_000_000, safes=({"amount": 2_000_000, "post": 10_000_000},),
        pre_money=32_000_000, new_money=(8_000_000,), pool="0%", rounding="nearest 8",
        expected={"total": 3_125_000, "price": 12.8}, source=TESTS_1984 + "“Sanity check our baseline”",
    ),
    RoundCase(
        name="1984-known-truth", common=11_694_118,
        safes=(*({"amount": n, "post": 10_000_000} for n in (50_000, 1_000_000, 25_000, 175_000, 150_000, 50_000)),
               *({"amount": n, "post": 20_000_000} for n in (5_000, 50_000, "311147.8", 250_000))),
        pre_money=49_800_000, new_money=("10199995.29",), pool="10%", rounding="legal",
        expected={"total": 19_436_361, "reserved": 1_943_636, "implied_post": 60_000_046},
        source=TESTS_1984 + "“matches our known truth”",
    ),
    RoundCase(
        name="1984-known-truth-2", common=15_201_645, reserved=1_259_260,
        safes=(*({"amount": n, "post": 17_000_000} for n in (3_250_000, 350_000, 15_000, 15_000, 1_000)),
               {"amount": 1_000_000, "post": 80_000_000}),
        pre_money=80_000_000, new_money=(380_001, 3_419_999, 1_000_000, 14_905_973, 194_027, 100_000), pool="7%",
        rounding="legal", rtol=1e-5,
        expected={"total": 27_426_235, "reserved": 1_919_836, "implied_post": 100_000_000},
        source=TESTS_1984 + "“matches our known truth 2”, which itself holds to 1e-5",
    ),
)  # fmt: skip
