"""Investor fit: what excludes and what scores, what is not known, and the sum of cheques against enumeration."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators.investor_fit import CALCULATOR
from portal.planning.engine import evaluate, simulate
from portal.planning.investing.examples import ANY_ROUND, ASKS_NOTHING, NO_WEIGHT, ROUND
from portal.planning.investing.facts import day_of, in_common, listed, names_any, same_names
from portal.planning.investing.filling import MOST_UNITS, at_least, distribution, in_units, is_exact
from portal.planning.investing.fit import CRITERIA, missing
from portal.planning.wording import say

few = settings(max_examples=40, deadline=None)
COMPLETE = {
    **ANY_ROUND, "cheque_low": 500_000, "cheque_high": 2_000_000, "ownership": 0.05, "leads": "leads",
    "sectors": "AI", "places": "Europe", "portfolio": "none", "vintage": 2026, "reserves": "yes", "compute": "credits",
    "intro": "known",
}  # fmt: skip


def read(*rows: dict[str, Any], **given: Any) -> Any:
    investors = [{"name": f"No. {at}", **row} for at, row in enumerate(rows, 1)]
    return read_inputs(CALCULATOR.inputs, {**ROUND, **given, "investors": investors})


def case(*rows: dict[str, Any], **given: Any) -> Any:
    return evaluate(CALCULATOR, read(*rows, **given))


def outputs(*rows: dict[str, Any], **given: Any) -> Any:
    return case(*rows, **given).outputs


def table(found: Any, title: str) -> dict[str, list[str]]:
    """The lines of a table by the investor in its first cell, in words."""
    rows = next(each.rows for each in found.tables if each.title == title)
    said: dict[str, list[str]] = {}
    for name, *cells in rows:
        said.setdefault(name, []).extend(say(cell) if hasattr(cell, "figures") else str(cell) for cell in cells)
    return said


# Facts as they are typed


def test_lists_are_compared_by_words_and_companies_by_names() -> None:
    assert in_common("AI, health", "AI infrastructure; chips") == ["AI"]
    assert in_common("ai INFRASTRUCTURE", "AI") == ["ai INFRASTRUCTURE"]
    assert in_common("人工智能、芯片", "芯片") == ["芯片"]
    assert in_common("Consumer AI", "enterprise AI") == []
    assert same_names("Rival One, Other", "rivalone") == ["Rival One"]
    assert same_names("Rival", "Rival One") == []
    assert listed("none, any, ") == {}
    assert names_any("Europe, any")
    assert not names_any("anything")
    assert day_of(" 2027-01-31 ").isoformat() == "2027-01-31"  # type: ignore[union-attr]
    assert day_of("  ") is None


# What excludes


def reasons_out(row: dict[str, Any], **given: Any) -> list[str]:
    return table(case({**COMPLETE, **row}, COMPLETE, **given), "Excluded, and why").get("No. 1", [])


def test_each_exclusion_has_its_reason() -> None:
    found = case(COMPLETE, COMPLETE)
    assert found.outputs["excluded"] == [False, False]
    assert "Excluded, and why" not in [each.title for each in found.tables]
    assert reasons_out({"first_round": "series_a"}) == [
        "It invests from Series A to Series C and later, and this is another: Seed round."
    ]
    assert reasons_out({"cheque_low": 5e6, "cheque_high": 5e6}) == [
        "Its smallest cheque, $5M, is larger than the round of $4M."
    ]
    assert outputs({**COMPLETE, "cheque_low": 4e6, "cheque_high": 4e6})["excluded"] == [False]
    assert reasons_out({"ownership": 0.15}) == [
        "It wants 15%, but at $20M after the money its largest cheque buys 10%."
    ]
    assert reasons_out({"portfolio": "mockstack"}) == ["It owns part of mockstack, with whom you compete."]
    assert reasons_out({"stage": "passed"}) == ["It has passed."]


def test_ownership_is_reached_or_not_by_the_price() -> None:
    # 2M buy 10% of 20M; at 16M before the money exactly, above it no longer.
    assert outputs({**COMPLETE, "ownership": 0.1})["excluded"] == [False]
    assert outputs({**COMPLETE, "ownership": 0.1}, pre_money=16_100_000)["excluded"] == [True]
    ranged = simulate(
        CALCULATOR, read({**COMPLETE, "ownership": 0.1}, pre_money="12M to 20M as uniform"), draws=2000, seed=3
    )
    assert ranged.shares("excluded")[0] == pytest.approx(0.5, abs=0.01)


def test_who_has_committed_counts_whatever_excludes_it_and_the_page_says_so() -> None:
    found = case({**COMPLETE, "stage": "committed", "portfolio": "Examplon"}, chance_committed=0.95)
    assert found.outputs["excluded"] == [True]
    assert found.outputs["committed"] == 1_250_000
    assert found.outputs["expected"] == pytest.approx(0.95 * 1_250_000)
    assert any("has committed, but" in say(notice) for notice in found.notices)


# What scores


@pytest.mark.parametrize(
    ("row", "points"),
    [
        ({}, "5 7.5 10 10 10 8 10 5 5"),
        ({"leads": "either", "sectors": "any", "places": "any", "vintage": 2025, "compute": "cluster",
          "intro": "close"}, "5 7.5 10 5 10 6 10 10 10"),
        ({"leads": "follows", "sectors": "toys", "places": "Asia", "vintage": 2015, "reserves": "no", "compute": "none",
          "intro": "cold"}, "5 7.5 0 0 0 0 0 0 0"),
        ({"cheque_high": 500_000, "amount": 1_000_000}, "2.5 7.5 10 10 10 8 10 5 5"),
        ({"cheque_low": 0, "cheque_high": 0, "amount": 1_000_000}, "2.5–10 7.5 10 10 10 8 10 5 5"),
        ({"cheque_high": 9_000_000}, "10 7.5 10 10 10 8 10 5 5"),
        ({"intro": "unknown"}, "5 7.5 10 10 10 8 10 5 0–10"),
    ],
)  # fmt: skip
def test_points_by_criterion(row: dict[str, Any], points: str) -> None:
    found = table(case({**COMPLETE, **row}), "Points by criterion")["No. 1"]
    assert found == points.split()


def test_who_is_excluded_takes_no_place_and_no_part_in_the_sums() -> None:
    best = {**COMPLETE, "intro": "close", "portfolio": "Mockstack", "amount": 3_000_000, "stage": "terms"}
    found = outputs(best, {**COMPLETE, "leads": "either"}, COMPLETE, {**COMPLETE, "intro": "cold"}, top=2)
    assert found["place"] == [np.inf, 1, 1, 3]
    assert found["among_first"] == found["among_first_at_best"] == [False, True, True, False]
    assert found["expected_of"][0] == 0
    assert found["typical_cheque"] == 1_250_000
    chance = found["expected_of"][1] / 1_250_000
    assert found["chance_lead"] == pytest.approx(1 - (1 - chance) ** 3)


# What is not known


@pytest.mark.parametrize(
    "row",
    [{"first_round": "unknown", "last_round": "seed"}, {"first_round": "seed", "last_round": "unknown"},
     {"cheque_low": 0, "cheque_high": 9_000_000, "amount": 1_000_000},
     {"stage": "committed", "ownership": 0, "portfolio": "", "first_round": "unknown"}],
)  # fmt: skip
def test_what_is_not_known_but_can_exclude_nobody_any_more(row: dict[str, Any]) -> None:
    assert outputs({**COMPLETE, **row})["doubtful"] == 0


@pytest.mark.parametrize(
    ("field", "unknown"),
    [("first_round", "unknown"), ("last_round", "unknown"), ("ownership", 0), ("leads", "unknown"), ("sectors", ""),
     ("places", ""), ("portfolio", ""), ("vintage", 0), ("reserves", "unknown"), ("compute", "unknown"),
     ("intro", "unknown"), ("cheque_high", 0)],
)  # fmt: skip
def test_a_missing_fact_is_named_and_widens_the_score_or_may_exclude(field: str, unknown: Any) -> None:
    found = case({**COMPLETE, field: unknown}, COMPLETE)
    assert missing(found.resolved.investors[0], found.resolved) == [field]
    low, high = (found.outputs[name][0] for name in ("score_low", "score_high"))
    whole = case(COMPLETE, COMPLETE)
    assert missing(whole.resolved.investors[0], whole.resolved) == []
    assert whole.outputs["score_low"] == whole.outputs["score_high"]
    assert (low < high) != (field in ("first_round", "last_round", "portfolio"))
    assert low <= whole.outputs["score"][0] <= high
    if field in ("first_round", "last_round", "portfolio", "ownership"):
        assert found.outputs["doubtful"] == 1
        assert not found.outputs["among_first_at_worst"][0]
    assert "Find out" in "".join(label for each in found.tables for label, _unit in each.columns)


def test_what_nobody_asks_for_is_not_missed() -> None:
    unknown = {**COMPLETE, "leads": "unknown", "compute": "unknown", "sectors": "", "places": "", "portfolio": ""}
    found = case(unknown, **ASKS_NOTHING)
    assert missing(found.resolved.investors[0], found.resolved) == []
    weights = dict(zip(CRITERIA, found.outputs["weights"], strict=True))
    assert [name for name, weight in weights.items() if weight == 0] == ["lead", "sector", "place", "compute"]


def test_investors_that_tie_are_all_among_the_first() -> None:
    found = outputs(COMPLETE, COMPLETE, top=1)
    assert found["among_first"] == found["among_first_at_worst"] == found["among_first_at_best"] == [True, True]


def test_the_size_of_a_fund_bounds_an_unknown_cheque() -> None:
    only_cheque = {**ASKS_NOTHING, **NO_WEIGHT, "weight_cheque": 1}
    row = {**COMPLETE, "cheque_low": 500_000, "cheque_high": 0}
    assert outputs(row, **only_cheque)["score_high"] == [10]
    assert outputs({**row, "fund_size": 20_000_000}, **only_cheque)["score_high"] == [5]
    assert outputs({**row, "fund_size": 20_000_000}, **only_cheque)["score_low"] == [1.25]


def test_the_fact_to_find_out_first_is_the_one_that_moves_the_place_most() -> None:
    # Leading weighs 8 of 10, the way in 2: the first decides between the others, the second does not.
    only = {**ASKS_NOTHING, **NO_WEIGHT, "needs_lead": True, "weight_lead": 8, "weight_intro": 2}
    known = [{**COMPLETE, "leads": "follows", "intro": "close"}, {**COMPLETE, "leads": "leads", "intro": "cold"}]
    told = table(
        case({**COMPLETE, "leads": "unknown", "intro": "unknown"}, *known, **only),
        "Reasons, and what to find out first",
    )
    assert told["No. 1"][-1] == "Leads: it may be place 1, or place 3."
    told = table(
        case({**COMPLETE, "portfolio": ""}, *known, **{**only, "competitors": "Rival"}),
        "Reasons, and what to find out first",
    )
    assert told["No. 1"][-1] == "Portfolio near you: it may be place 1, or excluded."
    assert told["No. 2"][-1] == "All that counts is known."


@pytest.mark.parametrize("top", [1, 2, 3])
def test_at_best_and_at_worst_are_the_places_after_good_and_bad_answers(top: int) -> None:
    others = [{**COMPLETE, "leads": "follows", "intro": "close"}, {**COMPLETE, "intro": "cold"}]
    unknown = outputs({**COMPLETE, "leads": "unknown", "intro": "unknown"}, *others, top=top)
    good = outputs({**COMPLETE, "leads": "leads", "intro": "close"}, *others, top=top)
    bad = outputs({**COMPLETE, "leads": "follows", "intro": "cold"}, *others, top=top)
    assert unknown["among_first_at_best"][0] == good["among_first"][0]
    assert unknown["among_first_at_worst"][0] == bad["among_first"][0]
    assert unknown["score_high"][0] == pytest.approx(good["score"][0])
    assert unknown["score_low"][0] == pytest.approx(bad["score"][0])


@few
@given(st.data())
def test_learning_a_fact_never_leads_outside_the_ends(data: st.DataObject) -> None:
    """Whatever an unknown turns out to be, the score lies between score at worst and at best."""
    answers = {
        "leads": ("leads", "follows", "either"), "sectors": ("AI infrastructure", "any", "toys"),
        "places": ("Europe", "any", "Asia"), "reserves": ("yes", "no"), "compute": ("none", "credits", "cluster"),
        "intro": ("cold", "known", "close"), "vintage": (2015, 2024, 2027), "ownership": (0.0001, 0.05, 0.3),
        "cheque_high": (500_000, 3_000_000, 9_000_000),
    }  # fmt: skip
    unknown = data.draw(st.sets(st.sampled_from(sorted(answers)), min_size=1))
    blank = {**COMPLETE, **{field: 0 if isinstance(COMPLETE[field], float | int) else "" for field in unknown}}
    blank |= dict.fromkeys(unknown & {"leads", "reserves", "compute", "intro"}, "unknown")
    learnt = {**blank, **{field: data.draw(st.sampled_from(answers[field])) for field in unknown}}
    before, after = outputs(blank), outputs(learnt)
    assert before["score_low"][0] - 1e-9 <= after["score"][0] <= before["score_high"][0] + 1e-9
    assert after["score_low"] == after["score_high"]


@few
@given(st.integers(1, 5), st.permutations(range(4)))
def test_the_order_of_the_rows_changes_nothing(top: int, order: list[int]) -> None:
    rows = [COMPLETE, {**COMPLETE, "leads": "unknown"}, {**COMPLETE, "intro": "close"}, {**COMPLETE, "ownership": 0.3}]
    plain, turned = outputs(*rows, top=top), outputs(*(rows[at] for at in order), top=top)
    for name in ("score", "place", "among_first", "among_first_at_worst", "among_first_at_best", "expected_of"):
        assert turned[name] == pytest.approx([plain[name][at] for at in order])
    assert turned["chance_filled"] == pytest.approx(plain["chance_filled"])


# The sum of the cheques


def enumerated(units: int, parts: list[int], chances: list[float]) -> list[float]:
    found = [0.0] * (units + 1)
    for come in product((0, 1), repeat=len(parts)):
        share = np.prod([chance if each else 1 - chance for each, chance in zip(come, chances, strict=True)])
        found[min(units, sum(part for each, part in zip(come, parts, strict=True) if each))] += float(share)
    return found


@few
@given(st.integers(1, 30), st.lists(st.tuples(st.integers(0, 40), st.floats(0, 1)), max_size=7))
def test_the_distribution_is_that_of_all_combinations(units: int, investors: list[tuple[int, float]]) -> None:
    parts, chances = [part for part, _ in investors], [chance for _, chance in investors]
    found = distribution(units, [min(part, units) for part in parts], np.array(chances).reshape(-1, 1))
    assert found[:, 0] == pytest.approx(enumerated(units, parts, chances), abs=1e-12)
    assert found.sum() == pytest.approx(1)
    curve = at_least(found, (0.0, 0.25, 0.5, 0.75, 1.0))[:, 0]
    assert curve[0] == pytest.approx(1)
    assert (np.diff(curve) <= 1e-12).all()


def test_many_draws_are_each_computed_alone() -> None:
    chances = np.random.default_rng(1).random((3, 2500))
    together = distribution(12, [3, 4, 9], chances)
    for at in (0, 1023, 1024, 2499):
        assert together[:, at] == pytest.approx(distribution(12, [3, 4, 9], chances[:, at : at + 1])[:, 0])


def test_units_are_exact_or_rounded_down() -> None:
    assert in_units(3_000_000, [25_000, 1_000_000]) == (120, [1, 40])
    assert is_exact(3_000_000, [25_000, 1_000_000])
    units, parts = in_units(10_000_000, [62_500, 33_333])
    assert (units, parts) == (MOST_UNITS, [2, 1])
    assert not is_exact(10_000_000, [62_500, 33_333])
    assert in_units(4_000_000, [9_000_000, 0]) == (1, [1, 0])


def test_a_list_that_is_not_enough_says_how_many_meetings_more() -> None:
    found = outputs({**COMPLETE, "stage": "terms"}, chance_terms=0.8, chance_meeting=0.1, close_by="2027-03-22")
    assert found["expected"] == pytest.approx(0.8 * 1_250_000)
    assert found["more_meetings"] == 24  # 3M ÷ (10% × 1.25M)
    assert found["meetings_a_week"] == pytest.approx(2.4)
    # 35% × 700,000 is a rounding error below 245,000, of which two are enough.
    exact = {"round_size": 490_000, "pre_money": 10e6, "chance_meeting": 0.35, "chance_listed": 0}
    assert outputs({**COMPLETE, "cheque_low": 1, "ownership": 0.01, "amount": 700_000}, **exact)["more_meetings"] == 2
    nobody = outputs({**COMPLETE, "cheque_low": 0, "cheque_high": 0})
    assert np.isinf([nobody["more_meetings"], nobody["typical_cheque"]]).all()
    assert outputs({**COMPLETE, "stage": "terms", "amount": 9e6}, chance_terms=1)["more_meetings"] == 0


# What is said


def test_warnings() -> None:
    said = [say(notice) for notice in case(
        {**COMPLETE, "leads": "follows", "stage": "meeting", "due": "2027-01-10", "contacted": "2026-11-02",
         "fund_size": 10_000_000},
        {**COMPLETE, "leads": "follows", "stage": "committed", "due": "2026-12-01", "cheque_low": 333_333},
        {**COMPLETE, "leads": "follows", "cheque_low": 0, "cheque_high": 0, "due": "2027-01-11"},
        close_by="2027-01-11",
    ).notices]  # fmt: skip
    assert said == [
        "Overdue next steps: 1. The oldest is that with No. 1, due 10 Jan 2027.",
        "The day to close by, 11 Jan 2027, is not after the day of the list.",
        "You last spoke with No. 1 on 2 Nov 2026, more than 30 days before the day of the list.",
        "Of those who fit, no cheque is known of No. 3: they count as nothing in the sums.",
        "No. 1 is said to pay up to $2M, more than 10% of a fund of $10M: one of them may be wrong.",
        "The cheques divide the round into more than 400 parts, so they are rounded down to one of 400: the chance to "
        "fill it is a little more than shown.",
        "The round needs a lead, and of those who fit nobody is known to lead.",
    ]


def test_nobody_fits() -> None:
    outcome = simulate(CALCULATOR, read({**COMPLETE, "stage": "passed"}), draws=10, seed=1)
    assert (
        say(CALCULATOR.answer(outcome)) == "Nobody on the list fits this round: something known rules out each of them."
    )


@pytest.mark.parametrize(
    ("row", "path", "words"),
    [
        ({"due": "2027-02-30"}, "investors.0.due", "got “2027-02-30”"),
        ({"contacted": "yesterday"}, "investors.0.contacted", "Wanted a day as YYYY-MM-DD, or nothing, got “yest"),
        ({"due": "２０２７-01-01"}, "investors.0.due", "Wanted a day"),
        ({"due": "{*}"}, "investors.0.due", "got “”"),
        ({"first_round": "series_b", "last_round": "seed"}, "investors.0.last_round", "got Series B after Seed round"),
        ({"cheque_low": 3, "cheque_high": 2}, "investors.0.cheque_high", "got $3 and $2"),
        ({"vintage": 2028}, "investors.0.vintage", "at most 2027, or 0 if not known, got 2028"),
        ({"vintage": 1900}, "investors.0.vintage", "got 1900"),
        ({"stage": "won"}, "investors.0.stage", "Wanted one of listed"),
        ({"ownership": 1.5}, "investors.0.ownership", "Wanted at most 100%"),
        ({"cheque_low": -1}, "investors.0.cheque_low", "Wanted at least 0"),
        ({"cheque_low": "1M to 2M"}, "investors.0.cheque_low", "Wanted one number"),
    ],
)  # fmt: skip
def test_rows_that_are_refused(row: dict[str, Any], path: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        case({**COMPLETE, **row})
    assert list(refused.value.problems) == [path]
    assert words in str(refused.value.problems[path][0])


@pytest.mark.parametrize(
    ("given", "path"),
    [({"investors": []}, "investors"), ({**ASKS_NOTHING, **NO_WEIGHT}, "weight_cheque"),
     ({**ASKS_NOTHING, **NO_WEIGHT, "weight_sector": 3}, "weight_cheque"),
     ({"investors": [{}] * 41}, "investors"), ({"round_size": 0}, "round_size"), ({"top": 0}, "top")],
)  # fmt: skip
def test_inputs_that_are_refused(given: dict[str, Any], path: str) -> None:
    with pytest.raises(Invalid) as refused:
        evaluate(CALCULATOR, read_inputs(CALCULATOR.inputs, given))
    assert list(refused.value.problems) == [path]


def test_a_resolved_row_has_every_declared_field() -> None:
    """``missing`` reads the order of the fields from a resolved row."""
    resolved = case(COMPLETE).resolved.investors[0]
    assert isinstance(resolved, SimpleNamespace)
    assert list(vars(resolved))[:3] == ["name", "stage", "next_step"]
