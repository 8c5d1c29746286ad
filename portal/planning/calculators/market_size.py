"""How large a market is: counted from below by segment, checked from above, and over the years."""

from __future__ import annotations

from typing import Any

from portal.planning.calculator import Axis, Bars, Calculator, Example, Fan, Lines, Output, Preset
from portal.planning.finance import draw_count, quotient, settled
from portal.planning.market.size_inputs import BASS_1969, SULTAN, Inputs
from portal.planning.market.size_words import SENTENCES, answer, notices, refuse, tables
from portal.planning.market.sizing import bottom_up, grown, reached, top_down

# Calculation


def compute(x: Any) -> dict[str, Any]:
    draws = draw_count(x)
    sizes = bottom_up(x.segments)
    share = reached(x, x.horizon)
    growth = grown(sizes.growth, x.horizon)
    tam_by_year, sam_by_year = (sizes.tam * growth).sum(axis=1), (sizes.sam * growth).sum(axis=1)
    full_by_both = sizes.som * growth
    som_by_both = full_by_both * share[:, None, :]
    som_by_year = som_by_both.sum(axis=1)
    tam, sam, som = (each.sum(axis=0) for each in (sizes.tam, sizes.sam, sizes.som))
    above = top_down(x)
    above_sam = above * x.top_reachable
    above_som = above_sam * x.top_obtainable
    results = {
        "tam": tam,
        "sam": sam,
        "som": som,
        "top_tam": above,
        "top_sam": above_sam,
        "top_som": above_som,
        "tam_ratio": quotient(tam, above),
        "som_ratio": quotient(som, above_som),
        "reached": share[-1],
        "tam_at_horizon": tam_by_year[-1],
        "som_at_horizon": som_by_year[-1],
        "share_of_market": quotient(som_by_year[-1], tam_by_year[-1]),
        "market_growth": quotient(tam_by_year[-1], tam) ** (1 / x.horizon) - 1,
        "largest_share": quotient(sizes.som.max(axis=0), som),
        "accounts_to_win": sizes.accounts.sum(axis=0),
        "tam_by_segment": sizes.tam,
        "sam_by_segment": sizes.sam,
        "som_by_segment": sizes.som,
        "tam_by_year": tam_by_year,
        "sam_by_year": sam_by_year,
        "full_som_by_year": full_by_both.sum(axis=1),
        "som_by_year": som_by_year,
        "som_by_segment_and_year": som_by_both.swapaxes(0, 1),
    }
    return {name: settled(value, draws) for name, value in results.items()}


# Declaration

RAMP = (
    "{ramp}: at once, all of it from today on. Evenly, the years passed ÷ {ramp_years}, at most 1. As an innovation "
    "spreads, (1 − e^−(p+q)t) ÷ (1 + q/p · e^−(p+q)t) after t years, with p = {innovation} and q = {imitation}."
)
EMPTY = "the market is empty"

