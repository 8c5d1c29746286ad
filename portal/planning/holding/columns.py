"""The tables that a ledger is typed in: one row an event, and the terms that events name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mlcore.spec import choice, day, flag, integer, number, text
from portal.planning.equity.capitalization import SWITCHES
from portal.planning.equity.interest import Compounding, PartialPeriod
from portal.planning.equity.ledger import MOST_SHARES
from portal.planning.equity.notes import Election
from portal.planning.equity.terms import Basis, Counting, Pricing, ProRataSource
from portal.planning.equity.vesting import MOST_MONTHS, Allocation
from portal.planning.raising.inputs import (
    BASES,
    BEARERS,
    COUNTINGS,
    INCREASES,
    INSIDE,
    LAWYERS,
    PRICINGS,
    PRO_RATA,
    ROUNDINGS,
    SHARES,
    TARGET,
)
from portal.planning.raising.instruments import CLAUSES, DAY_COUNTS, MOST, NO_CLAUSE, POST, PRE

LONGEST = 120  # characters of a name
COMMON, PREFERRED, TRANSFER, CANCEL, FORFEIT = "common", "preferred", "transfer", "cancel", "forfeit"
POOL, PROMISE, GRANT, WARRANT, VEST, EXERCISE = "pool", "promise", "grant", "warrant", "vest", "exercise"
SAFE, NOTE, SETTLE, ROUND = "safe", "note", "settle", "round"
SPLIT, SPLIT_UP, SPLIT_NEAREST = "split", "split-up", "split-nearest"
KINDS = {
    COMMON: "Issue common shares",
    PREFERRED: "Issue preferred shares",
    TRANSFER: "Transfer shares",
    CANCEL: "Cancel or buy back",
    POOL: "Change the pool",
    PROMISE: "Promise options",
    GRANT: "Grant options",
    WARRANT: "Grant a warrant",
    VEST: "Vest at once",
    EXERCISE: "Exercise options",
    FORFEIT: "Options back to the pool",
    SAFE: "Sign a SAFE",
    NOTE: "Sign a note",
    SETTLE: "End a SAFE or note",
    ROUND: "Close a priced round",
    SPLIT: "Split, fractions dropped",
    SPLIT_UP: "Split, fractions up",
    SPLIT_NEAREST: "Split, to the nearest",
}
ISSUES, GRANTS, SIGNINGS = (COMMON, PREFERRED), (GRANT, WARRANT), (SAFE, NOTE)
SPLITS = (SPLIT, SPLIT_UP, SPLIT_NEAREST)
# What each column counts for, and where it must be filled in; all else must be left empty.
COUNTS: dict[str, tuple[str, ...]] = {
    "security": (*ISSUES, TRANSFER, CANCEL, *GRANTS, VEST, EXERCISE, FORFEIT, *SIGNINGS, SETTLE),
    "holder": (*ISSUES, TRANSFER, *GRANTS, *SIGNINGS),
    "shares": (*ISSUES, TRANSFER, CANCEL, POOL, PROMISE, *GRANTS, VEST, EXERCISE, FORFEIT),
    "price": (*ISSUES, *GRANTS, *SIGNINGS),
    "stock_class": (*ISSUES, EXERCISE),
    "terms": (*ISSUES, *GRANTS, *SIGNINGS, ROUND),
    "starts": (*ISSUES, *GRANTS),
    "into": (TRANSFER, EXERCISE),
    "ratio": (PREFERRED, COMMON, *SPLITS),
}
NEEDS: dict[str, tuple[str, ...]] = {
    **{name: COUNTS[name] for name in ("security", "holder", "shares", "stock_class", "into")},
    "price": SIGNINGS,
    "terms": (*SIGNINGS, ROUND),
    "ratio": SPLITS,
}
NEW_DAY = date(2026, 12, 31)  # of a row that is added, which stands at the end


# fmt: off
def _text(name: str, label: str, help: str) -> str:
    return text(label, default="", max_length=LONGEST, when=("kind", COUNTS[name]), help=help)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEvent:
    on: date = day("Day", default=NEW_DAY, help="Rows stand in the order of their days.")
    kind: str = choice(
        "Event", default=COMMON, choices=KINDS,
        help="What happened. The columns that count for it are open; all others stay empty.")
    security: str = _text(
        "security", "Security", "Its name, such as CS-1: a new one of shares, options, a warrant, a SAFE or a note; "
        "else the one that the event is about.")
    holder: str = _text("holder", "Holder", "Who gets it. Of a transfer, who it goes to.")
    shares: int = integer(
        "Shares or options", default=0, low=-MOST_SHARES, high=MOST_SHARES, fixed=True, when=("kind", COUNTS["shares"]),
        help="Whole ones. Below zero only to take them out of the pool, or to take back a promise.")
    price: float = number(
        "Price or amount", default=0, low=0, high=MOST, unit="USD", fixed=True, when=("kind", COUNTS["price"]),
        help="Paid for a share, or the strike of an option; of a SAFE or a note the whole amount.")
    stock_class: str = _text("stock_class", "Class", "Of the shares, such as Common or Series A; of an exercise, of "
                                                     "the shares that it gives.")
    terms: str = _text(
        "terms", "Terms", "The name of a row in the tables of terms: of shares and options a vesting schedule, or "
        "empty; of a SAFE, a note or a round its terms.")
    starts: str = _text("starts", "Vests from", "A day as YYYY-MM-DD where vesting does not start on the day of the "
                                                "event; else empty.")
    into: str = _text("into", "New security", "The name of the certificate that a transfer or an exercise gives.")
    ratio: str = _text(
        "ratio", "Ratio", "Of a split, new for old shares, such as 3:2; of shares, how many common ones each converts "
        "into, or empty for one.")


ALLOCATIONS = {
    Allocation.CUMULATIVE_ROUNDING.value: "Running total to the nearest",
    Allocation.CUMULATIVE_ROUND_DOWN.value: "Running total down",
    Allocation.FRONT_LOADED.value: "The first get one more",
    Allocation.BACK_LOADED.value: "The last get one more",
    Allocation.FRONT_LOADED_TO_SINGLE_TRANCHE.value: "The first gets the rest",
    Allocation.BACK_LOADED_TO_SINGLE_TRANCHE.value: "The last gets the rest",
    Allocation.FRACTIONAL.value: "Fractions, running total down",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerVesting:
    name: str = text("Schedule", default="4 years, 1 year cliff", max_length=LONGEST, help="What events call it.")
    months: int = integer("Months in all", default=48, low=1, high=MOST_MONTHS, fixed=True,
                          help="Until all has vested.")
    cliff: int = integer("Cliff, months", default=12, low=0, high=MOST_MONTHS, fixed=True,
                         help="Nothing vests before; 0 for none.")
    cliff_share: float = number(
        "Vests on the cliff", default=0, low=0, high=0.9999, unit="%", fixed=True,
        help="0% for the months until then out of all, as 12 of 48.")
    every: int = integer("Then every, months", default=1, low=1, high=MOST_MONTHS, fixed=True,
                         help="1 monthly, 3 quarterly. It must divide the months after the cliff.")
    day_of_month: int = integer(
        "Day of the month", default=0, low=0, high=31, fixed=True,
        help="On which it vests, the last one of a shorter month; 0 for that of the start.")
    allocation: str = choice(
        "Parts of a share", default=Allocation.CUMULATIVE_ROUND_DOWN.value, choices=ALLOCATIONS,
        help="How months whose part is no whole share become some, as the Open Cap Format names it.")


USUAL_NOTE, OWN = "note", "own"
FORMS = {
    POST: "Post-money SAFE", PRE: "Pre-money SAFE", USUAL_NOTE: "Shares, options and pool", OWN: "As defined below",
}
FORM_HELP = (
    "What the cap is divided by. Post-money: SAFEs and notes count, a pool increase does not. Pre-money: the other way "
    "round. Shares, options and pool: neither, as in many notes."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSafe:
    name: str = text("Terms of SAFEs", default="Cap 8M", max_length=LONGEST, help="What events call them.")
    cap: float = number("Valuation cap", default=0, low=0, high=MOST, unit="USD", fixed=True, help="0 for none.")
    discount: float = number(
        "Discount", default=0, low=0, high=0.99, unit="%", fixed=True,
        help="What is taken off the round price: a Discount Rate of 85% in the form is a discount of 15%.")
    form: str = choice("The cap counts", default=POST, choices=FORMS, help=FORM_HELP)
    definition: str = text("Definition", default="", max_length=LONGEST, when=("form", (OWN,)),
                           help="The name of a row of the definitions of capitalization.")
    mfn: str = choice("Most favoured nation", default=NO_CLAUSE, choices=CLAUSES,
                      help="For a SAFE without terms of its own: what its holder elected among later SAFEs.")
    elects: str = text("Elected SAFE", default="", max_length=LONGEST, help="The name of its security; else empty.")
    pro_rata: bool = flag("Pro-rata side letter",
                          help="The holder buys the same part of the new shares of the round that converts it.")


COMPOUNDINGS = {
    Compounding.SIMPLE.value: "Simple",
    Compounding.ANNUAL.value: "Every year",
    Compounding.SEMIANNUAL.value: "Every half year",
    Compounding.QUARTERLY.value: "Every quarter",
    Compounding.MONTHLY.value: "Every month",
}
PARTIALS = {
    PartialPeriod.REFUSE.value: "Not agreed",
    PartialPeriod.SIMPLE.value: "Simple interest",
    PartialPeriod.NOTHING.value: "Nothing",
}
NOT_AGREED = "open"
ELECTIONS = {
    NOT_AGREED: "Not agreed", Election.CONVERT.value: "Converts", Election.KEEP.value: "Stays a debt",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerNote:
    name: str = text("Terms of notes", default="Note 2026", max_length=LONGEST, help="What events call them.")
    rate: float = number("Interest a year", default=0.06, low=0, high=1, unit="%", fixed=True, help="On the principal.")
    maturity: date = day("Maturity", default=date(2028, 1, 5), help="The day it is due; interest stops then.")
    cap: float = number("Valuation cap", default=0, low=0, high=MOST, unit="USD", fixed=True, help="0 for none.")
    discount: float = number("Discount", default=0.2, low=0, high=0.99, unit="%", fixed=True,
                             help="Taken off the round price.")
    form: str = choice("The cap counts", default=USUAL_NOTE, choices=FORMS, help=FORM_HELP)
    definition: str = text("Definition", default="", max_length=LONGEST, when=("form", (OWN,)),
                           help="The name of a row of the definitions of capitalization.")
    threshold: float = number("Qualified from", default=0, low=0, high=MOST, unit="USD", fixed=True,
                              help="New money from which a round converts it by itself.")
    below: str = choice("In a smaller round", default=NOT_AGREED, choices=ELECTIONS, help="What its holder chooses.")
    past: str = choice("After maturity", default=NOT_AGREED, choices=ELECTIONS, help="What its holder chooses.")
    day_count: str = choice("Days of interest", default="actual/365 fixed", choices=DAY_COUNTS,
                            help="How days are counted. Contracts differ; the usual one is 365.")
    compounding: str = choice("Compounds", default=Compounding.SIMPLE.value, choices=COMPOUNDINGS,
                              help="Simple interest does not.")
    partial: str = choice("Part of a period earns", default=PartialPeriod.REFUSE.value, choices=PARTIALS,
                          help="Where interest compounds: what the time since the last whole period earns.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRound:
    name: str = text("Series", default="Series A", max_length=LONGEST,
                     help="The class that is sold; the event names it in its terms.")
    pre_money: float = number("Pre-money valuation", default=10_000_000, low=1, high=MOST, unit="USD", fixed=True,
                              help="As in the term sheet.")
    pricing: str = choice("Pricing convention", default=Pricing.PERCENTAGE_OWNERSHIP.value, choices=PRICINGS,
                          help="What the pre-money is for: all shares but the new money's; with what converts added; "
                               "or the shares before any conversion.")
    pool_by: str = choice("Pool increase by", default=TARGET, choices=INCREASES,
                          help="A part of the company that the pool has to reach, or a number of shares.")
    pool_target: float = number("Pool target", default=0.1, low=0, high=0.9, unit="%", fixed=True,
                                when=("pool_by", (TARGET,)), help="No shares are added where it is reached already.")
    counting: str = choice("The target counts", default=Counting.UNALLOCATED.value, choices=COUNTINGS,
                           when=("pool_by", (TARGET,)), help="Whether granted options help to reach it.")
    basis: str = choice("The target is a part of", default=Basis.POST_MONEY.value, choices=BASES,
                        when=("pool_by", (TARGET,)), help="What the percentage is taken of.")
    pool_shares: int = integer("Shares added to the pool", default=0, low=0, high=int(MOST), fixed=True,
                               when=("pool_by", (SHARES,)), help="Beyond what promised options need.")
    bearers: str = choice("Who bears the increase", default=INSIDE, choices=BEARERS,
                          help="Whether the price counts the new pool shares.")
    pro_rata_source: str = choice("Shares of pro-rata buyers", default=ProRataSource.DISPLACES.value, choices=PRO_RATA,
                                  help="Whether the round keeps its size, or grows.")
    shadow: bool = flag("Shadow series", default=True,
                        help="What converts below the round price gets a series of its own, as in YC's forms.")
    rounding: str = choice("Rounding", default=LAWYERS, choices=ROUNDINGS,
                           help="How prices and shares become whole. The forms of SAFEs are silent about it.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerBuyer:
    name: str = text("Buyer", default="Lead", max_length=LONGEST, help="Who buys new shares.")
    series: str = text("Series bought", default="Series A", max_length=LONGEST, help="The round, by its series.")
    amount: float = number("Amount", default=0, low=0, high=MOST, unit="USD", fixed=True,
                           help="New money; 0 where a right below is used instead.")
    pro_rata: float = number("Pro-rata right", default=0, low=0, high=0.99, unit="%", fixed=True,
                             help="Buys this part of the new shares; 0% where an amount is stated.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerProtection:
    name: str = text("Protected class", default="Series Seed", max_length=LONGEST,
                     help="With anti-dilution protection that was not waived.")
    series: str = text("In the round of", default="Series A", max_length=LONGEST, help="The round, by its series.")
    price: float = number("Conversion price", default=1, low=1e-9, high=MOST, unit="USD", fixed=True,
                          help="Before the round. A round below it is refused.")


def _switch(name: str, label: str) -> bool:
    return flag(label, help=SWITCHES[name])


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerDefinition:
    name: str = text("Definition", default="Own definition", max_length=LONGEST, help="What terms call it.")
    include_outstanding_shares: bool = _switch("include_outstanding_shares", "Shares in issue")
    include_outstanding_options: bool = _switch("include_outstanding_options", "Options granted")
    include_outstanding_unissued_options: bool = _switch("include_outstanding_unissued_options", "Pool")
    include_this_security: bool = _switch("include_this_security", "This instrument")
    include_other_converting_securities: bool = _switch("include_other_converting_securities", "Other SAFEs and notes")
    include_option_pool_topup_for_promised_options: bool = _switch(
        "include_option_pool_topup_for_promised_options", "Top-up for promised options")
    include_additional_option_pool_topup: bool = _switch("include_additional_option_pool_topup", "Rest of the increase")
    include_new_money: bool = _switch("include_new_money", "New money")


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFounder:
    name: str = text("Founder", default="", max_length=LONGEST, help="As called among the holders of the ledger.")
