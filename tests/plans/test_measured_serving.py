"""From a measured job to a serving plan and on to the cost of a customer: every number with where it comes from."""

from __future__ import annotations

import math

import pytest
from django.utils import timezone

from mlcore import device as device_module
from mlcore.device import memory_bandwidth
from mlcore.progress import Quiet
from mlcore.reading import read_inputs
from mlcore.tasks.text_generation import serve as serve_module
from portal.accounts.selectors import workspace_of
from portal.demos.runner import run
from portal.jobs.models import Job
from portal.planning.engine import evaluate
from portal.planning.registry import all_calculators
from portal.plans.join_services import calculators_for_job, scenario_from_job, scenario_send
from portal.plans.provenance import told


class Attempt(Quiet):
    """What the runner needs of a ``JobRun``, without its lease."""

    queue, device, usd_per_hour, watts = "cpu", "", 0.5, 65.0


@pytest.fixture
def job(user, tmp_path, monkeypatch):
    """A job of the action, really run, and stored as a worker stores it."""
    monkeypatch.setattr(serve_module, "matmul_peak", lambda device: 5e10)
    monkeypatch.setattr(device_module, "_COPIED_BYTES", 2**20)
    memory_bandwidth.cache_clear()
    inputs = {"requests": 4, "prompt": 8, "output": 8, "seconds": 0.1}
    payload = {"task": "text-generation", "action": "serve", "inputs": inputs, "files": {}}
    made = run(payload, Attempt(tmp_path))
    memory_bandwidth.cache_clear()
    return Job.objects.create(
        workspace=workspace_of(user), owner=user, runner="task", title="Measure serving", mode="interactive",
        queue="cpu", payload=payload, state="done", device=made["results"]["device"], finished_at=timezone.now(),
        results=made["results"], measures=made["measures"],
    )  # fmt: skip


def test_a_measured_speed_becomes_a_plan_and_its_cost_goes_on(job, user):
    serving = all_calculators()["serving"]
    assert "serving" in [calculator.slug for calculator in calculators_for_job(job)]
    plan = scenario_from_job(job=job, calculator=serving, workspace=workspace_of(user), by=user)

    speed = job.measures["serve.tokens_per_second"]
    expected = {
        "throughput": "measured", "measured_speed": speed, "split": "1", "prompt": 8, "output": 8,
        "architecture": "custom", "hidden": 256, "accelerator": "custom", "price_basis": "typed",
        "usd_per_device_hour": 0.5,
    }  # fmt: skip
    assert {name: plan.inputs[name] for name in expected} == expected
    words = told(serving.inputs, plan.provenance)
    for name in expected:
        assert words[name]["text"].startswith(f"Measured by {job.uid} on {job.device}, "), name
    assert words["requests_per_day"]["kind"] == "default"

    case = evaluate(serving, read_inputs(serving.inputs, plan.inputs))
    load = case.values["requests_per_day"] / 86_400 * case.values["peak_factor"] * 8
    assert case.outputs["replicas"] == math.ceil(load / speed)
    assert case.outputs["cost"] == pytest.approx(case.outputs["devices"] * 0.5 * 730.5)

    economics = all_calculators()["unit-economics"]
    sent = scenario_send(scenario=plan, calculator=economics, by=user)
    cost = sent.inputs["inference_cost"]
    assert 0 < cost["low"] < cost["high"]
    assert sent.provenance["inference_cost"]["scenario"] == plan.uid
