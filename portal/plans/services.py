"""Everything that writes scenarios. Each write is one transaction that adds one revision.

A write names the revision that its author saw. Where another was saved meanwhile it raises ``Stale`` and stores
nothing, so no one's change is lost unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mlcore.reading import Invalid, Problem, read_inputs, read_value, to_json
from mlcore.spec import Kind, Param
from portal.accounts.models import User, Workspace
from portal.planning import engine
from portal.planning.calculator import Calculator
from portal.plans import provenance
from portal.plans.models import NAME_LENGTH, Revision, Scenario
from portal.plans.selectors import scenario_open

UNDO_FOR = timedelta(days=7)  # a deleted scenario can be brought back so long
FIRST_SEED = 7
_NAME = Param(label="Name", help="What the scenario is called.", kind=Kind.TEXT, max_length=NAME_LENGTH)


class Stale(Exception):
    """Someone saved a newer revision than the one that the writer saw; ``revision`` is its number."""

    def __init__(self, revision: int) -> None:
        super().__init__(f"revision {revision} was saved meanwhile")
        self.revision = revision


@transaction.atomic
def scenario_save(
    *,
    workspace: Workspace,
    by: User | None,
    calculator: Calculator,
    name: str,
    inputs: Any,
    seed: int = FIRST_SEED,
    sources: provenance.Provenance | None = None,
    sample: bool = False,
    note: str = "",
) -> Scenario:
    """A new scenario. ``inputs`` are what a person sent; ``sources`` are given by other services only.

    Raises:
        Invalid: the name, or what the calculator cannot read or compute.
    """
    stored = _computable(calculator, inputs, seed)
    scenario = Scenario.objects.create(
        workspace=workspace,
        calculator=calculator.slug,
        version=calculator.version,
        name=_read_name(name),
        inputs=stored,
        provenance=provenance.fresh(calculator.inputs, stored) | (sources or {}),
        seed=seed,
        sample=sample,
        created_by=by,
        updated_by=by,
    )
    _record(scenario, by, note)
    return scenario


@transaction.atomic
def scenario_update(
    *,
    scenario: Scenario,
    by: User | None,
    revision: int,
    inputs: Any = None,
    name: str | None = None,
    seed: int | None = None,
    sources: provenance.Provenance | None = None,
    note: str = "",
) -> Scenario:
    """Save other inputs, another name or seed; what is None stays. Saving what is there already changes nothing.

    Raises:
        Stale: a newer revision than ``revision`` was saved.
        Invalid: the name, or what the calculator cannot read or compute.
    """
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = _read_name(name)
    if seed is not None:
        changes["seed"] = seed
    if inputs is not None:
        calculator = _calculator_of(scenario)
        stored = _computable(calculator, inputs, scenario.seed if seed is None else seed)
        followed = provenance.followed(calculator.inputs, _readable(scenario), scenario.provenance, stored)
        changes |= {
            "inputs": stored,
            "version": calculator.version,
            "provenance": followed | (sources or {}),
        }
    elif seed is not None:
        _computable(_calculator_of(scenario), _readable(scenario), seed)
    return _change(scenario, by, revision, note, changes)


def scenario_rename(*, scenario: Scenario, by: User | None, revision: int, name: str) -> Scenario:
    """Raises Stale or Invalid, as ``scenario_update``. Works for a scenario whose calculator is gone, too."""
    return scenario_update(scenario=scenario, by=by, revision=revision, name=name)


@transaction.atomic
def scenario_duplicate(*, scenario: Scenario, by: User | None, name: str) -> Scenario:
    """A copy with a history of its own, in the same workspace.

    Raises:
        Invalid: the name.
    """
    copy = Scenario.objects.create(
        workspace=scenario.workspace,
        calculator=scenario.calculator,
        version=scenario.version,
        name=_read_name(name),
        inputs=scenario.inputs,
        provenance=scenario.provenance,
        seed=scenario.seed,
        created_by=by,
        updated_by=by,
    )
    of = {"name": scenario.name, "number": scenario.revision}
    _record(copy, by, _("Copy of “%(name)s”, revision %(number)d") % of)
    return copy


@transaction.atomic
def scenario_restore(*, scenario: Scenario, by: User | None, revision: int, number: int) -> Scenario:
    """Make an earlier revision's inputs the newest; the name stays.

    Raises:
        Stale: a newer revision than ``revision`` was saved.
        Revision.DoesNotExist: no such number.
    """
    old = scenario.revisions.get(number=number)
    changes = {field: getattr(old, field) for field in ("inputs", "provenance", "version", "seed")}
    return _change(scenario, by, revision, _("Restored from revision %(number)d") % {"number": number}, changes)


@transaction.atomic
def scenario_delete(*, scenario: Scenario, by: User | None, revision: int) -> Scenario:
    """Put it away; ``scenario_undelete`` brings it back within ``UNDO_FOR``. Raises Stale."""
    return _change(scenario, by, revision, _("Deleted"), {"deleted_at": timezone.now()})


@transaction.atomic
def scenario_undelete(*, scenario: Scenario, by: User | None) -> Scenario:
    return _change(scenario, by, scenario.revision, _("Brought back"), {"deleted_at": None})


def scenarios_purge() -> int:
    """Remove for good what was deleted longer ago than ``UNDO_FOR``; how many."""
    return Scenario.objects.filter(deleted_at__lt=timezone.now() - UNDO_FOR).delete()[1].get(Scenario._meta.label, 0)


def _change(scenario: Scenario, by: User | None, revision: int, note: str, changes: Mapping[str, Any]) -> Scenario:
    """Write the changes over exactly the revision that their author saw."""
    current = Scenario.objects.select_for_update().get(pk=scenario.pk)
    if current.revision != revision:
        raise Stale(current.revision)
    if all(getattr(current, field) == value for field, value in changes.items()):
        return current
    for field, value in changes.items():
        setattr(current, field, value)
    # The comparison in the database holds where select_for_update does nothing, as in SQLite.
    current.revision, current.updated_by, current.updated_at = revision + 1, by, timezone.now()
    fields = ("revision", "updated_by", "updated_at", *changes)
    if not Scenario.objects.filter(pk=current.pk, revision=revision).update(**{f: getattr(current, f) for f in fields}):
        raise Stale(Scenario.objects.values_list("revision", flat=True).get(pk=current.pk))
    _record(current, by, note)
    return current


def _record(scenario: Scenario, by: User | None, note: str) -> Revision:
    return Revision.objects.create(
        scenario=scenario,
        number=scenario.revision,
        name=scenario.name,
        version=scenario.version,
        inputs=scenario.inputs,
        provenance=scenario.provenance,
        seed=scenario.seed,
        note=note[:200],
        by=by,
    )


def _computable(calculator: Calculator, given: Any, seed: int) -> dict[str, Any]:
    """What is stored of inputs that the calculator can read and compute."""
    inputs = given if isinstance(given, calculator.inputs) else read_inputs(calculator.inputs, given)
    engine.simulate(calculator, inputs, draws=2, seed=seed)
    return to_json(inputs)


def _calculator_of(scenario: Scenario) -> Calculator:
    opened = scenario_open(scenario)
    if opened.calculator is None:
        raise Invalid({"": [Problem(gettext_noop("The calculator {slug} is gone, so its inputs cannot change."),
                                    {"slug": scenario.calculator})]})  # fmt: skip
    return opened.calculator


def _readable(scenario: Scenario) -> dict[str, Any]:
    """The stored inputs in the shape of the present calculator; empty where it cannot read them."""
    opened = scenario_open(scenario)
    return {} if opened.inputs is None else opened.stored


def _read_name(given: str) -> str:
    try:
        name = read_value(_NAME, given.strip() if isinstance(given, str) else given)
    except Invalid as problem:
        raise Invalid({"name": problem.problems[""]}) from problem
    if not name:
        raise Invalid({"name": [Problem(gettext_noop("Wanted a name, got nothing."), {})]})
    return name
