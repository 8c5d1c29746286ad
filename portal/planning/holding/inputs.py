"""What the cap table asks for: a ledger, and the tables of terms that it names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mlcore.spec import choice, day, number, rows
from portal.planning.holding import columns as col

MOST_EVENTS = 200
HOLDERS, CLASSES = "holders", "classes"
LAYERS = {HOLDERS: "Holder", CLASSES: "Class of shares"}

FOUNDERS, STAFF, CAP_8, CAP_10 = "Founders", "Staff", "Cap 8M", "Cap 10M"
YOUNG = (
    col.LedgerEvent(
        on=date(2025, 1, 6), security="CS-1", holder="Ana", shares=4_500_000, price=0.0001, stock_class="Common",
        terms=FOUNDERS,
    ),
    col.LedgerEvent(
        on=date(2025, 1, 6), security="CS-2", holder="Ben", shares=3_500_000, price=0.0001, stock_class="Common",
        terms=FOUNDERS,
    ),
    col.LedgerEvent(on=date(2025, 2, 3), kind=col.POOL, shares=1_000_000),
    col.LedgerEvent(
        on=date(2025, 6, 2), kind=col.GRANT, security="ES-1", holder="Chen", shares=200_000, price=0.05, terms=STAFF
    ),
    col.LedgerEvent(
        on=date(2025, 9, 1), kind=col.SAFE, security="SAFE-1", holder="Angels", price=500_000, terms=CAP_8
    ),
    col.LedgerEvent(
        on=date(2026, 3, 2), kind=col.SAFE, security="SAFE-2", holder="Accelerator", price=250_000, terms=CAP_10
    ),
    col.LedgerEvent(
        on=date(2026, 5, 4), kind=col.GRANT, security="ES-2", holder="Dana", shares=120_000, price=0.12, terms=STAFF
    ),
)  # fmt: skip
VESTINGS = (col.LedgerVesting(name=FOUNDERS), col.LedgerVesting(name=STAFF))
SAFES = (col.LedgerSafe(name=CAP_8, cap=8_000_000), col.LedgerSafe(name=CAP_10, cap=10_000_000, discount=0.2))


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    as_of: date = day("As of", default=col.NEW_DAY, group="Cap table",
                      help="Who owns what at the end of this day. Later events are checked and not counted.")
    price: float = number(
        "Price of a share", default=0, low=0, high=col.MOST, unit="USD", fixed=True, group="Cap table",
        help="To value what everybody holds; 0 for the last price paid for a preferred share, splits since included.")
    layers: str = choice("Ownership over time by", default=HOLDERS, choices=LAYERS, group="Cap table",
                         help="What the areas of the chart are.")
    founders: tuple[col.LedgerFounder, ...] = rows(
        col.LedgerFounder, "Founders", max_items=20, group="Cap table",
        default=(col.LedgerFounder(name="Ana"), col.LedgerFounder(name="Ben")),
        help="Which of the holders count as founders in the figures.")
    events: tuple[col.LedgerEvent, ...] = rows(
        col.LedgerEvent, "Events", max_items=MOST_EVENTS, group="Ledger", default=YOUNG,
        help="Everything that happened to shares, options, SAFEs and notes, one row each, in the order of the days. Of "
        "one day, in the order in which it happened.")
    vestings: tuple[col.LedgerVesting, ...] = rows(
        col.LedgerVesting, "Vesting schedules", max_items=40, group="Terms", default=VESTINGS,
        help="Named by the ledger in the column of terms. Shares without one are vested; options without one vest by "
        "an event of their own.")
    safes: tuple[col.LedgerSafe, ...] = rows(
        col.LedgerSafe, "Terms of SAFEs", max_items=60, group="Terms", default=SAFES,
        help="Named by the ledger. SAFEs with the same terms share a row.")
    notes: tuple[col.LedgerNote, ...] = rows(
        col.LedgerNote, "Terms of notes", max_items=60, group="Terms",
        help="Named by the ledger. Interest runs from the day of the event.")
    rounds: tuple[col.LedgerRound, ...] = rows(
        col.LedgerRound, "Priced rounds", max_items=20, group="Terms",
        help="Named by the ledger. SAFEs and notes that are outstanding on the day convert.")
    buyers: tuple[col.LedgerBuyer, ...] = rows(
        col.LedgerBuyer, "Buyers in the rounds", max_items=200, group="Terms",
        help="Who buys new shares, for an amount or by a pro-rata right.")
    protections: tuple[col.LedgerProtection, ...] = rows(
        col.LedgerProtection, "Anti-dilution protection", max_items=60, group="Terms",
        help="Classes that have not waived it, with their conversion price before the round.")
    definitions: tuple[col.LedgerDefinition, ...] = rows(
        col.LedgerDefinition, "Definitions of capitalization", max_items=20, group="Terms",
        help="For SAFEs and notes whose cap counts something else: the eight switches of the Open Cap Format.")
# fmt: on
