"""The three families of measured training time: what they hold, and how well models left out are predicted."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from portal.planning import catalog, evidence
from portal.planning.catalog.runs import RUNS
from portal.planning.evidence.coefficients import fitted, predictions
from portal.planning.evidence.families import training_runs, training_steps, training_throughput
from portal.planning.evidence.family import Case, Family
from portal.planning.evidence.validation import Score, score

STEPS, THROUGHPUT, RUN = (module.FAMILIES[0] for module in (training_steps, training_throughput, training_runs))
ALL = [STEPS, THROUGHPUT, RUN]


@pytest.fixture(scope="module")
def cases() -> dict[str, list[Case]]:
    return {family.slug: list(family.read()) for family in ALL}


def scored(family: Family, cases: dict[str, list[Case]]) -> Score:
    """As the table of predictions that ``refit`` wrote has it."""
    known = predictions()[family.slug]
    return score(cases[family.slug], [known[case.key] for case in cases[family.slug]])


class TestEveryFamily:
    @pytest.mark.parametrize("family", ALL, ids=lambda family: family.slug)
    def test_cases_are_whole(self, family: Family, cases: dict[str, list[Case]]) -> None:
        own = cases[family.slug]
        assert len({case.key for case in own}) == len(own)
        assert all(case.source and case.as_of[:2] == "20" and case.measured > 0 for case in own)

    @pytest.mark.parametrize("family", ALL, ids=lambda family: family.slug)
    def test_every_coefficient_has_a_meaning(self, family: Family) -> None:
        assert set(fitted(family.slug)) == set(family.meanings)

    @pytest.mark.parametrize("family", ALL, ids=lambda family: family.slug)
    def test_predictions_are_of_these_cases(self, family: Family, cases: dict[str, list[Case]]) -> None:
        assert set(predictions()[family.slug]) == {case.key for case in cases[family.slug]}

    @pytest.mark.parametrize("family", ALL, ids=lambda family: family.slug)
    def test_better_than_the_rule_of_thumb(self, family: Family, cases: dict[str, list[Case]]) -> None:
        own, known = cases[family.slug], predictions()[family.slug]
        rule = [abs((known[case.key].rule or np.inf) / case.measured - 1) for case in own]
        assert scored(family, cases).median < np.median(rule)

    @pytest.mark.parametrize(
        ("family", "table"),
        [(STEPS, "training_steps"), (THROUGHPUT, "training_throughput")],
        ids=["steps", "throughput"],
    )
    def test_another_table_in_the_same_columns_can_be_scored(self, family: Family, table: str, tmp_path: Path) -> None:
        lines = (Path(evidence.__file__).parent / "tables" / f"{table}.csv").read_text().splitlines()
        (tmp_path / "other.csv").write_text("\n".join(lines[:4]))
        others = family.read(tmp_path / "other.csv")
        assert len(others) == 3
        assert family.predict(others, fitted(family.slug)).shape == (3,)

    @pytest.mark.parametrize(
        ("family", "table", "column", "value", "told"),
        [
            (STEPS, "training_steps", "data", "3", "a batch of 2 cannot be shared by 3 replicas"),
            (STEPS, "training_steps", "milliseconds", "0", "milliseconds is 0.0, wanted a number above 0"),
            (STEPS, "training_steps", "layers", "many", "layers is 'many', wanted a whole number"),
            (THROUGHPUT, "training_throughput", "shape", "gpt-5", "shape is 'gpt-5', wanted the key of a public model"),
            (THROUGHPUT, "training_throughput", "device", "abacus", "device is 'abacus', wanted one of"),
            (THROUGHPUT, "training_throughput", "precision", "int4", "precision is 'int4', wanted one of"),
            (THROUGHPUT, "training_throughput", "devices", "7", "7 devices cannot be split by tensor 2"),
            (THROUGHPUT, "training_throughput", "recomputation", "some", "recomputation is 'some', wanted one of"),
        ],
    )
    def test_a_wrong_cell_is_refused_with_what_was_wanted(
        self, family: Family, table: str, column: str, value: str, told: str, tmp_path: Path
    ) -> None:
        lines = (Path(evidence.__file__).parent / "tables" / f"{table}.csv").read_text().splitlines()
        rows = list(csv.reader(lines[:2]))
        rows[1][rows[0].index(column)] = value
        with (tmp_path / "other.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        with pytest.raises(ValueError, match=told):
            family.read(tmp_path / "other.csv")

    @pytest.mark.parametrize(
        ("column", "value", "told"),
        [
            ("accelerator", "abacus", "'abacus' is not among the accelerators"),
            ("architecture", "gpt-5", "'gpt-5' is not among the architectures"),
            ("device_hours", "1", "wrong units or wrong hours"),
            ("source", "", "source is empty"),
        ],
    )
    def test_a_wrong_run_is_refused(self, column: str, value: str, told: str, tmp_path: Path) -> None:
        lines = (Path(catalog.__file__).parent / "runs.csv").read_text().splitlines()
        rows = list(csv.reader([lines[0], next(line for line in lines if line.startswith("OPT 175B"))]))
        rows[1][rows[0].index(column)] = value
        with (tmp_path / "other.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        with pytest.raises(ValueError, match=told):
            RUN.read(tmp_path / "other.csv")


class TestSteps:
    def test_the_bar_is_met(self, cases: dict[str, list[Case]]) -> None:
        result = scored(STEPS, cases)
        assert (result.cases, result.models) == (720, 8)
        assert STEPS.wanted_median is not None
        assert result.median <= STEPS.wanted_median

    def test_a_width_that_was_never_measured_is_predicted(self, cases: dict[str, list[Case]]) -> None:
        narrow = [case for case in cases[STEPS.slug] if case.shown["hidden"] == 1024]
        wide = [case for case in cases[STEPS.slug] if case.shown["hidden"] == 2048]
        predicted = STEPS.predict(wide, STEPS.fit(narrow))
        assert np.median(abs(predicted / [case.measured for case in wide] - 1)) < 0.06

    def test_devices_are_a_product_of_the_splits(self, cases: dict[str, list[Case]]) -> None:
        assert {case.inputs.layout.devices for case in cases[STEPS.slug]} == {2, 4, 8}


class TestThroughput:
    def test_the_bar_is_met(self, cases: dict[str, list[Case]]) -> None:
        result = scored(THROUGHPUT, cases)
        assert THROUGHPUT.wanted_median is not None
        assert result.median <= THROUGHPUT.wanted_median
        assert 0.75 <= result.coverage <= 0.87

    def test_a_published_row_is_read_as_printed(self, cases: dict[str, list[Case]]) -> None:
        # Korthikanti et al., table 5: 13.75 s for 64 sequences of GPT-3 on 64 A100 with selective recomputation.
        case = next(
            case for case in cases[THROUGHPUT.slug]
            if case.source.startswith("Korthikanti") and case.model == "GPT-3 175B"
            and case.inputs.layout.recomputation == "selective"
        )  # fmt: skip
        assert case.measured * case.inputs.millions == pytest.approx(13.75, rel=1e-3)
        assert (case.inputs.layout.tensor, case.inputs.layout.pipeline, case.inputs.layout.micro_batches) == (8, 8, 64)

    def test_no_throughput_is_above_the_peak(self, cases: dict[str, list[Case]]) -> None:
        for case in cases[THROUGHPUT.slug]:
            of = case.inputs
            flops = of.work.products + of.work.grouped + of.work.head + of.work.attention
            assert float(flops) < case.measured * of.millions, case.key

    def test_layouts_take_as_many_devices_as_there_are(self, cases: dict[str, list[Case]]) -> None:
        for case in cases[THROUGHPUT.slug]:
            assert f" on {case.inputs.layout.devices} " in case.label


class TestRuns:
    def test_the_runs_are_those_of_the_catalogue(self, cases: dict[str, list[Case]]) -> None:
        assert [case.label for case in cases[RUN.slug]] == [run.model for run in RUNS]

    def test_one_model_trained_twice_is_left_out_at_once(self, cases: dict[str, list[Case]]) -> None:
        models = {case.label: case.model for case in cases[RUN.slug]}
        assert models["Llama 3 70B"] == models["Llama 3.1 70B"]

    def test_hours_that_are_assumed_are_not_fitted(self, cases: dict[str, list[Case]]) -> None:
        assert {case.label for case in cases[RUN.slug] if not case.fitted} == {"GPT-3 175B"}

    def test_the_interval_holds_as_many_runs_as_it_says(self, cases: dict[str, list[Case]]) -> None:
        found = scored(RUN, cases)
        assert 0.75 <= found.coverage <= 0.87
        assert found.median <= 0.15

    def test_what_runs_differ_by(self) -> None:
        found = fitted(RUN.slug)
        assert found["few"] > 1 > found["unfused"]
        assert 0 < found["follows"] < 1
        assert found["used"] > 1

    def test_no_device_more_costs_days(self) -> None:
        """What few devices reach more fades beyond two nodes: more devices never lengthen a run."""
        devices = np.arange(8, 65)
        speed = devices * [training_runs.usual_utilisation(0.4, int(n), fitted(RUN.slug)) for n in devices]
        assert np.all(np.diff(speed) > -1e-9)

    def test_fp8_is_planned_as_such(self, cases: dict[str, list[Case]]) -> None:
        plan = next(case for case in cases[RUN.slug] if case.label == "DeepSeek-V3").inputs
        sixteen = training_runs.planned(replace(plan.run, precision="bf16"), fitted(THROUGHPUT.slug))
        assert plan.reached > 1.1 * sixteen.reached

    def test_a_model_whose_throughput_was_measured_is_planned_without_it(self, cases: dict[str, list[Case]]) -> None:
        own = {case.label: case for case in cases[RUN.slug]}
        measured, other = training_runs.unseen([own["MPT-7B"], own["YaLM 100B"]])
        assert measured.inputs.reached != own["MPT-7B"].inputs.reached
        assert other.inputs == own["YaLM 100B"].inputs

    @pytest.mark.parametrize(
        ("column", "value", "told"),
        [
            ("precision", "int4", "precision is 'int4', wanted one of bf16, fp16, fp8, or nothing"),
            ("fused", "often", "fused is 'often', wanted one of yes, no, or nothing"),
            ("counted", "somehow", "counted is 'somehow', wanted one of calendar, used, steps, or nothing"),
            ("device_hours", "1", "would have reached"),
            ("accelerator", "abacus", "'abacus' is not among the accelerators"),
        ],
    )
    def test_a_wrong_run_is_refused(self, column: str, value: str, told: str, tmp_path: Path) -> None:
        rows = runs_table()
        rows[3][column] = value
        with pytest.raises(ValueError, match=re.escape(told)):
            RUN.read(written(tmp_path, rows))

    def test_a_table_that_does_not_say_how_hours_were_counted_is_read(self, tmp_path: Path) -> None:
        rows = [{k: v for k, v in row.items() if k not in ("precision", "fused", "counted")} for row in runs_table()]
        read = {case.label: case.inputs.run for case in RUN.read(written(tmp_path, rows))}
        assert len(read) == len(RUNS)
        assert read["LLaMA 65B"].counted == read["MPT-7B"].counted == "calendar"
        assert read["LLaMA 13B"].counted == "used"
        assert read["DeepSeek-V3"].precision == "bf16"


def runs_table() -> list[dict[str, str]]:
    return list(csv.DictReader((Path(catalog.__file__).parent / "runs.csv").read_text().splitlines()))


def written(folder: Path, rows: list[dict[str, str]]) -> Path:
    with (folder / "runs.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder / "runs.csv"
