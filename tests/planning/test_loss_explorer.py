"""The loss explorer: losses and rates against scikit-learn, slips by hand, what is undefined, what is refused."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    brier_score_loss,
    f1_score,
    log_loss,
    precision_score,
    recall_score,
    roc_auc_score,
    roc_curve,
)

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.loss_explorer import CALCULATOR, PRESETS, THRESHOLDS, Inputs
from portal.planning.engine import Case, evaluate, report, simulate
from portal.planning.learning import loss_words, slips
from portal.planning.learning.losses import Predictions, cross_entropy
from portal.planning.wording import say

SIX = ((0, 0.2), (1, 0.8), (0, 0.1), (1, 0.9), (0, 0.3), (1, 0.7))
LN = math.log

some = settings(max_examples=40, deadline=None)
samples = st.lists(st.tuples(st.integers(0, 1), st.floats(0.001, 0.999)), min_size=1, max_size=30)


def case(*pairs: tuple[int, float], **rest: Any) -> Case:
    rows = [{"label": label, "probability": probability} for label, probability in pairs]
    return evaluate(CALCULATOR, read_inputs(Inputs, {"samples": rows, **rest}))


def classes(*rows: tuple[int, list[float]], **rest: Any) -> Case:
    table = [{"label": label, "probabilities": probabilities} for label, probabilities in rows]
    return evaluate(CALCULATOR, read_inputs(Inputs, {"task": "classes", "classified": table, **rest}))


def said(found: Case) -> list[str]:
    return [say(notice) for notice in found.notices]


def slip_values(found: Case) -> dict[str, float]:
    return dict(zip(CALCULATOR.places("slip", found.inputs), found.outputs["slip_results"], strict=True))


# Losses


def test_the_worked_example_by_hand() -> None:
    found = case(*SIX)
    logs = LN(0.8) + LN(0.8) + LN(0.9) + LN(0.9) + LN(0.7) + LN(0.7)
    assert found.outputs["cross_entropy"] == pytest.approx(-logs / 6)
    assert found.outputs["cross_entropy"] == pytest.approx(0.2283930)
    assert found.outputs["squared_error"] == pytest.approx((0.04 + 0.04 + 0.01 + 0.01 + 0.09 + 0.09) / 6)
    assert found.outputs["loss_by_sample"] == pytest.approx([-LN(p) for p in (0.8, 0.8, 0.9, 0.9, 0.7, 0.7)])
    assert found.outputs["happened"] == pytest.approx([0.8, 0.8, 0.9, 0.9, 0.7, 0.7])
    assert found.outputs["accuracy"] == found.outputs["top_accuracy"] == found.outputs["area"] == 1


@some
@given(samples)
def test_two_classes_agree_with_scikit_learn(pairs: list[tuple[int, float]]) -> None:
    labels, ones = zip(*pairs, strict=True)
    outputs = case(*pairs).outputs
    assert outputs["cross_entropy"] == pytest.approx(log_loss(labels, ones, labels=[0, 1]))
    assert outputs["squared_error"] == pytest.approx(brier_score_loss(labels, ones, labels=[0, 1]))


@some
@given(st.lists(st.tuples(st.integers(0, 2), st.lists(st.floats(0.01, 1), min_size=3, max_size=3)), min_size=1))
def test_more_classes_agree_with_scikit_learn(rows: list[tuple[int, list[float]]]) -> None:
    labels = [label for label, _ in rows]
    shares = np.array([weights for _, weights in rows])
    shares /= shares.sum(axis=1, keepdims=True)
    outputs = classes(*zip(labels, shares.tolist(), strict=True)).outputs
    assert outputs["cross_entropy"] == pytest.approx(log_loss(labels, shares, labels=[0, 1, 2]))
    brier = brier_score_loss(labels, shares, labels=[0, 1, 2], scale_by_half=False)
    assert outputs["squared_error"] == pytest.approx(brier)


@some
@given(samples, st.floats(0, 1))
def test_rates_agree_with_scikit_learn(pairs: list[tuple[int, float]], threshold: float) -> None:
    labels, ones = (np.array(column) for column in zip(*pairs, strict=True))
    outputs, decided = case(*pairs, threshold=threshold).outputs, ones >= threshold
    undefined = {"precision": not decided.any(), "recall": not labels.any()}
    undefined["f1"] = not (decided.any() or labels.any())
    for name, score in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
        wanted = math.inf if undefined[name] else score(labels, decided, zero_division=0)
        assert outputs[name] == pytest.approx(wanted), name
    counts = [outputs[f"{truth}_{sign}s"] for truth in ("true", "false") for sign in ("positive", "negative")]
    assert sum(counts) == outputs["count"] == len(pairs)


@some
@given(samples)
def test_the_roc_curve_agrees_with_scikit_learn(pairs: list[tuple[int, float]]) -> None:
    labels, ones = (np.array(column) for column in zip(*pairs, strict=True))
    assume(0 < labels.sum() < len(labels))
    outputs = case(*pairs).outputs
    assert outputs["area"] == pytest.approx(roc_auc_score(labels, ones))
    across, up, cuts = roc_curve(labels, ones, drop_intermediate=False)
    for at in range(0, 101, 7):
        point = np.flatnonzero(cuts >= THRESHOLDS[at])[-1]  # the lowest cut that decides alike
        assert (outputs["false_alarms"][at], outputs["hits"][at]) == pytest.approx((across[point], up[point]))


@pytest.mark.parametrize(("base", "unit"), [("e", 1.0), ("2", LN(2)), ("10", LN(10))])
def test_another_base_only_scales(base: str, unit: float) -> None:
    natural, other = case(*SIX).outputs, case(*SIX, base=base).outputs
    assert other["cross_entropy"] * unit == pytest.approx(natural["cross_entropy"])
    assert other["baseline"] * unit == pytest.approx(LN(2))
    assert other["squared_error"] == natural["squared_error"]


@some
@given(st.lists(st.integers(0, 1), min_size=1, max_size=20))
def test_no_constant_prediction_beats_the_shares(labels: list[int]) -> None:
    baseline = case(*((label, 0.5) for label in labels)).outputs["baseline"]
    for constant in (0.1, 0.5, 0.9, min(max(sum(labels) / len(labels), 0.001), 0.999)):
        assert baseline <= case(*((label, constant) for label in labels)).outputs["cross_entropy"] + 1e-12


def test_curves_are_the_losses_by_probability() -> None:
    curves = np.array(case(*SIX).outputs["curves"])
    p = np.array(CALCULATOR.places("probability", Inputs()))
    assert curves == pytest.approx(np.stack([-np.log(p), -np.log(1 - p), (1 - p) ** 2, p**2]))
    assert len(classes((0, [0.5, 0.5])).outputs["curves"]) == 1


def test_the_dots_lie_on_the_curves() -> None:
    outputs = case(*SIX).outputs
    for (label, p), x, y in zip(SIX, outputs["predicted"], outputs["loss_by_sample"], strict=True):
        assert (x, y) == pytest.approx((p, -LN(p if label else 1 - p)))


# What is infinite or undefined


def test_zero_times_log_zero_is_zero_and_said() -> None:
    found = case((0, 0.0), (1, 1.0), (1, 0.5))
    assert found.outputs["loss_by_sample"] == pytest.approx([0, 0, LN(2)])
    assert any("2 of the terms y·log p are 0 · log 0" in text for text in said(found))
    assert not any("0 · log 0" in text for text in said(case(*SIX)))


def test_what_was_ruled_out_and_happened_is_infinite_and_named() -> None:
    rows = [{"name": "Good", "label": 1, "probability": 0.9}, {"name": "Bad", "label": 1, "probability": 0}]
    inputs = read_inputs(Inputs, {"samples": rows})
    outcome = simulate(CALCULATOR, inputs, draws=10, seed=1)
    assert outcome.case.outputs["cross_entropy"] == math.inf
    assert "infinite" in say(CALCULATOR.answer(outcome))
    assert [text for text in said(outcome.case) if text.startswith("“Bad” gave probability 0")]
    shown = report(outcome)["outputs"]
    assert shown["cross_entropy"]["value"] is None
    assert shown["loss_by_sample"]["value"] == [pytest.approx(-LN(0.9)), None]
    assert outcome.case.outputs["squared_error"] == pytest.approx((0.01 + 1) / 2)
    assert ("Bad", 1, 0.0, "∞", 1.0, False) in outcome.case.tables[1].rows


@pytest.mark.parametrize(
    ("pairs", "undefined", "text"),
    [
        ([(1, 0.2), (0, 0.1)], {"precision"}, "precision is 0 ÷ 0"),
        ([(0, 0.6), (0, 0.1)], {"recall", "area"}, "recall is 0 ÷ 0"),
        ([(1, 0.6), (1, 0.1)], {"area"}, "no false positives to count"),
        ([(0, 0.1)], {"precision", "recall", "f1", "area"}, "recall is 0 ÷ 0"),
    ],
)
def test_nothing_divided_by_nothing_is_said(pairs: list[tuple[int, float]], undefined: set[str], text: str) -> None:
    found = case(*pairs)
    assert {name for name in ("precision", "recall", "f1", "area") if math.isinf(found.outputs[name])} == undefined
    assert any(text in notice for notice in said(found))


def test_a_tie_is_not_most_probable() -> None:
    assert classes((0, [0.4, 0.4, 0.2]), (1, [0.2, 0.5, 0.3])).outputs["top_accuracy"] == 0.5
    assert case((1, 0.5), (0, 0.5)).outputs["top_accuracy"] == 0


def test_a_class_is_told_from_the_others_by_the_threshold() -> None:
    rows = ((0, [0.7, 0.2, 0.1]), (1, [0.3, 0.6, 0.1]), (2, [0.1, 0.5, 0.4]))
    one = classes(*rows, positive=1, threshold=0.5).outputs
    assert (one["true_positives"], one["false_positives"], one["true_negatives"]) == (1, 1, 1)
    assert one["area"] == 1
    assert classes(*rows, positive=0, threshold=0.8).outputs["recall"] == 0


# Slips


def test_each_slip_gives_what_it_gives_by_hand() -> None:
    found = slip_values(case(*SIX))
    ones, mean = LN(0.8) + LN(0.9) + LN(0.7), -2 * (LN(0.8) + LN(0.9) + LN(0.7)) / 6
    every_p = LN(0.2) + LN(0.8) + LN(0.1) + LN(0.9) + LN(0.3) + LN(0.7)
    wanted = {
        slips.ONLY_ONES: -ones / 6,
        slips.ALWAYS_P: -every_p / 6,
        slips.OTHER_BASE["2"]: mean / LN(2),
        slips.OTHER_BASE["10"]: mean / LN(10),
        slips.ENTROPY_SUM: 6 * mean,
        slips.NO_MINUS: -mean,
        slips.OF_DECISIONS: 0.0,
        slips.ABSOLUTE: (0.2 + 0.2 + 0.1 + 0.1 + 0.3 + 0.3) / 6,
        slips.SQUARES_SUM: 0.28,
        slips.SQUARES_HALVED: 0.28 / 12,
        slips.ROOT: math.sqrt(0.28 / 6),
        # Wrong classes have 0.2 on average; each is multiplied by the logarithm of a label clipped away from 0.
        slips.SWAPPED["1e-7"]: -(0.2 * LN(1e-7) + 0.8 * LN(1 - 1e-7)),
        slips.SWAPPED["1e-15"]: -(0.2 * LN(1e-15) + 0.8 * LN(1 - 1e-15)),
    }
    assert found == pytest.approx(wanted)


def test_slips_of_more_classes_by_hand() -> None:
    found = slip_values(classes((0, [0.5, 0.3, 0.2]), (1, [0.6, 0.4, 0.0])))
    mean = -(LN(0.5) + LN(0.4)) / 2
    assert found[slips.ENTROPY_BY_CLASS] == pytest.approx(mean / 3)
    assert found[slips.OF_WINNERS] == pytest.approx((0 + 2) / 2)
    assert found[slips.ABSOLUTE] == pytest.approx((1.0 + 1.2) / 2)
    assert found[slips.SQUARES_BY_CLASS] == pytest.approx((0.25 + 0.09 + 0.04 + 0.36 + 0.36) / 6)
    assert slips.ONLY_ONES not in found


def test_a_slip_that_is_infinite_is_null() -> None:
    found = slip_values(case((1, 0.0), (0, 0.5)))
    assert found[slips.NO_MINUS] == found[slips.ENTROPY_SUM] == math.inf
    assert math.isfinite(found[slips.SWAPPED["1e-7"]])


def test_bases_that_are_offered_are_the_others() -> None:
    assert slips.OTHER_BASE["e"] in slip_values(case(*SIX, base="2"))
    assert slips.OTHER_BASE["2"] not in slip_values(case(*SIX, base="2"))


@pytest.mark.parametrize(
    ("got", "text"),
    [
        (0.2284, "The mean cross-entropy. You got 0.2284, which is right."),
        (0.0467, "The mean squared error. You got 0.0467, which is right."),
        (1.37, f"{slips.ENTROPY_SUM} This slip gives 1.37, which you got."),
        (-0.228, f"{slips.NO_MINUS} This slip gives -0.228, which you got."),
        (0.33, f"{slips.OTHER_BASE['2']} This slip gives 0.33, which you got."),
        (0.0, f"{slips.OF_DECISIONS} This slip gives 0, which you got."),
        (5.0, "With 3.22 it is nearest to the 5 that you got"),
    ],
)
def test_a_number_is_traced_to_its_slip(got: float, text: str) -> None:
    assert text in "\n".join(said(case(*SIX, got=[got])))


@some
@given(samples, st.sampled_from(["e", "2", "10"]))
def test_the_right_value_is_never_called_a_slip(pairs: list[tuple[int, float]], base: str) -> None:
    right = case(*pairs, base=base).outputs["cross_entropy"]
    assert any("which is right" in text for text in said(case(*pairs, base=base, got=[right])))


# What is refused


@pytest.mark.parametrize(
    ("given_", "path", "text"),
    [
        ({"samples": []}, "samples", "Wanted at least one sample"),
        ({"task": "classes", "classified": []}, "classified", "Wanted at least one sample"),
        ({"samples": [{"label": 1, "probability": 1.2}]}, "samples.0.probability", "Wanted at most 1"),
        ({"samples": [{"label": 1, "probability": -0.1}]}, "samples.0.probability", "Wanted at least 0"),
        ({"samples": [{"label": 2, "probability": 0.1}]}, "samples.0.label", "Wanted at most 1"),
        ({"samples": [{"label": 0.5, "probability": 0.1}]}, "samples.0.label", "Wanted a whole number"),
        ({"samples": [{"label": 1, "probability": "0.2 to 0.4"}]}, "samples.0.probability", "got a range"),
        ({"samples": [{"label": 1, "probability": float("nan")}]}, "samples.0.probability", "NaN"),
        ({"threshold": 2}, "threshold", "Wanted at most 1"),
        ({"got": [1] * 6}, "got", "Wanted at most 5 items"),
    ],
)
def test_bad_input_is_refused_by_name(given_: dict[str, Any], path: str, text: str) -> None:
    with pytest.raises(Invalid, match=text) as problem:
        evaluate(CALCULATOR, read_inputs(Inputs, given_))
    assert set(problem.value.problems) == {path}


@pytest.mark.parametrize(
    ("rows", "rest", "path", "text"),
    [
        ([(0, [0.5, 0.4])], {}, "classified.0.probabilities", "these sum to 0.9."),
        ([(0, [0.5, 0.5]), (0, [0.8, 0.2012])], {}, "classified.1.probabilities", "these sum to 1.0012."),
        ([(2, [0.5, 0.5])], {}, "classified.0.label", "Wanted a class from 0 to 1, one of the 2"),
        ([(0, [1.0])], {}, "classified.0.probabilities", "at least 2 classes, got 1"),
        ([(0, [])], {}, "classified.0.probabilities", "at least 2 classes, got 0"),
        ([(0, [0.5, 0.5]), (0, [0.2, 0.3, 0.5])], {}, "classified.1.probabilities", "Wanted 2 probabilities"),
        ([(0, [0.5, 0.5])], {"positive": 2}, "positive", "Wanted a class from 0 to 1"),
    ],
)
def test_wrong_classes_are_refused_by_row(
    rows: list[tuple[int, list[float]]], rest: dict[str, Any], path: str, text: str
) -> None:
    with pytest.raises(Invalid, match=text) as problem:
        classes(*rows, **rest)
    assert set(problem.value.problems) == {path}


def test_thirds_are_taken_as_typed() -> None:
    assert classes((0, [0.333, 0.333, 0.333])).outputs["cross_entropy"] == pytest.approx(-LN(0.333))


def test_a_table_that_is_not_looked_at_may_be_wrong() -> None:
    assert case(*SIX, classified=[{"label": 9, "probabilities": [0.1]}]).outputs["count"] == 6


# What is said


def test_presets_show_what_their_names_say() -> None:
    by_slug = {preset.slug: evaluate(CALCULATOR, read_inputs(Inputs, preset.inputs)) for preset in PRESETS}
    assert any("alone makes 85.8%" in text for text in said(by_slug["sure-and-wrong"]))
    assert math.isinf(by_slug["ruled-out"].outputs["cross_entropy"])
    rare = by_slug["rare"].outputs
    assert rare["accuracy"] == 0.9
    assert rare["recall"] == 0
    assert by_slug["unsure"].outputs["cross_entropy"] == 1
    assert sum("This slip gives" in text for text in said(by_slug["which-slip"])) == 2


def test_worse_than_the_shares_is_said() -> None:
    assert any("know less than that" in text for text in said(case((1, 0.1), (0, 0.9))))
    assert not any("know less than that" in text for text in said(case(*SIX)))


def test_every_slip_and_sentence_can_be_translated() -> None:
    for binary in (True, False):
        for base in ("e", "2", "10"):
            assert {slip.text for slip in slips.slips(binary, base)} <= set(loss_words.SENTENCES)


def test_the_loss_of_what_is_sure_is_plain_zero() -> None:
    sure = cross_entropy(Predictions.of_two(np.array([1]), np.array([1.0])).happened)
    assert not np.signbit(sure).any()
