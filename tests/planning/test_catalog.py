"""The catalogue: complete, dated, free of the mistakes that public tables have, and loud about broken rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from portal.planning.catalog import tables
from portal.planning.catalog.accelerators import ACCELERATORS
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.prices import PRICES, WINDOW_MONTHS, Price, history, market, months_between
from portal.planning.catalog.regions import REGIONS
from portal.planning.catalog.runs import RUNS
from portal.planning.compute.parameters import count

EARLIEST, LATEST = date(2015, 1, 1), date(2026, 12, 1)


def test_every_row_is_dated_and_has_a_source() -> None:
    rows = [*ACCELERATORS.values(), *MODELS.values(), *PRICES, *RUNS, *REGIONS.values()]
    assert len(rows) > 300
    for row in rows:
        assert EARLIEST <= row.as_of <= LATEST, row
        assert len(row.source) > 5, row


def test_accelerators_have_plausible_dense_figures() -> None:
    assert len(ACCELERATORS) >= 25
    for device in ACCELERATORS.values():
        assert device.memory_gb * 0.9 <= device.memory_gib <= device.memory_gb * 1.075, device
        assert device.fp8_tflops is None or 0.99 <= device.fp8_tflops / device.bf16_tflops <= 2.1, device
        assert device.fp32_tflops is None or device.fp32_tflops < device.bf16_tflops, device
        assert 70 <= device.design_power_w <= 1500
        # FLOPs a byte of memory traffic: a sparse peak typed by mistake would stand out
        assert 30 < device.bf16_tflops * 1e3 / device.bandwidth_gbs < 700, device
    h100 = ACCELERATORS["h100-sxm"]
    assert (h100.bf16_tflops, h100.fp8_tflops, h100.memory_gib) == (989, 1979, 79.19)
    assert h100.peak_tflops("pure_bf16") == h100.peak_tflops("bf16") == 989
    assert ACCELERATORS["a100-80"].peak_tflops("fp8") is None


def test_models_are_many_and_meet_their_published_counts() -> None:
    assert len(MODELS) >= 40
    assert count(MODELS["llama-2-7b"].architecture).total == 6_738_415_616
    assert sum(model.architecture.experts is not None for model in MODELS.values()) >= 8
    assert len({model.name for model in MODELS.values()}) == len(MODELS)


def test_the_market_is_the_newest_offer_of_each_seller_in_18_months() -> None:
    offers = market("h100-sxm", "on_demand")
    assert len(offers) >= 10
    assert [offer.usd_per_hour for offer in offers] == sorted(offer.usd_per_hour for offer in offers)
    assert len({offer.seller for offer in offers}) == len(offers)
    newest = max(offer.as_of for offer in offers)
    for offer in offers:
        assert months_between(offer.as_of, newest) <= WINDOW_MONTHS
        later = [p for p in PRICES if _same_offer(p, offer) and p.as_of > offer.as_of]
        assert not later
    assert market("gaudi-3", "on_demand") == ()


def _same_offer(one: Price, other: Price) -> bool:
    return (one.accelerator, one.seller, one.kind) == (other.accelerator, other.seller, other.kind)


def test_prices_of_h100_fell_and_rose_again() -> None:
    contract = [price.usd_per_hour for price in history("h100-sxm") if price.kind == "contract_1y"]
    assert contract == [1.7, 2.35, 2.65]
    dates = [price.as_of for price in history("h100-sxm")]
    assert dates == sorted(dates)
    assert dates[0].year < 2024


def test_a_seller_has_one_price_of_a_kind_in_a_month() -> None:
    keys = [(p.accelerator, p.seller, p.kind, p.as_of) for p in PRICES]
    assert len(set(keys)) == len(keys)


def test_published_runs_leave_out_known_traps_and_repeats() -> None:
    assert len(RUNS) >= 30
    names = {run.model for run in RUNS}
    assert not names & {"Llama 3 8B", "Llama 3.1 8B", "Falcon 180B", "Llama 3.3 70B"}
    hours = [(run.device_hours, run.tokens) for run in RUNS]
    assert len(set(hours)) == len(hours)
    for run in RUNS:
        assert run.parameters >= run.active_parameters > 0


def test_a_run_without_known_shape_is_counted_by_6_n_d() -> None:
    yalm = next(run for run in RUNS if run.model == "YaLM 100B")
    assert yalm.flops(causal=True) == yalm.flops(causal=False) == 6 * 100e9 * 300e9
    hours = yalm.device_hours_at(0.5, 1.2, causal=True)
    assert hours == pytest.approx(6 * 100e9 * 300e9 / (312e12 * 0.5 * 3600) * 1.2)


def test_grids_differ_twentyfold() -> None:
    assert len(REGIONS) >= 20
    assert REGIONS["usa"].grams_per_kwh == 369
    assert max(r.grams_per_kwh for r in REGIONS.values()) > 20 * min(r.grams_per_kwh for r in REGIONS.values())


GOOD = "key,value,source,as_of\na,1,somewhere,2026-01\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.replace("somewhere", ""), "line 2: source is empty"),
        (GOOD.replace("2026-01", "2026"), "line 2: as_of is .2026., wanted a month"),
        (GOOD.replace(",1,", ",-1,"), "line 2: value is -1.0, wanted a number above 0"),
        (GOOD.replace(",1,", ",nan,"), "line 2: value is nan"),
        (GOOD.replace(",1,", ",x,"), "line 2: value is .x., wanted a number"),
        (GOOD.replace("2026-01", "2026-01,more"), "line 2: wanted 4 cells"),
        (GOOD.replace(",2026-01", ""), "line 2: wanted 4 cells"),
    ],
)
def test_a_broken_row_stops_the_start_with_file_and_line(
    text: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sample.csv").write_text(text)
    monkeypatch.setattr(tables, "files", lambda package: tmp_path)
    with pytest.raises(RuntimeError, match=f"catalog/sample.csv, {words}"):
        tables.read("sample", lambda row: row.number("value"))


def test_a_good_table_reads_and_repeated_keys_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sample.csv").write_text(GOOD + "a,2,elsewhere,2026-02\n")
    monkeypatch.setattr(tables, "files", lambda package: tmp_path)
    rows = tables.read("sample", lambda row: (row.text("key"), row.number("value"), row.month()))
    assert rows == (("a", 1.0, date(2026, 1, 1)), ("a", 2.0, date(2026, 2, 1)))
    with pytest.raises(RuntimeError, match="two rows are called 'a'"):
        tables.by_key("sample", rows, lambda row: row[0])


def test_cells_say_what_is_wrong_with_them() -> None:
    row = tables.Row({"flag": "maybe", "count": "-1", "empty": ""})
    for read, words in (
        (lambda: row.flag("flag"), "wanted yes or no"),
        (lambda: row.count("count"), "a whole number, 0 or more"),
        (lambda: row.text("empty"), "empty is empty"),
    ):
        with pytest.raises(ValueError, match=words):
            read()
    assert row.known("empty") is None
    assert row.count("empty") == 0
