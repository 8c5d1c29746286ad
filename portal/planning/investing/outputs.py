"""What investor fit computes, with the formula or the method of each."""

from __future__ import annotations

from portal.planning.calculator import Output

ENDS = "Unknown facts count half: the score is the middle between the worst and the best that they may turn out to be."
SUM = (
    "Points by criterion, each from 0 to 10, with the weights, summed. Cheque: how much of the round the largest pays. "
    "Ownership wanted: what is left to what the round sells at {pre_money} and {round_size}. Leads: whoever does, "
    "where one is needed. Sectors and geography: whether one of {sectors} and {places} is among theirs; “any” is half "
    "of a sector. Fund: what is left of the {investment_period}. Compute: cluster 10, credits 5. Way in: 10, 5 or 0."
)
OUT = (
    "Yes where {this_round} lies outside their rounds, the smallest cheque is above {round_size}, the ownership wanted "
    "is more than the largest cheque buys at {pre_money}, one of {competitors} is in their portfolio, or they passed."
)
INDEPENDENT = (
    "Each investor comes or not with the chance of its stage, independently of the others; the cheques of those who "
    "come are summed over all combinations. Cheques that do not divide the round into 400 parts or fewer are rounded "
    "down to one of 400, so that the chance is not overstated."
)

# fmt: off
OUTPUTS = {
    "chance_filled": Output(
        label="Chance to fill the round", unit="%", better="higher", headline=True,
        help="How likely it is that the investors on the list put in at least the round size.",
        method=INDEPENDENT + " Of {investors} and {round_size}."),
    "expected": Output(
        label="Expected from the list", unit="USD", better="higher", headline=True,
        help="What comes on average. No single outcome: most either come with all or with nothing.",
        method="The sum of {expected_of} over all investors."),
    "committed": Output(
        label="Committed", unit="USD", better="higher", headline=True,
        help="Cheques of those who have said yes.", method="Cheques of the {investors} in that column, summed."),
    "chance_lead": Output(
        label="Chance of a lead", unit="%", better="higher", headline=True,
        help="How likely it is that at least one who leads ends up in the round.",
        method="1 less the product of 1 − chance over those of {investors} that lead and are not excluded."),
    "more_meetings": Output(
        label="More first meetings", unit="", better="lower", headline=True, never="no cheque, or no chance, is known",
        help="With investors who are not on the list yet, so that the round is full on average.",
        method="{gap} ÷ ({chance_meeting} × {typical_cheque}), rounded up."),
    "expected_share": Output(
        label="Expected part of the round", unit="%", better="higher", help="What comes on average, of the round.",
        formula="{expected} ÷ {round_size}"),
    "gap": Output(
        label="Still to find", unit="USD", better="lower", help="What is missing to the round on average.",
        method="{round_size} − {expected}, and nothing where that is below zero."),
    "typical_cheque": Output(
        label="Usual cheque", unit="USD", never="no cheque is known",
        help="Mean of the cheques of those who fit and of whom one is known.",
        method="The cheque named, else the middle between smallest and largest, each at most {round_size}; the mean "
        "over those of {investors} that are not excluded."),
    "meetings_a_week": Output(
        label="First meetings a week", unit="", better="lower", never="no time is left",
        help="So that they are held by the day to close by; each also takes its time until the money is there.",
        method="{more_meetings} ÷ the weeks from {as_of} to {close_by}."),
    "days_left": Output(
        label="Days left", unit="days", better="higher", help="Until the day to close by.",
        method="From {as_of} to {close_by}."),
    "sold": Output(
        label="Sold in the round", unit="%", better="lower", help="Part of the company that new money gets.",
        formula="{round_size} ÷ ({pre_money} + {round_size})"),
    "fitting": Output(
        label="Not excluded", unit="", better="higher", help="Investors whom nothing known excludes.",
        method="Those of {investors} for whom {excluded} is no, counted."),
    "doubtful": Output(
        label="May still be excluded", unit="", better="lower",
        help="Investors whom a fact that is not known yet may exclude.",
        method="Those of {investors} that are not excluded, but whose rounds, cheques, ownership wanted or portfolio "
        "are not known, counted."),
    "overdue": Output(
        label="Overdue next steps", unit="", better="lower", help="Due before the day of the list, and not done.",
        method="Those of {investors} with a next step before {as_of}, counted."),
    "place": Output(
        label="Place in the list", unit="", along=("investors",), better="lower", never="excluded",
        help="1 fits best. Investors that tie share the better place.",
        method="The order of {score} among those that are not excluded."),
    "score": Output(
        label="Score", unit="", along=("investors",), better="higher", help="From 0 to 10. " + ENDS, method=SUM),
    "score_low": Output(
        label="Score at worst", unit="", along=("investors",), better="higher",
        help="If all that is not known turns out badly.", method="As {score}, every missing fact at its worst."),
    "score_high": Output(
        label="Score at best", unit="", along=("investors",), better="higher",
        help="If all that is not known turns out well.", method="As {score}, every missing fact at its best."),
    "among_first": Output(
        label="Among the first", unit="", boolean=True, along=("investors",), better="higher",
        help="Whether it is among those that you can talk to; over the draws, how often.",
        method="Yes when {place} is at most {top}."),
    "among_first_at_worst": Output(
        label="Even at worst", unit="", boolean=True, along=("investors",), better="higher",
        help="The same if all that is not known of it turns out badly, and nothing of the others changes.",
        method="Yes when {score_low} leaves fewer than {top} others above it and nothing unknown excludes it."),
    "among_first_at_best": Output(
        label="At best", unit="", boolean=True, along=("investors",), better="higher",
        help="The same if all that is not known of it turns out well, and nothing of the others changes.",
        method="Yes when {score_high} leaves fewer than {top} others above it."),
    "excluded": Output(
        label="Excluded", unit="", boolean=True, along=("investors",), better="lower",
        help="Whether something known rules it out, whatever its score.", method=OUT),
    "expected_of": Output(
        label="Expected cheque", unit="USD", along=("investors",), better="higher",
        help="Its cheque, times the chance of its stage.",
        method="The cheque named, else the middle between smallest and largest, each at most {round_size}; times the "
        "chance of its stage. Nothing for who is excluded, passed, or of whom no cheque is known."),
    "chance_at_least": Output(
        label="Chance of at least so much", unit="%", along=("raised",), better="higher",
        help="How likely it is that the list brings this part of the round or more.", method=INDEPENDENT),
    "weights": Output(
        label="Weight", unit="%", along=("criteria",),
        help="The share of the score that a criterion has; together 100%.",
        method="The typed weights, each divided by their sum. What the company does not ask for has none."),
}
# fmt: on
