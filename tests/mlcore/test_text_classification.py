"""The task as a worker calls it: train, classify with the result, compare, and refuse what cannot be."""

from __future__ import annotations

import hashlib
import json
import math
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from mlcore.data.labelled import Labelled, Parts
from mlcore.device import Device
from mlcore.models.saved_classifier import files, load_classifier
from mlcore.progress import Cancelled, Quiet
from mlcore.reading import Invalid, read_inputs
from mlcore.registry import all_tasks
from mlcore.storage import Damaged
from mlcore.tasks.text_classification import compare, models
from mlcore.tasks.text_classification import run as run_module
from mlcore.tasks.text_classification.baseline import Baseline
from mlcore.tasks.text_classification.compare import evaluate
from mlcore.tasks.text_classification.run import classify, train
from mlcore.tasks.text_classification.sizes import SIZES
from mlcore.tasks.text_classification.spec import (
    CLASSIFY,
    EVALUATE,
    TASK,
    TRAIN,
    ClassifyInputs,
    EvaluateInputs,
    TrainInputs,
)

SMALLEST = {
    "classic": {"width": 8, "dropout": 0.1},
    "transformer": {"width": 16, "layers": 1, "heads": 2, "ffn": 16, "dropout": 0.1},
}
INPUTS = TrainInputs(
    data="upload", kind="classic", length=16, epochs=20, batch=16, learning_rate=0.01, hidden_words=0.1, patience=0
)
GOOD, BAD = ("lovely", "fresh", "tasty"), ("stale", "bitter", "awful")
PLAIN = ("the", "tea", "was", "in", "a", "box", "and", "it", "came", "by", "post", "today")


class Stopping(Quiet):
    """Is cancelled at the n-th check."""

    def __init__(self, folder: Path, stop_at: int) -> None:
        super().__init__(folder)
        self.left = stop_at

    def check(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Cancelled


def sentences(count: int, seed: int = 1) -> list[tuple[str, str]]:
    """Different sentences of two classes, which one word in each tells apart."""
    draw = random.Random(seed)
    rows = []
    for number in range(count):
        label, words = ("great", GOOD) if number % 2 else ("other", BAD)
        rest = " ".join(draw.choice(PLAIN) for _ in range(6))
        rows.append((f"{rest} {draw.choice(words)} {draw.choice(('indeed', 'really'))} {number}", label))
    return rows


def write_table(path: Path, rows: list[tuple[str, str]]) -> Path:
    path.write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in rows))
    return path


def labelled(rows: list[tuple[str, str]]) -> Labelled:
    labels = np.array([label == "great" for _, label in rows], dtype=np.int64)
    return Labelled(tuple(text for text, _ in rows), labels, ("other", "great"))


@pytest.fixture(autouse=True, scope="module")
def one_core_and_small_models(cpu: Device) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for module in (run_module, models, compare):
            patch.setattr(module, "pick", lambda: cpu)
        patch.setattr(run_module, "matmul_peak", lambda device: 1e12)
        for kind, size in SMALLEST.items():
            patch.setitem(SIZES[kind], "small", size)
        yield


@pytest.fixture(scope="module")
def upload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_table(tmp_path_factory.mktemp("upload") / "table.csv", sentences(300))


@pytest.fixture(scope="module", params=["classic", "transformer"])
def ended(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, upload: Path
) -> tuple[Quiet, dict[str, Any], TrainInputs]:
    """A training run that has ended, what it returned, and its inputs."""
    progress = Quiet(tmp_path_factory.mktemp("run"))
    inputs = replace(INPUTS, kind=request.param)
    return progress, train(inputs, progress, upload=upload, price_per_hour=0.36), inputs


