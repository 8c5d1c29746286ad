"""What joins scenarios with jobs and with one another: measured and computed values sent into inputs.

The values arrive with where they come from. Which value goes where follows from the names of quantities alone
(``portal.plans.join``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mlcore.reading import Invalid, Problem, to_json
from mlcore.spec import Family, Range, params
from portal.accounts.models import User, Workspace
from portal.derive.wording import problem_text
from portal.jobs.models import Job
from portal.planning import engine
from portal.planning.calculator import Calculator
from portal.planning.registry import all_calculators
from portal.plans import join
from portal.plans.models import NAME_LENGTH, Scenario
from portal.plans.selectors import scenario_open
from portal.plans.services import scenario_save, scenario_update

SENT_DRAWS = 10_000
# What a new workspace starts with: calculator, preset (none: its starting values).
SAMPLES = (("training-run", "llama-8b"), ("runway", "lean"), ("runway", "base"))


def calculators_for_job(job: Job) -> list[Calculator]:
    """Those that accept at least one quantity that the job measured."""
    return [c for c in all_calculators().values() if join.accepts(c.inputs, job.measures)]


def calculators_for_scenario(scenario: Scenario) -> list[Calculator]:
    """Those that accept at least one quantity that the scenario's calculator computes."""
    source = all_calculators().get(scenario.calculator)
    sent = _sent(source) if source else {}
    return [c for c in all_calculators().values() if c.slug != scenario.calculator and join.accepts(c.inputs, sent)]


def scenario_from_job(
    *,
    job: Job,
    calculator: Calculator,
    workspace: Workspace,
    by: User | None,
    into: Scenario | None = None,
    revision: int | None = None,
    only: Collection[str] | None = None,
) -> Scenario:
    """Fill every input whose quantity the job measured, in a new scenario or as a new revision of ``into``.

    ``only`` names the quantities to send, where not all are wanted: the speed of a device but not the small model.

    Raises:
        Invalid: the job measured nothing that this calculator accepts, or ``into`` is of another calculator.
        Stale: ``into`` has a newer revision than ``revision``.
    """
    at = (job.finished_at or timezone.now()).date().isoformat()
    source = {"kind": "measured", "job": job.uid, "device": job.device, "date": at}
    values = {quantity: value for quantity, value in job.measures.items() if only is None or quantity in only}
    return _put(
        calculator, workspace, by, into, revision,
        values=values,
        sources=dict.fromkeys(values, source),
        name=_("%(calculator)s, measured by “%(job)s”") % {"calculator": _(calculator.title), "job": _(job.title)},
        note=_("Measured by %(job)s") % {"job": job.uid},
    )  # fmt: skip


def scenario_send(
    *, scenario: Scenario, calculator: Calculator, by: User | None, into: Scenario | None = None,
    revision: int | None = None,
) -> Scenario:  # fmt: skip
    """Send computed outputs into the inputs of another calculator that take the same quantity, as ranges from the
    5th to the 95th percentile, in a new scenario or as a new revision of ``into``.

    Raises:
        Invalid: nothing fits, or an output is never reached, or ``scenario`` cannot be computed any more.
        Stale: ``into`` has a newer revision than ``revision``.
    """
    opened = scenario_open(scenario)
    if opened.calculator is None or opened.inputs is None:
        raise Invalid({"": [Problem("{reason}", {"reason": opened.problem})]})
    outcome = engine.simulate(opened.calculator, opened.inputs, draws=SENT_DRAWS, seed=scenario.seed)
    sent = _sent(opened.calculator)
    wanted = {p.quantity for _name, p, _start in params(calculator.inputs)} & set(sent)
    source = {"kind": "computed", "scenario": scenario.uid, "name": scenario.name, "calculator": scenario.calculator,
              "date": timezone.now().date().isoformat()}  # fmt: skip
    return _put(
        calculator, scenario.workspace, by, into, revision,
        values={quantity: to_json(_spread(outcome, sent[quantity])) for quantity in wanted},
        sources={quantity: {**source, "output": sent[quantity]} for quantity in wanted},
        name=_("%(calculator)s, from “%(scenario)s”") % {"calculator": _(calculator.title), "scenario": scenario.name},
        note=_("Computed by %(scenario)s") % {"scenario": scenario.uid},
    )  # fmt: skip


