from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlcore.reading import Invalid, read_inputs, to_json
from mlcore.registry import all_tasks
from mlcore.spec import choice, flag, integer, number, params
from portal.accounts.selectors import workspace_of
from portal.jobs.models import Job
from portal.planning.registry import all_calculators
from portal.plans import join
from portal.plans.join_services import (
    calculators_for_job,
    calculators_for_scenario,
    sample_make,
    scenario_from_job,
    scenario_send,
)
from portal.plans.models import Scenario
from portal.plans.provenance import told
from portal.plans.selectors import scenario_open
from portal.plans.services import Stale, scenario_update


@dataclass(frozen=True, slots=True, kw_only=True)
class Nested:
    way: str = choice("Way", default="a", choices={"a": "A", "b": "B", "c": "C"}, help="How.")
    kind: str = choice(
        "Kind", default="x", choices={"x": "X", "y": "Y"}, help="Which.", when=("way", ("b", "c")), quantity="kind"
    )
    deep: int = integer("Deep", default=1, low=1, high=9, help="Inner.", when=("kind", ("y",)), quantity="deep")
    other: float = number("Other", default=1.0, help="Of way a.", when=("way", ("a",)), quantity="other")
    free: float = number("Free", default=1.0, low=0, help="Always shown.", quantity="free")
    on: bool = flag("On", help="A flag.", quantity="on")


START = to_json(Nested())


def test_a_hidden_input_makes_the_choices_that_show_it():
    filled = join.fill(Nested, START, {"deep": 5.0})
    assert filled.inputs == START | {"deep": 5, "kind": "y", "way": "b"}
    assert set(filled.names) == {"deep", "kind", "way"}


def test_a_choice_that_shows_it_already_stays():
    assert join.fill(Nested, START | {"way": "c", "kind": "y"}, {"deep": 5}).inputs["way"] == "c"


def test_of_two_inputs_that_want_different_choices_the_first_declared_is_filled():
    filled = join.fill(Nested, START, {"deep": 5, "other": 2.0})
    assert (filled.inputs["way"], filled.inputs["deep"], filled.inputs["other"]) == ("b", 5, 1.0)
    assert "other" not in filled.names


def test_a_choice_can_be_measured_and_what_does_not_fit_is_told():
    filled = join.fill(Nested, START, {"kind": "y", "free": -1, "deep": "many", "on": True})
    assert (filled.inputs["way"], filled.inputs["kind"], filled.inputs["on"]) == ("b", "y", True)
    assert set(filled.refused) == {"free", "deep"}
    assert filled.inputs["free"] == 1.0


@given(
    st.dictionaries(
        st.sampled_from(["kind", "deep", "other", "free", "on", "unknown"]),
        st.one_of(st.integers(-5, 15), st.floats(), st.booleans(), st.text("ay1\x00", max_size=5), st.none()),
    )
)
def test_what_is_filled_can_always_be_read_and_shown(values):
    filled = join.fill(Nested, START, values)
    read = read_inputs(Nested, filled.inputs)
    declared = {name: param for name, param, _ in params(Nested)}
    for name in filled.names:
        when = declared[name].when
        assert when is None or getattr(read, when[0]) in when[1]
    untouched = set(START) - set(filled.names)
    assert {name: filled.inputs[name] for name in untouched} == {name: START[name] for name in untouched}


def test_one_quantity_has_one_unit_everywhere():
    """What is measured, computed and accepted under one name is the same thing in the same unit."""
    units: dict[str, set[tuple[str, str]]] = {}
    for calculator in all_calculators().values():
        for name, param, _ in params(calculator.inputs):
            if param.quantity:
                units.setdefault(param.quantity, set()).add((param.unit, f"{calculator.slug}.{name}"))
        for name, output in calculator.outputs.items():
            if output.quantity:
                units.setdefault(output.quantity, set()).add((output.unit, f"{calculator.slug}.{name}"))
    for task in all_tasks().values():
        for action in task.actions:
            for name, result in action.results.items():
                if result.quantity:
                    units.setdefault(result.quantity, set()).add((result.unit, f"{task.slug}.{action.slug}.{name}"))
    differing = {quantity: uses for quantity, uses in units.items() if len({unit for unit, _ in uses}) > 1}
    assert not differing


@pytest.fixture
def job(user):
    return Job.objects.create(
        workspace=workspace_of(user), owner=user, runner="task", title="Train small", mode="training", queue="cpu",
        payload={}, state="done", device="Epyc <7B13>", finished_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
        measures={"toy_speed": 1234.5, "toy_layers": 4, "elsewhere": 1.0},
    )  # fmt: skip


def test_a_measured_job_fills_a_new_scenario_and_says_so(job, user):
    assert "toy-cost" in [calculator.slug for calculator in calculators_for_job(job)]
    calculator = all_calculators()["toy-cost"]
    scenario = scenario_from_job(job=job, calculator=calculator, workspace=workspace_of(user), by=user)
    assert scenario.workspace == workspace_of(user)
    assert (scenario.inputs["speed"], scenario.inputs["layers"], scenario.inputs["device"]) == (1234.5, 4, "custom")
    for name in ("speed", "layers", "device"):
        assert scenario.provenance[name] == {
            "kind": "measured", "job": job.uid, "device": "Epyc <7B13>", "date": "2026-11-22",
        }  # fmt: skip
    assert scenario.provenance["price"]["kind"] == "default"
    text = told(calculator.inputs, scenario.provenance)["speed"]["text"]
    assert text == f"Measured by {job.uid} on Epyc <7B13>, Nov 22, 2026"
    assert scenario.revisions.get().note == f"Measured by {job.uid}"