def test_the_task_is_found_and_light() -> None:
    assert all_tasks()["text-classification"] is TASK
    code = (
        "import sys; from mlcore.registry import all_tasks; import mlcore.tasks.text_classification.quote; all_tasks();"
        "heavy = {'torch', 'numpy', 'transformers', 'tokenizers', 'sklearn', 'captum'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


# Training


def test_a_training_run_learns_and_answers_all_that_it_declares(
    ended: tuple[Quiet, dict[str, Any], TrainInputs],
) -> None:
    progress, result, inputs = ended
    assert set(result) == {*TRAIN.results, "artifacts"}
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["accuracy"] > 0.9
    assert result["commonest_share"] == 0.5
    assert result["accuracy_low"] < result["accuracy"] <= result["accuracy_high"] <= 1
    assert np.sum(result["confusion"]["grid"]["values"]) == result["test_texts"] == 30
    assert (result["texts"], result["kind"]) == (243, inputs.kind)
    assert result["steps"] == math.ceil(20 * 243 / 16)
    config = load_classifier(progress.folder).network.config
    per_text = config.training_flops_per_text()
    assert result["achieved_flops"] == pytest.approx(result["reviews_per_second"] * per_text)
    assert result["share_of_peak"] == pytest.approx(result["achieved_flops"] / 1e12)
    assert result["usd"] == pytest.approx(result["seconds"] / 3600 * 0.36)
    assert all((progress.folder / file).is_file() for file in result["artifacts"].values())


def test_its_curves_are_live(ended: tuple[Quiet, dict[str, Any], TrainInputs]) -> None:
    steps = [data for kind, data in ended[0].events if kind == "step"]
    assert any({"loss", "learning_rate"} <= set(step) for step in steps)
    assert any({"validation_loss", "validation_accuracy"} <= set(step) for step in steps)


def test_what_nobody_stated_is_unknown_not_free(quiet: Quiet, upload: Path) -> None:
    result = train(replace(INPUTS, epochs=1), quiet, upload=upload)
    assert (result["usd"], result["usd_per_device_hour"]) == (None, None)


@pytest.mark.parametrize("kind", ["classic", "transformer"])
def test_a_run_that_is_cancelled_ends_with_the_same_weights_bit_for_bit(
    tmp_path: Path, upload: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("mlcore.train.loop._SAVING_SHARE", 1e9)
    monkeypatch.setattr(run_module, "Recipe", lambda **given: _recipe(**given, checkpoint_seconds=0.0))
    inputs = replace(INPUTS, kind=kind, epochs=2, hidden_words=0.3)
    train(inputs, Quiet(whole := tmp_path / "whole"), upload=upload)
    parts = tmp_path / "parts"
    for stop_at in (9, 15):
        with pytest.raises(Cancelled):
            train(inputs, Stopping(parts, stop_at), upload=upload)
        assert not (parts / files()["model"]).exists()
        # A new process starts with other generators; nothing may depend on them.
        torch.manual_seed(stop_at)
    resumed = Quiet(parts)
    train(inputs, resumed, upload=upload)
    assert any(data["message"].startswith("Going on from step") for kind, data in resumed.events if kind == "log")
    assert fingerprint(parts) == fingerprint(whole)


_recipe = run_module.Recipe


def fingerprint(folder: Path) -> dict[str, str]:
    last = json.loads((folder / "checkpoints" / "last.json").read_text())
    weights = hashlib.sha256((folder / files()["weights"]).read_bytes()).hexdigest()
    return {"weights": weights, "last": last["sha256"], **{name: json.dumps(last[name]) for name in ("data", "best")}}


def test_another_share_of_hidden_words_is_another_run(quiet: Quiet, upload: Path) -> None:
    train(replace(INPUTS, epochs=1), quiet, upload=upload)
    with pytest.raises(ValueError, match="another hidden_words"):
        train(replace(INPUTS, epochs=1, hidden_words=0.5), quiet, upload=upload)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, "Your table: wanted a CSV file, got none"),
        ({"batch": 256, "length": 512}, "Batch: 256 texts of 512 are 131,072 words at once, wanted at most 32,768"),
    ],
)
def test_a_run_that_cannot_be_is_refused(quiet: Quiet, change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        train(replace(INPUTS, **change), quiet)
    assert list(quiet.folder.iterdir()) == []


def test_a_bad_table_leaves_nothing_on_disk(quiet: Quiet, tmp_path_factory: pytest.TempPathFactory) -> None:
    table = write_table(tmp_path_factory.mktemp("bad") / "table.csv", sentences(40))
    with pytest.raises(ValueError, match="Wanted at least 100 different texts"):
        train(INPUTS, quiet, upload=table)
    assert list(quiet.folder.iterdir()) == []


# Classifying


def test_a_trained_model_marks_the_word_that_decides(
    ended: tuple[Quiet, dict[str, Any], TrainInputs], quiet: Quiet
) -> None:
    given = ClassifyInputs(review="The tea came by post today LOVELY really", model="run", run="job_1")
    result = classify(given, quiet, run_folder=ended[0].folder)
    assert set(result) == set(CLASSIFY.results)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert [name for name, _ in result["classes"]] == ["great", "other"]
    assert sum(chance for _, chance in result["classes"]) == pytest.approx(1)
    marks = dict(result["marks"])
    assert max(marks, key=lambda word: marks[word]) == "LOVELY"
    assert marks["LOVELY"] == 1
    assert all(-1 <= weight <= 1 for weight in marks.values())
    assert " ".join(piece for piece, _ in result["marks"]) == given.review
    assert abs(result["delta"]) <= 0.02 * abs(result["difference"])
    assert (result["model"], result["words"], result["words_read"], result["known_share"]) == ("job_1", 8, 8, 1)


def test_the_marks_speak_for_the_likelier_class(ended: tuple[Quiet, dict[str, Any], TrainInputs], quiet: Quiet) -> None:
    given = ClassifyInputs(review="The tea came by post today awful indeed", model="run", run="job_1")
    result = classify(given, quiet, run_folder=ended[0].folder)
    assert result["classes"][0][0] == "other"
    assert dict(result["marks"])["awful"] == 1


@pytest.mark.parametrize("kind", ["transformer", "classic"])
def test_a_starter_tells_praise_from_complaint(quiet: Quiet, kind: str) -> None:
    praise = classify(ClassifyInputs(review="Delicious! My favorite, I love it. Highly recommend.", model=kind), quiet)
    complaint = classify(
        ClassifyInputs(review="Terrible. It was stale, a waste of money, I threw it away.", model=kind), quiet
    )
    assert [praise["classes"][0][0], complaint["classes"][0][0]] == ["great", "other"]
    assert min(praise["classes"][0][1], complaint["classes"][0][1]) > 0.8
    assert praise["model"] == kind


def test_a_long_text_is_read_to_the_length_of_the_model(quiet: Quiet) -> None:
    result = classify(ClassifyInputs(review="I love this tea. " * 100), quiet)
    assert (result["words"], result["words_read"], len(result["marks"])) == (500, 128, 128)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "got nothing"),
        (" \n\t ", "got nothing"),
        ("x" * 1_000_000, "at most 20,000 characters, got 1,000,000"),
        ("这家的咖啡很好喝，我每天都买！", "none of the 13 that it read"),
        ("Этот чай очень вкусный.", "none of the 4 that it read"),
        ("!!! 12 ... 😀", "none of the 0 that it read"),
        ("<br /><br />", "none of the 0 that it read"),
        ("qzxv wkjq", "none of the 2 that it read"),
    ],
)
def test_a_text_that_says_nothing_to_the_model_is_refused(quiet: Quiet, text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        classify(ClassifyInputs(review=text), quiet)


def test_the_reader_refuses_a_million_characters_before_a_worker_is_asked() -> None:
    with pytest.raises(Invalid):
        read_inputs(ClassifyInputs, {"review": "good " * 200_000})


@pytest.mark.parametrize("text", ["good" * 4_000, "good\x00 tea", "good \ud83d tea".encode("utf-8", "replace").decode(),
                                  "[PAD] [UNK] good", "good​ ﬁne", "<" * 5_000 + " good"])  # fmt: skip
def test_odd_characters_make_no_nonsense(quiet: Quiet, text: str) -> None:
    try:
        result = classify(ClassifyInputs(review=text, model="classic"), quiet)
    except ValueError as problem:
        assert "that it read" in str(problem)  # noqa: PT017 - either answer is right
    else:
        assert all(math.isfinite(weight) for _, weight in result["marks"])


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"model": "run"}, "wanted the id of a training run, got none"),
        ({"model": "run", "run": "job_9"}, "found no finished run job_9"),
    ],
)
def test_a_model_that_cannot_be_had_is_refused(quiet: Quiet, inputs: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        classify(ClassifyInputs(**inputs), quiet)
    with pytest.raises(ValueError, match=reason):
        evaluate(EvaluateInputs(**inputs), quiet)


# Comparing


@pytest.fixture(scope="module")
def small_reviews() -> Iterator[Parts]:
    """In place of the shipped reviews: quick, and the trained toy knows them."""
    parts = Parts(labelled(sentences(200)), labelled(sentences(40, 2)), labelled(sentences(120, 3)))
    baseline = Baseline(parts.training)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compare, "shipped_reviews", lambda: parts)
        patch.setattr(compare, "shipped_baseline", lambda: baseline)
        yield parts


