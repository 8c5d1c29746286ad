"""Which uploads and trained models a person may use."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from mlcore.task import Mode, Task
from portal.accounts.models import User
from portal.demos.models import Upload
from portal.jobs.models import Job
from portal.jobs.selectors import jobs_of
from portal.jobs.states import State


def uploads_of(user: User | AnonymousUser | None, visitor: str = "") -> QuerySet[Upload]:
    """One's own uploads, newest first: of the person, or of a visitor's session."""
    if isinstance(user, User):
        return Upload.objects.filter(owner=user)
    return Upload.objects.filter(visitor=visitor) if visitor else Upload.objects.none()


def upload_access(user: User | AnonymousUser | None, visitor: str, uid: str) -> Upload:
    """The door to one upload. Raises Upload.DoesNotExist for what is not theirs."""
    return uploads_of(user, visitor).get(uid=uid)


def uploads_in_use() -> set[str]:
    """Uploads that jobs still need: those that wait for their first attempt or are in one."""
    waiting = Job.objects.filter(runner="task", state__in=(State.QUEUED, State.RUNNING))
    return {uid for payload in waiting.values_list("payload", flat=True) for uid in payload.get("files", {}).values()}


def models_of(task: Task, user: User | AnonymousUser | None, visitor: str = "") -> QuerySet[Job]:
    """Finished training runs of a task whose artifacts this person may use, newest first."""
    slugs = [action.slug for action in task.actions if action.mode is Mode.TRAINING]
    trained = jobs_of(user, visitor).filter(runner="task", state=State.DONE, artifacts__isnull=False)
    return trained.filter(payload__task=task.slug, payload__action__in=slugs).distinct().order_by("-pk")


def model_access(task: Task, user: User | AnonymousUser | None, visitor: str, uid: str) -> Job:
    """The door to one trained model. Raises Job.DoesNotExist for what is not theirs."""
    return models_of(task, user, visitor).get(uid=uid)
