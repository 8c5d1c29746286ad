"""What the priced round asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mlcore.spec import choice, day, flag, integer, number, rows, text
from portal.planning.equity.interest import DayCount
from portal.planning.equity.table import Kind
from portal.planning.equity.terms import Basis, Counting, Pricing, ProRataSource
from portal.planning.raising.instruments import DAY_COUNTS, MOST, RoundNote, RoundSafe, own_switch

ASSUMED = "Assumption: put in your own."

KINDS = {
    Kind.COMMON.value: "Common shares",
    Kind.OPTION.value: "Options granted",
    Kind.PREFERRED.value: "Preferred shares",
}
TARGET, SHARES = "target", "shares"
INCREASES = {TARGET: "A target share", SHARES: "So many shares"}
COUNTINGS = {
    Counting.UNALLOCATED.value: "Only what is not granted or promised",
    Counting.WITH_GRANTS.value: "Granted options too",
}
BASES = {
    Basis.POST_MONEY.value: "All shares after the round",
    Basis.PRE_MONEY.value: "All but the shares of the new money",
}
INSIDE, OUTSIDE = "inside", "outside"
BEARERS = {INSIDE: "Holders before the round", OUTSIDE: "Everybody, new investors too"}
PRICINGS = {
    Pricing.PERCENTAGE_OWNERSHIP.value: "Percentage ownership",
    Pricing.DOLLARS_INVESTED.value: "Dollars invested",
    Pricing.PRE_MONEY_METHOD.value: "Pre-money method",
}
PRO_RATA = {
    ProRataSource.DISPLACES.value: "The other buyers take less",
    ProRataSource.ENLARGES.value: "The round grows",
}
LAWYERS, GUIDE = "legal", "guide"
ROUNDINGS = {LAWYERS: "Prices up at five places, shares down", GUIDE: "As the YC user guide, at four places"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundHolder:
    name: str = text("Holder", default="Founder", max_length=120, help="Who holds these shares or options.")
    shares: int = integer(
        "Shares", default=1_000_000, low=0, high=int(MOST), fixed=True,
        help="Number of shares or options, preferred ones as converted into common.",
    )  # fmt: skip
    kind: str = choice("Kind", default=Kind.COMMON.value, choices=KINDS, help="What they are.")
    founder: bool = flag("Founder", help="Counts among the founders in the figures above.")
    pro_rata: float = number(
        "Right to buy of the round", default=0, low=0, high=0.99, unit="%", fixed=True,
        help="A pro-rata right that is used: this share of the new shares. 0% for none.",
    )  # fmt: skip
    protected_price: float = number(
        "Protected conversion price", default=0, low=0, high=MOST, unit="USD", fixed=True,
        help="Of preferred shares whose anti-dilution protection is not waived; 0 for none or a waiver.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundInvestor:
    name: str = text("Investor", default="Lead", max_length=120, help="Who brings new money.")
    share: float = number(
        "Share of the new money", default=1, low=0.0001, high=1, unit="%", fixed=True, help="Together 100%."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TermSheet:
    name: str = text("Term sheet", default="Other offer", max_length=60, help="What it is called in the comparison.")
    pre_money: float = number(
        "Its pre-money", default=14_000_000, low=1, high=MOST, unit="USD", fixed=True, help="Pre-money valuation."
    )
    new_money: float = number(
        "Its new money", default=3_500_000, low=1, high=MOST, unit="USD", fixed=True, help="Of all its investors."
    )
    pool_target: float = number(
        "Its pool target", default=0.1, low=0, high=0.9, unit="%", fixed=True,
        help="What it counts and is a part of stays as below.",
    )  # fmt: skip
    pool_bearers: str = choice("Its pool is borne by", default=INSIDE, choices=BEARERS, help="Who bears the increase.")
    pricing: str = choice(
        "Its convention", default=Pricing.PERCENTAGE_OWNERSHIP.value, choices=PRICINGS, help="How it makes the price."
    )


SHEETS = (
    TermSheet(name="Higher valuation", pre_money=17_000_000, new_money=4_000_000, pool_target=0.18),
    TermSheet(name="Shared pool", pre_money=13_000_000, new_money=3_500_000, pool_bearers=OUTSIDE),
)
HOLDERS = (
    RoundHolder(name="Founder 1", shares=4_500_000, founder=True),
    RoundHolder(name="Founder 2", shares=3_500_000, founder=True),
    RoundHolder(name="Team", shares=700_000, kind=Kind.OPTION.value),
)
SAFES = (
    RoundSafe(name="Angels", amount=500_000, cap=6_000_000),
    RoundSafe(name="Accelerator", amount=750_000, cap=10_000_000, discount=0.2),
)
INVESTORS = (RoundInvestor(name="Lead", share=0.75), RoundInvestor(name="Others", share=0.25))


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    new_money: float = number(
        "New money", likely=(3_000_000, 4_500_000), low=1, high=MOST, unit="USD", group="Round", source=ASSUMED,
        quantity="new_money", help="What new investors pay in, without SAFEs and notes.")
    pre_money: float = number(
        "Pre-money valuation", likely=(12_000_000, 18_000_000), low=1, high=MOST, unit="USD", group="Round",
        source=ASSUMED, help="As in the term sheet. What it counts is the pricing convention below.")
    investors: tuple[RoundInvestor, ...] = rows(
        RoundInvestor, "Investors", max_items=40, group="Round", default=INVESTORS,
        help="Who buys what part of the new money.")
    closing: date = day(
        "Closing", default=date(2027, 3, 31), group="Round", help="The day of the round; interest of notes runs to it.")
    holders: tuple[RoundHolder, ...] = rows(
        RoundHolder, "Holders", max_items=200, group="Before the round", default=HOLDERS,
        help="Everybody with shares or granted options, without the pool.")
    pool_now: int = integer(
        "Pool now", default=300_000, low=0, high=int(MOST), fixed=True, group="Before the round",
        help="Shares reserved for options and not granted yet.")
    promised: int = integer(
        "Options promised", default=0, low=0, high=int(MOST), fixed=True, group="Before the round",
        help="Promised and not granted yet. What the pool does not cover is reserved first.")
    safes: tuple[RoundSafe, ...] = rows(
        RoundSafe, "SAFEs", max_items=60, group="SAFEs and notes", default=SAFES, help="In the order of their issue.")
    notes: tuple[RoundNote, ...] = rows(
        RoundNote, "Notes", max_items=60, group="SAFEs and notes",
        help="Convertible notes with their interest. One that the round does not convert stays a debt.")
    day_count: str = choice(
        "Days of interest", default=DayCount.ACTUAL_365_FIXED.value, choices=DAY_COUNTS, group="SAFEs and notes",
        help="How the notes count days. Contracts differ; the usual one is 365.")
    pool_by: str = choice(
        "Pool increase by", default=TARGET, choices=INCREASES, group="Pool",
        help="A part of the company that the pool has to reach, or a number of shares.")
    pool_target: float = number(
        "Pool target", default=0.1, low=0, high=0.9, unit="%", fixed=True, group="Pool", when=("pool_by", (TARGET,)),
        help="No shares are added where the pool is that large already.")
    pool_counting: str = choice(
        "The target counts", default=Counting.UNALLOCATED.value, choices=COUNTINGS, group="Pool",
        when=("pool_by", (TARGET,)), help="Whether options granted already help to reach it.")
    pool_basis: str = choice(
        "The target is a part of", default=Basis.POST_MONEY.value, choices=BASES, group="Pool",
        when=("pool_by", (TARGET,)), help="What the percentage is taken of.")
    pool_shares: int = integer(
        "Shares added to the pool", default=0, low=0, high=int(MOST), fixed=True, group="Pool",
        when=("pool_by", (SHARES,)), help="Beyond what promised options need.")
    pool_bearers: str = choice(
        "Who bears the increase", default=INSIDE, choices=BEARERS, group="Pool",
        help="Within the pre-money the price counts the new pool shares, so that those of before bear them alone.")
    pricing: str = choice(
        "Pricing convention", default=Pricing.PERCENTAGE_OWNERSHIP.value, choices=PRICINGS, group="Conventions",
        help="Who bears the conversions. Percentage ownership: the pre-money is for all shares but the new money's. "
        "Dollars invested: what converts adds its amount to the valuation. Pre-money method: the pre-money is for the "
        "shares before any conversion.")
    pro_rata_source: str = choice(
        "Shares of pro-rata buyers", default=ProRataSource.DISPLACES.value, choices=PRO_RATA, group="Conventions",
        help="Whether the round keeps its size, or grows so that the other buyers keep theirs.")
    shadow_series: bool = flag(
        "Shadow series", default=True, group="Conventions",
        help="What converts below the round price gets a series of its own, whose preference is what was paid for it. "
        "Otherwise each of its shares has the preference of a new one, which is more.")
    rounding: str = choice(
        "Rounding", default=LAWYERS, choices=ROUNDINGS, group="Conventions",
        help="For the table in whole shares. The forms of SAFEs are silent about it.")
    sheets: tuple[TermSheet, ...] = rows(
        TermSheet, "Other term sheets", max_items=3, group="Compare", default=SHEETS,
        help="Set beside the round above: who gets what under each, and which of their terms moves how much.")
    include_outstanding_shares: bool = own_switch("include_outstanding_shares", default=True)
    include_outstanding_options: bool = own_switch("include_outstanding_options", default=True)
    include_outstanding_unissued_options: bool = own_switch("include_outstanding_unissued_options", default=True)
    include_this_security: bool = own_switch("include_this_security", default=True)
    include_other_converting_securities: bool = own_switch("include_other_converting_securities", default=True)
    include_option_pool_topup_for_promised_options: bool = own_switch(
        "include_option_pool_topup_for_promised_options", default=True)
    include_additional_option_pool_topup: bool = own_switch("include_additional_option_pool_topup", default=False)
    include_new_money: bool = own_switch("include_new_money", default=False)
# fmt: on