def test_a_comparison_answers_all_that_it_declares(
    ended: tuple[Quiet, dict[str, Any], TrainInputs], quiet: Quiet, small_reviews: Parts
) -> None:
    given = EvaluateInputs(model="run", run="job_1", timed=20, misread=3)
    result = evaluate(given, quiet, run_folder=ended[0].folder, price_per_hour=0.36)
    assert set(result) == set(EVALUATE.results)
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    names = ["job_1", "Transformer encoder", "Classic network", "TF-IDF and logistic regression"]
    assert [row[0] for row in result["calibration"]["rows"]] == [row[0] for row in result["cost"]["rows"]] == names
    assert [row[0] for row in result["quality"]["rows"][::4]] == names
    for table in ("quality", "calibration", "cost", "misread"):
        assert all(len(row) == len(result[table]["columns"]) for row in result[table]["rows"])
    accuracy = {(row[0], row[1]): row[2:] for row in result["quality"]["rows"]}
    assert accuracy["job_1", "Accuracy"] == [result["accuracy"], result["accuracy_low"], result["accuracy_high"]]
    assert accuracy["TF-IDF and logistic regression", "Accuracy"][0] > 0.9
    assert result["usd_per_request"] == pytest.approx(0.36 / 3600 / result["requests_per_second"])
    assert result["cost"]["rows"][0][-1] == pytest.approx(1000 * result["usd_per_request"])
    wrong = round((1 - result["accuracy"]) * 120)
    assert len(result["misread"]["rows"]) == min(3, wrong)


