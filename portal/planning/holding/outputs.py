"""What the cap table computes, with the formula or the method of each."""

from __future__ import annotations

from portal.planning.calculator import Output

OCF = "Open Cap Format 1.2.0: capitalization, vesting and its rounding"
NO_PRICE = "no price is known"
REPLAYED = "Every event of {events} until {as_of}, in its order."
CONVERTED = "As converted: preferred shares count as the common ones that they convert into."

# fmt: off
OUTPUTS = {
    "founders_part": Output(
        label="Founders, fully diluted", unit="%", better="higher", headline=True,
        help="Shares and options of all founders together, of everything.",
        formula="{founders_shares} ÷ {diluted}"),
    "diluted": Output(
        label="Fully diluted", unit="", headline=True,
        help="Shares in issue, options, warrants and the pool. SAFEs and notes count nothing before they convert.",
        formula="{outstanding} + {granted} + {pool} + {topup}", source=OCF),
    "outstanding": Output(
        label="Shares in issue", unit="", headline=True, help=CONVERTED, method=REPLAYED),
    "pool_available": Output(
        label="Pool available", unit="", better="higher", headline=True,
        help="Reserved, and neither granted nor promised.", method=REPLAYED),
    "unvested": Output(
        label="Not vested", unit="", headline=True,
        help="Shares and options that may still be lost when their holder leaves.",
        method="By the schedules in {vestings} on {as_of}, each counted from its start, not from the month before."),
    "raised": Output(
        label="Raised so far", unit="USD", better="higher", headline=True,
        help="Paid for shares, SAFEs and notes and in rounds. Without strikes. Shares that a SAFE or a note became are "
        "typed with a price of 0, since its amount counts already.",
        method="Amounts, and shares × price, of {events} until {as_of}; new money of {buyers}."),
    "convertibles": Output(
        label="SAFEs and notes outstanding", unit="USD",
        help="Paid or lent, without interest. They are no shares yet.", method=REPLAYED),
    "value": Output(
        label="Value at this price", unit="USD", better="higher", headline=True, never=NO_PRICE,
        help="Everything fully diluted at the price of a preferred share, so on paper: common shares are worth less.",
        formula="{price_used} × {diluted}"),
    "founders_value": Output(
        label="Founders at this price", unit="USD", better="higher", headline=True, never=NO_PRICE,
        help="On paper, at the price of a preferred share.", formula="{price_used} × {founders_shares}"),
    "price_used": Output(
        label="Price of a share used", unit="USD", never=NO_PRICE,
        help="As typed, or the last one paid for a preferred share, splits since included.",
        method="{price}, or where that is 0 the last price in {events} and {rounds}."),
    "granted": Output(
        label="Options and warrants", unit="", help="Granted and not exercised.", method=REPLAYED),
    "pool": Output(
        label="Pool", unit="", help="Reserved and not granted, promised options included.", method=REPLAYED),
    "topup": Output(
        label="Promised beyond the pool", unit="", better="lower",
        help="Options promised for which nothing is reserved: they count as if it were.", method=REPLAYED),
    "pool_part": Output(
        label="Pool available, part of the company", unit="%", help="Of everything fully diluted.",
        formula="{pool_available} ÷ {diluted}"),
    "founders_shares": Output(
        label="Founders' shares", unit="", better="higher", help="Options included. " + CONVERTED,
        method="The sum over {founders}."),
    "founders_issued": Output(
        label="Founders, of the shares in issue", unit="%", better="higher",
        help="What counts in a vote where classes do not vote apart.", method="Their shares ÷ {outstanding}."),
    "founders_vested": Output(
        label="Founders, vested", unit="", better="higher", help="Theirs whatever happens.",
        method="The sum over {founders} by {vestings}."),
    "vested": Output(
        label="Vested", unit="", help="Shares and options that their holders keep when they leave.",
        formula="{outstanding} + {granted} − {unvested}"),
    "holder_shares": Output(
        label="Shares of a holder", unit="", along=("holder",), help=CONVERTED, method=REPLAYED),
    "holder_options": Output(
        label="Options of a holder", unit="", along=("holder",), help="Warrants included.", method=REPLAYED),
    "holder_issued": Output(
        label="Of the shares in issue", unit="%", along=("holder",), help="Options count nothing.",
        method="{holder_shares} ÷ {outstanding}."),
    "holder_part": Output(
        label="Fully diluted, by holder", unit="%", along=("holder",), help="Of everything; the parts add up to 100%.",
        method="{holder_shares} and {holder_options} ÷ {diluted}; of the pool, {pool} and {topup}."),
    "holder_vested": Output(
        label="Vested, by holder", unit="", along=("holder",), help="Shares and options.", method=REPLAYED),
    "holder_unvested": Output(
        label="Not vested, by holder", unit="", along=("holder",), help="Shares and options.", method=REPLAYED),
    "holder_value": Output(
        label="At this price, by holder", unit="USD", along=("holder",), never=NO_PRICE,
        help="Before strikes of options.", method="{price_used} × {holder_shares} and {holder_options}."),
    "class_shares": Output(
        label="Shares of a class", unit="", along=("class",), help=CONVERTED, method=REPLAYED),
    "class_options": Output(
        label="Options of a class", unit="", along=("class",), help="Warrants are a class of their own.",
        method=REPLAYED),
    "class_issued": Output(
        label="Class, of the shares in issue", unit="%", along=("class",), help="Options count nothing.",
        method="{class_shares} ÷ {outstanding}."),
    "class_part": Output(
        label="Fully diluted, by class", unit="%", along=("class",), help="Of everything; the parts add up to 100%.",
        method="{class_shares} and {class_options} ÷ {diluted}; of the pool, {pool} and {topup}."),
    "class_vested": Output(
        label="Vested, by class", unit="", along=("class",), help="Shares and options.", method=REPLAYED),
    "class_unvested": Output(
        label="Not vested, by class", unit="", along=("class",), help="Shares and options.", method=REPLAYED),
    "class_value": Output(
        label="At this price, by class", unit="USD", along=("class",), never=NO_PRICE,
        help="Before strikes of options.", method="{price_used} × {class_shares} and {class_options}."),
    "part_over_time": Output(
        label="Fully diluted over time", unit="%", along=("layer", "time"),
        help="Those with the most on the day asked for, all others, and the pool.",
        method="At the end of each month, from {events} until then."),
    "standing_over_time": Output(
        label="Shares and options over time", unit="", along=("standing", "time"),
        help="Vested and not, with the pool: together everything fully diluted. In shares of the day asked for, as "
        "splits have changed them.",
        method="At the end of each month, from {events} and {vestings} until then, times the splits since."),
}
# fmt: on
