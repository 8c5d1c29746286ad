"""What the valuation calculator asks for, method by method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlcore.spec import Family, Range, choice, integer, number, rows, text
from portal.planning.valuing.methods import END, GROWTH, MIDDLE, MULTIPLE

ASSUMED = "Assumption: put in your own."
MOST = 1e12  # USD
IDEA, EARLY, GROWING = "idea", "early", "growing"
STAGES = {IDEA: "Before revenue", EARLY: "First revenue", GROWING: "Growing revenue"}
TIMINGS = {END: "End of the year", MIDDLE: "Middle of the year"}
TERMINALS = {GROWTH: "Growth for ever", MULTIPLE: "A multiple in the last year"}
PAYNE = "Bill Payne, “Scorecard Valuation Methodology”, 2011"
BERKUS = "Dave Berkus, “The Berkus Method: valuing an early stage investment”, berkonomics.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterRound:
    name: str = text("Later round", default="Series A", max_length=60, help="What it is called.")
    year: int = integer(
        "Years from now", default=2, low=1, high=15, fixed=True, unit="years", help="When it closes, before the exit."
    )
    amount: float = number(
        "Amount raised", default=6_000_000, low=0, high=MOST, unit="USD", help="New money of that round."
    )
    required: float = number(
        "Return its investors need", default=0.4, low=0, high=10, unit="%", help="A year, until the exit."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitScenario:
    name: str = text("Scenario", default="Success", max_length=60, help="What it is called.")
    probability: float = number(
        "Probability", default=0.2, low=0, high=1, unit="%", fixed=True, help="All of them add up to 100%."
    )
    exit_value: float = number(
        "Value at the exit", default=100_000_000, low=0, high=MOST, unit="USD", help="Of the whole company."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedCompany:
    name: str = text("Company", default="", max_length=60, help="A company, or a round, like yours.")
    multiple: float = number(
        "Multiple", default=10, low=0, high=1e6, unit="×", help="Its enterprise value ÷ the same figure as yours."
    )
    origin: str = text("Where from", default="", max_length=200, help="The source and its date.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredFactor:
    name: str = text("Factor", default="", max_length=80, help="What is compared.")
    weight: float = number(
        "Weight", default=0.1, low=0, high=1, unit="%", fixed=True, help="All of them add up to 100%."
    )
    score: float = number(
        "Score", default=1.0, low=0, high=3, unit="%",
        help="100% is a usual company of the region and stage, 150% one that is much stronger.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastYear:
    name: str = text("Year", default="", max_length=40, help="What it is called.")
    cash_flow: float = number(
        "Free cash flow", default=0, low=-MOST, high=MOST, unit="USD",
        help="After investment and tax, before financing. Negative while the company burns cash.",
    )  # fmt: skip


def _between(low: float, high: float, family: Family = Family.LOGNORMAL) -> Any:
    return Range(low, high, family)


LATER = (LaterRound(), LaterRound(name="Series B", year=4, amount=12_000_000, required=0.3))
SCENARIOS = (
    ExitScenario(name="Success", probability=0.2, exit_value=_between(120e6, 350e6)),
    ExitScenario(name="Sideways", probability=0.4, exit_value=_between(15e6, 40e6)),
    ExitScenario(name="Failure", probability=0.4, exit_value=_between(0, 3e6, Family.UNIFORM)),
)
COMPARED = tuple(
    ComparedCompany(name=f"Company {letter}", multiple=multiple, origin=ASSUMED)
    for letter, multiple in zip("ABCDEFG", (6, 8, 9.5, 12, 15, 21, 34), strict=True)
)
FACTORS = tuple(
    ScoredFactor(name=name, weight=weight, score=score)
    for name, weight, score in (
        ("Management", 0.30, _between(1.0, 1.4)),
        ("Size of the opportunity", 0.25, _between(1.0, 1.5)),
        ("Product and technology", 0.15, _between(0.9, 1.4)),
        ("Competition", 0.10, _between(0.6, 1.0)),
        ("Marketing and sales", 0.10, _between(0.6, 1.0)),
        ("Need for further money", 0.05, _between(0.5, 0.9)),
        ("Other", 0.05, 1.0),
    )
)
_FLOWS: tuple[Any, ...] = (-3.5e6, -1e6, _between(1e6, 3e6), _between(3e6, 8e6), _between(6e6, 14e6))
FORECAST = tuple(ForecastYear(name=str(at), cash_flow=flow) for at, flow in enumerate(_FLOWS, 1))


def _berkus(label: str, low: float, high: float, help: str) -> Any:
    return number(
        label, likely=Range(low, high, Family.UNIFORM), low=0, high=MOST, unit="USD", group="Berkus", source=ASSUMED,
        help=help,
    )  # fmt: skip


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    stage: str = choice(
        "Stage", default=IDEA, choices=STAGES, group="Round",
        help="Decides which methods apply. The others are calculated but left out of the chart and the answer.")
    investment: float = number(
        "New money", default=1_500_000, low=1, high=MOST, unit="USD", group="Round", source=ASSUMED,
        quantity="new_money", help="What is raised in this round.")
    shares: float = number(
        "Shares today", default=8_000_000, low=1, high=1e12, group="Round", source=ASSUMED,
        help="All shares, options and pool included, before the round.")
    net_cash: float = number(
        "Cash less debt", default=200_000, low=-MOST, high=MOST, unit="USD", group="Round", source=ASSUMED,
        quantity="cash",
        help="Before the round. Comparables and discounted cash flows value the business; this is added to it.")
    exit_years: int = integer(
        "Years to the exit", default=6, low=1, high=15, fixed=True, unit="years", group="Venture capital method",
        help="When the company is sold or listed.")
    exit_figure: float = number(
        "Figure in the exit year", likely=(18e6, 45e6), low=0, high=MOST, unit="USD", group="Venture capital method",
        source=ASSUMED, help="Revenue or profit of the year of the exit, if the plan succeeds.")
    exit_multiple: float = number(
        "Multiple at the exit", likely=(4, 9), low=0, high=1e4, unit="×", group="Venture capital method",
        source=ASSUMED, help="Company value ÷ the same figure, of companies that were sold or are listed.")
    required_return: float = number(
        "Return that investors need", likely=(0.4, 0.6), low=0, high=10, unit="%", group="Venture capital method",
        source=ASSUMED,
        help="A year, on a plan that succeeds: it is high because most plans do not.")
    later_rounds: tuple[LaterRound, ...] = rows(
        LaterRound, "Later rounds", default=LATER, max_items=10, group="Venture capital method", source=ASSUMED,
        help="Each takes a share that this round's investors lose. Their value follows from the same exit.")
    further_dilution: float = number(
        "Further dilution", default=0.1, low=0, high=0.99, unit="%", group="Venture capital method", source=ASSUMED,
        help="What option pools and whatever is not listed take from this round's shares until the exit.")
    scenarios: tuple[ExitScenario, ...] = rows(
        ExitScenario, "Exit scenarios", default=SCENARIOS, max_items=12, group="First Chicago method", source=ASSUMED,
        help="Usually three: success, sideways, failure; at the years to the exit.")
    chicago_return: float = number(
        "Return over all scenarios", likely=(0.2, 0.32), low=0, high=10, unit="%", group="First Chicago method",
        source=ASSUMED,
        help="A year. Lower than what investors need on success, since failure is counted among the scenarios.")
    figure_now: float = number(
        "Figure today", default=400_000, low=0, high=MOST, unit="USD", group="Comparables", source=ASSUMED,
        quantity="yearly_revenue", help="Revenue of the last or the coming year, or what else the multiples are of.")
    compared: tuple[ComparedCompany, ...] = rows(
        ComparedCompany, "Compared companies", default=COMPARED, max_items=100, group="Comparables", source=ASSUMED,
        help="Multiples of companies like yours, of one kind and one date. None: the method does not apply.")
    place: float = number(
        "Place among them", likely=Range(0.25, 0.75, Family.UNIFORM), low=0, high=1, unit="%", group="Comparables",
        source="From the lower to the upper quartile",
        help="50% takes the median multiple, 25% and 75% the quartiles.")
    discount: float = number(
        "Discount", likely=(0.15, 0.35), low=0, high=1, unit="%", group="Comparables", source=ASSUMED,
        help="For shares that cannot be sold and a company that is smaller than those compared.")
    regional_median: float = number(
        "Usual value in the region", likely=(4e6, 9e6), low=0, high=MOST, unit="USD", group="Scorecard method",
        source=ASSUMED,
        help="What companies of this stage and region are valued at before the money.")
    factors: tuple[ScoredFactor, ...] = rows(
        ScoredFactor, "Scored factors", default=FACTORS, max_items=20, group="Scorecard method", source=PAYNE,
        help="Against a usual company. The weights are Payne's.")
    berkus_most: float = number(
        "Most for each", default=500_000, low=1, high=MOST, unit="USD", fixed=True, group="Berkus", source=BERKUS,
        help="No element counts more. Berkus takes $500,000, and other amounts in other regions.")
    sound_idea: float = _berkus("Sound idea", 200_000, 450_000, "The basic value, and the risk of the product.")
    prototype: float = _berkus("Prototype", 150_000, 450_000, "What lowers the risk of the technology.")
    team: float = _berkus("Team", 200_000, 500_000, "What lowers the risk of execution.")
    relationships: float = _berkus("Strategic relationships", 50_000, 300_000, "What lowers the risk of the market.")
    rollout: float = _berkus("Rollout or sales", 0, 150_000, "What lowers the risk of production and finance.")
    forecast: tuple[ForecastYear, ...] = rows(
        ForecastYear, "Free cash flow by year", default=FORECAST, max_items=15, group="Discounted cash flow",
        source=ASSUMED, help="The coming year first.")
    timing: str = choice(
        "Flows fall", default=END, choices=TIMINGS, group="Discounted cash flow",
        help="When in its year a cash flow is counted.")
    wacc: float = number(
        "Discount rate (WACC)", likely=(0.16, 0.26), low=0, high=10, unit="%", group="Discounted cash flow",
        source=ASSUMED, help="A year: the weighted cost of equity and debt, for a company as risky as this one.")
    terminal: str = choice(
        "After the forecast", default=GROWTH, choices=TERMINALS, group="Discounted cash flow",
        help="What the company is worth at the end of the last year of the forecast.")
    terminal_growth: float = number(
        "Growth for ever", likely=Range(0.015, 0.03, Family.UNIFORM), low=-0.5, high=0.5, unit="%",
        group="Discounted cash flow", source=ASSUMED, when=("terminal", (GROWTH,)),
        help="A year, of cash flow after the forecast. No company outgrows its economy for ever.")
    terminal_figure: float = number(
        "Figure in the last year", default=30_000_000, low=0, high=MOST, unit="USD", group="Discounted cash flow",
        source=ASSUMED, when=("terminal", (MULTIPLE,)), help="What the multiple is of.")
    terminal_multiple: float = number(
        "Multiple in the last year", likely=(4, 9), low=0, high=1e4, unit="×", group="Discounted cash flow",
        source=ASSUMED, when=("terminal", (MULTIPLE,)), help="Company value ÷ that figure.")
# fmt: on
