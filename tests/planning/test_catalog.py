"""The catalogue: complete, dated, free of the mistakes that public tables have, and loud about broken rows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mlcore.spec import params
from portal.planning.catalog import edits, tables
from portal.planning.catalog.accelerators import ACCELERATORS, PACKAGED
from portal.planning.catalog.accelerators import TABLE as DEVICES
from portal.planning.catalog.architectures import MODELS
from portal.planning.catalog.architectures import TABLE as ARCHITECTURES
from portal.planning.catalog.prices import PRICES, WINDOW_MONTHS, Price, history, market, months_between
from portal.planning.catalog.regions import REGIONS
from portal.planning.catalog.runs import RUNS
from portal.planning.compute.parameters import count
from portal.planning.engine import evaluate
from portal.planning.evidence.shapes import shape
from portal.planning.registry import all_calculators
from portal.planning.training.inputs import Inputs

# config.json of each: tokens that a layer looks back on, layers that do, layers in all.
WINDOWS = {
    "mistral-7b": (4096, 32, 32), "starcoder2-3b": (4096, 30, 30), "starcoder2-7b": (4096, 32, 32),
    "starcoder2-15b": (4096, 40, 40), "phi-3-mini-4k": (2047, 32, 32), "gemma-2-2b": (4096, 13, 26),
    "gemma-2-9b": (4096, 21, 42), "gemma-2-27b": (4096, 23, 46), "gemma-3-1b": (512, 22, 26),
    "gemma-3-4b": (1024, 29, 34), "gemma-3-12b": (1024, 40, 48), "gemma-3-27b": (1024, 52, 62),
    "gpt-oss-20b": (128, 12, 24), "gpt-oss-120b": (128, 18, 36),
}  # fmt: skip
# Published totals of Gemma 3 (Hugging Face, safetensors), which count the image encoder too.
GEMMA_3 = {"gemma-3-4b": 4_300_079_472, "gemma-3-12b": 12_187_325_040, "gemma-3-27b": 27_432_406_640}
IMAGE_ENCODER, IMAGE_WIDTH = 416_866_032, 1152

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


def test_windows_are_those_of_the_published_configurations() -> None:
    shapes = {key: model.architecture for key, model in MODELS.items() if model.architecture.window}
    assert {key: (arch.window, arch.windowed_layers, arch.layers) for key, arch in shapes.items()} == WINDOWS


@pytest.mark.parametrize("key", GEMMA_3)
def test_gemma_3_is_its_published_total_less_the_image_encoder(key: str) -> None:
    arch = MODELS[key].architecture
    projector = IMAGE_WIDTH * arch.hidden + IMAGE_WIDTH
    assert count(arch).total + IMAGE_ENCODER + projector == GEMMA_3[key]


def without_window(key: str) -> edits.Edits:
    cells = ARCHITECTURES.packaged_cells(key)
    assert cells is not None
    return {"architectures": {key: {**cells, "window": "", "windowed_layers": ""}}}


def values(slug: str, **inputs: Any) -> Mapping[str, Any]:
    calculator = all_calculators()[slug]
    return evaluate(calculator, calculator.inputs(**inputs)).outputs


def test_attention_of_a_run_follows_the_window() -> None:
    """Of 32,768 tokens one meets all before it in 5 layers; in 29 at most 1,024: 2 × 1024 − 1024² ÷ 32768 = 2016."""
    given = {"architecture": "gemma-3-4b", "sequence_length": 32_768, "global_batch": 128}
    windowed = values("training-run", **given)["attention_flops_per_token"]
    with edits.tried(without_window("gemma-3-4b")):
        whole = values("training-run", **given)["attention_flops_per_token"]
    assert windowed / whole == pytest.approx((5 * 32_768 + 29 * 2016) / (34 * 32_768))


def test_attention_of_a_fine_tune_follows_the_window() -> None:
    """Beyond 4,096 tokens nothing more is met: the forward pass of a token grows no more than its window."""
    given = {"architecture": "mistral-7b", "sequence_length": 16_384}
    forward = "forward_flops_per_token"
    windowed = values("fine-tune", **given)[forward]
    with edits.tried(without_window("mistral-7b")):
        whole = values("fine-tune", **given)[forward]
    unmet = 32 * (16_384 - (2 * 4096 - 4096**2 / 16_384)) / 2  # keys a token, over 32 layers
    assert whole - windowed == pytest.approx(2 * 2 * 32 * 128 * unmet)  # scores and values, 32 heads of 128


def test_the_cache_of_served_requests_follows_the_window() -> None:
    given = {"architecture": "gpt-oss-120b"}
    windowed = values("serving", **given)
    with edits.tried(without_window("gpt-oss-120b")):
        whole = values("serving", **given)
    assert windowed["cache_memory"] < 0.6 * whole["cache_memory"], "half of the layers keep 128 tokens"
    assert windowed["at_once"] > whole["at_once"]


def test_a_window_no_shorter_than_the_sequence_changes_nothing() -> None:
    given = {"architecture": "mistral-7b", "sequence_length": 4096}
    windowed = values("training-run", **given)
    with edits.tried(without_window("mistral-7b")):
        assert values("training-run", **given) == windowed


def test_what_was_fitted_rests_on_packaged_rows() -> None:
    with edits.tried({"accelerators": {"h100-sxm": None}, "architectures": {"llama-3.1-8b": None}}):
        assert "h100-sxm" not in ACCELERATORS
        assert "h100-sxm" in PACKAGED
        assert all(run.accelerator is PACKAGED[run.accelerator.key] for run in RUNS)
        assert shape("llama-3.1-8b").arch.layers == 32


def test_choices_follow_the_catalogue_at_the_cost_of_a_look() -> None:
    offered = dict(next(param.choices for name, param, _ in params(Inputs) if name == "accelerator"))
    assert list(offered) == ["custom", *PACKAGED]
    with edits.tried({"accelerators": {"h100-sxm": None}}):
        shown = next(param for name, param, _ in params(Inputs) if name == "accelerator")
        assert "h100-sxm" not in dict(shown.choices)
        assert len(shown.choices) == len(offered) - 1
        assert ("h100-sxm", "NVIDIA H100 SXM 80GB") not in shown.choices
        assert bool(shown.choices)
        first = ACCELERATORS.now()
        assert ACCELERATORS.now() is first, "made once for all who read the same edits"


@pytest.mark.parametrize(
    ("table", "key", "changes", "words"),
    [
        (DEVICES, "h100-sxm", {"key": "H 100"}, "wanted small letters, digits, dots and dashes"),
        (DEVICES, "h100-sxm", {"key": "custom"}, "by which calculators mean values that are typed"),
        (DEVICES, "h100-sxm", {"bf16_tflops": "1e300"}, "wanted at most 1e[+]06"),
        (DEVICES, "h100-sxm", {"year": "22"}, "year is 22, wanted one from 1990 to 2100"),
        (ARCHITECTURES, "mistral-7b", {"window": "0"}, "cannot have a window of 0"),
        (ARCHITECTURES, "mistral-7b", {"windowed_layers": "33"}, "33 of 32 layers cannot have a window"),
        (ARCHITECTURES, "mistral-7b", {"window": "-1"}, "window is '-1', wanted a whole number"),
        (ARCHITECTURES, "mistral-7b", {"layers": "31", "windowed_layers": "31"}, "these sizes make 7,023,620,096"),
        (ARCHITECTURES, "mistral-7b", {"layers": "9" * 30}, "wanted at most 2,000"),
        (ARCHITECTURES, "mistral-7b", {"kv_heads": "0"}, "at least 1"),
        (ARCHITECTURES, "mistral-7b", {"ffn": "0"}, "wanted the width of the feed-forward block"),
        (ARCHITECTURES, "mistral-7b", {"context": ""}, "wanted the longest sequence"),
        (ARCHITECTURES, "mixtral-8x7b", {"expert_ffn": ""}, "wanted the feed-forward width of one expert"),
        (ARCHITECTURES, "deepseek-v3", {"value_dim": ""}, "wanted rope_dim, nope_dim and value_dim too"),
    ],
)
def test_a_row_that_nobody_can_compute_with_is_refused(
    table: edits.Table[Any], key: str, changes: dict[str, str], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        table.check({**(table.packaged_cells(key) or {}), **changes})


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
    assert not names & {"Llama 3 8B", "Llama 3.1 8B", "Falcon 180B", "Llama 3.3 70B", "CodeFuse 13B"}
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
