"""What weeks of use would have left in a portal, so that every page has something to show.

Run by ``manage.py shell`` in the state folder of the portal under test; prints the ids as one line of JSON.
"""

import json

from django.db import transaction

from portal.accounts.models import User
from portal.accounts.selectors import workspace_of
from portal.jobs.events import events_record
from portal.jobs.models import Job
from portal.planning.registry import all_calculators
from portal.plans.services import scenario_save

STEPS = 200

owner = User.objects.filter(is_superuser=True).first()
workspace = workspace_of(owner)
scenarios = [
    scenario_save(
        workspace=workspace, by=owner, calculator=all_calculators()["runway"], name=name, inputs={"cash": cash}
    ).uid
    for name, cash in (("Base case", "3.2M"), ("Lean, 没有新融资", "2M"))
]
training = {
    "workspace": workspace,
    "owner": owner,
    "runner": "task",
    "mode": "training",
    "queue": "cpu",
    "title": "Train a language model",
    "device": "A processor",
    "total": STEPS,
    "payload": {"task": "text-generation", "action": "train", "inputs": {"steps": STEPS}, "files": {}},
}
with transaction.atomic():
    done = Job.objects.create(
        state="done", stage="saving", done=STEPS, attempt=1, device_seconds=81.0, usd=0.00225, kwh=0.0015,
        results={"validation_loss": 3.1, "tokens_per_second": 21_000.0, "steps": STEPS},
        measures={"tokens_per_second": 21_000.0, "achieved_flops": 9.1e10, "utilisation": 0.41},
        **training,
    )  # fmt: skip
    measured = [
        ("step", {"done": n, "total": STEPS, "loss": 8 / n**0.2, "learning_rate": 1e-3, "tokens_per_second": 2e4})
        for n in range(5, STEPS + 1, 5)
    ]
    evaluated = [
        ("step", {"done": n, "total": STEPS, "validation_loss": 8.2 / n**0.2}) for n in range(50, STEPS + 1, 50)
    ]
    begun = [("state", {"state": "running", "attempt": 1}), ("stage", {"name": "training"})]
    ended = [("log", {"message": "Going on from step 5."}), ("state", {"state": "done"})]
    events_record(job=done, events=[*begun, *measured, *evaluated, *ended])
    failed = Job.objects.create(
        state="failed", done=3, attempt=3, error_kind="out_of_memory",
        error_text="The run needed more memory than the worker has.", **training,
    )  # fmt: skip
print(json.dumps({"scenarios": scenarios, "done": done.uid, "failed": failed.uid}))
