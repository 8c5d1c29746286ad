"""Start an action of an ML task as a job: inputs read, files checked, the rate counted, the quote kept."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mlcore.reading import Invalid, Problem, read_inputs, to_json
from mlcore.registry import all_tasks
from mlcore.spec import Kind, params
from mlcore.task import Action, Mode, Task
from portal.accounts.models import User
from portal.demos.checks import fits
from portal.demos.models import Upload
from portal.demos.quotes import Quote, queue_of_this_machine, quote
from portal.demos.selectors import model_access, upload_access
from portal.jobs.admission import demo_admit, may_train
from portal.jobs.models import Job
from portal.jobs.services import job_submit

RUNNER = "task"

NO_FILE = gettext_noop("Wanted a file, got none. Choose one to upload.")
NO_UPLOAD = gettext_noop("Found no upload of yours with the id {given}. It may have expired: upload it again.")
WRONG_TYPE = gettext_noop("Wanted a file of type {types}, got {given}.")
TOO_LARGE = gettext_noop("Wanted a file of at most {most} bytes, got {given}.")
NO_MODEL = gettext_noop("Found no finished run of yours with the id {given}.")


def run_read(*, task: Task, action: Action, given: Any, user: User | AnonymousUser, visitor: str) -> Any:
    """The inputs, with every file that they name checked: it exists, is this person's, and fits.

    Raises:
        Invalid: with every problem found.
    """
    inputs: Any = read_inputs(action.inputs, given)
    _files(task, action, inputs, user, visitor)
    return inputs


def run_quote(*, task: Task, action: Action, given: Any) -> Quote | None:
    """What a run with these inputs would take; files need not be uploaded yet. Raises Invalid."""
    return quote(task, action, read_inputs(action.inputs, given))


def run_start(
    *,
    task: Task,
    action: Action,
    given: Any,
    user: User | AnonymousUser,
    visitor: str,
    address: str,
    idempotency_key: str = "",
) -> Job:
    """Submit the job.

    Raises:
        Invalid: the inputs, or a file that is not there.
        PermissionDenied: training without an account.
        Throttled: the rate of demo runs is used up.
        KeyReused: the idempotency key came with other contents before.
    """
    owner = user if isinstance(user, User) else None
    if action.mode is Mode.TRAINING and not may_train(owner):
        raise PermissionDenied(_("Training runs need an account: sign in, then start the run again."))
    inputs: Any = read_inputs(action.inputs, given)
    files = _files(task, action, inputs, user, visitor)
    told = quote(task, action, inputs)
    if action.mode is Mode.INTERACTIVE:
        demo_admit(user=user, visitor=visitor, address=address)
    return job_submit(
        runner=RUNNER,
        title=action.title,
        payload={"task": task.slug, "action": action.slug, "inputs": to_json(inputs), "files": files},
        queue=queue_of_this_machine(),
        mode=action.mode.value,
        owner=owner,
        visitor="" if owner else visitor,
        quote=told.stored() if told else None,
        idempotency_key=idempotency_key,
    )


def action_of(job: Job) -> tuple[Task, Action] | None:
    """What a job of ours ran; None for another runner's, or when the task is gone."""
    task = all_tasks().get(job.payload.get("task", "")) if job.runner == RUNNER else None
    if task is None:
        return None
    return next(((task, action) for action in task.actions if action.slug == job.payload.get("action")), None)


def _files(task: Task, action: Action, inputs: Any, user: User | AnonymousUser, visitor: str) -> dict[str, str]:
    """Field to the id of an upload, or of the job whose artifacts are wanted."""
    found: dict[str, str] = {}
    problems: dict[str, list[Problem]] = {}

    def refuse(name: str, template: str, **values: Any) -> None:
        problems[name] = [Problem(template, values)]

    for name, param, _start in params(action.inputs):
        value = getattr(inputs, name)
        if param.when is not None and getattr(inputs, param.when[0]) not in param.when[1]:
            continue
        if param.kind is Kind.MEDIA and not value and param.when is not None:
            refuse(name, NO_FILE)
        elif param.kind is Kind.MEDIA and value:
            try:
                upload = upload_access(user, visitor, value)
            except Upload.DoesNotExist:
                refuse(name, NO_UPLOAD, given=value)
                continue
            if not fits(upload.media_type, param.accept):
                refuse(name, WRONG_TYPE, types=", ".join(param.accept), given=upload.media_type)
            elif upload.size > param.max_bytes:
                refuse(name, TOO_LARGE, most=f"{param.max_bytes:,}", given=f"{upload.size:,}")
            found[name] = upload.uid
        elif name in action.artifact_folders and value:
            try:
                found[name] = model_access(task, user, visitor, value).uid
            except Job.DoesNotExist:
                refuse(name, NO_MODEL, given=value)
    if problems:
        raise Invalid(problems)
    return found
