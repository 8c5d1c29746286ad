"""What the priced round asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mlcore.spec import choice, day, flag, integer, number, rows, text
from portal.planning.equity.interest import DayCount
from portal.planning.equity.safes import Mfn
from portal.planning.equity.table import Kind
from portal.planning.equity.terms import Basis, Counting, Pricing, ProRataSource

ASSUMED = "Assumption: put in your own."
MOST = 1e12  # USD, and shares
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)

KINDS = {
    Kind.COMMON.value: "Common shares",
    Kind.OPTION.value: "Options granted",
    Kind.PREFERRED.value: "Preferred shares",
}
POST, PRE = "post", "pre"
FORMS = {POST: "Post-money cap", PRE: "Pre-money cap"}
NO_CLAUSE = "none"
CLAUSES = {
    NO_CLAUSE: "No such clause",
    Mfn.UNAMENDED.value: "Nothing elected",
    Mfn.STATED.value: "The SAFE named beside it",
    Mfn.BEST_PRICE.value: "The best price at conversion",
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
DAY_COUNTS = {
    DayCount.ACTUAL_365_FIXED.value: "Actual days ÷ 365",
    DayCount.ACTUAL_360.value: "Actual days ÷ 360",
    DayCount.ACTUAL_ACTUAL_ISDA.value: "Actual days ÷ days of the year",
    DayCount.THIRTY_360_US.value: "30 days a month ÷ 360",
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
class RoundSafe:
    name: str = text("SAFE of", default="Angel", max_length=120, help="Its holder; another name for each SAFE.")
    amount: float = number(
        "Amount", default=100_000, low=1, high=MOST, unit="USD", fixed=True, help="What was paid for it."
    )
    cap: float = number(
        "Valuation cap", default=0, low=0, high=MOST, unit="USD", fixed=True,
        help="The cap limits the price from above, never from below. 0 for none.",
    )  # fmt: skip
    discount: float = number(
        "Discount", default=0, low=0, high=0.99, unit="%", fixed=True,
        help="What is taken off the round price: a Discount Rate of 85% in the form is a discount of 15%.",
    )  # fmt: skip
    form: str = choice(
        "Form of the cap", default=POST, choices=FORMS,
        help="Post-money: the cap counts all SAFEs and notes and no pool increase. Pre-money: the other way round.",
    )  # fmt: skip
    mfn: str = choice(
        "Most favoured nation", default=NO_CLAUSE, choices=CLAUSES,
        help="For a SAFE without terms of its own: what its holder elected among later SAFEs (rows further down).",
    )  # fmt: skip
    elects: str = text("Elected SAFE", default="", max_length=120, help="The name of its row; else empty.")
    pro_rata: bool = flag(
        "Pro-rata side letter", help="Its holder buys the same part of the new shares as the SAFE's part before them."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundNote:
    name: str = text("Note of", default="Lender", max_length=120, help="Its holder; another name for each note.")
    principal: float = number(
        "Principal", default=100_000, low=1, high=MOST, unit="USD", fixed=True, help="What was lent."
    )
    rate: float = number(
        "Interest a year", default=0.06, low=0, high=1, unit="%", fixed=True, help="Simple interest, not compounded."
    )
    issued: date = day("Interest from", default=date(2026, 1, 1), help="The day from which interest runs.")
    maturity: date = day("Maturity", default=date(2028, 1, 1), help="The day it is due; interest stops then.")
    cap: float = number(
        "Valuation cap of the note", default=0, low=0, high=MOST, unit="USD", fixed=True,
        help="Divided by shares, options and pool of before, without SAFEs and notes. 0 for none.",
    )  # fmt: skip
    discount: float = number(
        "Discount of the note", default=0.2, low=0, high=0.99, unit="%", fixed=True, help="Taken off the round price."
    )
    agreed: bool = flag(
        "Converts though past due", help="Its holder agreed to convert after maturity; needed only where it is past."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundInvestor:
    name: str = text("Investor", default="Lead", max_length=120, help="Who brings new money.")
    share: float = number(
        "Share of the new money", default=1, low=0.0001, high=1, unit="%", fixed=True, help="Together 100%."
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
        help="What new investors pay in, without SAFEs and notes.")
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
        help="Convertible notes that this round converts, with their interest. Leave out those that stay a debt.")
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
    rounding: str = choice(
        "Rounding", default=LAWYERS, choices=ROUNDINGS, group="Conventions",
        help="For the table in whole shares. The forms of SAFEs are silent about it.")
# fmt: on