@transaction.atomic
def sample_make(workspace: Workspace) -> list[Scenario]:
    """Scenarios to start from, marked as samples."""
    made = []
    for slug, wanted in SAMPLES:
        calculator = all_calculators()[slug]
        preset = next((preset for preset in calculator.presets if preset.slug == wanted), None)
        label = _(preset.label) if preset else _("base")
        made.append(
            scenario_save(
                workspace=workspace,
                by=None,
                calculator=calculator,
                name=_("%(calculator)s, %(preset)s") % {"calculator": _(calculator.title), "preset": label},
                inputs=dict(preset.inputs) if preset else {},
                sample=True,
            )
        )
    return made


def _put(
    calculator: Calculator,
    workspace: Workspace,
    by: User | None,
    into: Scenario | None,
    revision: int | None,
    *,
    values: Mapping[str, Any],
    sources: Mapping[str, dict[str, Any]],
    name: str,
    note: str,
) -> Scenario:
    base = to_json(calculator.inputs()) if into is None else _base(into, calculator)
    filled = join.fill(calculator.inputs, base, values)
    if not filled.names:
        raise _nothing_fits(calculator, filled)
    by_input = {field: param.quantity for field, param, _start in params(calculator.inputs)}
    # A choice that was made only to show a filled input comes from the same place as that input.
    first = next(iter(sources.values()))
    origins = {field: sources.get(by_input[field], first) for field in filled.names}
    note = _with_refusals(calculator, note, filled)
    if into is not None:
        return scenario_update(
            scenario=into, by=by, revision=into.revision if revision is None else revision, inputs=filled.inputs,
            sources=origins, note=note,
        )  # fmt: skip
    return scenario_save(workspace=workspace, by=by, calculator=calculator, name=name[:NAME_LENGTH],
                         inputs=filled.inputs, sources=origins, note=note)  # fmt: skip


def _base(into: Scenario, calculator: Calculator) -> dict[str, Any]:
    opened = scenario_open(into)
    if opened.calculator is not calculator:
        template = gettext_noop("Wanted a scenario of {wanted}, got one of {got}.")
        raise Invalid({"into": [Problem(template, {"wanted": calculator.slug, "got": into.calculator})]})
    if opened.inputs is None:
        raise Invalid({"into": [Problem("{reason}", {"reason": opened.problem})]})
    return opened.stored


def _sent(calculator: Calculator) -> dict[str, str]:
    """The quantities that a calculator computes, to the names of its outputs."""
    return {
        output.quantity: name
        for name, output in calculator.outputs.items()
        if output.quantity and not (output.along or output.boolean)
    }


def _spread(outcome: engine.Outcome, output: str) -> float | Range:
    low, high = outcome.quantiles(output, (0.05, 0.95))
    if high == float("inf"):
        label = outcome.calculator.outputs[output].label
        template = gettext_noop("{output} is never reached in some draws, so there is no range of it to send.")
        raise Invalid({output: [Problem(template, {"output": label})]})
    if not low < high:
        return low
    return Range(low, high, Family.LOGNORMAL if low > 0 else Family.NORMAL)


def _nothing_fits(calculator: Calculator, filled: join.Filled) -> Invalid:
    if filled.refused:
        return Invalid({field: [problem] for field, problem in filled.refused.items()})
    accepted = sorted({param.quantity for _name, param, _start in params(calculator.inputs) if param.quantity})
    template = gettext_noop("Wanted a value that {calculator} accepts ({accepted}), got none of them.")
    return Invalid({"": [Problem(template, {"calculator": calculator.slug, "accepted": ", ".join(accepted)})]})


def _with_refusals(calculator: Calculator, note: str, filled: join.Filled) -> str:
    """The note of the revision also says what was measured but not taken, and why."""
    labels = {field: param.label for field, param, _start in params(calculator.inputs)}
    refusals = [
        _("%(input)s was not taken: %(reason)s") % {"input": _(labels[field]), "reason": problem_text(problem)}
        for field, problem in filled.refused.items()
    ]
    return " ".join([note, *refusals])


__all__ = ["calculators_for_job", "calculators_for_scenario", "sample_make", "scenario_from_job", "scenario_send"]
