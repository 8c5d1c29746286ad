"""Votes of annotators against enumeration and published values, and what data cost."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.data_budget import CALCULATOR, NO_STORAGE
from portal.planning.datacost import words
from portal.planning.datacost.inputs import MODALITIES, SOURCES
from portal.planning.datacost.voting import (
    MOST_ANNOTATORS,
    ODD,
    expected_kappa,
    fewest,
    vote_accuracies,
    win_chances,
)
from portal.planning.engine import evaluate, simulate
from portal.planning.wording import say

few = settings(max_examples=60, deadline=None)
PARTS = ("collecting", "licensing", "synthetic", "cleaning", "labelling", "storage", "egress_cost")


def read(**given: Any) -> Any:
    return read_inputs(CALCULATOR.inputs, given)


def outputs(**given: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, read(**given)).outputs)


def vote(single: float, annotators: int, classes: int = 2) -> float:
    return float(vote_accuracies(single, classes)[annotators - 1, 0])


def enumerated(single: float, annotators: int, classes: int) -> float:
    """Every way in which the annotators may vote, one after another; class 0 is right."""
    total = 0.0
    for votes in product(range(classes), repeat=annotators):
        chance = 1.0
        for each in votes:
            chance *= single if each == 0 else (1 - single) / (classes - 1)
        counts = [votes.count(each) for each in range(classes)]
        if counts[0] == max(counts):
            total += chance / counts.count(max(counts))
    return total


def labelled(**changed: Any) -> dict[str, Any]:
    return {"name": "Set", "wanted": 1_000, "labels": 1, "label_price": 0.1, "kept": 1, "size": 0, **changed}


# Published values


@pytest.mark.parametrize(
    ("single", "annotators", "right"),
    [
        (0.8, 1, 0.8),
        (0.8, 3, 0.896),  # p³ + 3 p² (1 − p)
        (0.8, 5, 0.94208),  # p⁵ + 5 p⁴ (1 − p) + 10 p³ (1 − p)²
        (0.6, 3, 0.648),
        (0.5, 25, 0.5),
        (1, 7, 1),
        (0, 7, 0),
    ],
)
def test_condorcets_majority(single: float, annotators: int, right: float) -> None:
    assert vote(single, annotators) == pytest.approx(right, rel=1e-12)


@pytest.mark.parametrize("classes", [2, 3, 4, 6])
@pytest.mark.parametrize("annotators", [1, 2, 3, 4, 5])
def test_plurality_is_what_enumeration_gives(annotators: int, classes: int) -> None:
    for single in (0.1, 0.35, 0.5, 0.72, 0.95):
        assert vote(single, annotators, classes) == pytest.approx(enumerated(single, annotators, classes), rel=1e-12)


@pytest.mark.parametrize("classes", [2, 5, 1_000])
def test_wins_of_a_large_vote_are_what_random_votes_give(classes: int) -> None:
    """15 votes in 20,000 cases: the standard error is below 0.004."""
    stream = np.random.default_rng(11)
    votes = np.where(stream.random((20_000, 15)) < 0.4, 0, stream.integers(1, classes, (20_000, 15)))
    alike = np.stack([(votes == votes[:, [at]]).sum(axis=1) for at in range(15)], axis=1)  # votes like each vote
    largest = alike.max(axis=1)
    tied = (alike == largest[:, np.newaxis]).sum(axis=1) / largest
    wins = ((votes == 0).sum(axis=1) == largest) / tied
    assert vote(0.4, 15, classes) == pytest.approx(wins.mean(), abs=0.015)


def test_kappa_is_that_of_the_table_of_two_annotators() -> None:
    for classes, single in product((2, 3, 7), (0.3, 0.8, 0.95)):
        given_truth = np.full((classes, classes), (1 - single) / (classes - 1))
        np.fill_diagonal(given_truth, single)
        table = given_truth.T @ given_truth / classes  # joint chances of both answers, over classes alike frequent
        agreed, by_chance = np.trace(table), table.sum(axis=0) @ table.sum(axis=1)
        assert expected_kappa(single, classes) == pytest.approx((agreed - by_chance) / (1 - by_chance), rel=1e-9)


# Properties of votes

shares = st.floats(0.001, 0.999)


@given(single=shares, classes=st.integers(2, 40))
@few
def test_wins_and_accuracies_are_chances(single: float, classes: int) -> None:
    table = vote_accuracies(single, classes)
    assert ((table >= 0) & (table <= 1)).all()
    assert table[0, 0] == pytest.approx(single)
    for annotators in (1, 4, MOST_ANNOTATORS):
        wins = np.array(win_chances(annotators, classes))
        assert (np.diff(wins) >= -1e-12).all()  # more right votes never win less often
        assert wins[0] == 0
        assert wins[-1] == 1


@given(st.floats(0.51, 0.99))
@few
def test_more_annotators_help_who_is_better_than_chance_and_harm_who_is_worse(single: float) -> None:
    good = vote_accuracies(single, 2)[np.array(ODD) - 1, 0]
    bad = vote_accuracies(1 - single, 2)[np.array(ODD) - 1, 0]
    assert (np.diff(good) >= -1e-12).all()
    assert good[1] > good[0]
    assert (np.diff(bad) <= 1e-12).all()
    assert good + bad == pytest.approx(1)


@given(single=shares, half=st.integers(1, 12))
@few
def test_an_even_vote_of_two_classes_is_no_better_than_one_fewer(single: float, half: int) -> None:
    assert vote(single, 2 * half) == pytest.approx(vote(single, 2 * half - 1), rel=1e-9)


@given(single=st.floats(0.3, 0.99), classes=st.integers(2, 20), wanted=st.floats(0.05, 0.999))
@few
def test_the_fewest_annotators_are_enough_and_one_fewer_are_not(single: float, classes: int, wanted: float) -> None:
    votes = vote_accuracies(single, classes)
    found = fewest(votes, wanted)[0]
    if np.isinf(found):
        assert votes.max() < wanted
    else:
        assert votes[int(found) - 1, 0] >= wanted - 1e-9
        assert (votes[: int(found) - 1, 0] < wanted).all()


# Properties of costs

data_sets = st.lists(
    st.fixed_dictionaries(
        {
            "modality": st.sampled_from(sorted(MODALITIES)),
            "source": st.sampled_from(sorted(SOURCES)),
            "wanted": st.integers(1, 10**6),
            "price": st.floats(0, 20),
            "labels": st.sampled_from([0, 1, 2.5]),
            "label_price": st.floats(0, 2),
            "annotators": st.integers(1, MOST_ANNOTATORS),
            "kept": st.floats(0.05, 1),
            "cleaning_price": st.floats(0, 1),
            "size": st.floats(0, 50),
            "tokens": st.integers(0, 5_000),
            "token_price": st.floats(0, 20),
        }
    ),
    min_size=1,
    max_size=5,
)


@given(data_sets)
@few
def test_costs_add_up_by_part_by_data_set_and_by_kind(rows: list[dict[str, Any]]) -> None:
    found = outputs(data_sets=rows, wanted_accuracy=0.5)
    assert found["total"] == pytest.approx(sum(found[part] for part in PARTS))
    assert found["total"] == pytest.approx(sum(found["cost_of"]) + found["egress_cost"])
    assert sum(found["cost_by_kind"]) == pytest.approx(sum(found["cost_of"]))
    assert sum(found["stored_of"]) == pytest.approx(found["stored"])
    for row, collected, each in zip(rows, found["collected"], found["cost_each"], strict=True):
        assert collected * row["kept"] == pytest.approx(row["wanted"])
        assert each >= 0


@given(data_sets, st.integers(2, 50))
@few
def test_costs_grow_with_the_items_and_accuracy_does_not(rows: list[dict[str, Any]], times: int) -> None:
    once = outputs(data_sets=rows, wanted_accuracy=0.5, **NO_STORAGE)
    more = outputs(
        data_sets=[{**row, "wanted": row["wanted"] * times} for row in rows], wanted_accuracy=0.5, **NO_STORAGE
    )
    for name in (*PARTS, "total", "usable", "labels", "stored"):
        assert more[name] == pytest.approx(once[name] * times), name
    for name in ("cost_per_usable", "label_accuracy", "cost_per_correct", "annotators_needed"):
        assert more[name] == pytest.approx(once[name]), name


def test_each_source_pays_its_own_price_only() -> None:
    row = {"wanted": 100, "kept": 0.5, "price": 3, "tokens": 1_000, "token_price": 10, "size": 0}
    found = {source: outputs(data_sets=[{**row, "source": source}], **NO_STORAGE) for source in SOURCES}
    assert {source: each["total"] for source, each in found.items()} == pytest.approx(
        {"collected": 600, "licensed": 600, "labelled": 0, "synthetic": 2}
    )
    assert found["collected"]["collecting"] == found["licensed"]["licensing"] == 600


def test_what_cleaning_dropped_is_stored_or_not() -> None:
    row = {"wanted": 1_000, "kept": 0.25, "size": 10}
    assert outputs(data_sets=[row], copies=3)["stored"] == pytest.approx(120)
    assert outputs(data_sets=[row], copies=3, keep_dropped=False)["stored"] == pytest.approx(30)


def test_curves_meet_the_single_figures() -> None:
    found = outputs(data_sets=[labelled(annotators=5)], accuracy=0.8, wanted_accuracy=0.9)
    at = ODD.index(5)
    assert found["accuracy_by"][at] == pytest.approx(found["label_accuracy"])
    assert found["labelling_by"][at] == pytest.approx(found["labelling"])
    assert found["cost_per_correct_by"][at] == pytest.approx(found["cost_per_correct"])
    assert found["labelling_at_wanted"] == pytest.approx(500)


def test_nothing_labelled_has_no_accuracy_and_never_refuses() -> None:
    found = outputs(data_sets=[{"wanted": 10}], accuracy=0.5, wanted_accuracy=0.999)
    assert found["label_accuracy"] == found["cost_per_correct"] == found["accuracy_of"][0] == np.inf
    assert found["labels"] == found["labelling"] == 0
    assert found["annotators_needed"] == found["labelling_at_wanted"] == np.inf


def test_an_uncertain_accuracy_spreads_the_number_needed() -> None:
    outcome = simulate(CALCULATOR, read(data_sets=[labelled()], accuracy="70% to 95%"), draws=2_000, seed=3)
    low, high = outcome.quantiles("annotators_needed", (0.1, 0.9))
    assert low < outcome.case.outputs["annotators_needed"] < high


# What it says and refuses


def test_the_answer_gives_the_range_only_where_there_is_one() -> None:
    certain = {"data_sets": [labelled(annotators=3)], "accuracy": 0.8, "wanted_accuracy": 0.8, **NO_STORAGE}
    said = say(CALCULATOR.answer(simulate(CALCULATOR, read(**certain), draws=50, seed=1)))
    assert said == "The data cost $300: 1,000 usable items at $0.3 each."
    spread = {**certain, "data_sets": [labelled(label_price="0.1 to 0.3")]}
    assert "nine times in ten between $100 and $300" in say(
        CALCULATOR.answer(simulate(CALCULATOR, read(**spread), draws=4_000, seed=1))
    )
    free = {**certain, "data_sets": [labelled(label_price=0)]}
    assert CALCULATOR.answer(simulate(CALCULATOR, read(**free), draws=50, seed=1)).text == words.FREE


def test_notices_name_the_data_set() -> None:
    def texts(*rows: dict[str, Any], **changed: Any) -> dict[str, str]:
        given = {"accuracy": 0.9, "wanted_accuracy": 0.97, "data_sets": list(rows), **changed}
        return {notice.text: say(notice) for notice in evaluate(CALCULATOR, read(**given)).notices}

    assert texts(labelled(annotators=3)) == {}  # 3 votes: 0.972
    assert texts(labelled(name="A", annotators=1))[words.TOO_FEW] == (
        "A: asking 1 for each label makes 90% of them right; asking 3 reaches 97%."
    )
    assert texts(labelled(name="B", annotators=7))[words.TOO_MANY] == (
        "B: asking 3 for each label reaches 97%; asking 7 costs $400 more than needed."
    )
    assert set(texts(labelled(annotators=4))) == {words.EVEN, words.TOO_MANY}
    assert words.EVEN not in texts(labelled(annotators=4), classes=3)
    assert words.DISAGREE in texts(labelled(annotators=1), accuracy=0.8, wanted_accuracy=0.5)
    assert words.GUESSING in texts(labelled(annotators=1), accuracy=0.5, wanted_accuracy=0.5)


def refused(**given: Any) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as caught:
        evaluate(CALCULATOR, read(**given))
    return {path: [str(problem) for problem in problems] for path, problems in caught.value.problems.items()}


def test_no_data_sets_are_refused() -> None:
    assert refused(data_sets=[]) == {"data_sets": [words.NO_SETS]}


@pytest.mark.parametrize("kept", [0, "0%", -0.1, "120%", "all"])
def test_a_share_kept_that_cannot_be_is_refused(kept: Any) -> None:
    (path,) = refused(data_sets=[labelled(kept=kept)])
    assert path == "data_sets.0.kept"


def test_an_accuracy_that_no_vote_reaches_is_refused_with_the_best() -> None:
    (said,) = refused(data_sets=[labelled()], accuracy=0.6, wanted_accuracy=0.95)["wanted_accuracy"]
    assert "60%" in said
    assert "a vote of 25 reaches 84.6% at best" in said  # binomial: 13 and more of 25 at 0.6
    (said,) = refused(data_sets=[labelled()], accuracy=0.4, wanted_accuracy=0.5)["wanted_accuracy"]
    assert "a vote of 1 reaches 40% at best" in said  # more of them only make it worse


@pytest.mark.parametrize(
    ("field", "value"),
    [("annotators", 0), ("annotators", 26), ("annotators", 2.5), ("wanted", 0), ("source", "stolen")],
)
def test_other_rows_that_cannot_be_are_refused(field: str, value: Any) -> None:
    assert list(refused(data_sets=[labelled(**{field: value})])) == [f"data_sets.0.{field}"]
