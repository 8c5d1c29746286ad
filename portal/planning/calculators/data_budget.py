"""What the data for training a model cost, and how many annotators labels need to be right."""

from __future__ import annotations

from portal.planning.calculator import Axis, Bars, Calculator, Example, Fan, Lines, Parts, Preset
from portal.planning.datacost.amounts import budget
from portal.planning.datacost.inputs import MODALITIES, Inputs
from portal.planning.datacost.outputs import CONDORCET, KAPPA, OUTPUTS, SHENG
from portal.planning.datacost.voting import ODD
from portal.planning.datacost.words import SENTENCES, answer, notices, refuse

# Storage and egress that cost nothing, for cases about something else.
NO_STORAGE = {"storage_price": 0, "egress": 0, "egress_price": 0}

EXAMPLES = (
    Example(
        inputs={
            "data_sets": [
                {
                    "name": "Photographs", "modality": "image", "source": "collected", "wanted": 1_000, "price": 0.5,
                    "kept": 0.8, "cleaning_price": 0.1, "labels": 2, "label_price": 0.04, "annotators": 3, "size": 2,
                },
                {
                    "name": "Captions", "source": "synthetic", "wanted": 9_000, "kept": 0.9, "cleaning_price": 0.001,
                    "tokens": 500, "token_price": 2, "size": 0.002,
                },
            ],
            "accuracy": 0.8, "wanted_accuracy": 0.9, "storage_price": 0.02, "months": 12, "egress": 100,
            "egress_price": 0.09,
        },
        expected={
            "collected": [1_250, 10_000], "collecting": 625, "cleaning": 135, "labels": 6_000, "labelling": 240,
            "synthetic": 10, "stored": 5.04, "monthly_storage": 0.1008, "storage": 1.2096, "egress_cost": 9,
            "total": 1_020.2096, "cost_of": [991.2, 20.0096], "cost_by_kind": [20.0096, 991.2, 0, 0, 0],
            "label_accuracy": 0.896, "cost_per_correct": 240 / 1_792, "kappa": 0.36, "annotators_needed": 5,
            "labelling_at_wanted": 400,
        },
        source="By hand: 1,000 ÷ 0.8 photographs at 0.60 dollars, 1,000 × 2 × 3 labels; 10,000 captions of 500 tokens; "
        "three votes are right with 0.8³ + 3 × 0.8² × 0.2 = 0.896, five with 0.94208.",
    ),
    Example(
        inputs={
            "data_sets": [
                {
                    "name": "News", "source": "licensed", "wanted": 500, "kept": 0.5, "price": 2, "labels": 1,
                    "label_price": 0.1, "annotators": 3, "size": 0.01,
                },
            ],
            "accuracy": 0.6, "classes": 3, "wanted_accuracy": 0.69, **NO_STORAGE,
        },
        expected={
            "licensing": 2_000, "labelling": 150, "total": 2_150, "cost_per_usable": 4.3, "label_accuracy": 0.696,
            "cost_per_correct": 150 / 348, "kappa": 0.16, "annotators_needed": 3,
        },
        source="By hand: of three votes among three classes three or two are right with 0.216 + 0.432; one is, and the "
        "others differ, with 0.288 ÷ 2, and then it wins one time in three: 0.696.",
    ),
)  # fmt: skip

PRESETS = (
    Preset(slug="instructions", label="Instruction tuning", inputs={}),
    Preset(
        slug="speech",
        label="Speech corpus",
        inputs={
            "data_sets": [
                {
                    "name": "Recordings of volunteers", "modality": "audio", "source": "collected", "wanted": 200_000,
                    "price": "0.05 to 0.25", "labels": 1, "label_price": "0.12 to 0.36", "annotators": 3,
                    "kept": "60% to 85%", "cleaning_price": 0.002, "size": 0.2,
                },
                {
                    "name": "Licensed broadcasts", "modality": "audio", "source": "licensed", "wanted": 400_000,
                    "price": "0.01 to 0.06", "labels": 1, "label_price": "0.12 to 0.36", "annotators": 1,
                    "kept": "50% to 80%", "cleaning_price": 0.002, "size": 0.3,
                },
            ],
            "accuracy": "85% to 95%", "classes": 1_000, "wanted_accuracy": 0.95, "egress": 2_000,
        },
    ),
    Preset(
        slug="images",
        label="Image classifier",
        inputs={
            "data_sets": [
                {
                    "name": "Photographs", "modality": "image", "source": "collected", "wanted": 50_000,
                    "price": "0.02 to 0.2", "labels": 1, "label_price": "0.012 to 0.06", "annotators": 5,
                    "kept": "70% to 90%", "cleaning_price": 0.003, "size": "0.5 to 3",
                },
                {
                    "name": "Photographs from the product", "modality": "image", "source": "labelled",
                    "wanted": 20_000, "labels": 1, "label_price": "0.012 to 0.06", "annotators": 3,
                    "kept": "50% to 80%", "cleaning_price": 0.003, "size": "0.5 to 3",
                },
            ],
            "accuracy": "75% to 90%", "classes": 10, "wanted_accuracy": 0.97, "egress": 500,
        },
    ),
)  # fmt: skip

CALCULATOR = Calculator(
    slug="data-budget",
    version=1,
    title="Data budget",
    summary="What data for training cost to get, clean, label and keep, and how many annotators make labels right.",
    family="Compute",
    inputs=Inputs,
    outputs=OUTPUTS,
    compute=budget,
    explains="total",
    sentences=SENTENCES,
    answer=answer,
    notices=notices,
    refuse=refuse,
    axes={
        "annotators": Axis(label="Annotators", places=lambda inputs: [float(count) for count in ODD]),
        "kind": Axis(label="Kind of data", places=lambda inputs: list(MODALITIES.values())),
    },
    charts=(
        Parts(
            title="What the data cost, by part",
            outputs=("collecting", "licensing", "synthetic", "cleaning", "labelling", "storage", "egress_cost"),
        ),
        Bars(output="cost_of", title="Cost of each data set", ordered=True),
        Bars(output="cost_by_kind", title="Cost by kind of data"),
        Fan(output="accuracy_by", title="How often the vote of more annotators is right"),
        Lines(title="What labelling costs with more annotators", outputs=("labelling_by",)),
        Lines(title="What a right label costs with more annotators", outputs=("cost_per_correct_by",)),
    ),
    presets=PRESETS,
    examples=EXAMPLES,
    sources=(CONDORCET, KAPPA, SHENG),
)
