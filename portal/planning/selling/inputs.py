"""What the exit calculator asks for. The terms are fixed and exact; the price alone may be a range."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.spec import choice, integer, number, rows, text

ASSUMED = "Assumption: put in your own."
MOST = 1e12  # USD, and shares
COMMON, PREFERRED, OPTIONS = "common", "preferred", "options"
KINDS = {COMMON: "Common", PREFERRED: "Preferred", OPTIONS: "Options or warrants"}
NONE, CAPPED, FULL = "none", "capped", "full"
PARTICIPATIONS = {NONE: "None", CAPPED: "Up to a cap", FULL: "Full"}


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class ExitClass:
    name: str = text("Class", default="Common", max_length=60, help="What it is called.")
    kind: str = choice(
        "Kind", default=COMMON, choices=KINDS,
        help="Preferred shares have a preference and may convert. Of options and warrants only those that are vested "
        "at the sale. A SAFE that has not converted is preferred: its amount once, without participation.")
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
    debts: tuple[ExitDebt, ...] = rows(
        ExitDebt, "Debts", default=(ExitDebt(),), max_items=12, group="Debts",
        help="Paid after the costs and before anybody who holds shares.")
