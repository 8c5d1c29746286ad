"""What the valuation calculator gives. All values are before the new money (pre-money) unless they say otherwise."""

from __future__ import annotations

from portal.planning.calculator import Output
from portal.planning.valuing.inputs import BERKUS, PAYNE

SAHLMAN = (
    "W. A. Sahlman and D. R. Scherlis, “A Method for Valuing High-Risk, Long-Term Investments”, Harvard Business "
    "School 9-288-006, 1987"
)
GORDON = (
    "M. J. Gordon and E. Shapiro, “Capital Equipment Analysis: The Required Rate of Profit”, Management Science 3(1), "
    "1956"
)
GROWS_TOO_FAST = "growth reaches the discount rate"
NOTHING_LEFT = "later rounds take the whole company"
NO_VALUE = "the method leaves no value"
NOBODY = "no company is compared"
APPLY = "Of the methods that apply at this {stage}: "

# fmt: off
OUTPUTS = {
    "lowest": Output(
        label="Lowest value of a method", unit="USD", better="higher", headline=True,
        help="Before the money, by the method that values the company least. Negative where a method finds that the "
        "round is larger than what the company is worth after it.",
        method=APPLY + "the smallest of {value_by_method}."),
    "highest": Output(
        label="Highest value of a method", unit="USD", better="higher", headline=True, never=GROWS_TOO_FAST,
        help="Before the money, by the method that values the company most.",
        method=APPLY + "the largest of {value_by_method}."),
    "spread": Output(
        label="Highest ÷ lowest", unit="×", better="lower", never=NO_VALUE, headline=True,
        help="How far the methods are apart. They rest on different facts, so that their average is no better value.",
        formula="{highest} ÷ {lowest}"),
    "value_by_method": Output(
        label="Value before the money", unit="USD", along=("method",), better="higher", never=GROWS_TOO_FAST,
        help="What each method that applies at this stage says.",
        method="{vc}, {chicago}, {comparables}, {scorecard}, {berkus} and {dcf}, as far as they apply."),
    "sold_by_method": Output(
        label="Sold in this round", unit="%", along=("method",), better="lower", never=NO_VALUE,
        help="What the new money buys of the company at that value.",
        formula="{investment} ÷ ({value_by_method} + {investment})"),
    "price_by_method": Output(
        label="Price of a share", unit="USD", along=("method",), better="higher", never=GROWS_TOO_FAST,
        help="Value before the money ÷ all shares of today.", formula="{value_by_method} ÷ {shares}"),
    "vc": Output(
        label="Venture capital method", unit="USD", better="higher", source=SAHLMAN,
        help="What investors can pay so that their part of the exit gives the return that they need, if the plan "
        "succeeds.",
        formula="{vc_post} − {investment}"),
    "vc_post": Output(
        label="Value after the money, venture capital method", unit="USD", better="higher", source=SAHLMAN,
        help="The exit, less what later rounds take, discounted at the return that investors need.",
        formula="{exit_value} × {retention} ÷ (1 + {required_return}) ^ {exit_years}"),
    "exit_value": Output(
        label="Value at the exit", unit="USD", better="higher", help="Of the whole company, if the plan succeeds.",
        formula="{exit_figure} × {exit_multiple}"),
    "retention": Output(
        label="Kept of a share until the exit", unit="%", better="higher", source=SAHLMAN,
        help="What later rounds and further dilution leave of a share bought now.",
        method="The product of 1 − {later_sold} over all {later_rounds}, × (1 − {further_dilution})."),
    "final_share": Output(
        label="Needed at the exit", unit="%", better="lower", never="the exit is worth nothing",
        help="The part of the company that this round's investors must hold at the exit.",
        formula="{investment} × (1 + {required_return}) ^ {exit_years} ÷ {exit_value}"),
    "sold_now": Output(
        label="Sold now, venture capital method", unit="%", better="lower", never=NOTHING_LEFT,
        help="The part that they must buy now, so that the part they need is left.",
        formula="{final_share} ÷ {retention}"),
    "new_shares": Output(
        label="New shares, venture capital method", unit="", better="lower", never="more than the whole company",
        help="What this round's investors get.", method="{shares} × {sold_now} ÷ (1 − {sold_now})."),
    "later_sold": Output(
        label="Sold in a later round", unit="%", along=("later_rounds",), better="lower", never=NOTHING_LEFT,
        help="The part of the company that its investors must buy.", source=SAHLMAN,
        method="Amount × (1 + the return they need) ^ years to the exit ÷ {exit_value}, ÷ what rounds after it leave."),
    "later_pre": Output(
        label="Value before a later round", unit="USD", along=("later_rounds",), better="higher",
        help="What that round's investors can pay for the company. Below this round's value after the money, it is a "
        "round at a lower price.",
        method="{exit_value} × what rounds after it leave ÷ (1 + the return they need) ^ years to the exit − amount."),
    "chicago": Output(
        label="First Chicago method", unit="USD", better="higher",
        help="The exits weighted with their probabilities, less what later rounds take, discounted at a return that "
        "need not pay for failures.",
        formula="{expected_exit} × {retention} ÷ (1 + {chicago_return}) ^ {exit_years} − {investment}"),
    "expected_exit": Output(
        label="Expected value at the exit", unit="USD", better="higher", help="Over all scenarios.",
        method="Probability × value of each of {scenarios}, summed."),
    "scenario_value": Output(
        label="Worth today if this comes", unit="USD", along=("scenarios",), better="higher",
        help="After the money. The First Chicago method weights these.",
        method="The exit of each of {scenarios} × {retention} ÷ (1 + {chicago_return}) ^ {exit_years}."),
    "comparables": Output(
        label="Comparables", unit="USD", better="higher", never=NOBODY,
        help="What others pay for companies like this one, less a discount.",
        formula="{figure_now} × {multiple_taken} × (1 − {discount}) + {net_cash}"),
    "multiple_low": Output(
        label="Lower quartile of the multiples", unit="×", never=NOBODY, help="A quarter of the companies lie below.",
        method="Of the multiples of {compared}; between two companies in proportion (QUARTILE.INC)."),
    "multiple_median": Output(
        label="Median of the multiples", unit="×", never=NOBODY, help="Half of the companies lie below.",
        method="Of the multiples of {compared}."),
    "multiple_high": Output(
        label="Upper quartile of the multiples", unit="×", never=NOBODY, help="A quarter of the companies lie above.",
        method="Of the multiples of {compared}; between two companies in proportion (QUARTILE.INC)."),
    "multiple_taken": Output(
        label="Multiple taken", unit="×", never=NOBODY, better="higher", help="At the typed place among them.",
        method="The multiple below which {place} of {compared} lie; between two companies in proportion."),
    "scorecard": Output(
        label="Scorecard method", unit="USD", better="higher", source=PAYNE,
        help="The usual value in the region, moved by how the company compares with a usual one.",
        formula="{regional_median} × {factor}"),
    "factor": Output(
        label="Scorecard factor", unit="×", better="higher", source=PAYNE,
        help="100% everywhere makes 1: a usual company.", method="Weight × score of each of {factors}, summed."),
    "berkus": Output(
        label="Berkus", unit="USD", better="higher", source=BERKUS,
        help="What five elements add before there is revenue.",
        formula="{sound_idea} + {prototype} + {team} + {relationships} + {rollout}"),
    "dcf": Output(
        label="Discounted cash flow", unit="USD", better="higher", never=GROWS_TOO_FAST,
        help="The cash flows of the forecast and what comes after it, discounted; they contain what the new money "
        "pays for.",
        formula="{dcf_explicit} + {dcf_terminal} + {net_cash}"),
    "dcf_explicit": Output(
        label="Worth of the forecast", unit="USD", better="higher", help="The years typed, discounted.",
        method="Each of {forecast} ÷ (1 + {wacc}) ^ years to it, which are whole or end in a half as {timing} says."),
    "dcf_terminal": Output(
        label="Worth after the forecast", unit="USD", better="higher", never=GROWS_TOO_FAST, source=GORDON,
        help="What comes after the last year, discounted to today.",
        method="By {terminal}: the last flow × (1 + {terminal_growth}) ÷ ({wacc} − {terminal_growth}), discounted as "
        "the last flow; or {terminal_figure} × {terminal_multiple}, from the end of the last year."),
    "terminal_share": Output(
        label="Share of the time after the forecast", unit="%", better="lower", never="the business has no value",
        help="How much of the value of the business lies beyond the forecast.",
        method="{dcf_terminal} ÷ ({dcf_explicit} + {dcf_terminal})."),
}
# fmt: on
