"""What text classification asks and answers. Standard library only; ``run.py`` and ``compare.py`` do the work."""

from __future__ import annotations

from dataclasses import dataclass

from mlcore.spec import choice, integer, media, number, text
from mlcore.task import LOSS, Action, Curve, Mode, Result, Task
from mlcore.train import declared

_RUN = "mlcore.tasks.text_classification.run"
_KINDS = {"transformer": "Transformer encoder", "classic": "Classic network"}
_ASKED = ("model", ("run",))


# fmt: off
@dataclass(frozen=True, slots=True, kw_only=True)
class ClassifyInputs:
    review: str = text(
        "Text", max_length=20_000, group="Text",
        default="The beans arrived fresh and smell wonderful, but the coffee is bitter. I would not buy it again.",
        help="The text to classify. The starter models know reviews of food in English; "
        "they read the beginning of a long one.")
    model: str = choice(
        "Model", default="transformer", choices={**_KINDS, "run": "A model that I trained"}, group="Model",
        help="Which network answers.")
    run: str = text(
        "Trained model", default="", max_length=64, group="Model", when=_ASKED,
        help="The model of a training run that has finished, by the id of that run.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluateInputs:
    model: str = choice(
        "Model to look at", default="transformer", choices={**_KINDS, "run": "A model that I trained"},
        group="Models",
        help="All models are compared; the cost, the reliability and the misread reviews are those of this one.")
    run: str = text(
        "Trained model", default="", max_length=64, group="Models", when=_ASKED,
        help="The model of a training run that has finished, by the id of that run. It must tell great from other.")
    misread: int = integer(
        "Misread reviews", default=10, low=0, high=100, fixed=True, group="Reading",
        help="How many of the reviews that the model got wrong are shown, the most confidently wrong first.")
    timed: int = integer(
        "Reviews to time", default=100, low=20, high=1_000, fixed=True, group="Reading",
        help="How many reviews are classified one by one to measure how long one takes.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainInputs:
    data: str = choice(
        "Texts", default="shipped", group="Data",
        choices={"shipped": "5,000 reviews of food, great or other", "upload": "A table of my own"},
        help="What the model learns from. Parts are held out: one to choose the best weights, one for the figures.")
    upload: str = media(
        "Your table", accept=("text/csv",), max_bytes=16 * 1024 * 1024, group="Data", when=("data", ("upload",)),
        help="CSV in UTF-8 with the columns text and label: from 2 to 20 labels, at least 20 different texts of each "
        "and 100 in all.")
    kind: str = choice(
        "Network", default="transformer", choices=_KINDS, group="Model",
        help="The classic network weighs each word by itself and by its place; a transformer reads words in context.")
    size: str = choice(
        "Size", default="small", group="Model",
        choices={
            "small": "Small: transformer 0.55 million parameters, classic 0.07 million",
            "medium": "Medium: transformer 0.93 million parameters, classic 0.13 million",
        },
        help="A larger network trains slower, and on few texts learns them by heart. The counts are those with the "
        "shipped reviews.")
    length: int = integer(
        "Length", default=128, low=16, high=512, fixed=True, unit="words", group="Model",
        help="Words that are read of each text, from its beginning; signs count as words.")
    epochs: int = integer(
        "Epochs", default=8, low=1, high=200, fixed=True, group="Training",
        help="How often every training text is read.")
    batch: int = integer(
        "Batch", default=32, low=1, high=256, fixed=True, group="Training",
        help="Texts that are computed together before the weights are updated.")
    learning_rate: float = number(
        "Learning rate", default=0.0004, low=1e-6, high=0.1, fixed=True, group="Training",
        help="The highest. Too high and the loss turns into nonsense; too low and little is learnt.")
    hidden_words: float = number(
        "Hidden words", default=0.4, low=0, high=0.9, fixed=True, unit="%", group="Training",
        help="Share of the words that are hidden at random while training, so that no single one is relied on.")
    patience: int = declared.patience(5)
    seed: int = integer(
        "Seed", default=1, low=0, high=2**32 - 1, fixed=True, group="Training",
        help="Fixes the first weights, the order of the texts and all else that is drawn.")
    budget_minutes: float = declared.budget_minutes()
    budget_usd: float = declared.budget_usd()


CLASSIFY = Action(
    slug="classify",
    title="Classify a text",
    help="The model says which class your text belongs to, how sure it is, and which words speak for and against.",
    mode=Mode.INTERACTIVE,
    inputs=ClassifyInputs,
    entry=f"{_RUN}:classify",
    artifact_folders={"run": "run_folder"},
    results={
        "classes": Result(label="Classes", kind="labels"),
        "marks": Result(label="What each word adds", kind="marks",
                        help="To the likeliest class: above 0 for it, below 0 against it, compared with an empty text "
                        "(integrated gradients). It shows what the model used, not whether that was right."),
        "words_read": Result(label="Words read", kind="number", unit="words"),
        "words": Result(label="Words of the text", kind="number", unit="words"),
        "known_share": Result(label="Known words", kind="number", unit="%",
                              help="Of the words read, those of the model's vocabulary; the others look all the same "
                              "to it."),
        "delta": Result(label="Convergence delta", kind="number", unit="logits",
                        help="By how much the words' shares miss the difference that they explain; near 0 they can be "
                        "relied on."),
        "difference": Result(label="Difference explained", kind="number", unit="logits",
                             help="Between the class's logit for your text and for an empty one."),
        "seconds": Result(label="Time of the answer", kind="number", unit="seconds",
                          help="Reading and classifying; loading the model and marking the words left out."),
        "model": Result(label="Model", kind="text", words=_KINDS),
    },
    examples=(
        {"review": "The beans arrived fresh and smell wonderful, but the coffee is bitter. I would not buy it again."},
        {"review": "My dog loves these treats! Great price, fast delivery, we order them every month.",
         "model": "classic"},
        {"review": "Not bad at all. I expected the worst of a sugar-free cookie and was happily wrong."},
    ),
)

EVALUATE = Action(
    slug="evaluate",
    title="Compare the models",
    help="Every model reads the same 1,000 held-out reviews: how often it is right, what it costs, and where it errs.",
    mode=Mode.INTERACTIVE,
    inputs=EvaluateInputs,
    entry="mlcore.tasks.text_classification.compare:evaluate",
    artifact_folders={"run": "run_folder"},
    results={
        "accuracy": Result(label="Accuracy", kind="number", unit="%", help="Of the model that is looked at."),
        "accuracy_low": Result(label="Accuracy, from", kind="number", unit="%",
                               help="95 % interval (Wilson) over which reviews happened to be held out."),
        "accuracy_high": Result(label="Accuracy, to", kind="number", unit="%"),
        "quality": Result(label="Quality", kind="table",
                          help="On the held-out reviews, each with its 95 % interval. Precision: of those called "
                          "great, how many are; recall: of the great ones, how many were called so."),
        "calibration": Result(label="Whether the confidence can be believed", kind="table",
                              help="Calibration error: mean distance of confidence and accuracy over ten bins. Brier "
                              "score: 0 is perfect, 0.25 knows nothing."),
        "cost": Result(label="Size, time and cost", kind="table",
                       help="Reviews classified one by one, from text to answer, on this device; dollars at its "
                       "price."),
        "reliability": Result(label="Reliability", kind="figure",
                              help="How often each model is right, by how confident it is. On the diagonal the "
                              "confidence can be taken at its word."),
        "confusion": Result(label="What is taken for what", kind="figure"),
        "misread": Result(label="Misread reviews", kind="table", help="The most confidently wrong first."),
        "requests_per_second": Result(label="Requests", kind="number", unit="requests/s",
                                      quantity="requests_per_second",
                                      help="One after another, of the model that is looked at."),
        "usd_per_request": Result(label="Cost of a request", kind="number", unit="USD/request",
                                  quantity="usd_per_request",
                                  help="Device time of one request at the device's price, of a device that is always "
                                  "busy."),
        "device": Result(label="Device", kind="text"),
    },
    examples=({"model": "transformer"}, {"model": "classic", "misread": 20}),
)

TRAIN = Action(
    slug="train",
    title="Train a classifier",
    help="A network of your choice learns to tell the classes of your texts apart, while you watch.",
    mode=Mode.TRAINING,
    inputs=TrainInputs,
    entry=f"{_RUN}:train",
    estimate="mlcore.tasks.text_classification.quote:estimate",
    curves=(
        LOSS,
        Curve(title="Held-out accuracy", measures={"validation_accuracy": "Accuracy"}, unit="%", best="max"),
        Curve(title="Throughput", measures={"reviews_per_second": "Texts per second"}, unit="texts/s"),
    ),
    results={
        "accuracy": Result(label="Accuracy", kind="number", unit="%",
                           help="Of the held-out test texts, with the weights as they are stored."),
        "accuracy_low": Result(label="Accuracy, from", kind="number", unit="%",
                               help="95 % interval (Wilson) over which texts happened to be held out."),
        "accuracy_high": Result(label="Accuracy, to", kind="number", unit="%"),
        "f1": Result(label="F1", kind="number", help="Of the second class where there are two, else the mean."),
        "commonest_share": Result(label="Always the commonest class", kind="number", unit="%",
                                  help="What a model that has learnt nothing reaches on the same texts."),
        "calibration_error": Result(label="Calibration error", kind="number", unit="%",
                                    help="Mean distance of confidence and accuracy over ten bins."),
        "validation_loss": Result(label="Held-out loss", kind="number", unit="nats/text",
                                  help="On the texts that chose the best weights."),
        "confusion": Result(label="What is taken for what", kind="figure"),
        "texts": Result(label="Training texts", kind="number"),
        "test_texts": Result(label="Test texts", kind="number"),
        "parameters": Result(label="Parameters", kind="number", unit="parameters"),
        **declared.COURSE,
        "reviews_per_second": Result(label="Training speed", kind="number", unit="texts/s",
                                     help="Texts learnt from in a second of training steps, evaluation and saving "
                                     "left out."),
        "achieved_flops": Result(label="Achieved", kind="number", unit="FLOP/s", quantity="achieved_flops",
                                 help="Texts a second times the FLOPs that a text needs forward and backward."),
        "share_of_peak": Result(
            label="Share of the peak", kind="number", unit="%",
            help="Achieved over the measured peak. It says nothing of how a language model would run here."),
        "kind": Result(label="Network", kind="text", quantity="classifier.kind", words=_KINDS),
        **declared.DEVICE,
    },
    examples=(
        {"kind": "transformer", "size": "small", "epochs": 8},
        {"kind": "classic", "size": "medium", "epochs": 20, "learning_rate": 0.001, "hidden_words": 0.1},
    ),
)
# fmt: on

TASK = Task(
    slug="text-classification",
    title="Text classification",
    summary="Whether a review is a great one, how sure the model is and which words say so; and your own classes.",
    family="Language",
    actions=(CLASSIFY, EVALUATE, TRAIN),
)
