"""What other apps' pages show of scenarios: where the measured values of a job can be sent."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from mlcore.spec import params
from portal.derive.wording import figure
from portal.jobs.models import Job
from portal.plans.join import accepts
from portal.plans.join_services import calculators_for_job
from portal.plans.selectors import scenarios_of

register = template.Library()
OFFERED = 50  # scenarios of one calculator


@register.simple_tag(takes_context=True)
def targets_of(context: dict[str, Any], job: Job) -> list[dict[str, Any]]:
    """Each calculator that accepts something of what the job measured: its inputs with the values, and the person's
    scenarios that the values can go into."""
    mine = scenarios_of(context["user"])
    found = []
    for calculator in calculators_for_job(job):
        wanted = accepts(calculator.inputs, job.measures)
        lines = [
            {
                "quantity": param.quantity,
                "label": _(param.label),
                "value": _shown(job.measures[param.quantity], param.unit),
            }
            for name, param, _start in params(calculator.inputs)
            if name in wanted
        ]
        found.append(
            {
                "slug": calculator.slug,
                "title": _(calculator.title),
                "lines": lines,
                "scenarios": mine.filter(calculator=calculator.slug)[:OFFERED],
            }
        )
    return found


def _shown(value: Any, unit: str) -> str:
    return str(value) if isinstance(value, str) else figure(value, unit)