# fmt: off
OUTPUTS = {
    "tam": Output(
        label="Whole market (TAM)", unit="USD/year", better="higher", headline=True,
        help="What all segments would spend a year if every account that buys such a product bought it, today.",
        method="Accounts × adoption × units × price of each of {segments}, summed."),
    "sam": Output(
        label="Within reach (SAM)", unit="USD/year", better="higher", headline=True,
        help="The part of the whole market that your product, language, region and channels can serve, today.",
        method="The whole market of each of {segments} × its reachable share, summed."),
    "som": Output(
        label="Obtainable (SOM)", unit="USD/year", better="higher",
        help="The part within reach that you can win, at today's size of the market and the full obtainable share.",
        method="What is within reach of each of {segments} × its obtainable share, summed."),
    "som_at_horizon": Output(
        label="Obtainable at the horizon", unit="USD/year", better="higher", headline=True,
        help="Revenue a year at the end of the horizon: the market has grown, and the share is reached so far.",
        method="The last value of {som_by_year}."),
    "tam_at_horizon": Output(
        label="Whole market at the horizon", unit="USD/year", better="higher",
        help="The whole market at the end of the horizon.", method="The last value of {tam_by_year}."),
    "reached": Output(
        label="Part of the obtainable share reached", unit="%", better="higher",
        help="How much of the obtainable share is won at the horizon.", method=RAMP, source=BASS_1969),
    "share_of_market": Output(
        label="Share of the whole market", unit="%", never=EMPTY,
        help="What you hold of the whole market at the horizon.", formula="{som_at_horizon} ÷ {tam_at_horizon}"),
    "market_growth": Output(
        label="Growth of the market", unit="%", never=EMPTY, better="higher",
        help="Growth of the whole market a year, over the horizon.",
        formula="({tam_at_horizon} ÷ {tam}) ^ (1 ÷ {horizon}) − 1"),
    "largest_share": Output(
        label="Share of the largest segment", unit="%", never="nothing can be obtained", better="lower",
        help="How much of what can be obtained hangs on one segment.",
        method="The largest of {som_by_segment} ÷ {som}."),
    "accounts_to_win": Output(
        label="Accounts to win", unit="accounts",
        help="How many accounts or people the obtainable market stands for, at today's numbers.",
        method="Accounts × adoption × reachable share × obtainable share of each of {segments}, summed."),
    "top_tam": Output(
        label="Whole market, top-down", unit="USD/year", better="higher",
        help="The same market estimated from above.",
        method="By {top_down}: {total_spending} × {relevant_share}, or {population} × {penetration} × {yearly_price}."),
    "top_sam": Output(
        label="Within reach, top-down", unit="USD/year", better="higher",
        help="The part of it that you can serve.", formula="{top_tam} × {top_reachable}"),
    "top_som": Output(
        label="Obtainable, top-down", unit="USD/year", better="higher", help="The part of that which you can win.",
        formula="{top_sam} × {top_obtainable}"),
    "tam_ratio": Output(
        label="Bottom-up ÷ top-down", unit="×", never="top-down finds no market", headline=True,
        help="The two estimates of the whole market compared. Near 1 they support each other; beyond 3, or below a "
        "third, one of them counts something else.",
        formula="{tam} ÷ {top_tam}"),
    "som_ratio": Output(
        label="Obtainable, bottom-up ÷ top-down", unit="×", never="top-down finds nothing obtainable",
        help="The two estimates of what can be obtained compared.", formula="{som} ÷ {top_som}"),
    "tam_by_segment": Output(
        label="Whole market by segment", unit="USD/year", along=("segments",), better="higher",
        help="What each segment would spend a year.", method="Accounts × adoption × units × price of {segments}."),
    "sam_by_segment": Output(
        label="Within reach by segment", unit="USD/year", along=("segments",), better="higher",
        help="The part of each segment that you can serve.",
        method="{tam_by_segment} × the reachable share of each of {segments}."),
    "som_by_segment": Output(
        label="Obtainable by segment", unit="USD/year", along=("segments",), better="higher",
        help="The part of each segment that you can win, at today's size.",
        method="{sam_by_segment} × the obtainable share of each of {segments}."),
    "tam_by_year": Output(
        label="Whole market", unit="USD/year", along=("year",), better="higher",
        help="The whole market of each year; each segment grows at its own rate.",
        method="{tam_by_segment} × (1 + its growth a year) ^ years, summed."),
    "sam_by_year": Output(
        label="Within reach", unit="USD/year", along=("year",), better="higher",
        help="The part within reach in each year.",
        method="{sam_by_segment} × (1 + its growth a year) ^ years, summed."),
    "full_som_by_year": Output(
        label="Obtainable at the full share", unit="USD/year", along=("year",), better="higher",
        help="What could be won in each year if the full obtainable share were reached.",
        method="{som_by_segment} × (1 + its growth a year) ^ years, summed."),
    "som_by_year": Output(
        label="Obtainable", unit="USD/year", along=("year",), better="higher",
        help="What you can have won in each year.",
        method="{som_by_segment} × (1 + its growth a year) ^ years, summed, × the part of the share that is reached "
        "({ramp}).", source=BASS_1969),
    "som_by_segment_and_year": Output(
        label="Obtainable by segment and year", unit="USD/year", along=("segments", "year"), better="higher",
        help="What you can have won of each segment in each year.",
        method="As {som_by_year}, for each of {segments}."),
}
# fmt: on

# A segment of which only what a case states is not everything; and the same market from above, of nothing.
ONE = {"adoption": 1, "units": 1, "growth": 0, "reachable": 1, "obtainable": 1}
NOBODY = {
    "top_down": "people", "population": 0, "penetration": 0, "yearly_price": 0, "top_reachable": 1, "top_obtainable": 1,
}  # fmt: skip

