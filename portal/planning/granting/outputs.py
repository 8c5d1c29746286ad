"""What the option pool calculator gives, with the formula or the method of each."""

from __future__ import annotations

from portal.planning.calculator import Output

SHUFFLE = "Venture Hacks, “The Option Pool Shuffle”"
ASC_718 = "FASB ASC 718; F. Black and M. Scholes, Journal of Political Economy 81(3), 1973; no dividends"
UNDETERMINED = "pool and new money take the whole company"
LEAVING = "Of those with options the part 1 − (1 − {attrition})^(1/12) leaves at the end of each month; "

# fmt: off
OUTPUTS = {
    "pool_share": Output(
        label="Pool that the plan needs", unit="%", better="lower", headline=True,
        help="Of all shares after the round: enough for every grant planned until the next round, and the buffer.",
        formula="{pool_needed} ÷ {total}"),
    "pool_needed": Output(
        label="Pool that the plan needs, shares", unit="", better="lower",
        help="Shares not granted yet on the day of the round.",
        method="The most that {hires}, {promised} and {refresh} with {buffer} have taken by the end of a month, less "
        "what came back from leavers until then. Grants in parts of {total} grow with the pool itself: the smallest "
        "total is taken at which it is never short."),
    "topup": Output(
        label="Shares to add", unit="", better="lower", headline=True, help="To the pool, in the round.",
        formula="{pool_after} − {pool_now}"),
    "founders_after": Output(
        label="Founders after the round", unit="%", better="higher", headline=True,
        help="With the pool that the plan needs, fully diluted.", formula="{founders_shares} ÷ {total}"),
    "effective_pre_money": Output(
        label="Effective pre-money", unit="USD", better="higher", headline=True, source=SHUFFLE,
        help="What the shares, options and pool of before are worth at the round price. The rest of the pre-money "
        "valuation is for the new pool.", formula="{price} × {total_before}"),
    "asked_costs_value": Output(
        label="The pool asked for costs founders", unit="USD", better="lower", headline=True,
        help="On paper, at the price of the round, beyond what the plan needs. Negative where less is asked for.",
        formula="{founders_shares} × ({price} − {price_asked})"),
    "asked_costs": Output(
        label="The pool asked for costs founders, part", unit="%", better="lower",
        help="Of the company, beyond what the plan needs.", formula="{founders_after} − {founders_asked}"),
    "asked_enough": Output(
        label="The pool asked for is enough", unit="", boolean=True, better="higher",
        help="For the whole plan and its buffer.",
        method="{pool_asked} against what the plan would take of a company with so many shares."),
    "founders_asked": Output(
        label="Founders with the pool asked for", unit="%", better="higher", help="Fully diluted.",
        method="{founders_shares} ÷ all shares of a round in which the pool is {asked}."),
    "price_asked": Output(
        label="Price with the pool asked for", unit="USD", better="higher", help="Of a share.",
        method="{post_money} ÷ all shares of that round."),
    "pool_asked": Output(
        label="Pool asked for, shares", unit="", help="Not granted, after the round.",
        method="As many as make {asked} of all shares; what is there already where that is more."),
    "price": Output(
        label="Price of a share", unit="USD", better="higher", help="With the pool that the plan needs.",
        formula="{post_money} ÷ {total}"),
    "price_without": Output(
        label="Price without new pool shares", unit="USD", better="higher", help="If the pool stayed as it is.",
        formula="{pre_money} ÷ {total_before}"),
    "founders_before": Output(
        label="Founders before the round", unit="%", better="higher", help="Fully diluted, the pool of now included.",
        formula="{founders_shares} ÷ {total_before}"),
    "founders_without": Output(
        label="Founders without new pool shares", unit="%", better="higher",
        help="After the round, if the pool stayed as it is.",
        formula="{founders_shares} ÷ {total_before} × {pre_money} ÷ {post_money}"),
    "founders_shared": Output(
        label="Founders if everybody bore the pool", unit="%", better="higher",
        help="The same part of the company as pool, but made after the price is set: new investors bear theirs.",
        method="{founders_shares} ÷ all shares, when the price is {pre_money} ÷ {total_before}."),
    "pool_costs": Output(
        label="The new pool costs founders", unit="%", better="lower", help="Of the company.",
        formula="{founders_without} − {founders_after}"),
    "pool_costs_value": Output(
        label="The new pool costs founders, value", unit="USD", better="lower",
        help="On paper, at the price of the round.",
        formula="{founders_shares} × ({price_without} − {price})"),
    "point_founders": Output(
        label="Founders give up for a point", unit="points", better="lower",
        help="Of their part of the company, for each point that the pool grows beyond what is there.",
        formula="{founders_shares} ÷ {not_pool}"),
    "point_price": Output(
        label="A point lowers the price by", unit="USD", better="lower", help="Of a share.",
        formula="{post_money} ÷ {not_pool} ÷ 100"),
    "point_pre_money": Output(
        label="A point takes from the pre-money", unit="USD", better="lower", source=SHUFFLE,
        help="From the effective one.", formula="{point_price} × {total_before}"),
    "pool_share_before": Output(
        label="Pool, of the shares without new money", unit="%", better="lower",
        help="Term sheets measure pools in both ways.", formula="{pool_needed} ÷ ({total} − {new_shares})"),
    "pool_after": Output(
        label="Pool after the round", unit="", help="What the plan needs, or what is there where that is more.",
        method="The larger of {pool_needed} and {pool_now}."),
    "total": Output(
        label="All shares after the round", unit="", help="Fully diluted.",
        formula="{not_pool} + {pool_after} + {new_shares}"),
    "total_before": Output(
        label="All shares before the round", unit="", help="Fully diluted, with the pool of now.",
        formula="{not_pool} + {pool_now}"),
    "not_pool": Output(
        label="Shares and options before the round", unit="", help="All but the pool.",
        formula="{founders_shares} + {other_shares} + {granted}"),
    "new_shares": Output(
        label="Shares for the new money", unit="", help="New money ÷ price.", formula="{new_money} ÷ {price}"),
    "post_money": Output(
        label="Post-money valuation", unit="USD", better="higher", help="All shares at the round price.",
        formula="{pre_money} + {new_money}"),
    "to_hires": Output(
        label="Granted to hires", unit="", help="First grants of those who join until the next round.",
        method="People × grant of each of {hires} who joins within {horizon}."),
    "to_promised": Output(
        label="Granted as promised", unit="", help="In month 1.", formula="{promised}"),
    "to_refresh": Output(
        label="Granted as refreshers", unit="", help="Until the next round.",
        method="{refresh} of the first grant of who is still there, every 12 months."),
    "kept_free": Output(
        label="Kept free", unit="", help="The buffer for hires that nobody planned.",
        formula="{buffer} × ({to_hires} + {to_promised} + {to_refresh})"),
    "come_back": Output(
        label="Come back from leavers", unit="", help="Until the next round.",
        method=LEAVING + "all that is not vested comes back, and of the rest what {exercised} leaves, as far as "
        "{returns} says so."),
    "option_value": Output(
        label="Value of an option when granted", unit="USD", help="For the expense, not a price.", source=ASC_718,
        method="A call on a common share at {strike} with a strike of as much: {volatility}, {option_life}, "
        "{risk_free}."),
    "strike": Output(
        label="Strike price", unit="USD", better="lower", help="What a common share is worth at the round.",
        formula="{price} × {common_part}"),
    "grant_value": Output(
        label="Value of all new grants", unit="USD", better="lower",
        help="For the expense: options granted until the next round, refreshers and promised ones included.",
        formula="{option_value} × ({to_hires} + {to_promised} + {to_refresh})"),
    "expense_year": Output(
        label="Expense of the first year", unit="USD", better="lower", source=ASC_718,
        help="No cash: it lowers the reported profit. Without what was granted before the round.",
        method="The first twelve values of {expense_by_month}."),
    "shares_each": Output(
        label="Options each", unit="", along=("hires",), help="Of one person.", method="{part_each} × {total}."),
    "part_each": Output(
        label="Part each", unit="%", along=("hires",), help="Of all shares after the round.",
        method="As typed, or value ÷ {post_money}."),
    "worth_each": Output(
        label="Worth at the round price", unit="USD", along=("hires",),
        help="Of one person's grant, the strike not taken off.", method="{part_each} × {post_money}."),
    "row_shares": Output(
        label="Options of all", unit="", along=("hires",), better="lower", help="Of the people of the row.",
        method="People × {shares_each}."),
    "available_by_month": Output(
        label="Available", unit="", along=("month",), better="higher",
        help="In the pool at the end of each month. The buffer is left at the lowest.",
        method="{pool_after} less {granted_by_month}, and what came back."),
    "granted_by_month": Output(
        label="Granted since the round", unit="", along=("month",), help="All new grants up to each month.",
        method="{hires} in their months, {promised} in month 1, and {refresh}."),
    "vested_by_month": Output(
        label="Vested", unit="", along=("month",), help="Old and new grants; exercised ones included.",
        method="Monthly, nothing before the cliff; leavers keep what they exercise. Those granted before vest over "
        "{granted_left} from {granted_vested} on."),
    "forfeited_by_month": Output(
        label="Forfeited", unit="", along=("month",), better="lower", help="Lost before it had vested, up to then.",
        method=LEAVING + "what is not vested is lost."),
    "lapsed_by_month": Output(
        label="Lapsed", unit="", along=("month",), help="Vested and not exercised by leavers, up to then.",
        method=LEAVING + "of what is vested {exercised} becomes shares, the rest lapses."),
    "expense_by_month": Output(
        label="Expense", unit="USD/month", along=("month",), better="lower", source=ASC_718,
        help="Of options granted since the round. Falls when leavers lose more than was vested.",
        method="{option_value} of each grant evenly over its vesting; what leavers forfeit is taken back in the month "
        "in which they leave."),
    "founders_by_target": Output(
        label="Founders", unit="%", along=("target",), better="higher", never=UNDETERMINED,
        help="After the round, at each size of the pool.", source=SHUFFLE,
        method="The round solved with each target; no shares are added where the pool is that large already."),
    "price_by_target": Output(
        label="Price of a share", unit="USD", along=("target",), better="higher", never=UNDETERMINED,
        help="At each size of the pool.", method="As {founders_by_target}."),
}
# fmt: on
