"""The form of an action, as its page draws it: what is asked first, what is folded, and which models can be chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext as _

from mlcore.spec import Kind, params
from mlcore.task import Action, Task
from portal.accounts.models import User
from portal.demos.models import Upload
from portal.demos.selectors import models_of, upload_access
from portal.derive.fields import View
from portal.derive.forms import InputsForm
from portal.derive.wording import figure
from portal.jobs.models import Job

HUB_FIELD = "hub_model"  # a text field of this name takes a checkpoint from a model hub
MODELS_OFFERED = 50


@dataclass(frozen=True, slots=True)
class Field:
    """One field: besides its box, the upload that an earlier attempt of the form stored for it, and how to give one."""

    view: View
    upload: Upload | None
    ways: tuple[str, ...] = ()  # "draw", "camera"
    max_bytes: int = 0  # of a file

    @property
    def is_picture(self) -> bool:
        return "image/" in self.view.accept

    @property
    def takes_folders(self) -> bool:
        """A folder is packed in the browser, where an archive is taken."""
        return "application/zip" in self.view.accept

    @property
    def is_counted(self) -> bool:
        """Whether a text may get so long that its writer wants to know how long it is."""
        return self.view.kind == Kind.TEXT and self.view.long


@dataclass(frozen=True, slots=True)
class Part:
    heading: str
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Drawn:
    """``first`` is always open, ``settings`` are folded; ``summary`` tells their values inline."""

    first: Part
    settings: list[Part]
    summary: str

    @property
    def scripts(self) -> set[str]:
        """What its fields need in a browser: "media", ways of giving one, "counter"."""
        fields = [field for part in (self.first, *self.settings) for field in part.fields]
        needed = {way for field in fields for way in field.ways}
        needed |= {"media" for field in fields if field.view.kind == Kind.MEDIA}
        needed |= {"folder" for field in fields if field.takes_folders}
        return needed | {"counter" for field in fields if field.is_counted}


def drawn(form: InputsForm, task: Task, action: Action, user: User | AnonymousUser, visitor: str) -> Drawn:
    declared = {name: param for name, param, _start in params(action.inputs)}
    parts = [
        Part(
            group.heading,
            [
                Field(
                    # A number here is typed: sliders are for what one wants to see move.
                    replace(_offered(view, task, action, user, visitor), slider=None),
                    _kept(view, user, visitor),
                    declared[view.name].ways,
                    min(declared[view.name].max_bytes, settings.MAX_UPLOAD_BYTES),
                )
                for view in group.views
                if _is_shown(view)
            ],
        )
        for group in form.groups()
    ]
    parts = [part for part in parts if part.fields]
    folded = [field.view for part in parts[1:] for field in part.fields if field.view.shown]
    return Drawn(parts[0], parts[1:], ", ".join(_told(view) for view in folded if view.kind != Kind.MEDIA))


def _is_shown(view: View) -> bool:
    """A field for hub checkpoints is there only where the operator allows some."""
    return view.name != HUB_FIELD or bool(settings.HUB_ENABLED and settings.HUB_MODELS)


def _offered(view: View, task: Task, action: Action, user: Any, visitor: str) -> View:
    """A box for an id becomes a choice of what this person may name there."""
    if view.name in action.artifact_folders:
        runs = models_of(task, user, visitor)[:MODELS_OFFERED]
        mine = [(job.uid, _model_name(job)) for job in runs]
        return replace(view, kind="choice", choices=(("", _("The starter model")), *mine))
    if view.name == HUB_FIELD:
        offered = [(name, name) for name in settings.HUB_MODELS]
        return replace(view, kind="choice", choices=(("", _("None")), *offered))
    return view


def _kept(view: View, user: Any, visitor: str) -> Upload | None:
    """What was uploaded already need not be sent again when another field is wrong."""
    if view.kind != Kind.MEDIA or not view.text:
        return None
    try:
        return upload_access(user, visitor, view.text)
    except Upload.DoesNotExist:
        return None


def _model_name(job: Job) -> str:
    told = figure(timezone.localdate(job.finished_at), "day") if job.finished_at else job.uid
    return _("Trained %(date)s, %(job)s") % {"date": told, "job": job.uid}


def _told(view: View) -> str:
    label = dict(view.choices).get(view.text, view.text) if view.kind == "choice" else view.text
    return _("%(label)s %(value)s") % {"label": view.label.lower(), "value": label or "–"}