EXAMPLES = (
    Example(
        inputs={
            **NOBODY,
            "ramp": "at_once",
            "segments": [
                {"name": "Large", "accounts": 2_000, "adoption": 0.5, "units": 100, "price": 300, "growth": 0.1,
                 "reachable": 0.4, "obtainable": 0.1},
                {"name": "Small", "accounts": 100_000, "adoption": 0.2, "units": 5, "price": 200, "growth": 0,
                 "reachable": 0.5, "obtainable": 0.05},
            ],
            "population": 102_000, "penetration": 0.25, "yearly_price": 1_000, "horizon": 2,
        },
        expected={
            "tam": 50e6, "sam": 22e6, "som": 1.7e6, "accounts_to_win": 540, "top_tam": 25.5e6,
            "tam_ratio": 50 / 25.5, "som_at_horizon": 1.2e6 * 1.21 + 0.5e6, "tam_at_horizon": 56.3e6,
            "largest_share": 12 / 17,
        },
        source="By hand: 1,000 × 100 × $300 = $30M and 20,000 × 5 × $200 = $20M; 40% and 50% of them are within "
        "reach; 10% and 5% of that can be won.",
    ),
    Example(
        inputs={
            **NOBODY, "ramp": "bass", "innovation": 0.017135, "imitation": 0.30145, "horizon": 9,
            "segments": [{**ONE, "name": "Households", "accounts": 58_838_000, "price": 1}],
        },
        expected={"reached": (1 - 0.017135 / 0.30145) / 2},
        source="Bass (1969), coffee makers: p = 0.017135, q = 0.30145, m = 58.8 million. He prints the peak at 9.0 "
        "years, and at the peak of his model (1 − p/q) ÷ 2 of all have bought.",
        rtol=1e-3,
    ),
    Example(
        inputs={
            "ramp": "evenly", "ramp_years": 4, "horizon": 3, "top_down": "spending",
            "total_spending": 500e6, "relevant_share": 0.2, "top_reachable": 0.5, "top_obtainable": 0.1,
            "segments": [{**ONE, "name": "All", "accounts": 1_000, "price": 10_000, "growth": -0.5, "obtainable": 0.2}],
        },
        expected={
            "reached": 0.75, "som_at_horizon": 187_500, "top_tam": 100e6, "top_som": 5e6, "tam_ratio": 0.1,
            "som_ratio": 0.4, "market_growth": -0.5, "share_of_market": 0.15,
        },
        source="By hand: three of four years of the ramp, and half of the market goes each year.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="coding", label="Coding assistant", inputs={}),
    Preset(
        slug="support",
        label="Support agent paid by the answer",
        inputs={
            "segments": [
                {"name": "Online shops", "accounts": "150k to 400k", "adoption": "15% to 40%", "units": "2k to 20k",
                 "price": "0.6 to 0.99", "growth": "10% to 40%", "reachable": "20% to 50%", "obtainable": "1% to 5%",
                 "source": "Price: Intercom Fin, $0.99 for a resolved conversation, September 2026, as the upper end. "
                 "Everything else is an assumption: put in your own."},
                {"name": "Banks and insurers", "accounts": "8k to 20k", "adoption": "10% to 30%",
                 "units": "100k to 600k", "price": "0.5 to 0.99", "growth": "10% to 30%", "reachable": "10% to 30%",
                 "obtainable": "0.5% to 3%",
                 "source": "Price: as above. Everything else is an assumption: put in your own."},
            ],
            # Gartner, 31 August 2022: about 17 million contact center agents; one in 10 contacts automated by 2026.
            "top_down": "people", "population": 17_000_000, "penetration": "8% to 15%", "yearly_price": "400 to 1500",
            "top_reachable": "15% to 40%", "top_obtainable": "0.7% to 4%",
        },
    ),
    Preset(
        slug="legal",
        label="Assistant for lawyers",
        inputs={
            "segments": [
                {"name": "Firms of 100 lawyers and more", "accounts": "250k to 350k", "adoption": "40% to 60%",
                 "price": "1200 to 6000", "growth": "5% to 20%", "reachable": "30% to 60%", "obtainable": "1% to 5%",
                 "source": "Adoption: ABA Legal Technology Survey 2024, 46%. The number is a part of the 1,322,649 "
                 "active lawyers of the United States (ABA, 1 January 2024); the split and everything else are "
                 "assumptions: put in your own."},
                {"name": "Firms of 10 to 99", "accounts": "200k to 300k", "adoption": "25% to 45%",
                 "price": "900 to 3000", "growth": "5% to 20%", "reachable": "40% to 70%", "obtainable": "1% to 4%",
                 "source": "Adoption: the same survey, 30% of firms of 10 to 49. The split and everything else are "
                 "assumptions: put in your own."},
                {"name": "Solo and small firms", "accounts": "500k to 700k", "adoption": "15% to 30%",
                 "price": "500 to 1800", "growth": "5% to 25%", "reachable": "40% to 80%", "obtainable": "0.5% to 3%",
                 "source": "Adoption: the same survey, 18% of lawyers who work alone. The split and everything else "
                 "are assumptions: put in your own."},
            ],
            # ABA National Lawyer Population Survey, 1 January 2024, and ABA TechReport 2024: 30.2% use AI tools.
            "top_down": "people", "population": 1_322_649, "penetration": "30.2%", "yearly_price": "800 to 3500",
            "top_reachable": "35% to 65%", "top_obtainable": "0.8% to 4%", "ramp": "evenly",
        },
    ),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="market-size",
    version=1,
    title="Market size",
    summary="How large a market is, counted from below by segment and checked from above, and what of it can be won.",
    family="Market",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=compute,
    explains="som_at_horizon",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={"year": Axis(label="Years from today", places=lambda x: [float(year) for year in range(x.horizon + 1)],
                       unit="years")},
    charts=(
        Fan(output="som_by_year", title="What can be obtained, by year"),
        Lines(title="Whole, within reach and obtainable, by year",
              outputs=("tam_by_year", "sam_by_year", "full_som_by_year"), log=True),
        Bars(output="som_by_segment", title="What can be obtained, by segment", ordered=True),
        Lines(title="What can be obtained, by segment and year", outputs=("som_by_segment_and_year",)),
    ),
    tables=tables,
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(BASS_1969, SULTAN),
)  # fmt: skip