def test_a_measured_job_fills_an_existing_scenario_as_a_revision(job, user, save):
    scenario = save(inputs={"price": 9, "tokens": 5e6})
    calculator = all_calculators()["toy-cost"]
    into = scenario_from_job(
        job=job, calculator=calculator, workspace=scenario.workspace, by=user, into=scenario, revision=1
    )
    assert (into.pk, into.revision, into.inputs["price"], into.inputs["speed"]) == (scenario.pk, 2, 9, 1234.5)
    assert into.provenance["price"] == {"kind": "typed"}
    job.measures["toy_speed"] = 2.0
    with pytest.raises(Stale):
        scenario_from_job(
            job=job, calculator=calculator, workspace=scenario.workspace, by=user, into=scenario, revision=1
        )


def test_what_the_calculator_does_not_permit_is_left_out_and_noted(job, user):
    job.measures["toy_speed"] = 0.5
    scenario = scenario_from_job(
        job=job, calculator=all_calculators()["toy-cost"], workspace=workspace_of(user), by=user
    )
    assert scenario.inputs["speed"] == 100.0
    assert scenario.inputs["layers"] == 4
    assert "Speed was not taken: Wanted at least 1, got 0.5." in scenario.revisions.get().note


@pytest.mark.parametrize("measures", [{}, {"elsewhere": 1.0}, {"toy_layers": 1000}])
def test_a_job_that_measured_nothing_fitting_makes_no_scenario(job, user, measures):
    job.measures = measures
    with pytest.raises(Invalid):
        scenario_from_job(job=job, calculator=all_calculators()["toy-cost"], workspace=workspace_of(user), by=user)
    assert not Scenario.objects.exists()


def test_a_scenario_of_another_calculator_is_refused(job, user, save):
    cash = save("toy-cash")
    with pytest.raises(Invalid, match="toy-cash"):
        scenario_from_job(
            job=job, calculator=all_calculators()["toy-cost"], workspace=cash.workspace, by=user, into=cash
        )


def test_a_computed_cost_goes_on_as_a_range_with_its_source(save, user):
    cost = save(inputs={"tokens": "36M to 72M"}, name="Run <1>")
    assert [calculator.slug for calculator in calculators_for_scenario(cost)] == ["toy-cash"]
    cash = scenario_send(scenario=cost, calculator=all_calculators()["toy-cash"], by=user)
    spread = cash.inputs["training"]
    assert spread["family"] == "lognormal"
    assert spread["low"] == pytest.approx(36e6 / 50 / 3600 * 3.6, rel=0.02)
    assert spread["high"] == pytest.approx(72e6 / 50 / 3600 * 3.6, rel=0.02)
    source = cash.provenance["training"]
    assert (source["kind"], source["scenario"], source["output"]) == ("computed", cost.uid, "cost")
    assert told(None, cash.provenance)["training"]["text"].startswith("Computed by scenario “Run <1>”")
    assert scenario_open(cash).inputs is not None


def test_a_certain_cost_goes_on_as_one_number(save, user):
    cost = save(inputs={"tokens": 360_000})
    cash = scenario_send(scenario=cost, calculator=all_calculators()["toy-cash"], by=user)
    assert cash.inputs["training"] == pytest.approx(7.2)


def test_sending_into_an_existing_scenario_keeps_the_rest(save, user):
    cost, cash = save(inputs={"tokens": 360_000}), save("toy-cash", inputs={"cash": 5_000})
    cash = scenario_update(scenario=cash, by=user, revision=1, name="Ours")
    into = scenario_send(
        scenario=cost, calculator=all_calculators()["toy-cash"], by=user, into=cash, revision=cash.revision
    )
    assert (into.pk, into.name, into.inputs["cash"]) == (cash.pk, "Ours", 5_000)


def test_nothing_is_sent_where_nothing_fits_or_the_source_cannot_be_opened(save, user):
    cash = save("toy-cash")
    with pytest.raises(Invalid):
        scenario_send(scenario=cash, calculator=all_calculators()["toy-cost"], by=user)
    cost = save()
    Scenario.objects.filter(pk=cost.pk).update(calculator="gone")
    cost.refresh_from_db()
    with pytest.raises(Invalid, match="not part of this portal"):
        scenario_send(scenario=cost, calculator=all_calculators()["toy-cash"], by=user)


def test_samples_are_marked_and_open(user, monkeypatch):
    monkeypatch.setattr("portal.plans.join_services.SAMPLES", (("toy-cash", ""), ("toy-cash", "lean")))
    made = sample_make(workspace_of(user))
    assert [scenario.name for scenario in made] == ["Toy cash, base", "Toy cash, Lean"]
    assert all(scenario.sample and scenario_open(scenario).inputs for scenario in made)
    assert made[1].inputs["burn"] == 5
