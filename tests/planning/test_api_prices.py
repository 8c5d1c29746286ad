"""API prices: the newest of each model, their history in both directions, and broken rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from portal.planning.catalog import tables
from portal.planning.catalog.api_prices import API_PRICES, NEWEST, _build

HEAD = "model,name,seller,weights,as_of,input,output,cached,source,note\n"


def test_every_row_is_dated_and_has_a_source() -> None:
    assert len(NEWEST) >= 25
    for price in API_PRICES:
        assert date(2024, 1, 1) <= price.as_of <= date(2026, 12, 1), price
        assert price.source.startswith("https://"), price
        assert 0.01 <= price.input <= 200, price
        assert price.output / price.input <= 10, price


def test_the_newest_price_counts() -> None:
    assert (NEWEST["gpt-5"].input, NEWEST["gpt-5"].output, NEWEST["gpt-5"].cached) == (1.25, 10, 0.125)
    history = [price for price in API_PRICES if price.model == "gpt-5.6-luna"]
    assert [price.output for price in history] == [6, 1.2]
    assert NEWEST["gpt-5.6-luna"] == history[-1]


def test_prices_also_rise() -> None:
    risen = [price.output for price in API_PRICES if price.model == "deepseek-chat"]
    assert risen == [0.28, 1.1]
    assert NEWEST["deepseek-chat"].output == 1.1


def test_without_a_price_of_cached_input_it_costs_what_input_costs() -> None:
    assert NEWEST["mixtral-8x7b"].cached == NEWEST["mixtral-8x7b"].input == 0.7


def test_a_model_has_one_name_and_one_price_in_a_month() -> None:
    keys = [(price.model, price.as_of) for price in API_PRICES]
    assert len(set(keys)) == len(keys)
    assert len({(price.model, price.name, price.weights) for price in API_PRICES}) == len(NEWEST)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("m,M,S,open,2026-08,2,1,1,https://x.example,", "input no more than output"),
        ("m,M,S,open,2026-08,1,2,1.5,https://x.example,", "cached input to cost no more"),
        ("m,M,S,maybe,2026-08,1,2,,https://x.example,", "weights is 'maybe'"),
        ("m,M,S,open,2026-08,0,2,,https://x.example,", "above 0"),
        ("m,M,S,open,2026-08,1,-2,,https://x.example,", "above 0"),
        ("m,M,S,open,,1,2,,https://x.example,", "as_of is empty"),
        ("m,M,S,open,2026-08,1,2,,,", "source is empty"),
    ],
)
def test_broken_rows_are_named(line: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "broken.csv").write_text(HEAD + line + "\n", encoding="utf-8")
    monkeypatch.setattr(tables, "files", lambda package: tmp_path)
    with pytest.raises(RuntimeError, match=r"catalog/broken.csv, line 2") as refused:
        tables.read("broken", _build)
    assert says in str(refused.value)
