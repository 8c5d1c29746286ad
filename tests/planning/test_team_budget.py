"""The team budget against worked cases, against itself, against the runway that takes it, and in words."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq

from mlcore.reading import Invalid, read_inputs
from portal.planning.calculators import runway
from portal.planning.calculators.team_budget import CALCULATOR, PLAIN
from portal.planning.company.examples import PLAIN as PLAIN_RUNWAY
from portal.planning.engine import Outcome, evaluate, simulate
from portal.planning.people import words
from portal.planning.people.hiring import steady_growth
from portal.planning.wording import say

few = settings(max_examples=30, deadline=None)


def role(name: str = "Engineer", **given: Any) -> dict[str, Any]:
    return {"name": name, "salary": 120_000, **given}


def read(*roles: dict[str, Any], **given: Any) -> Any:
    return read_inputs(CALCULATOR.inputs, {**PLAIN, "roles": list(roles), **given})


def outputs(*roles: dict[str, Any], **given: Any) -> dict[str, Any]:
    return dict(evaluate(CALCULATOR, read(*roles, **given)).outputs)


def outcome(*roles: dict[str, Any], **given: Any) -> Outcome:
    return simulate(CALCULATOR, read(*roles, **given), draws=500, seed=1)


def warnings(*roles: dict[str, Any], **given: Any) -> list[str]:
    return [notice.text for notice in evaluate(CALCULATOR, read(*roles, **given)).notices]


@st.composite
def crews(draw: st.DrawFn) -> dict[str, Any]:
    return role(
        draw(st.sampled_from(["A", "B", "C"])),
        count=draw(st.integers(0, 20)),
        salary=draw(st.integers(0, 500_000)),
        start=draw(st.integers(0, 20)),
        fill=draw(st.floats(0, 8)),
        kind=draw(st.sampled_from(["research", "sales", "product"])),
        research=draw(st.floats(0, 1)),
    )


teams = st.lists(crews(), min_size=1, max_size=3, unique_by=lambda one: one["name"])
EVERYTHING = {
    "raises": 0.04, "attrition": 0.15, "recruiting": 0.1, "equipment": 3_000, "office": 500, "load_us": 0.25,
    "horizon": 18,
}  # fmt: skip


def month_by_month(one: dict[str, Any], attrition: float, months: int) -> list[float]:
    """Headcount again, as a list of joins: (month, people), each leaver adding one."""
    joins = [(0.0, one["count"])] if one["start"] == 0 else [(one["start"] - 1 + one["fill"], one["count"])]
    quits = 1 - (1 - attrition) ** (1 / 12)
    paid: list[float] = []
    left = 0.0
    for month in range(months):
        come = sum(people * min(max(month + 1 - when, 0), 1) for when, people in joins)
        paid.append(come - left)
        left += paid[-1] * quits
        joins.append((month + 1 + one["fill"], paid[-1] * quits))
    return paid


# Who is there


@given(crews(), st.floats(0, 0.9))
@few
def test_headcount_agrees_with_a_second_method(one: dict[str, Any], attrition: float) -> None:
    found = outputs(one, attrition=attrition, horizon=18)
    assert found["people_by_month"] == pytest.approx(month_by_month(one, attrition, 18), abs=1e-9)


@given(teams, st.floats(0, 0.9))
@few
def test_nobody_appears_or_vanishes(roles: list[dict[str, Any]], attrition: float) -> None:
    found = outputs(*roles, **{**EVERYTHING, "attrition": attrition})
    here = sum(one["count"] for one in roles if one["start"] == 0)
    quits = 1 - (1 - attrition) ** (1 / 12)
    people = found["people_by_month"]
    # Those of the last month leave at its end, after they were counted.
    gone = found["leavers"] - quits * people[-1]
    assert people[-1] == pytest.approx(here + found["hires"] + found["replacements"] - gone, abs=1e-9)
    assert found["leavers"] == pytest.approx(quits * sum(people), abs=1e-9)
    assert found["replacements"] <= found["leavers"] + 1e-9
    assert np.sum(found["people_by_kind"], axis=0) == pytest.approx(people)
    assert sum(found["people_at_end_by_role"]) == pytest.approx(people[-1])


@given(teams)
@few
def test_without_attrition_nobody_leaves_and_headcount_only_grows(roles: list[dict[str, Any]]) -> None:
    found = outputs(*roles, **{**EVERYTHING, "attrition": 0})
    assert found["leavers"] == found["replacements"] == 0
    assert (np.diff(found["people_by_month"]) >= -1e-12).all()


def test_a_year_of_attrition_is_what_was_typed() -> None:
    found = outputs(role(count=100, fill=36), attrition=0.2, horizon=13)
    assert found["people_by_month"][12] == pytest.approx(80)


def test_a_place_that_is_filled_at_once_is_never_empty() -> None:
    assert outputs(role(count=5, fill=0), attrition=0.5)["people_by_month"] == pytest.approx([5] * 12)


@pytest.mark.parametrize(("start", "fill"), [(13, 0), (10, 3), (1, 12), (600, 36)])
def test_who_comes_after_the_horizon_costs_nothing(start: int, fill: float) -> None:
    late = role("Late", start=start, fill=fill, count=4)
    alone = {**EVERYTHING, "horizon": 12}
    assert outputs(role(), late, **alone)["total"] == outputs(role(), **alone)["total"]
    assert outputs(role(), late, **alone)["cost_by_role"][1] == 0
    assert warnings(role(), late, **alone) == [words.LATE]


# What they cost


@given(teams, st.floats(0.1, 10))
@few
def test_costs_are_proportional_to_salaries(roles: list[dict[str, Any]], scale: float) -> None:
    places = {"equipment": 0, "office": 0}
    one = outputs(*roles, **{**EVERYTHING, **places})
    other = outputs(*({**each, "salary": each["salary"] * scale} for each in roles), **{**EVERYTHING, **places})
    for name in ("total", "payroll_total", "spent_on_recruiting", "research_cost"):
        assert other[name] == pytest.approx(scale * one[name])


@given(teams)
@few
def test_parts_make_the_whole_along_every_axis(roles: list[dict[str, Any]]) -> None:
    found = outputs(*roles, **EVERYTHING)
    assert sum(found["costs_by_month"]) == pytest.approx(found["total"])
    assert sum(found["cost_by_role"]) == pytest.approx(found["total"])
    assert np.sum(found["payroll_by_role"], axis=0) == pytest.approx(found["payroll_by_month"])
    assert sum(found["payroll_by_month"]) == pytest.approx(found["payroll_total"])
    hiring = found["spent_on_recruiting"] + found["spent_on_equipment"]
    assert sum(found["hiring_by_month"]) == pytest.approx(hiring)
    assert 0 <= found["research_cost"] <= found["payroll_total"] * (1 + 1e-12)


def test_raises_come_every_twelfth_month_and_not_for_contractors() -> None:
    paid = outputs(role(), raises=0.1, horizon=25)["payroll_by_month"]
    assert paid == pytest.approx([10_000] * 12 + [11_000] * 12 + [12_100])
    contractor = role(terms="contractor", rate=7_000)
    assert outputs(contractor, **EVERYTHING)["payroll_by_month"] == [7_000] * 18


def test_a_contractor_costs_the_rate_and_nothing_else() -> None:
    found = outputs(role(terms="contractor", rate=7_000, start=1, fill=0, count=2), **EVERYTHING)
    assert found["total"] == found["spent_on_contractors"] == 18 * 14_000
    assert found["person_cost_by_role"] == [84_000]
    assert found["hires"] == 2


@pytest.mark.parametrize("region", ["us", "eu", "uk", "china", "india", "other"])
def test_each_region_has_its_own_share_on_top(region: str) -> None:
    assert outputs(role(region=region), **{f"load_{region}": 0.5})["total"] == pytest.approx(180_000)
    others = {name: 0.5 for name in PLAIN if name.startswith("load_") and name != f"load_{region}"}
    assert outputs(role(region=region), **others)["total"] == pytest.approx(120_000)


def test_published_shares_on_top_of_salaries() -> None:
    start = CALCULATOR.inputs()
    assert start.load_us == pytest.approx((3.44 + 1.54 + 3.31) / (32.07 + 3.44), abs=1e-3)
    assert start.load_eu == pytest.approx(0.247 / 0.753, abs=1e-3)
    pension = 0.03 * (50_270 - 6_240)
    assert start.load_uk == pytest.approx((0.15 * (70_000 - 5_000) + pension) / 70_000, abs=1e-3)
    assert start.load_china.low == pytest.approx(0.16 + 0.098 + 0.005 + 0.002 + 0.05)
    assert start.load_china.high == pytest.approx(0.16 + 0.098 + 0.005 + 0.002 + 0.12)
    assert start.load_india == pytest.approx((0.12 + 0.005 + 0.005 + 0.0481) / 2, abs=1e-3)


# Sent into a runway


@given(st.floats(1, 1e6), st.floats(1, 500), st.integers(6, 60))
@few
def test_steady_growth_agrees_with_a_root_finder(first: float, times: float, months: int) -> None:
    total = first * times
    found = float(steady_growth(np.array([first]), np.array([total]), months)[0])

    def short(growth: float) -> float:
        return float(first * ((1 + growth) ** np.arange(months)).sum() - total)

    assert found == pytest.approx(brentq(short, -1, 1_000, xtol=1e-13), abs=1e-9)


def test_a_payroll_from_nothing_has_no_growth_and_no_payroll_grows_by_nothing() -> None:
    growth = steady_growth(np.array([0.0, 0.0, 1e-300, 10.0]), np.array([5.0, 0.0, 1e10, 120.0]), 12)
    assert growth.tolist() == [np.inf, 0.0, np.inf, 0.0]


def test_a_runway_that_takes_payroll_and_growth_pays_what_the_team_is_paid() -> None:
    inputs = CALCULATOR.inputs()
    found = evaluate(CALCULATOR, inputs).outputs
    sent = {output.quantity: found[name] for name, output in CALCULATOR.outputs.items() if output.quantity}
    taken = PLAIN_RUNWAY | {
        "cash": 0, "horizon": inputs.horizon, "payroll": sent["monthly_payroll"],
        "payroll_growth": sent["payroll_growth"],
    }  # fmt: skip
    spent = evaluate(runway.CALCULATOR, read_inputs(runway.CALCULATOR.inputs, taken)).outputs["spent_on_payroll"]
    assert spent == pytest.approx(found["payroll_total"], rel=1e-9)


# Ranges


def test_every_draw_is_a_case_of_its_own() -> None:
    ranges = {"salary": "90k to 150k", "start": "2 to 8", "fill": "1 to 4", "count": "2 to 5"}
    drawn = outcome(role(), role("Late", **ranges), attrition="5% to 20%", raises="1% to 6%")
    for at in (0, 99, 499):
        late = {name: float(drawn.drawn[f"roles.1.{name}"][at]) for name in ranges}
        late |= {"start": int(late["start"]), "count": int(late["count"])}
        rates = {name: float(drawn.drawn[name][at]) for name in ("attrition", "raises")}
        alone = outputs(role(), role("Late", **late), **rates)
        assert drawn.samples["total"][at] == pytest.approx(alone["total"])
        assert drawn.samples["payroll_by_month"][:, at] == pytest.approx(alone["payroll_by_month"])


# What is refused, and what is said


@pytest.mark.parametrize(
    ("roles", "given", "path", "said"),
    [
        ([], {}, "roles", "Wanted at least one role, got none"),
        ([role("A"), role("B"), role(" a ")], {}, "roles.2.name", "name of its own for each role"),
        ([role(""), role("1")], {}, "roles.1.name", "name of its own for each role"),
        ([role()], {"first_month": date(1999, 12, 31).isoformat()}, "first_month", "from 2000 to 2199"),
    ],
)
def test_what_cannot_be_planned_is_refused(roles: Any, given: dict[str, Any], path: str, said: str) -> None:
    with pytest.raises(Invalid, match=said) as refused:
        evaluate(CALCULATOR, read(*roles, **given))
    assert list(refused.value.problems) == [path]


@pytest.mark.parametrize(
    "given",
    [
        {"salary": -1}, {"count": 1.5}, {"count": -1}, {"start": -1}, {"fill": -0.5}, {"fill": 37}, {"research": 1.1},
        {"region": "moon"}, {"terms": "friend"}, {"kind": "luck"}, {"rate": "lots"}, {"salary": "9 to 3"},
    ],
)  # fmt: skip
def test_what_is_not_permitted_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read(role(**given))


@pytest.mark.parametrize("given", [{"attrition": 0.95}, {"horizon": 5}, {"horizon": 61}, {"recruiting": 1.2}])
def test_plans_that_are_not_permitted_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        read(role(), **given)


def test_warnings_appear_where_they_are_due() -> None:
    assert warnings(role()) == []
    assert warnings(role(salary=0)) == [words.UNPAID]
    assert warnings(role(terms="contractor", rate=0)) == [words.UNPAID]
    assert warnings(role(start=2, fill=0)) == [words.NOT_YET]
    assert words.FAST in warnings(role(), role("More", count=2, start=1, fill=1))
    assert words.FAST not in warnings(role(), role("More", count=1, start=1, fill=1))
    assert words.STEEP in warnings(role(salary=1_000), role("More", count=50, start=2, fill=0), horizon=6)


def test_the_answer_in_words() -> None:
    assert say(CALCULATOR.answer(outcome(role()))) == (
        "The team costs $120k over 12 months; at the end a team of 1 costs $10k/month."
    )
    assert say(CALCULATOR.answer(outcome(role(count=0)))).startswith("These roles cost nothing within 12 months")
    told = say(CALCULATOR.answer(outcome(role(salary="60k to 240k"))))
    assert told.startswith("The team costs $120k over 12 months: nine times in ten, between $60.4k and $240k.")


def test_published_salaries_stand_beside_the_answer() -> None:
    (table,) = evaluate(CALCULATOR, read(role())).tables
    assert all(len(row) == len(table.columns) for row in table.rows)
    assert all(row[-1] for row in table.rows)
