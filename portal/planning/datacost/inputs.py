"""What a budget for data depends on, and the data sets that the page starts with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlcore.spec import Family, Range, choice, flag, integer, number, rows, text
from portal.planning.datacost.voting import MOST_ANNOTATORS

ASSUMED = "Assumption: put in your own."
STORAGE = (
    "List prices, April 2026, by way of LeanOps: Amazon S3 Standard 0.023 dollars, Google Cloud Storage in one region "
    "0.020"
)
EGRESS = "List prices, April 2026, by way of LeanOps: Amazon S3 to the internet 0.09 dollars, Google Cloud Storage 0.12"
PRICES = (
    "Price of a label: Amazon SageMaker, PublicWorkforceTaskPrice, 2026: 0.012 to 1.20 dollars for a classification by "
    "one worker. Price of tokens: simonw/llm-prices, August 2026, a million tokens of output: 0.28 (DeepSeek V4 Flash) "
    "to 10 dollars (GPT-5). Everything else is an assumption: put in your own."
)

COLLECTED, LICENSED, LABELLED, SYNTHETIC = "collected", "licensed", "labelled", "synthetic"
SOURCES = {
    COLLECTED: "Collected",
    LICENSED: "Licensed",
    LABELLED: "At hand, to be labelled",
    SYNTHETIC: "Synthetic",
}
MODALITIES = {"text": "Text", "image": "Images", "audio": "Audio", "video": "Video", "tabular": "Tables"}

MOST_ITEMS, MOST_PRICE = 1e12, 1e6
MOST_SETS = 50
LEAST_KEPT = 0.001  # of the items; fewer would make what is collected grow without end


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetedDataSet:
    name: str = text("Data set", max_length=80, help="What it is called.")
    modality: str = choice("Kind of data", default="text", choices=MODALITIES, help="What its items are.")
    source: str = choice(
        "Where it comes from", default=COLLECTED, choices=SOURCES,
        help="Collected and licensed items have a price each, synthetic ones a price of their tokens; items at hand "
        "cost nothing until they are cleaned and labelled.")
    wanted: float = number(
        "Items wanted", default=10_000, low=1, high=MOST_ITEMS,
        help="Usable items, after cleaning. Items collected = items wanted ÷ share kept.")
    price: float = number(
        "Price of an item", default=0, low=0, high=MOST_PRICE, unit="USD",
        help="To collect or to license one item, before cleaning. Not used for items at hand and synthetic ones.")
    labels: float = number(
        "Labels of an item", default=0, low=0, high=10_000,
        help="How many things are decided about an item that cleaning has left: classes, boxes, ratings. 0 for none.")
    label_price: float = number(
        "Price of a label", default=0, low=0, high=MOST_PRICE, unit="USD", help="What one annotator is paid for one.")
    annotators: int = integer(
        "Annotators", default=1, low=1, high=MOST_ANNOTATORS, fixed=True, unit="people",
        help="How many decide on each label; the answer that most of them give is taken.")
    kept: float = number(
        "Share kept", default=0.8, low=LEAST_KEPT, high=1, unit="%",
        help="What cleaning leaves: without duplicates, broken items and what may not be used.")
    cleaning_price: float = number(
        "Price of cleaning", default=0, low=0, high=MOST_PRICE, unit="USD",
        help="Filtering, removing duplicates and personal data, for each item collected.")
    size: float = number(
        "Size of an item in MB", default=0.005, low=0, high=1e7, help="Megabytes, a million bytes each, as it is kept.")
    tokens: float = number(
        "Tokens of an item", default=0, low=0, high=1e9, unit="tokens",
        help="Generated for one synthetic item, drafts and checks included. Not used for other items.")
    token_price: float = number(
        "Price of a million tokens", default=0, low=0, high=MOST_PRICE, unit="USD",
        help="Of the model that writes the synthetic items.")


def _between(low: float, high: float) -> Any:
    """A range as the value of a number of a row."""
    return Range.of(low, high)


STARTING = (
    BudgetedDataSet(
        name="Licensed dialogues", source=LICENSED, wanted=20_000, price=_between(0.1, 0.5), kept=_between(0.7, 0.9),
        cleaning_price=0.002, size=0.01),
    BudgetedDataSet(
        name="Answers rated by people", source=LABELLED, wanted=15_000, labels=1, label_price=_between(0.12, 0.48),
        annotators=3, kept=_between(0.8, 0.95), cleaning_price=0.002, size=0.01),
    BudgetedDataSet(
        name="Synthetic instructions", source=SYNTHETIC, wanted=100_000, kept=_between(0.4, 0.7), cleaning_price=0.0005,
        size=0.006, tokens=_between(1_200, 3_000), token_price=_between(0.28, 10)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    data_sets: tuple[BudgetedDataSet, ...] = rows(
        BudgetedDataSet, "Data sets", default=STARTING, max_items=MOST_SETS, group="Data sets", source=PRICES,
        help="One row each. A number that you are not sure of is a range.")
    accuracy: float = number(
        "Accuracy of one annotator", likely=Range(0.8, 0.92, Family.BETA), low=0, high=1, unit="%", group="Quality",
        source=ASSUMED,
        help="How often one annotator is right, as found on items whose answer is known.")
    classes: int = integer(
        "Classes", default=2, low=2, high=1_000, fixed=True, group="Quality",
        help="Answers to choose from. For free text such as a transcript take many: two who err rarely err alike.")
    wanted_accuracy: float = number(
        "Accuracy wanted", default=0.95, low=0, high=0.999, fixed=True, unit="%", group="Quality",
        help="How often the label that is taken is to be right.")
    storage_price: float = number(
        "Storage of a GB", likely=Range(0.02, 0.023, Family.UNIFORM), low=0, high=MOST_PRICE, unit="USD/month",
        group="Storage", source=STORAGE, help="What one gigabyte costs a month.")
    months: float = number(
        "Months kept", default=24, low=0, high=1_200, unit="months", group="Storage", source=ASSUMED,
        help="How long the data are kept.")
    copies: float = number(
        "Copies", default=2, low=1, high=100, group="Storage", source=ASSUMED,
        help="The original, and what is kept beside it: a second place, a processed form of the same size.")
    keep_dropped: bool = flag(
        "Keep what cleaning dropped", default=True, group="Storage",
        help="Store everything that was collected, so that cleaning can be done again; else only the usable items.")
    egress: float = number(
        "Data moved out", default=100, low=0, high=1e12, unit="GB", group="Storage", source=ASSUMED,
        help="Gigabytes that leave the provider in all that time, to devices elsewhere or to customers.")
    egress_price: float = number(
        "Moving out a GB", likely=Range(0.09, 0.12, Family.UNIFORM), low=0, high=MOST_PRICE, unit="USD",
        group="Storage", source=EGRESS, help="What the provider takes for one gigabyte that leaves it.")
# fmt: on


def labelled(row: Any) -> bool:
    """Whether labels are bought for a row as it was typed; a range of them lies above zero."""
    return bool(row.labels != 0)
