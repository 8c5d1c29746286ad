"""What the exit calculator gives."""

from __future__ import annotations

from portal.planning.calculator import Output

SAFE = "YC's forms: the greater of the purchase amount and the worth of the shares at the cap"
ENGINE = "Costs, then {debts} by rank, then the carve-out, then preferences by rank; the rest share by share. "

# fmt: off
OUTPUTS = {
    "own_proceeds": Output(
        label="You get", unit="USD", better="higher", headline=True,
        help="Your common shares and your part of the carve-out, before taxes.",
        formula="{own_shares} × {common_per_share} + {own_carve_out} × {carved_out}"),
    "own_share": Output(
        label="Your part of the price", unit="%", better="higher", headline=True,
        help="What you get as a part of what the buyer pays.", formula="{own_proceeds} ÷ {exit_value}"),
    "own_ownership": Output(
        label="Your part of the shares", unit="%", better="higher",
        help="Fully diluted, the pool included. It is not what you get.", formula="{own_shares} ÷ {fully_diluted}"),
    "common_per_share": Output(
        label="A common share gets", unit="USD", better="higher", help="Without a strike price to be paid for it.",
        method="{class_proceeds} of a common class ÷ its shares."),
    "nothing_for_common": Output(
        label="Common gets nothing", unit="", boolean=True, better="lower", headline=True,
        help="Costs, debts, carve-out and preferences take the whole price; over the draws, how often.",
        method="Yes when {common_per_share} is zero."),
    "own_by_shares": Output(
        label="You would get by shares alone", unit="USD", better="higher",
        help="If every preferred share were a common one: same costs, debts and carve-out, no preference.",
        method="{for_classes} shared among all shares, options exercised where it pays."),
    "preference_cost": Output(
        label="The preferences cost you", unit="USD", better="lower", headline=True,
        help="How much less you get than by shares alone.", method="{own_by_shares} less {own_proceeds}."),
    "costs_paid": Output(
        label="Costs", unit="USD", better="lower", help="Of the sale; at most the price.",
        method="{costs} and {cost_share} of {exit_value}."),
    "debt_paid": Output(
        label="To lenders", unit="USD", help="Of all debts together, and of notes that are paid back.",
        method="The sum of {debt_proceeds}, and of {note_gets} where a note is a debt."),
    "carved_out": Output(
        label="Carve-out", unit="USD", help="Paid to the team before the preferences.",
        formula="{carve_out} × ({exit_value} − {costs_paid} − {debt_paid})"),
    "for_classes": Output(
        label="Left for all shares", unit="USD", better="higher", help="What the classes of shares get together.",
        formula="{exit_value} − {costs_paid} − {debt_paid} − {carved_out}"),
    "to_preferred": Output(
        label="To preferred", unit="USD", help="Preferences, and what converted or participating shares get.",
        method="The sum of {class_proceeds} over preferred classes."),
    "to_common": Output(
        label="To common", unit="USD", better="higher", help="To all who hold common shares.",
        method="The sum of {class_proceeds} over common classes."),
    "to_safes": Output(
        label="To SAFEs", unit="USD", help="Amounts that are paid back, and shares at the cap.",
        method="The sum of {safe_gets}."),
    "to_notes": Output(
        label="To notes that convert", unit="USD", help="Those that are paid back are among the lenders.",
        method="The sum of {note_gets} where a note converts."),
    "to_options": Output(
        label="To options", unit="USD", help="To holders of options and warrants, after the strike price.",
        method="The sum of {class_proceeds} over options and warrants."),
    "debt_claims": Output(
        label="Owed to lenders", unit="USD", better="lower",
        help="Of all debts together, and of notes that are paid back, with their multiples.",
        method="The sum of what is owed in {debts}, and of what {notes} claim that do not convert."),
    "preferences": Output(
        label="All preferences", unit="USD", better="lower",
        help="What preferred classes and SAFEs get first if none converts, dividends included.",
        method="In {classes}: invested × multiple + unpaid dividends, over preferred ones; the amounts of {safes}."),
    "overhang": Output(
        label="Preferences ÷ price", unit="%", better="lower",
        help="How much of the price is spoken for by preferences. Above 100% they are not all paid.",
        formula="{preferences} ÷ {exit_value}"),
    "common_starts_at": Output(
        label="Common gets nothing below", unit="USD", better="lower",
        help="The price at which costs, debts, carve-out and all preferences are just paid.",
        formula="({costs} + {debt_claims} + {preferences} ÷ (1 − {carve_out})) ÷ (1 − {cost_share})"),
    "all_convert_at": Output(
        label="All convert above", unit="USD", better="lower",
        never="a class that participates without a cap never converts",
        help="The price above which preferences no longer matter and everybody gets what the shares say.",
        method="The last price at which a preferred class of {classes} starts to convert."),
    "fully_diluted": Output(
        label="Shares fully diluted", unit="",
        help="All classes as common, SAFEs and notes that may become shares, and the pool.",
        method="The sum of shares in {classes}, {safe_shares}, {note_shares} and {pool}."),
    "class_proceeds": Output(
        label="Gets", unit="USD", along=("classes",), better="higher", help="What the class gets together.",
        method=ENGINE + "Each preferred class of {classes} converts when it gets more that way, given what the others "
        "do. It is checked that none would gain by choosing otherwise.",
        source="NVCA model certificate of incorporation, article fourth, part B, sections 1 and 2"),
    "class_per_share": Output(
        label="A share gets", unit="USD", along=("classes",), better="higher",
        help="After the strike price, of options.", method="{class_proceeds} ÷ its shares."),
    "class_share": Output(
        label="Part of the price", unit="%", along=("classes",), better="higher",
        help="Of what the buyer pays.", formula="{class_proceeds} ÷ {exit_value}"),
    "class_ownership": Output(
        label="Part of the shares", unit="%", along=("classes",), help="Fully diluted.",
        method="Its shares ÷ {fully_diluted}."),
    "class_multiple": Output(
        label="Times its money", unit="×", along=("classes",), better="higher", never="nothing was invested",
        help="What the class gets for each dollar that was invested.", method="{class_proceeds} ÷ what was invested."),
    "converts": Output(
        label="Converts or exercises", unit="", boolean=True, along=("classes",),
        help="Preferred: whether it gives up its preference for common shares. Options: whether they are exercised. "
        "Where both ways pay the same, the preference is kept. Each class decides for itself: a vote that makes all "
        "of them convert at once is not modelled.",
        method="Yes when {class_proceeds} is above what the class may get without converting."),
    "terms_cost": Output(
        label="Its terms cost you", unit="USD", along=("classes",), better="lower",
        help="What you would get more if this class alone were plain common shares.",
        method="{own_shares} × what a common share gets then, less {own_shares} × {common_per_share}."),
    "debt_proceeds": Output(
        label="Lender gets", unit="USD", along=("debts",), better="higher", help="Of what is owed at the sale.",
        method="{debts} by rank; what does not cover a rank is shared in proportion to what is owed."),
    "safe_gets": Output(
        label="Gets", unit="USD", along=("safes",), better="higher", help="What its holder gets.",
        method="The larger of its amount and {safe_shares} at what a share gets; its amount in the order of "
        "{safe_rank}.", source=SAFE),
    "safe_multiple": Output(
        label="Times its money", unit="×", along=("safes",), better="higher", help="For each dollar that was paid.",
        method="{safe_gets} ÷ its amount."),
    "safe_shares": Output(
        label="Shares at the cap", unit="", along=("safes",), 
        help="What it may take instead of its amount; 0 without a cap.",
        method="Amount ÷ (cap ÷ the capitalization at a sale: shares, options granted, and what else converts "
        "where the form counts it, without the pool)."),
    "safe_converts": Output(
        label="Takes shares", unit="", boolean=True, along=("safes",),
        help="Whether shares at the cap are worth more than the amount.",
        method="Yes when {safe_gets} is above its amount."),
    "note_owed": Output(
        label="Owed at the sale", unit="USD", along=("notes",), better="lower", help="Principal and interest.",
        method="By {day_count} to {sale_day}, or to its maturity."),
    "note_gets": Output(
        label="Gets", unit="USD", along=("notes",), help="As its holder elects.",
        method="{note_owed} or the multiple, among {debts} by rank; or {note_shares} at what a share gets."),
    "note_shares": Output(
        label="Shares at the cap", unit="", along=("notes",), help="Where it converts; else 0.",
        method="{note_owed} ÷ (cap ÷ its capitalization)."),
    "proceeds_by_price": Output(
        label="Gets at this price", unit="USD", along=("holder", "price"), help="What each class, SAFE and note gets.",
        method="As {class_proceeds}, {safe_gets} and {note_gets}, at each price."),
    "own_by_price": Output(
        label="You, by the terms", unit="USD", along=("price",), better="higher",
        help="What you get at each price.", method="As {own_proceeds}, at each price."),
    "own_by_shares_by_price": Output(
        label="You, by shares alone", unit="USD", along=("price",), better="higher",
        help="What you would get at each price without preferences.", method="As {own_by_shares}, at each price."),
}
# fmt: on
PARTS = (
    "costs_paid",
    "debt_paid",
    "carved_out",
    "to_preferred",
    "to_safes",
    "to_notes",
    "to_options",
    "to_common",
)  # fmt: skip
