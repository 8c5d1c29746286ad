"""Families of served load and of key-value pools: what is read, fitted and predicted of models left out."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from portal.planning.compute.roofline import Served
from portal.planning.evidence.coefficients import fits, predictions
from portal.planning.evidence.families import kv_pool, serving_load
from portal.planning.evidence.family import Family
from portal.planning.evidence.registry import all_families
from portal.planning.evidence.validation import score
from portal.planning.serving.pool import GIB, tokens_that_fit

LOADS = ("served-between-tokens", "served-end-to-end", "served-first-token")
ALL = ("kv-pool", *LOADS)
TABLES = Path(serving_load.__file__).parent.parent / "tables"


def left_out_errors(family: Family, rival: str) -> tuple[float, float]:
    """Mean error of ours and of a rival's predictions of the same cases."""
    cases = [case for case in family.read() if rival in case.rivals]
    ours = [predictions()[family.slug][case.key].predicted / case.measured - 1 for case in cases]
    theirs = [case.rivals[rival] / case.measured - 1 for case in cases]
    return float(np.mean(np.abs(ours))), float(np.mean(np.abs(theirs)))


@pytest.mark.parametrize("slug", ALL)
def test_models_that_were_left_out_are_predicted_within_the_bar(slug: str) -> None:
    family = all_families()[slug]
    cases = family.read()
    result = score(cases, [predictions()[slug][case.key] for case in cases])
    assert family.wanted_median
    assert result.median <= family.wanted_median
    assert result.coverage >= 0.75


@pytest.mark.parametrize("slug", ALL)
def test_the_tables_hold_what_a_fit_gives_today(slug: str) -> None:
    family = all_families()[slug]
    cases = family.read()
    assert family.fit(cases) == pytest.approx(fits()[slug].values, rel=1e-3)
    model = cases[0].model
    own = [case for case in cases if case.model == model]
    predicted = family.predict(own, family.fit([case for case in cases if case.model != model]))
    assert predicted == pytest.approx([predictions()[slug][case.key].predicted for case in own], rel=1e-3)


@pytest.mark.parametrize(
    ("slug", "rival"),
    [
        ("kv-pool", "llm-d planner"),
        *((slug, rival) for slug in LOADS for rival in ("BLIS trained physics", "AIConfigurator", "llm-optimizer")),
    ],
)
def test_models_that_were_left_out_are_predicted_better_than_by_rivals(slug: str, rival: str) -> None:
    ours, theirs = left_out_errors(all_families()[slug], rival)
    assert ours < theirs


def test_tokens_that_fit_are_those_that_the_log_printed() -> None:
    with (TABLES / "kv_pool.csv").open(encoding="utf-8", newline="") as file:
        printed = {row["key"]: row for row in csv.DictReader(file) if row["tokens"]}
    cases = [case for case in kv_pool.read() if case.key in printed]
    assert len(cases) >= 6
    for case in cases:
        row = printed[case.key]
        model = Served(arch=case.inputs.arch, weight_bytes=2.0, cache_bytes=float(row["cache_bytes"]))
        pool = predictions()["kv-pool"][case.key].predicted * GIB
        assert tokens_that_fit(model, case.inputs.engine, pool) == pytest.approx(int(row["tokens"]), rel=0.01)


def test_the_three_means_share_one_fit() -> None:
    assert fits()[LOADS[0]].values == fits()[LOADS[1]].values == fits()[LOADS[2]].values


def test_coefficients_are_physical() -> None:
    load = fits()[LOADS[0]].values
    for name in ("weight_bandwidth", "cache_bandwidth", "compute", "link_bandwidth", "written"):
        assert 0.3 < load[name] < 1
    assert 2 < load["waited_steps"] < 3  # half a step, one that was prepared, its own
    pool = fits()["kv-pool"].values
    assert 1 < pool["logit_copies"] < 6
    assert 0 < pool["single_other"] < pool["split_other"] < 4


def test_no_run_is_there_twice() -> None:
    for slug in ALL:
        keys = [case.key for case in all_families()[slug].read()]
        assert len(set(keys)) == len(keys)
    runs = [(case.model, case.hardware, *case.shown.values(), case.measured) for case in serving_load.read("end")]
    assert len(set(runs)) == len(runs)


@pytest.mark.parametrize("metric", serving_load.METRICS)
def test_a_rate_beyond_the_server_is_predicted_at_its_limit(metric: serving_load.Metric) -> None:
    case = serving_load.read(metric)[0]
    coefficients = fits()[LOADS[0]].values

    def at(rate: float) -> float:
        hurried = replace(case.inputs, rate=rate)
        return float(serving_load.predict(metric, [replace(case, inputs=hurried)], coefficients)[0])

    waits = [at(rate) for rate in (0.1, 8.0, 20.0, 60.0, 1e3, 1e6)]
    assert waits == sorted(waits)
    assert waits[-1] == pytest.approx(waits[-2])
    assert np.isfinite(waits).all()


def test_tables_in_the_same_columns_are_read(tmp_path: Path) -> None:
    for name, read in (("serving_load", lambda path: serving_load.read("end", path)), ("kv_pool", kv_pool.read)):
        lines = (TABLES / f"{name}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
        table = tmp_path / f"{name}.csv"
        table.write_text(lines[0] + lines[-1], encoding="utf-8")
        assert [case.key for case in read(table)] == [lines[-1].split(",")[0]]


def test_a_precision_that_the_device_lacks_is_refused(tmp_path: Path) -> None:
    lines = (TABLES / "serving_load.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    row = next(line for line in lines if ",a100-80," in line).replace(",fp16,", ",fp8,")
    table = tmp_path / "wrong.csv"
    table.write_text(lines[0] + row, encoding="utf-8")
    with pytest.raises(ValueError, match="has no peak at fp8"):
        serving_load.read("first", table)
