"""What the loss explorer computes, with its formulas and sources."""

from __future__ import annotations

from portal.planning.calculator import Output

BRIER = "G. W. Brier, Monthly Weather Review 78(1), 1950"
HANLEY = "J. A. Hanley and B. J. McNeil, Radiology 143(1), 1982"
GOOD = "I. J. Good, “Rational Decisions”, Journal of the Royal Statistical Society B 14(1), 1952"

INFINITE = "infinite"
UNDEFINED = "undefined: 0 ÷ 0"
ONE_KIND = "undefined: all samples are of one kind"
EVERY_THRESHOLD = "The same at each threshold from 0 to 1, in steps of 0.01."

OUTPUTS = {
    "cross_entropy": Output(
        label="Mean cross-entropy", unit="", headline=True, never=INFINITE, better="lower", source=GOOD,
        help="How surprised the predictions are by what happened, on average: 0 when all were sure and right.",
        formula="{cross_entropy_sum} ÷ {count}",
    ),
    "cross_entropy_sum": Output(
        label="Summed cross-entropy", unit="", never=INFINITE, better="lower",
        help="The cross-entropy of all samples together.",
        method="−(y·log p + (1 − y)·log(1 − p)) of each sample, summed; with more classes −Σ y·log p over them. Only "
        "the term of what happened is left: 0 · log 0 counts as 0. The logarithm is that of {base}.",
    ),
    "squared_error": Output(
        label="Mean squared error", unit="", headline=True, better="lower", source=BRIER,
        help="The Brier score: never infinite, so that it punishes what was sure and wrong less.",
        formula="{squared_error_sum} ÷ {count}",
    ),
    "squared_error_sum": Output(
        label="Summed squared error", unit="", better="lower", help="The squared error of all samples together.",
        method="(p − y)² of each sample, summed; with more than two classes over the classes too.",
    ),
    "count": Output(
        label="Samples", unit="", help="How many predictions are looked at.", method="The rows of the table.",
    ),
    "baseline": Output(
        label="Cross-entropy of always predicting the shares", unit="", better="lower",
        help="What a prediction reaches that knows only how often each class happens here. A useful one is below it.",
        method="The mean cross-entropy when every sample is given the shares of the classes among the samples.",
    ),
    "top_accuracy": Output(
        label="Most probable class is right", unit="%", better="higher",
        help="The share of samples in which what happened had the largest probability; a tie does not count.",
        method="Samples whose class has a larger probability than every other, divided by {count}.",
    ),
    "accuracy": Output(
        label="Accuracy", unit="%", headline=True, better="higher",
        help="The share of decisions at the threshold that are right.",
        formula="({true_positives} + {true_negatives}) ÷ {count}",
    ),
    "precision": Output(
        label="Precision of decisions", unit="%", better="higher",
        never="undefined: nothing was decided to be positive",
        help="Of what was decided to be positive, the share that is.",
        formula="{true_positives} ÷ ({true_positives} + {false_positives})",
    ),
    "recall": Output(
        label="Recall", unit="%", never="undefined: nothing is positive", better="higher",
        help="Of what is positive, the share that was decided to be.",
        formula="{true_positives} ÷ ({true_positives} + {false_negatives})",
    ),
    "f1": Output(
        label="F1", unit="%", never="undefined: nothing is positive or was decided to be", better="higher",
        help="The harmonic mean of precision and recall.",
        formula="2 × {true_positives} ÷ (2 × {true_positives} + {false_positives} + {false_negatives})",
    ),
    "area": Output(
        label="Area under the ROC curve", unit="%", never=ONE_KIND, better="higher", source=HANLEY,
        help="How often a positive sample has a higher probability than a negative one; 50% is chance. It needs no "
        "threshold.",
        method="Pairs of a positive and a negative sample in which the positive one has the higher probability, a tie "
        "counting half, divided by all such pairs.",
    ),
    "true_positives": Output(
        label="True positives", unit="", help="Positive, and decided to be.",
        method="Samples of the positive class with a probability of at least {threshold}.",
    ),
    "false_positives": Output(
        label="False positives", unit="", help="Not positive, but decided to be.",
        method="Samples of other classes with a probability of at least {threshold}.",
    ),
    "false_negatives": Output(
        label="False negatives", unit="", help="Positive, but decided not to be.",
        method="Samples of the positive class with a probability below {threshold}.",
    ),
    "true_negatives": Output(
        label="True negatives", unit="", help="Not positive, and decided not to be.",
        method="Samples of other classes with a probability below {threshold}.",
    ),
    "happened": Output(
        label="Probability of what happened", unit="", along=("sample",), better="higher",
        help="What was predicted of the class that happened.",
        method="The predicted probability of the label: p where 1 happened, 1 − p where 0 did.",
    ),
    "predicted": Output(
        label="Predicted probability", unit="", along=("sample",),
        help="Where a sample stands on the curves: its probability of 1, or of the class that happened.",
        method="As typed.",
    ),
    "loss_by_sample": Output(
        label="Cross-entropy by sample", unit="", along=("sample",), never=INFINITE, better="lower",
        help="The cross-entropy of each sample.", method="−log of {happened}, to {base}.",
    ),
    "squared_by_sample": Output(
        label="Squared error", unit="", along=("sample",), better="lower", help="The squared error of each sample.",
        method="(p − y)²; with more than two classes summed over them.",
    ),
    "slip_results": Output(
        label="What a slip gives", unit="", along=("slip",), never="infinite or undefined",
        help="The number that comes out of each wrong formula.", method="The wrong formula beside each slip.",
    ),
    "curves": Output(
        label="Loss", unit="", along=("curve", "probability"), better="lower",
        help="The loss of one prediction, by its probability and by what happens.",
        method="−log p if 1 happens and −log(1 − p) if 0 does, to {base}; (1 − p)² and p².",
    ),
    "accuracy_by_threshold": Output(
        label="Accuracy", unit="%", along=("threshold_place",), better="higher",
        help="The share of right decisions at each threshold.", method=EVERY_THRESHOLD,
    ),
    "precision_by_threshold": Output(
        label="Precision of decisions", unit="%", along=("threshold_place",), never=UNDEFINED, better="higher",
        help="Precision at each threshold.", method=EVERY_THRESHOLD,
    ),
    "recall_by_threshold": Output(
        label="Recall", unit="%", along=("threshold_place",), never=UNDEFINED, better="higher",
        help="Recall at each threshold.", method=EVERY_THRESHOLD,
    ),
    "f1_by_threshold": Output(
        label="F1", unit="%", along=("threshold_place",), never=UNDEFINED, better="higher",
        help="F1 at each threshold.", method=EVERY_THRESHOLD,
    ),
    "hits": Output(
        label="True positive rate", unit="%", along=("threshold_place",), never=UNDEFINED, better="higher",
        help="The share of positive samples that each threshold finds: how far up a point of the ROC curve is.",
        method=EVERY_THRESHOLD,
    ),
    "false_alarms": Output(
        label="False positive rate", unit="", along=("threshold_place",), never=UNDEFINED, better="lower",
        help="The share of other samples that each threshold takes for positive: how far across a point of the ROC "
        "curve is.",
        method=EVERY_THRESHOLD,
    ),
    "chance": Output(
        label="By chance", unit="%", along=("rate",), help="Where the ROC curve of guesses lies.",
        method="As many positive as negative samples are found.",
    ),
}  # fmt: skip
