"""What no face may take: each names the field, says what was wanted and what came, and none ever faults."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlcore.spec import NUMERIC, Kind, params
from portal.derive.query import texts
from portal.planning.registry import all_calculators
from tests.tools.conftest import Answer

Call = Callable[..., Answer]
SLUGS = list(all_calculators())

# A text that somebody types, and what the answer must say of it.
TYPED = [
    ("NaN", "got “NaN”"),
    ("inf", "got “inf”"),
    ("1e999", "between −10^18 and 10^18"),
    ("-1e999", "between −10^18 and 10^18"),
    ("9" * 5000, "at most 160 characters, got 5000"),
    ("9" * 150, "between −10^18 and 10^18"),
    ("", "got nothing"),
    ("3 bananas", "got “bananas”"),
    ("38 to 24", "from the smaller to the larger"),
    ("24 to", "got “to”"),
    ("1,5", "commas only between thousands"),
    ("24 to 38 as gamma", "got “gamma”"),
    ("<script>alert(1)</script>", "got “"),
    ("1\x00", "got"),
    ("٣٤x", "got"),
]
# A JSON body that somebody sends; {field} is a number of the calculator.
SENT = [
    ('{"{field}": NaN}', "got NaN"),
    ('{"{field}": Infinity}', "between −10^18 and 10^18"),
    ('{"{field}": 1e999}', "between −10^18 and 10^18"),
    ('{"{field}": ' + "9" * 5000 + "}", "between −10^18 and 10^18"),
    ('{"{field}": 1, "{field}": 2}', "got it twice"),
    ('{"{field}": true}', "got true or false"),
    ('{"{field}": null}', "got nothing"),
    ('{"{field}": []}', "got a list"),
    ('{"{field}": {"low": 3}}', "number for high"),
    ('{"{field}": {"low": 3, "high": 2}}', "from the smaller to the larger"),
    ('{"{field}": {"low": 1, "high": 2, "family": "gamma"}}', "got “gamma”"),
    ('{"{field}": {"low": 1, "high": 2, "mean": 1}}', "low, high, family and mode"),
    ('{"{field}x": 1}', "unknown name"),
    ('{"__proto__": 1}', "unknown name"),
    ('{"{field}": "\\ud800"}', "half of one"),
]
NO_OBJECT = ["[" * 100_000, '{"a":' * 50_000, "", "[]", "3", '"x"', "{", "{} {}", "\ufeff{}", "{'cash': 1}"]


def _field(slug: str) -> str:
    """A number that the page shows at the start, one that may be a range where there is one."""
    found = list(params(all_calculators()[slug].inputs))
    starts = {name: start for name, _, start in found}
    shown = [
        (param.fixed, param.kind is Kind.INTEGER, at, name)
        for at, (name, param, _) in enumerate(found)
        if param.kind in NUMERIC and (param.when is None or starts[param.when[0]] in param.when[1])
    ]
    return min(shown)[-1]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(("text", "words"), TYPED)
def test_typed(slug: str, text: str, words: str, api: Call, cli: Call, page: Call, fragment: Call) -> None:
    name = _field(slug)
    sent = api(slug, {name: text})
    assert sent.code == 400
    assert sent.json()["errors"][0]["pointer"] == f"#/{name}"
    detail = sent.json()["errors"][0]["detail"]
    assert words in detail
    for shown in (page(slug, {name: text}), fragment(slug, {name: text})):
        assert shown.code == 422
        # Form and address: the same words, beside the field and in the summary above, and nothing computed.
        assert html.escape(detail, quote=False).replace('"', "&quot;") in shown.text.replace("&#x27;", "'")
        assert f"f_{name}" in shown.text
        assert 'class="answer"' not in shown.text
        assert "<script>alert" not in shown.text
    if "\x00" not in text:  # no shell can pass that
        flag = cli(slug, f"--{name.replace('_', '-')}={text}")
        assert flag.code == 2
        assert flag.json()["errors"] == sent.json()["errors"]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize(("body", "words"), SENT)
def test_sent(slug: str, body: str, words: str, api: Call, cli: Call) -> None:
    body = body.replace("{field}", _field(slug))
    for action in ("evaluate", "simulate"):
        refused = api(slug, body, action)
        assert refused.code == 400
        assert words in refused.json()["errors"][0]["detail"]
        assert refused.json()["errors"][0]["pointer"].startswith("#/")
    command = cli(slug, "--json", body)
    assert command.code == 2
    assert command.json()["errors"] == refused.json()["errors"]


@pytest.mark.parametrize("body", NO_OBJECT, ids=lambda body: body[:10])
def test_bodies_that_are_no_object(body: str, api: Call, cli: Call) -> None:
    refused = api("runway", body)
    if body == "":
        assert refused.code == 200  # an empty body is an empty object: everything starts filled in
        return
    assert refused.code == 400
    assert refused.json()["code"] == "invalid"
    assert cli("runway", "--json", body).code == 2


@pytest.mark.parametrize("body", [b"\xff\xfe{\x00}\x00", '{"a":"万"}'.encode("gb18030"), b"\x1f\x8b\x08\x00"])
def test_bodies_in_other_bytes(body: bytes, api: Call) -> None:
    assert "UTF-8" in api("runway", body).json()["detail"]


def test_a_body_that_is_too_large(api: Call) -> None:
    assert api("runway", " " * 1_000_001 + "{}").code == 413


@pytest.mark.parametrize(
    ("rows", "path", "words"),
    [
        ([{}] * 41, "one_offs", "at most 40 items, got 41"),
        ([{"month": 0}], "one_offs.0.month", "at least 1"),
        ([{"month": 13.5}], "one_offs.0.month", "whole number"),
        ([{}, {"amount": "x"}], "one_offs.1.amount", "got “x”"),
        ([{"label": "a\u202eb"}], "one_offs.0.label", "control characters"),
        ([{"label": "a" * 121}], "one_offs.0.label", "at most 120 characters"),
        ([1], "one_offs.0", "object"),
        ([{"x": 1}], "one_offs.0.x", "unknown name"),
        ({}, "one_offs", "got an object"),
        ("x", "one_offs", "got text"),
    ],
)
def test_tables(rows: Any, path: str, words: str, api: Call, cli: Call, page: Call) -> None:
    refused = api("runway", {"one_offs": rows}).json()
    assert refused["status"] == 400
    assert refused["errors"][0]["pointer"] == "#/" + path.replace(".", "/")
    assert words in refused["errors"][0]["detail"]
    assert cli("runway", "--json", json.dumps({"one_offs": rows})).json()["errors"] == refused["errors"]
    assert page("runway", {"one_offs": json.dumps(rows)}).code == 422


@pytest.mark.parametrize("day", ["2027-02-30", "2027", "0000-01-01", "27-1-1", "2027-01-01T00:00", "９９９９-01-01"])
def test_days(day: str, api: Call, page: Call, cli: Call) -> None:
    refused = api("runway", {"first_month": day}).json()
    assert refused["errors"][0]["pointer"] == "#/first_month"
    assert page("runway", {"first_month": day}).code == 422
    assert cli("runway", f"--first-month={day}").code == 2


@pytest.mark.parametrize(
    ("query", "name"),
    [("draws=1", "draws"), ("draws=100001", "draws"), ("draws=x", "draws"), ("draws=", "draws"), ("draws=2.5", "draws"),
     ("seed=-1", "seed"), ("seed=4294967296", "seed"), ("seed=NaN", "seed"), ("draws=" + "9" * 5000, "draws")],
)  # fmt: skip
def test_controls_of_a_simulation(query: str, name: str, api: Call) -> None:
    refused = api("runway", {}, "simulate", f"?{query}")
    assert refused.code == 400
    assert refused.json()["errors"][0]["pointer"] == f"#/{name}"


@pytest.mark.parametrize("value", ["1", "x", "", "-3", "9" * 5000, "1.5", "NaN"])
def test_controls_of_the_page_never_break_it(value: str, fragment: Call, page: Call) -> None:
    for name in ("draws", "seed", "baseline", "add", "remove"):
        assert fragment("runway", {name: value}).code == 200
        assert page("runway", {name: value}).code == 200


@pytest.mark.parametrize("baseline", ["[1]", '{"runway": "x"}', '{"runway": NaN}', '{"runway": 1e999}', "[" * 50_000])
def test_a_damaged_baseline_is_none(baseline: str, fragment: Call) -> None:
    assert fragment("runway", {"baseline": baseline}).code == 200


def test_unknown_calculators(client: Any, cli: Call) -> None:
    for url in ("/tools/nope/", "/tools/nope/results", "/docs/calculators/nope"):
        assert client.get(url).status_code == 404
    for url in ("/api/v1/calculators/nope/", "/api/v1/calculators/nope/evaluate", "/api/v1/nope"):
        response = client.post(url, "{}", content_type="application/json") if "evaluate" in url else client.get(url)
        assert response.status_code == 404
        assert response["Content-Type"] == "application/problem+json"
    refused = cli("nope")
    assert refused.code == 2
    assert re.search("Wanted one of .*runway", refused.text)


@pytest.mark.parametrize("slug", SLUGS)
def test_any_json_is_answered_or_refused(slug: str, api: Call) -> None:
    names = [name for name, _, _ in params(all_calculators()[slug].inputs)]
    scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
    values = st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["low", "high", "family", "month", "amount", "x"]), inner, max_size=3)
        ),
        max_leaves=6,
    )

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.dictionaries(st.sampled_from(names), values, max_size=4))
    def check(body: dict[str, Any]) -> None:
        answer = api(slug, body)
        assert answer.code in (200, 400), answer.text

    check()


@pytest.mark.parametrize("slug", SLUGS)
def test_any_form_is_answered_or_refused(slug: str, fragment: Call) -> None:
    names = sorted(texts(all_calculators()[slug].inputs, {}))

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.dictionaries(st.sampled_from(names), st.text(max_size=20), max_size=4))
    def check(query: dict[str, str]) -> None:
        assert fragment(slug, {**query, "draws": "50"}).code in (200, 422)

    check()
