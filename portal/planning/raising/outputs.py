"""What the priced round computes, with the formula or the method of each."""

from __future__ import annotations

from portal.planning.calculator import Output

PARTS = ("Founders", "Other holders", "SAFEs", "Notes", "New investors", "Pool")
LOST = ("lost_to_new_money", "lost_to_safes", "lost_to_notes", "lost_to_pool")

UNDETERMINED = "the terms then determine no round"
SOLVED = (
    "Total and price solve all terms at once in rational numbers, every way to convert tried; of {pre_money}, "
    "{new_money}, {safes}, {notes}, {pool_target} and {pricing}."
)
CAUSE = "Every share added takes the same part from all of before, so the order of the causes does not matter."
BEST = "The most shares of: amount ÷ (cap ÷ its capitalization), and amount ÷ (round price less the discount)."
COOLEY = "Cooley GO, “Calculating Share Price With Outstanding Convertible Notes or Safes”"
YC = "YC Post-Money Safe User Guide; capitalization by the switches of the Open Cap Format 1.2.0"
SHUFFLE = "Venture Hacks, “The Option Pool Shuffle”"

# fmt: off
OUTPUTS = {
    "price": Output(
        label="Price of a share", unit="USD", better="higher", headline=True,
        help="What new investors pay for a share.", method=SOLVED, source=COOLEY),
    "founders_after": Output(
        label="Founders after the round", unit="%", better="higher", headline=True,
        help="Part of all founders together, fully diluted.",
        formula="({founders_shares} + {founders_bought}) ÷ {total}"),
    "founders_value": Output(
        label="Founders' shares at the round price", unit="USD", better="higher", headline=True,
        help="On paper: common shares are worth less than the preferred ones that the price is paid for.",
        formula="{price} × ({founders_shares} + {founders_bought})"),
    "post_money": Output(
        label="Post-money valuation", unit="USD", better="higher", headline=True, help="All shares at the round price.",
        formula="{price} × {total}"),
    "effective_pre_money": Output(
        label="Effective pre-money", unit="USD", better="higher", headline=True,
        help="What the shares, options and pool of before are worth at the round price. What is missing to the "
        "pre-money valuation went into the new pool and the conversions.",
        formula="{price} × {total_before}", source=SHUFFLE),
    "founders_before": Output(
        label="Founders before the round", unit="%", better="higher",
        help="Fully diluted, without SAFEs and notes, which are no shares yet.",
        formula="{founders_shares} ÷ {total_before}"),
    "founders_lost": Output(
        label="Founders give up", unit="%", better="lower", help="Part of the company, by all causes.",
        formula=" + ".join(f"{{{name}}}" for name in LOST)),
    "lost_to_new_money": Output(
        label="Given to new money", unit="%", better="lower",
        help=CAUSE + " What founders buy themselves is taken off.",
        formula="{founders_before} × {new_shares} ÷ {total} − {founders_bought} ÷ {total}"),
    "lost_to_safes": Output(
        label="Given to SAFEs", unit="%", better="lower", help=CAUSE,
        formula="{founders_before} × {safe_shares} ÷ {total}"),
    "lost_to_notes": Output(
        label="Given to notes", unit="%", better="lower", help=CAUSE,
        formula="{founders_before} × {note_shares} ÷ {total}"),
    "lost_to_pool": Output(
        label="Given to the pool", unit="%", better="lower", help=CAUSE,
        formula="{founders_before} × {pool_increase} ÷ {total}"),
    "founders_shares": Output(
        label="Founders' shares", unit="", better="higher", help="Of all rows marked as founder.",
        method="The sum over {holders}."),
    "founders_bought": Output(
        label="Bought by founders", unit="", help="New shares bought with pro-rata rights.",
        method="The rights in {holders} × {new_shares}."),
    "total": Output(
        label="All shares after the round", unit="", help="Fully diluted: issued, granted, converted and the pool.",
        formula="{total_before} + {pool_increase} + {safe_shares} + {note_shares} + {new_shares}"),
    "total_before": Output(
        label="All shares before the round", unit="", help="Fully diluted, with what promised options still need.",
        method="{holders}, {pool_now} and what {promised} needs beyond it."),
    "new_shares": Output(
        label="Shares for the new money", unit="", help="Pro-rata buyers included.", method="New money ÷ {price}."),
    "safe_shares": Output(
        label="Shares for the SAFEs", unit="", better="lower", help="What all SAFEs convert into.", method=BEST,
        source=YC),
    "note_shares": Output(
        label="Shares for the notes", unit="", better="lower", help="What all notes convert into.", method=BEST),
    "pool_increase": Output(
        label="Shares added to the pool", unit="", better="lower", help="Beyond what promised options need.",
        method="As many as make the pool {pool_target} of {pool_basis}, or {pool_shares}."),
    "pool_after": Output(
        label="Pool after the round", unit="", help="Shares reserved and not granted.",
        method="{pool_now}, what {promised} needs beyond it, and {pool_increase}."),
    "pool_share": Output(
        label="Pool, part of the company", unit="%", help="Not granted, of all shares after the round.",
        formula="{pool_after} ÷ {total}"),
    "new_share": Output(
        label="New money, part of the company", unit="%", better="lower", help="Of all shares after the round.",
        formula="{new_shares} ÷ {total}"),
    "converted_share": Output(
        label="SAFEs and notes, part of the company", unit="%", better="lower",
        help="Of all shares after the round.", formula="({safe_shares} + {note_shares}) ÷ {total}"),
    "overhang": Output(
        label="Preferences beyond what was paid", unit="USD", better="lower",
        help="Without a shadow series: what SAFEs and notes are paid before common shares above the money that they "
        "brought.",
        method="{safe_value} and {note_value} less amounts and {note_owed}, if not {shadow_series}; else 0.",
        source=YC),
    "adjusts": Output(
        label="Triggers anti-dilution", unit="", boolean=True, better="lower",
        help="Whether shares are issued below a protected conversion price. The share of the draws in which it does "
        "is counted as if protection were waived; a single case is refused.",
        method="The lowest price paid against the prices in {holders}."),
    "part_after": Output(
        label="Part after the round", unit="%", along=("part",),
        help="Fully diluted. New shares that SAFE holders buy by side letter are among the new investors'.",
        method="Shares of each group ÷ {total}."),
    "held_before": Output(
        label="Before", unit="%", along=("holders",), better="higher", help="Part of all shares, fully diluted.",
        method="Shares ÷ {total_before}."),
    "held_after": Output(
        label="After", unit="%", along=("holders",), better="higher",
        help="With what is bought by a pro-rata right.", method="Shares ÷ {total}."),
    "held_value": Output(
        label="At the round price", unit="USD", along=("holders",), better="higher",
        help="Before strikes of options.", method="Shares × {price}."),
    "safe_price": Output(
        label="At a price of", unit="USD", along=("safes",), better="higher", help="Amount ÷ shares.",
        method="Amount ÷ {safe_converts}."),
    "safe_at_cap": Output(
        label="Cap decides", unit="", along=("safes",), boolean=True, help="Whether the cap gives the most shares.",
        method="{safe_price} below the round price less the discount."),
    "safe_at_discount": Output(
        label="Discount decides", unit="", along=("safes",), boolean=True,
        help="Whether the discount gives the most shares. Where neither decides, it converts at the round price.",
        method="{safe_price} equal to the round price less the discount."),
    "safe_part": Output(
        label="Part after", unit="%", along=("safes",), better="lower", help="Fully diluted.",
        method="{safe_converts} ÷ {total}."),
    "safe_converts": Output(
        label="Shares", unit="", along=("safes",), better="lower", help="What the SAFE converts into.", method=BEST),
    "safe_value": Output(
        label="Worth at the round price", unit="USD", along=("safes",), help="For the amount paid.",
        method="{safe_converts} × {price}."),
    "note_owed": Output(
        label="Owed", unit="USD", along=("notes",), better="lower", help="Principal and interest at the closing.",
        method="Principal and interest at its rate, compounded as {notes} say, for the years by {day_count}."),
    "note_price": Output(
        label="At a price of", unit="USD", along=("notes",), better="higher", help="Owed ÷ shares.",
        never="the note does not convert", method="{note_owed} ÷ {note_converts}."),
    "note_at_cap": Output(
        label="Cap decides", unit="", along=("notes",), boolean=True, help="Whether the cap gives the most shares.",
        method="{note_price} below the round price less the discount."),
    "note_at_discount": Output(
        label="Discount decides", unit="", along=("notes",), boolean=True,
        help="Whether the discount gives the most shares. Where neither decides, it converts at the round price.",
        method="{note_price} equal to the round price less the discount."),
    "note_part": Output(
        label="Part after", unit="%", along=("notes",), better="lower", help="Fully diluted.",
        method="{note_converts} ÷ {total}."),
    "note_converts": Output(
        label="Shares", unit="", along=("notes",), better="lower",
        help="What the note converts into; none where it stays a debt.", method=BEST),
    "note_value": Output(
        label="Worth at the round price", unit="USD", along=("notes",), help="For what is owed.",
        method="{note_converts} × {price}."),
    "investor_paid": Output(
        label="Pays", unit="USD", along=("investors",), help="After pro-rata buyers have taken theirs.",
        method="The share in {investors} of what is left of {new_money}."),
    "investor_shares": Output(
        label="Buys", unit="", along=("investors",), help="New shares.", method="{investor_paid} ÷ {price}."),
    "investor_part": Output(
        label="Part after", unit="%", along=("investors",), help="Fully diluted.",
        method="{investor_shares} ÷ {total}."),
    "switch_points": Output(
        label="Founders, percentage points", unit="points", along=("switch",), better="higher", never=UNDETERMINED,
        help="How far the founders' part moves if this one switch of the contracts is set so, all else as typed. 0 "
        "where it is set so already.",
        method="The round solved again with the switch, less {founders_after}."),
    "switch_dollars": Output(
        label="Founders, at the round price", unit="USD", along=("switch",), better="higher", never=UNDETERMINED,
        help="The same in money, at the price that the round then has.",
        method="The round solved again with the switch, less {founders_value}."),
}
# fmt: on
