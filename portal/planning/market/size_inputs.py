"""What the size of a market depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlcore.spec import Range, choice, integer, number, rows, text
from portal.planning.market.sizing import AT_ONCE, BASS, EVENLY, PEOPLE, SPENDING

ASSUMED = "Assumption: put in your own."
BASS_1969 = "Frank M. Bass, “A New Product Growth for Model Consumer Durables”, Management Science 15(5), 1969"
SULTAN = (
    "Sultan, Farley and Lehmann, “A Meta-Analysis of Applications of Diffusion Models”, Journal of Marketing Research "
    "27(1), 1990: averages of 213 applications"
)

MOST_ACCOUNTS, MOST_UNITS, MOST_PRICE, MOST_SPENDING = 1e10, 1e6, 1e7, 1e14
MOST_SEGMENTS = 30  # each costs a table of years and draws

RAMPS = {
    AT_ONCE: "At once",
    EVENLY: "Evenly over some years",
    BASS: "As an innovation spreads (Bass)",
}
ABOVE = {SPENDING: "Spending × share", PEOPLE: "People × penetration × price"}

_SPENDING, _PEOPLE = ("top_down", (SPENDING,)), ("top_down", (PEOPLE,))
_EVENLY, _BASS = ("ramp", (EVENLY,)), ("ramp", (BASS,))


def _between(low: float, high: float) -> Any:
    """A range as the value of a number of a row."""
    return Range.of(low, high)


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSegment:
    name: str = text("Segment", default="", max_length=120, help="A group of customers that buy alike.")
    accounts: float = number(
        "Accounts or people", default=0, low=0, high=MOST_ACCOUNTS, help="How many there are.")
    adoption: float = number(
        "Adoption", default=1, low=0, high=1, unit="%",
        help="The share of them that buys a product of this kind, from anyone.")
    units: float = number(
        "Seats or units", default=1, low=0, high=MOST_UNITS,
        help="Seats of an account, or units that it uses in a year.")
    price: float = number(
        "Price a year", default=0, low=0, high=MOST_PRICE, unit="USD/year",
        help="What one seat costs a year. For units used in a year, what one of them costs.")
    growth: float = number(
        "Growth a year", default=0, low=-0.9, high=2, unit="%",
        help="How fast the spending of this segment grows or shrinks.")
    reachable: float = number(
        "Reachable share", default=1, low=0, high=1, unit="%",
        help="The share that your product, language, region and channels can serve.")
    obtainable: float = number(
        "Obtainable share", default=0, low=0, high=1, unit="%",
        help="The share of the reachable part that you can win against the others.")
    source: str = text(
        "Source", default="", max_length=500,
        help="Where these figures come from, with a date; or that they are assumptions.")


DEVELOPERS = (
    MarketSegment(
        name="Professional developers", accounts=_between(19e6, 23e6), adoption=_between(0.62, 0.76),
        price=_between(120, 228), growth=_between(0.05, 0.2), reachable=_between(0.2, 0.5),
        obtainable=_between(0.005, 0.03),
        source="Number: IDC, September 2025, 20.8 million, within 10%. Adoption: Stack Overflow Developer Survey 2024, "
        "62% use AI tools, 76% use or plan to. Price: GitHub Copilot Pro and Business, $10 and $19 a month, 2026. "
        "Growth and shares are assumptions: put in your own."),
    MarketSegment(
        name="Students and hobbyists", accounts=_between(22e6, 29e6), adoption=_between(0.4, 0.76),
        price=_between(40, 120), growth=_between(0.02, 0.15), reachable=_between(0.3, 0.7),
        obtainable=_between(0.003, 0.02),
        source="Number: SlashData, 2025, 47.2 million developers in all, less the professional ones of IDC. Upper ends "
        "of adoption and price: as above. Everything else is an assumption: put in your own."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    segments: tuple[MarketSegment, ...] = rows(
        MarketSegment, "Segments", default=DEVELOPERS, max_items=MOST_SEGMENTS, group="Bottom-up, by segment",
        help="The market from below: count the customers, then what each of them pays.")
    top_down: str = choice(
        "Top-down from", default=SPENDING, choices=ABOVE, group="Top-down",
        help="The same market from above, to check the count: by what is spent, or by how many people there are.")
    total_spending: float = number(
        "Total spending", default=37.157e9, low=0, high=MOST_SPENDING, unit="USD/year", group="Top-down",
        when=_SPENDING, source="Gartner, 31 March 2025: software with generative AI, worldwide in 2025",
        help="What is spent a year on everything of which your market is a part.")
    relevant_share: float = number(
        "Share that is your market", likely=(0.06, 0.2), low=0, high=1, unit="%", group="Top-down",
        when=_SPENDING, source=ASSUMED, help="The part of that spending that goes to products of this kind.")
    population: float = number(
        "People or companies", default=47.2e6, low=0, high=MOST_ACCOUNTS, group="Top-down", when=_PEOPLE,
        source="SlashData, 2025: developers worldwide", help="How many there are in all.")
    penetration: float = number(
        "Penetration", likely=(0.62, 0.76), low=0, high=1, unit="%", group="Top-down", when=_PEOPLE,
        source="Stack Overflow Developer Survey 2024: 62% use AI tools, 76% use or plan to",
        help="The share of them that buys a product of this kind, from anyone.")
    yearly_price: float = number(
        "Price a year, on average", likely=(60, 200), low=0, high=MOST_PRICE, unit="USD/year", group="Top-down",
        when=_PEOPLE, source=ASSUMED, help="What each of them pays a year.")
    top_reachable: float = number(
        "Reachable share, top-down", likely=(0.2, 0.5), low=0, high=1, unit="%", group="Top-down", source=ASSUMED,
        help="The share of that market that your product, language, region and channels can serve.")
    top_obtainable: float = number(
        "Obtainable share, top-down", likely=(0.005, 0.03), low=0, high=1, unit="%", group="Top-down",
        source=ASSUMED, help="The share of the reachable part that you can win against the others.")
    horizon: int = integer(
        "Horizon", default=5, low=1, high=15, fixed=True, unit="years", group="Over the years",
        help="How far ahead to calculate.")
    ramp: str = choice(
        "How the obtainable share is reached", default=BASS, choices=RAMPS, group="Over the years",
        help="At once; in equal steps from nothing; or slowly, then fast, then slowly, as buyers learn from buyers.")
    ramp_years: float = number(
        "Years until it is reached", likely=(3, 6), low=0.1, high=50, unit="years", group="Over the years",
        when=_EVENLY, source=ASSUMED, help="When the full obtainable share is won; it stays there.")
    innovation: float = number(
        "Innovation", default=0.03, low=0.0001, high=1, unit="%", group="Over the years", when=_BASS, source=SULTAN,
        help="The share of those still to be won who come in a year on their own: p of the Bass model.")
    imitation: float = number(
        "Imitation", default=0.38, low=0, high=5, unit="%", group="Over the years", when=_BASS, source=SULTAN,
        help="The share of them who would come in a year if everybody else had: q of the Bass model.")
# fmt: on
