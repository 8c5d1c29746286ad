"""What the data budget gives, with its formulas."""

from __future__ import annotations

from portal.planning.calculator import Output

CONDORCET = (
    "Condorcet, Essai sur l’application de l’analyse à la probabilité des décisions, 1785; List and Goodin, “Epistemic "
    "Democracy: Generalizing the Condorcet Jury Theorem”, Journal of Political Philosophy 9(3), 2001"
)
KAPPA = (
    "Cohen, “A Coefficient of Agreement for Nominal Scales”, Educational and Psychological Measurement 20, 1960; "
    "Fleiss, Psychological Bulletin 76, 1971"
)
SHENG = "Sheng, Provost and Ipeirotis, “Get Another Label?”, KDD 2008"
NO_LABELS = "nothing is labelled"
NONE_RIGHT = "no label is right, or nothing is labelled"
NOT_REACHED = "not with 25 annotators"

VOTE = (
    "The chance that the class with most votes is the right one. Each annotator is right with {accuracy}, whatever the "
    "others say, and errs evenly over the {classes} that are wrong; a tie is broken by chance. Summed exactly: "
    "binomial for two classes, multinomial for more."
)

OUTPUTS = {
    "total": Output(
        label="Total cost", unit="USD", better="lower", headline=True, quantity="data_cost",
        help="Of all data sets, until the end of the months that they are kept.",
        formula="{collecting} + {licensing} + {synthetic} + {cleaning} + {labelling} + {storage} + {egress_cost}",
    ),
    "cost_per_usable": Output(
        label="Cost of a usable item", unit="USD", better="lower", headline=True,
        help="What an item that cleaning has left costs in all.", formula="{total} ÷ {usable}",
    ),
    "label_accuracy": Output(
        label="Labels that are right", unit="%", better="higher", headline=True, never=NO_LABELS, source=CONDORCET,
        help="The share of the labels taken, of all data sets, that are right.", formula="{correct} ÷ {decided}",
    ),
    "annotators_needed": Output(
        label="Cheapest number of annotators", unit="people", better="lower", headline=True, never=NOT_REACHED,
        help="The fewest whose vote is as often right as wanted. Each more would cost the same again.", source=SHENG,
        method="The first number from 1 to 25 at which the vote, with {accuracy} and {classes}, reaches "
        "{wanted_accuracy}.",
    ),
    "collecting": Output(
        label="Collecting", unit="USD", better="lower", help="The price of collected items, before cleaning.",
        method="Items wanted in {data_sets} ÷ share kept × price of an item, of those that are collected.",
    ),
    "licensing": Output(
        label="Licensing", unit="USD", better="lower", help="The price of licensed items, before cleaning.",
        method="Items wanted in {data_sets} ÷ share kept × price of an item, of those that are licensed.",
    ),
    "synthetic": Output(
        label="Generating", unit="USD", better="lower", help="The price of the tokens of synthetic items.",
        method="Items wanted in {data_sets} ÷ share kept × tokens of an item ÷ 1,000,000 × price of a million tokens, "
        "of those that are synthetic.",
    ),
    "cleaning": Output(
        label="Cleaning", unit="USD", better="lower", help="Paid for every item collected, also for those dropped.",
        method="Items wanted in {data_sets} ÷ share kept × price of cleaning, summed.",
    ),
    "labelling": Output(
        label="Labelling", unit="USD", better="lower",
        help="Paid to annotators. Only what cleaning has left is labelled.",
        method="Items wanted × labels of an item × annotators × price of a label, summed over {data_sets}.",
    ),
    "storage": Output(
        label="Storage", unit="USD", better="lower", help="For all the months that the data are kept.",
        formula="{monthly_storage} × {months}",
    ),
    "egress_cost": Output(
        label="Moving data out", unit="USD", better="lower", help="What the provider takes for data that leave it.",
        formula="{egress} × {egress_price}",
    ),
    "usable": Output(
        label="Usable items", unit="", better="higher", help="What cleaning leaves, of all data sets.",
        method="Items wanted, summed over {data_sets}.",
    ),
    "stored": Output(
        label="Data stored", unit="GB", better="lower", help="With all copies.",
        method="Items of {data_sets}, all that were collected or only the usable ones by {keep_dropped}, × size of an "
        "item × {copies}, summed.",
    ),
    "monthly_storage": Output(
        label="Storage a month", unit="USD/month", better="lower", help="As long as the data are kept.",
        formula="{stored} × {storage_price}",
    ),
    "labels": Output(
        label="Labels bought", unit="", help="Every answer of every annotator.",
        method="Items wanted × labels of an item × annotators, summed over {data_sets}.",
    ),
    "decided": Output(
        label="Labels taken", unit="", help="One for each thing that is decided, however many annotators were asked.",
        method="Items wanted × labels of an item, summed over {data_sets}.",
    ),
    "correct": Output(
        label="Right labels", unit="", better="higher", help="How many of the labels taken are right.",
        method="Labels taken × {accuracy_of}, summed over {data_sets}.",
    ),
    "cost_per_correct": Output(
        label="Cost of a right label", unit="USD", better="lower", never=NONE_RIGHT, source=SHENG,
        help="What was paid to annotators, for each label that is right.", formula="{labelling} ÷ {correct}",
    ),
    "kappa": Output(
        label="Agreement to expect (kappa)", unit="", better="higher", source=KAPPA,
        help="Agreement of annotators beyond chance: 1 is complete, 0 no better than chance. Measured on your data, a "
        "smaller one means that they are less accurate than put in. For classes that are equally frequent.",
        formula="(({classes} × {accuracy} − 1) ÷ ({classes} − 1)) ^ 2",
    ),
    "labelling_once": Output(
        label="Labelling with one annotator", unit="USD", better="lower",
        help="If one annotator decided on each label.",
        method="Items wanted × labels of an item × price of a label, summed over {data_sets}.",
    ),
    "labelling_at_wanted": Output(
        label="Labelling at the accuracy wanted", unit="USD", better="lower", never=NOT_REACHED,
        help="If every data set had the cheapest number of annotators.",
        formula="{labelling_once} × {annotators_needed}",
    ),
    "cost_of": Output(
        label="Cost", unit="USD", along=("data_sets",), better="lower",
        help="Of each data set with its storage; moving data out is not split among them.",
        method="Collecting, licensing or generating, cleaning, labelling and storage of each of {data_sets}.",
    ),
    "cost_each": Output(
        label="Cost of a usable item", unit="USD", along=("data_sets",), better="lower",
        help="Of each data set, without moving data out.", method="{cost_of} ÷ items wanted of each of {data_sets}.",
    ),
    "collected": Output(
        label="Items collected", unit="", along=("data_sets",), better="lower",
        help="Also items licensed, generated or at hand, before cleaning.",
        method="Items wanted ÷ share kept, of each of {data_sets}.",
    ),
    "stored_of": Output(
        label="Stored", unit="GB", along=("data_sets",), better="lower", help="Of each data set, with all copies.",
        method="Items × size of an item × {copies}, of each of {data_sets}.",
    ),
    "accuracy_of": Output(
        label="Accuracy of labels", unit="%", along=("data_sets",), better="higher", never=NO_LABELS, source=CONDORCET,
        help="How often a label of the data set is right.", method=VOTE,
    ),
    "cost_by_kind": Output(
        label="Cost by kind of data", unit="USD", along=("kind",), better="lower",
        help="Of all data sets of a kind, without moving data out.", method="{cost_of}, summed by kind of data.",
    ),
    "accuracy_by": Output(
        label="Accuracy of the vote", unit="%", along=("annotators",), better="higher", source=CONDORCET,
        help="How often the label that most annotators give is right.", method=VOTE,
    ),
    "labelling_by": Output(
        label="Labelling cost", unit="USD", along=("annotators",), better="lower",
        help="If every data set had this many annotators.", method="{labelling_once} × annotators.",
    ),
    "cost_per_correct_by": Output(
        label="Cost of a right label", unit="USD", along=("annotators",), better="lower", never=NONE_RIGHT,
        help="If every data set had this many annotators.",
        method="{labelling_by} ÷ ({decided} × {accuracy_by}).",
    ),
}  # fmt: skip
