"""What the exit calculator asks for. The terms are fixed and exact; the price alone may be a range."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mlcore.spec import choice, day, integer, number, rows, text
from portal.planning.equity.interest import Compounding, DayCount, PartialPeriod
from portal.planning.equity.notes import ExitElection
from portal.planning.raising.instruments import COMPOUNDINGS, DAY_COUNTS, PARTIALS, POST, PRE, USUAL

ASSUMED = "Assumption: put in your own."
MOST = 1e12  # USD, and shares
COMMON, PREFERRED, OPTIONS = "common", "preferred", "options"
KINDS = {COMMON: "Common", PREFERRED: "Preferred", OPTIONS: "Options or warrants"}
FORMS = {POST: "Post-money cap", PRE: "Pre-money cap"}
NOTE_FORMS = {USUAL: "Shares, options and pool of before", POST: "As a post-money SAFE", PRE: "As a pre-money SAFE"}
ELECTIONS = {
    ExitElection.REPAY.value: "Is paid back",
    ExitElection.MULTIPLE.value: "A multiple of the principal",
    ExitElection.CONVERT.value: "Converts at its cap",
}
NONE, CAPPED, FULL = "none", "capped", "full"
PARTICIPATIONS = {NONE: "None", CAPPED: "Up to a cap", FULL: "Full"}


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class ExitClass:
    name: str = text("Class", default="Common", max_length=60, help="What it is called.")
    kind: str = choice(
        "Kind", default=COMMON, choices=KINDS,
        help="Preferred shares have a preference and may convert. Of options and warrants only those that are vested "
        "at the sale. SAFEs and notes that have not converted have tables of their own.")
    shares: float = number(
        "Shares", default=1_000_000, low=1, high=MOST, fixed=True,
        help="Of preferred shares: the common ones that they convert into.")
    invested: float = number(
        "Invested", default=0, low=0, high=MOST, unit="USD", fixed=True,
        help="Only of preferred: shares × original issue price.")
    multiple: float = number(
        "Preference", default=1, low=0, high=20, unit="×", fixed=True,
        help="Only of preferred: how many times what was invested is paid before common gets anything.")
    participation: str = choice(
        "Participation", default=NONE, choices=PARTICIPATIONS,
        help="Only of preferred: whether it gets its preference and then shares in the rest as well.")
    cap: float = number(
        "Cap", default=0, low=0, high=100, unit="×", fixed=True,
        help="Only with participation up to a cap: the most it gets in all, preference and dividends included, as a "
        "multiple of what was invested.")
    rank: int = integer(
        "Rank", default=1, low=1, high=20, fixed=True,
        help="Only of preferred: 1 is paid first; equal ranks share in proportion to their preferences.")
    dividends: float = number(
        "Unpaid dividends", default=0, low=0, high=MOST, unit="USD", fixed=True,
        help="Only of preferred: accrued to the day of the sale, paid with the preference and lost on conversion. "
        "Dividends paid in shares belong in the shares.")
    strike: float = number(
        "Strike price", default=0, low=0, high=MOST, unit="USD", fixed=True,
        help="Only of options and warrants: paid for each share; they are exercised when that pays.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitDebt:
    name: str = text("Debt", default="Venture debt", max_length=60, help="What it is called.")
    claim: float = number(
        "Owed at the sale", default=1_500_000, low=0, high=MOST, unit="USD", fixed=True,
        help="Principal, unpaid interest, end-of-term and prepayment fees.")
    rank: int = integer(
        "Rank", default=1, low=1, high=20, fixed=True,
        help="1 is paid first; equal ranks share in proportion to what is owed.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitSafe:
    name: str = text("SAFE of", default="Angel", max_length=60, help="Its holder; another name for each SAFE.")
    amount: float = number(
        "Amount", default=100_000, low=1, high=MOST, unit="USD", fixed=True,
        help="What was paid for it. With a discount and no cap: amount ÷ (1 − discount).")
    cap: float = number(
        "Valuation cap", default=0, low=0, high=MOST, unit="USD", fixed=True,
        help="0 for none: its holder then gets the amount.")
    form: str = choice(
        "Form of the cap", default=POST, choices=FORMS,
        help="Post-money: the cap counts all SAFEs and notes that convert. Pre-money: it does not.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitNote:
    name: str = text("Note of", default="Lender", max_length=60, help="Its holder; another name for each note.")
    principal: float = number(
        "Principal", default=100_000, low=1, high=MOST, unit="USD", fixed=True, help="What was lent.")
    rate: float = number(
        "Interest a year", default=0.06, low=0, high=1, unit="%", fixed=True, help="Until maturity.")
    compounding: str = choice(
        "Interest compounds", default=Compounding.SIMPLE.value, choices=COMPOUNDINGS,
        help="How often interest is added to what bears interest. Most notes: not at all.")
    partial: str = choice(
        "A part of a period earns", default=PartialPeriod.REFUSE.value, choices=PARTIALS,
        help="Only where interest compounds and the last period is not complete: what the note says of it.")
    issued: date = day("Interest from", default=date(2026, 1, 1), help="The day from which interest runs.")
    maturity: date = day("Maturity", default=date(2028, 1, 1), help="The day it is due; interest stops then.")
    at_sale: str = choice(
        "In the sale", default=ExitElection.REPAY.value, choices=ELECTIONS,
        help="What its holder gets: read the note. Paid back: principal and interest.")
    multiple: float = number(
        "Multiple in the sale", default=0, low=0, high=20, unit="×", fixed=True,
        help="Of the principal, with the interest on top; only where the note gives a multiple, else 0.")
    cap: float = number(
        "Valuation cap of the note", default=0, low=0, high=MOST, unit="USD", fixed=True,
        help="Only where it converts.")
    form: str = choice("Its cap counts", default=USUAL, choices=NOTE_FORMS, help="Notes differ: read the definition.")
    rank: int = integer(
        "Rank", default=2, low=1, high=20, fixed=True,
        help="Among the debts, where it is paid back: 1 is paid first.")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitOrder:
    first: str = text("Paid first", default="", max_length=60, help="The name of a preferred class.")
    then: str = text("Paid after it", default="", max_length=60, help="The name of another one.")


START_CLASSES = (
    ExitClass(name="Common", shares=8_000_000),
    ExitClass(name="Options", kind=OPTIONS, shares=1_000_000, strike=0.25),
    ExitClass(name="Seed", kind=PREFERRED, shares=2_000_000, invested=2_000_000, rank=2),
    ExitClass(name="Series A", kind=PREFERRED, shares=3_500_000, invested=10_500_000),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    exit_value: float = number(
        "Price of the company", likely=(12_000_000, 90_000_000), low=1, high=MOST, unit="USD", group="Sale",
        source=ASSUMED, help="What the buyer pays for the whole company. Its debts are paid out of it.")
    costs: float = number(
        "Fixed costs of the sale", default=300_000, low=0, high=MOST, unit="USD", fixed=True, group="Sale",
        source=ASSUMED, help="Lawyers, accountants and other sums that do not depend on the price.")
    cost_share: float = number(
        "Costs as a share of the price", default=0.02, low=0, high=0.5, unit="%", fixed=True, group="Sale",
        source=ASSUMED, help="What the banker takes.")
    carve_out: float = number(
        "Carve-out for the team", default=0, low=0, high=0.5, unit="%", fixed=True, group="Sale",
        help="A part of what is left after costs and debts, paid to the team before the preferences.")
    largest_price: float = number(
        "Charts up to a price of", default=100_000_000, low=1, high=MOST, unit="USD", fixed=True, group="Sale",
        help="The charts run from nothing to this price.")
    classes: tuple[ExitClass, ...] = rows(
        ExitClass, "Classes of shares", default=START_CLASSES, max_items=12, group="Shares",
        help="Everything that is outstanding at the sale, one row for each class.")
    pool: float = number(
        "Pool not allocated", default=700_000, low=0, high=MOST, fixed=True, group="Shares",
        help="Shares reserved for options that were not granted, and options that are not vested: they count in "
        "ownership and get nothing.")
    own_shares: float = number(
        "Your common shares", default=4_000_000, low=0, high=MOST, fixed=True, group="Shares",
        help="Those of the common shares that are yours, vested at the sale.")
    own_carve_out: float = number(
        "Your part of the carve-out", default=0, low=0, high=1, unit="%", fixed=True, group="Shares",
        help="What part of the carve-out for the team is yours.")
    safes: tuple[ExitSafe, ...] = rows(
        ExitSafe, "SAFEs", max_items=20, group="SAFEs and notes",
        help="Signed and not converted: each holder takes the amount, or shares at the cap where that is more.")
    safe_rank: int = integer(
        "Rank of the SAFEs", default=1, low=1, high=20, fixed=True, group="SAFEs and notes",
        help="Among the preferences. YC's form: on a par with preferred shares and other SAFEs.")
    notes: tuple[ExitNote, ...] = rows(
        ExitNote, "Notes", max_items=20, group="SAFEs and notes", help="Convertible notes that have not converted.")
    sale_day: date = day(
        "Day of the sale", default=date(2027, 3, 31), group="SAFEs and notes", help="Interest of notes runs to it.")
    day_count: str = choice(
        "Days of interest", default=DayCount.ACTUAL_365_FIXED.value, choices=DAY_COUNTS, group="SAFEs and notes",
        help="How the notes count days. Contracts differ; the usual one is 365.")
    order: tuple[ExitOrder, ...] = rows(
        ExitOrder, "Order of payment", max_items=40, group="Order of payment",
        help="As charters say it, pair by pair: this preferred class is paid before that one. With pairs all ranks "
        "of preferred classes stay 1, and what no pair tells apart shares.")
    debts: tuple[ExitDebt, ...] = rows(
        ExitDebt, "Debts", default=(ExitDebt(),), max_items=12, group="Debts",
        help="Paid after the costs and before anybody who holds shares.")
