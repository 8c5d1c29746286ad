"""What investor fit asks for: the round, the investors, what counts how much, and how often a stage ends in money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from mlcore.spec import Family, Range, choice, day, flag, integer, number, rows, text
from portal.planning.investing.facts import (
    COMMITTED,
    COMPUTE,
    INTROS,
    INVESTS_AT,
    LEADING,
    LISTED,
    PIPELINE,
    RESERVES,
    ROUNDS,
    UNKNOWN,
)
from portal.planning.investing.starting import investors

ASSUMED = "Assumption: put in your own."
MOST = 1e12  # USD
MOST_ROWS = 40  # a form sends every cell as a field of its own


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class FundInvestor:
    name: str = text("Investor", max_length=60, help="A fund, an angel, a company that invests.")
    stage: str = choice("Pipeline", default=LISTED, choices=PIPELINE, help="How far you are with them.")
    next_step: str = text("Next step", max_length=120, help="What you do next.")
    due: str = text("Due", max_length=10, help="Day of the next step, as 2027-01-31. Empty for none.")
    contacted: str = text(
        "Last contact", max_length=10, help="Day on which you last spoke, as 2027-01-31. Empty for none.")
    first_round: str = choice(
        "Invests from", default=UNKNOWN, choices=INVESTS_AT, help="The earliest round that they invest in.")
    last_round: str = choice(
        "Invests up to", default=UNKNOWN, choices=INVESTS_AT, help="The latest round in which they begin to invest.")
    cheque_low: float = number(
        "Smallest cheque", default=0, low=0, high=MOST, unit="USD", fixed=True, help="First cheque; 0 if not known.")
    cheque_high: float = number(
        "Largest cheque", default=0, low=0, high=MOST, unit="USD", fixed=True, help="First cheque; 0 if not known.")
    amount: float = number(
        "Cheque named", default=0, low=0, high=MOST, unit="USD", fixed=True,
        help="What they said they would put in, or what you asked for. 0 for none: the middle of their cheques counts.")
    ownership: float = number(
        "Ownership wanted", default=0, low=0, high=1, unit="%", fixed=True,
        help="The least that they want to own after the round. 0% if not known; 0.01% for who asks for none.")
    leads: str = choice("Leads", default=UNKNOWN, choices=LEADING, help="Whether they set the terms of a round.")
    sectors: str = text(
        "Sectors", max_length=200, help="Separated by commas; “any” for who takes all. Empty if not known.")
    places: str = text(
        "Geography", max_length=200, help="Separated by commas; “any” for who invests everywhere. Empty if not known.")
    portfolio: str = text(
        "Portfolio near you", max_length=200,
        help="Companies of their portfolio that you might compete with, by commas; “none” when you have looked. Empty "
        "if not known.")
    fund_size: float = number(
        "Fund", default=0, low=0, high=MOST, unit="USD", fixed=True, help="Size of the present fund; 0 if not known.")
    vintage: int = integer(
        "Vintage", default=0, low=0, high=2100, unit="year", fixed=True,
        help="Year in which the present fund began; 0 if not known. For an angel, this year.")
    reserves: str = choice(
        "Reserves", default=UNKNOWN, choices=RESERVES, help="Whether they keep money for your later rounds.")
    compute: str = choice(
        "Compute", default=UNKNOWN, choices=COMPUTE, help="Whether they give credits, or time on a cluster.")
    intro: str = choice("Way in", default=UNKNOWN, choices=INTROS, help="Who can introduce you.")


def _weight(label: str, likely: tuple[float, float], when: tuple[str, tuple[str, ...]] | None = None) -> Any:
    return number(
        label, likely=likely, low=0, high=100, group="Weights", source=ASSUMED, when=when,
        help="How much this counts. Only the proportions of the weights matter; 0 leaves it out.")


def _chance(stage: str, likely: tuple[float, float] | Range) -> Any:
    return number(
        f"Chance: {PIPELINE[stage]}", likely=likely, low=0, high=1, unit="%", group="Chances", source=ASSUMED,
        help="How often an investor at this stage ends up in the round.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    investors: tuple[FundInvestor, ...] = rows(
        FundInvestor, "Investors", default=tuple(FundInvestor(**row) for row in investors()), max_items=MOST_ROWS,
        group="Investors", source="Invented, to start with: put in your own.",
        help="One row each, typed, pasted or from a CSV file. What you do not know stays empty, 0 or “Not known”.")
    as_of: date = day(
        "As of", default=date(2027, 1, 11), group="Round", help="Today, or the day of your list: what is overdue then?")
    close_by: date = day("Close by", default=date(2027, 5, 31), group="Round", help="When the money has to be there.")
    this_round: str = choice("This round", default="seed", choices=ROUNDS, group="Round", help="Which round it is.")
    round_size: float = number(
        "Round size", default=4_000_000, low=1, high=MOST, unit="USD", fixed=True, group="Round",
        help="New money in all.")
    pre_money: float = number(
        "Pre-money", likely=(14e6, 18e6), low=1, high=MOST, unit="USD", group="Round", source=ASSUMED,
        help="What the company is valued at before the money.")
    needs_lead: bool = flag("Needs a lead", default=True, group="Round", help="Whether nobody sets the terms yet.")
    needs_compute: bool = flag(
        "Needs compute", default=True, group="Round", help="Whether credits or a cluster would help you.")
    sectors: str = text(
        "Your sectors", default="AI infrastructure, developer tools", max_length=200, group="Round",
        help="Separated by commas. Empty: the sector does not count.")
    places: str = text(
        "Your geography", default="Europe", max_length=200, group="Round",
        help="Where the company is, separated by commas. Empty: geography does not count.")
    competitors: str = text(
        "Your competitors", default="Examplon, Mockstack", max_length=400, group="Round",
        help="Separated by commas. An investor who owns part of one is excluded.")
    top: int = integer(
        "First to talk to", default=5, low=1, high=MOST_ROWS, fixed=True, group="Round",
        help="How many investors you can talk to at a time.")
    fund_share: float = number(
        "Most of a fund in one company", default=0.1, low=0.001, high=1, unit="%", fixed=True, group="Round",
        help="Bounds a cheque that is not known, where the size of the fund is.")
    investment_period: int = integer(
        "Investment period", default=5, low=1, high=15, unit="years", fixed=True, group="Round",
        help="Years in which a fund makes new investments.")
    weight_cheque: float = _weight("Weight of the cheque", (2, 4))
    weight_ownership: float = _weight("Weight of the ownership wanted", (1, 3))
    weight_lead: float = _weight("Weight of leading", (3, 6), ("needs_lead", ("true",)))
    weight_sector: float = _weight("Weight of the sector", (3, 6))
    weight_place: float = _weight("Weight of geography", (1, 3))
    weight_fund: float = _weight("Weight of the age of the fund", (1, 2))
    weight_reserves: float = _weight("Weight of reserves", (0.5, 2))
    weight_compute: float = _weight("Weight of compute", (1, 4), ("needs_compute", ("true",)))
    weight_intro: float = _weight("Weight of the way in", (2, 5))
    chance_listed: float = _chance("listed", (0.005, 0.03))
    chance_contacted: float = _chance("contacted", (0.01, 0.05))
    chance_meeting: float = _chance("meeting", (0.04, 0.12))
    chance_diligence: float = _chance("diligence", (0.2, 0.45))
    chance_terms: float = _chance("terms", (0.6, 0.85))
    chance_committed: float = _chance(COMMITTED, Range(0.9, 0.99, Family.BETA))
# fmt: on
