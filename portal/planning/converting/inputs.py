"""What SAFEs and notes are asked about: the company, the instruments, a next round, and a sale before it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mlcore.spec import choice, day, integer, number, rows
from portal.planning.equity.interest import DayCount
from portal.planning.equity.notes import Election, ExitElection
from portal.planning.equity.safes import Mfn
from portal.planning.equity.terms import Pricing
from portal.planning.raising.inputs import ASSUMED, PRICINGS
from portal.planning.raising.instruments import DAY_COUNTS, MOST, RoundNote, RoundSafe, own_switch

OWED, CONVERTS = "owed", "converts"
AT_MATURITY = {OWED: "Is owed", CONVERTS: "Converts at its cap"}
AT_SALE = {
    ExitElection.REPAY.value: "Is paid back",
    ExitElection.MULTIPLE.value: "A multiple of the principal",
    ExitElection.CONVERT.value: "Converts at its cap",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertibleNote(RoundNote):
    at_maturity: str = choice(
        "At maturity", default=OWED, choices=AT_MATURITY, help="What the note says if no round came before."
    )
    at_sale: str = choice(
        "In a sale", default=ExitElection.REPAY.value, choices=AT_SALE,
        help="What its holder gets if the company is sold before a round: read the note.",
    )  # fmt: skip
    multiple: float = number(
        "Multiple in a sale", default=0, low=0, high=20, unit="×", fixed=True,
        help="Of the principal, with the interest on top; only where the note gives a multiple, else 0.",
    )  # fmt: skip


# Y Combinator's standard deal, and a stack on top of it.
SAFES = (
    RoundSafe(name="Accelerator MFN", amount=375_000, mfn=Mfn.STATED.value, elects="Angels"),
    RoundSafe(name="Accelerator", amount=125_000, cap=1_785_714),
    RoundSafe(name="Angels", amount=400_000, cap=8_000_000),
    RoundSafe(name="Seed fund", amount=750_000, cap=14_000_000, discount=0.2, pro_rata=True),
)
NOTES = (
    ConvertibleNote(
        name="Family loan", principal=150_000, rate=0.06, issued=date(2026, 1, 15), maturity=date(2028, 1, 15),
        cap=5_000_000, discount=0.2, threshold=1_000_000, below=Election.CONVERT.value, at_maturity=CONVERTS,
    ),
)  # fmt: skip


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    pre_money: float = number(
        "Pre-money of the next round", likely=(7_000_000, 18_000_000), low=1, high=MOST, unit="USD", group="Next round",
        source=ASSUMED, help="The valuation that a term sheet of the next priced round names.")
    new_part: float = number(
        "Part for new money", default=0.2, low=0.001, high=0.9, unit="%", fixed=True, group="Next round",
        help="New money ÷ (pre-money + new money): how much is raised grows with the valuation.")
    lowest: float = number(
        "Charts from a pre-money of", default=4_000_000, low=1, high=MOST, unit="USD", fixed=True, group="Next round",
        help="The lowest valuation of the charts.")
    largest: float = number(
        "Charts up to a pre-money of", default=30_000_000, low=1, high=MOST, unit="USD", fixed=True, group="Next round",
        help="The highest valuation of the charts.")
    pool_target: float = number(
        "Pool after the round", default=0.1, low=0, high=0.9, unit="%", fixed=True, group="Next round",
        help="Not granted, of all shares after the round; holders of before bear the increase.")
    pricing: str = choice(
        "How the price is made", default=Pricing.PERCENTAGE_OWNERSHIP.value, choices=PRICINGS, group="Next round",
        help="Who bears the conversions. Percentage ownership: the pre-money is for all shares but the new money's.")
    closing: date = day(
        "Closing of the next round", default=date(2027, 3, 31), group="Next round",
        help="Interest of notes runs to it.")
    safes: tuple[RoundSafe, ...] = rows(
        RoundSafe, "SAFEs signed", max_items=40, group="SAFEs and notes", default=SAFES,
        help="In the order of their issue.")
    notes: tuple[ConvertibleNote, ...] = rows(
        ConvertibleNote, "Notes signed", max_items=40, group="SAFEs and notes", default=NOTES,
        help="Convertible notes with their interest.")
    day_count: str = choice(
        "How days are counted", default=DayCount.ACTUAL_365_FIXED.value, choices=DAY_COUNTS, group="SAFEs and notes",
        help="For the interest of notes. Contracts differ; the usual one is 365.")
    founders: int = integer(
        "Founders' shares", default=8_000_000, low=1, high=int(MOST), fixed=True, group="Company",
        help="Of all founders together.")
    others: int = integer(
        "Shares of others", default=500_000, low=0, high=int(MOST), fixed=True, group="Company",
        help="Everybody else's shares, preferred ones as converted into common.")
    options: int = integer(
        "Options granted", default=600_000, low=0, high=int(MOST), fixed=True, group="Company",
        help="Granted and not exercised.")
    strike: float = number(
        "Their strike price", default=0.05, low=0, high=MOST, unit="USD", fixed=True, group="Company",
        help="On average; only the sale asks for it.")
    pool_now: int = integer(
        "Pool not granted", default=400_000, low=0, high=int(MOST), fixed=True, group="Company",
        help="Shares reserved for options and not granted yet.")
    promised: int = integer(
        "Options promised", default=0, low=0, high=int(MOST), fixed=True, group="Company",
        help="Promised and not granted yet. What the pool does not cover is reserved first.")
    sale_price: float = number(
        "Price in a sale", likely=(2_000_000, 25_000_000), low=1, high=MOST, unit="USD", group="Sale before a round",
        source=ASSUMED, help="What a buyer pays for the whole company after the costs of the sale.")
    largest_sale: float = number(
        "Charts up to a price of", default=25_000_000, low=1, high=MOST, unit="USD", fixed=True,
        group="Sale before a round", help="The charts of a sale run from nothing to this price.")
    sale_day: date = day(
        "Day of the sale", default=date(2027, 3, 31), group="Sale before a round", help="Interest of notes runs to it.")
    debts: float = number(
        "Other debts", default=0, low=0, high=MOST, unit="USD", fixed=True, group="Sale before a round",
        help="Paid before notes, SAFEs and shares.")
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
