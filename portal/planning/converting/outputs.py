"""What becomes of SAFEs and notes, with the formula or the method of each figure."""

from __future__ import annotations

from portal.planning.calculator import Output
from portal.planning.raising.outputs import BEST, SOLVED, YC

NEVER_CAP = "not below the highest valuation of the charts"
KEPT = "the note does not convert"
QUICK = "YC Post-Money Safe User Guide, Quick Start"
LIQUID = "YC's forms: the greater of the purchase amount and the worth of the shares at the cap"

# fmt: off
OUTPUTS = {
    "founders_after": Output(
        label="Founders after the next round", unit="%", better="higher", headline=True,
        help="Part of all founders together, fully diluted, at this valuation.",
        method="{founders} ÷ all shares after the round."),
    "sold_before": Output(
        label="Sold to SAFEs and notes", unit="%", better="lower", headline=True,
        help="The part of the company that they are together at their caps, before new money and pool increase. What "
        "has no cap has no part yet.",
        method="Every cap of {safes} and {notes} solved together with {founders}, {others}, "
        "{options} and the pool.", source=QUICK),
    "effective_post": Output(
        label="Effective post-money of them all", unit="USD", better="higher", headline=True,
        never="nothing has a cap", help="The one post-money cap at which the same money would sell the same part.",
        formula="{raised_at_caps} ÷ {sold_before}", source=QUICK),
    "sale_founders": Output(
        label="Founders get in a sale", unit="USD", better="higher", headline=True,
        help="All founders together, if the company is sold before any round.",
        method="{sale_price} less debts and notes, then SAFEs as they choose, the rest share by share.", source=LIQUID),
    "raised": Output(
        label="Paid in by SAFEs and notes", unit="USD", help="Amounts and principals.",
        method="The sum over {safes} and {notes}."),
    "raised_at_caps": Output(
        label="Of that with a cap", unit="USD", help="Notes with what is owed at the closing.",
        method="The sum over {safes} and {notes} with a cap."),
    "founders_before": Output(
        label="Founders today", unit="%", better="higher", help="Fully diluted, without SAFEs and notes.",
        method="{founders} ÷ all shares, options and the pool."),
    "founders_if_converted": Output(
        label="Founders, all converted at the caps", unit="%", better="higher",
        help="What founders own already today if nothing but the caps counted.",
        formula="{founders_before} × (1 − {sold_before})"),
    "price": Output(
        label="Price of the next round", unit="USD", better="higher", help="What new investors pay for a share.",
        method=SOLVED.replace("{new_money}", "{new_part}")),
    "new_money": Output(
        label="New money", unit="USD", help="At the part that is sold.",
        formula="{pre_money} × {new_part} ÷ (1 − {new_part})"),
    "converted_share": Output(
        label="SAFEs and notes after the round", unit="%", better="lower", help="Of all shares after the round.",
        method="Their shares ÷ all shares."),
    "founders_value": Output(
        label="Founders at the round price", unit="USD", better="higher", help="On paper.",
        formula="{price} × {founders}"),
    "sale_share": Output(
        label="Founders' part of the sale", unit="%", better="higher", help="Of the price.",
        formula="{sale_founders} ÷ {sale_price}"),
    "sale_owed": Output(
        label="Paid first in the sale", unit="USD", better="lower", help="Debts, and notes that are paid back.",
        method="{debts}, and what {notes} claim on {sale_day}; at most {sale_price}."),
    "safe_sold": Output(
        label="Part at the cap", unit="%", along=("safes",), better="lower",
        help="Before the new money; 0 without a cap.", method="As {sold_before}.", source=QUICK),
    "safe_cap_from": Output(
        label="Cap decides from", unit="USD", along=("safes",), never=NEVER_CAP,
        help="The pre-money above which the cap gives more shares than the round price less the discount; below, the "
        "cap does not bind. At least the lowest valuation of the charts.",
        method="Searched between {lowest} and {largest}, ever closer, until both ways give the same."),
    "safe_price": Output(
        label="Converts at", unit="USD", along=("safes",), better="higher", help="Amount ÷ shares.",
        method="Amount ÷ {safe_converts}."),
    "safe_converts": Output(
        label="Shares", unit="", along=("safes",), better="lower", help="In the next round.", method=BEST, source=YC),
    "safe_part": Output(
        label="Part after", unit="%", along=("safes",), better="lower", help="Of all shares after the round.",
        method="{safe_converts} ÷ all shares."),
    "safe_value": Output(
        label="Worth", unit="USD", along=("safes",), help="At the round price.", method="{safe_converts} × {price}."),
    "safe_at_cap": Output(
        label="At the cap", unit="", along=("safes",), boolean=True, help="Whether the cap decides.",
        method="{safe_price} below the round price less the discount."),
    "safe_right": Output(
        label="May buy", unit="USD", along=("safes",), help="Of the new money, by a pro-rata side letter.",
        method="Its part before the new money × {new_money}."),
    "safe_sale": Output(
        label="Gets in a sale", unit="USD", along=("safes",), help="Before any round.",
        method="The larger of its amount and its shares at the cap, given what the others choose.", source=LIQUID),
    "note_owed": Output(
        label="Owed at the closing", unit="USD", along=("notes",), better="lower", help="Principal and interest.",
        method="By {day_count} to {closing}, or to its maturity."),
    "note_sold": Output(
        label="Part at the cap", unit="%", along=("notes",), better="lower",
        help="Before the new money; 0 without a cap.", method="As {sold_before}."),
    "note_cap_from": Output(
        label="Cap decides from", unit="USD", along=("notes",), never=NEVER_CAP,
        help="The pre-money above which the cap gives more shares than the round price less the discount.",
        method="Searched between {lowest} and {largest}, ever closer, until both ways give the same."),
    "note_price": Output(
        label="Converts at", unit="USD", along=("notes",), better="higher", help="Owed ÷ shares.", never=KEPT,
        method="{note_owed} ÷ {note_converts}."),
    "note_converts": Output(
        label="Shares", unit="", along=("notes",), better="lower",
        help="In the next round; none where it stays a debt.", method=BEST),
    "note_part": Output(
        label="Part after", unit="%", along=("notes",), better="lower", help="Of all shares after the round.",
        method="{note_converts} ÷ all shares."),
    "note_value": Output(
        label="Worth", unit="USD", along=("notes",), help="At the round price.", method="{note_converts} × {price}."),
    "note_at_cap": Output(
        label="At the cap", unit="", along=("notes",), boolean=True, help="Whether the cap decides.",
        method="{note_price} below the round price less the discount."),
    "note_due": Output(
        label="Owed at maturity", unit="USD", along=("notes",), better="lower", help="Principal and interest.",
        method="By {day_count} to its maturity."),
    "note_sale": Output(
        label="Gets in a sale", unit="USD", along=("notes",), help="Before any round.",
        method="As its holder elects: what is owed on {sale_day}, a multiple, or its shares at the cap."),
    "given": Output(
        label="Founders give for it", unit="%", along=("instrument",), better="lower",
        help="Part of the company, out of the founders' part before.",
        method="{founders_before} × {safe_part} or {note_part}."),
    "founders_by_valuation": Output(
        label="Founders", unit="%", along=("valuation",), better="higher", help="After the next round.",
        method="As {founders_after}, at each valuation."),
    "converted_by_valuation": Output(
        label="SAFEs and notes", unit="%", along=("valuation",), better="lower", help="After the next round.",
        method="As {converted_share}, at each valuation."),
    "price_by_valuation": Output(
        label="Round price", unit="USD", along=("valuation",), help="What new investors pay.",
        method="As {price}, at each valuation."),
    "part_by_valuation": Output(
        label="Part after the round", unit="%", along=("instrument", "valuation"), help="Of all shares.",
        method="As {safe_part} and {note_part}, at each valuation."),
    "paid_by_valuation": Output(
        label="Conversion price", unit="USD", along=("instrument", "valuation"), help="Amount ÷ shares.", never=KEPT,
        method="As {safe_price} and {note_price}, at each valuation."),
    "founders_by_sale": Output(
        label="Founders in a sale", unit="USD", along=("sale",), better="higher", help="Together, at each price.",
        method="As {sale_founders}, at each price."),
    "each_by_sale": Output(
        label="Gets in a sale by price", unit="USD", along=("instrument", "sale"), help="At each price.",
        method="As {safe_sale} and {note_sale}, at each price."),
}
# fmt: on