def test_the_surest_errors_come_first(quiet: Quiet, small_reviews: Parts) -> None:
    result = evaluate(EvaluateInputs(model="classic", timed=20, misread=100), quiet)
    rows = result["misread"]["rows"]
    assert len(rows) == round((1 - result["accuracy"]) * 120) > 0
    surest = [row[3] for row in rows]
    assert surest == sorted(surest, reverse=True)
    truth = dict(zip(small_reviews.test.texts, small_reviews.test.labels, strict=True))
    assert all(small_reviews.test.classes[truth[row[0]]] == row[1] != row[2] for row in rows)
    grid = result["confusion"]["grid"]
    assert sum(grid["values"][at][at] for at in range(2)) == round(result["accuracy"] * 120)
    assert (result["usd_per_request"], result["cost"]["rows"][0][-1]) == (None, None)


def test_a_model_of_other_classes_is_not_compared(quiet: Quiet, tmp_path: Path, small_reviews: Parts) -> None:
    rows = [(text, {"great": "ham", "other": "spam"}[label]) for text, label in sentences(120)]
    folder = tmp_path / "run"
    train(replace(INPUTS, epochs=1), Quiet(folder), upload=write_table(tmp_path / "table.csv", rows))
    with pytest.raises(ValueError, match="wanted one that tells other from great, got one for ham, spam"):
        evaluate(EvaluateInputs(model="run", run="job_2"), quiet, run_folder=folder)


# The files of a model


@pytest.fixture
def copied(ended: tuple[Quiet, dict[str, Any], TrainInputs], tmp_path: Path) -> Path:
    """A copy of the run's folder that a test may spoil."""
    return shutil.copytree(ended[0].folder, tmp_path / "copy")


@pytest.mark.parametrize("file", list(files().values()))
def test_a_spoilt_model_is_refused(copied: Path, file: str) -> None:
    content = (copied / file).read_bytes()
    (copied / file).write_bytes(content.replace(b"e", b"f", 1))
    with pytest.raises(Damaged):
        load_classifier(copied)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"architecture": "decoder"}, "wanted a text classifier of format 1"),
        ({"classes": ["only"]}, "wanted the names of 2 classes, got 1"),
        ({"config": {"kind": "classic"}}, "wanted the sizes of a text classifier"),
    ],
)
def test_a_json_that_does_not_fit_is_refused(copied: Path, change: dict[str, Any], reason: str) -> None:
    path = copied / files()["model"]
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(Damaged, match=reason):
        load_classifier(copied)


def test_a_vocabulary_size_that_lies_is_refused_before_memory_is_taken(copied: Path) -> None:
    path = copied / files()["model"]
    about = json.loads(path.read_text())
    about["config"]["vocab"] = 10**12
    path.write_text(json.dumps(about))
    with pytest.raises(Damaged, match="parameters, got another number of weights"):
        load_classifier(copied)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Choose a run that has finished"):
        load_classifier(tmp_path)
