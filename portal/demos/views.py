"""Pages of ML tasks: the list, the demo that streams, the training that is quoted first, and a run's results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST
from django_permissions_policy.decorators import permissions_policy_override
from rest_framework.exceptions import APIException

from mlcore.reading import Invalid, Problem, to_json
from mlcore.registry import all_tasks
from mlcore.spec import Kind, Param, params
from mlcore.task import Action, Mode, Task
from portal.accounts.models import User
from portal.demos.cards import card_of
from portal.demos.checks import Refused
from portal.demos.forms import drawn
from portal.demos.present import badge, has_charts, main_result, quote_facts, quote_spans, shown
from portal.demos.quotes import Quote, quote
from portal.demos.runs import action_of, run_start
from portal.demos.services import too_large, upload_save
from portal.demos.snippets import snippets
from portal.demos.upload_handler import LimitedUploadHandler, limit_upload
from portal.derive.forms import InputsForm, form_class
from portal.derive.query import state_to_query
from portal.derive.values import value_words
from portal.jobs.admission import may_train
from portal.jobs.models import Job
from portal.jobs.selectors import job_access, jobs_of, place, visitor_of
from portal.jobs.services import job_cancel

PROBLEMS = 422
# A picture may be taken on the page of a demo, and nowhere else.
with_camera = permissions_policy_override({**settings.PERMISSIONS_POLICY, "camera": ["self"]})


@require_GET
def task_list(request: HttpRequest) -> HttpResponse:
    families: dict[str, list[dict[str, Any]]] = {}
    for task in all_tasks().values():
        listed = {"task": task, "demos": _of_mode(task, Mode.INTERACTIVE), "trainings": _of_mode(task, Mode.TRAINING)}
        families.setdefault(task.family, []).append(listed)
    return render(request, "demos/list.html", {"families": families})


@require_GET
@never_cache
@with_camera
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The demo of a task: what it can do while a person waits."""
    task = _task(slug)
    action = _chosen(request, task, Mode.INTERACTIVE)
    return _demo(request, task, action, _form(request, action))


@require_GET
@never_cache
@with_camera
def train(request: HttpRequest, slug: str) -> HttpResponse:
    """Training, with a quote for what is filled in."""
    task = _task(slug)
    action = _chosen(request, task, Mode.TRAINING)
    return _training(request, task, action, _form(request, action))


@require_GET
@never_cache
def quote_now(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """The quote for the form as it stands, as a fragment."""
    task, found = _action(slug, action)
    form = form_class(found.inputs)(_without_files(request.GET, found))
    told = quote(task, found, form.inputs) if form.is_valid() else None
    context = {"form": form, **_quoted(request, told)}
    return render(request, "demos/quote.html", context, status=200 if told else PROBLEMS)


@require_GET
def code(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """How to do what the form says by the API, as a fragment."""
    task, found = _action(slug, action)
    form = form_class(found.inputs)(_without_files(request.GET, found))
    inputs = form.inputs if form.is_valid() else found.inputs()
    return render(request, "demos/code.html", {"snippets": snippets(request, task, found, inputs)})


@with_camera  # refused inputs come back as the page
@csrf_exempt  # so that the limit on uploads stands before anything reads the body; _run checks the token
@require_POST
def run(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    return _run(request, slug, action, limit_upload(request, most=settings.MAX_UPLOAD_BYTES))


@csrf_protect
def _run(request: HttpRequest, slug: str, action: str, received: LimitedUploadHandler) -> HttpResponse:
    """Start an action. A page with scripts gets the place in which it streams, another the page of the job."""
    task, found = _action(slug, action)
    live = bool(request.headers.get("HX-Request"))
    visitor = visitor_of(request, create=not request.user.is_authenticated)
    data, problems = _with_uploads(request, found, visitor, received)
    form = form_class(found.inputs)(data)
    if not form.is_valid() or problems:
        form.add_problems(Invalid(problems))
        return _refused(request, task, found, form)
    _stop_replaced(request, visitor)
    try:
        job = run_start(
            task=task, action=found, given=to_json(form.inputs), user=request.user, visitor=visitor,
            address=request.META.get("REMOTE_ADDR", ""),
        )  # fmt: skip
    except PermissionDenied:
        return redirect_to_login(f"{_address(task, found)}?{state_to_query(form.inputs)}")
    except Invalid as problem:
        form.add_problems(problem)
        return _refused(request, task, found, form)
    except APIException as refusal:
        if not live:
            raise
        return _place(request, found, {"refusal": refusal.detail}, refusal.status_code)
    return _place(request, found, _now(job, found), 202) if live else redirect("jobs:page", uid=job.uid)


@require_GET
@never_cache
def results(request: HttpRequest, uid: str) -> HttpResponse:
    """How a run stands and what it gave, as a fragment for the page that started it."""
    return render(request, "demos/results.html", _now(*_run_of(request, uid)))


@require_POST
def stop(request: HttpRequest, uid: str) -> HttpResponse:
    """Stop a run. What it has written stays on the page."""
    job, action = _run_of(request, uid)
    return render(request, "demos/results.html", _now(job_cancel(job=job, by=_person(request)), action))


# What the views share


def _task(slug: str) -> Task:
    try:
        return all_tasks()[slug]
    except KeyError:
        raise Http404 from None


def _action(slug: str, action: str) -> tuple[Task, Action]:
    task = _task(slug)
    try:
        return task, task.action(action)
    except KeyError:
        raise Http404 from None


def _run_of(request: HttpRequest, uid: str) -> tuple[Job, Action]:
    try:
        job = job_access(request.user, visitor_of(request), uid)
    except Job.DoesNotExist:
        raise Http404 from None
    known = action_of(job)
    if known is None:
        raise Http404
    return job, known[1]


def _of_mode(task: Task, mode: Mode) -> list[Action]:
    return [action for action in task.actions if action.mode is mode]


def _chosen(request: HttpRequest, task: Task, mode: Mode) -> Action:
    actions = _of_mode(task, mode)
    wanted = request.GET.get("action", actions[0].slug if actions else "")
    found = next((action for action in actions if action.slug == wanted), None)
    if found is None:
        raise Http404
    return found


def _form(request: HttpRequest, action: Action) -> InputsForm:
    given = request.GET.copy()
    given.pop("action", None)
    form = form_class(action.inputs)(given or None)
    form.is_valid()
    return form


def _demo(request: HttpRequest, task: Task, action: Action, form: InputsForm) -> HttpResponse:
    examples = [
        {"query": state_to_query(inputs), "name": _example_name(action, example)}
        for example in action.examples
        for inputs in [action.inputs(**example)]
    ]
    context = {"examples": examples, "main": action.results.get(main_result(action))}
    return _page(request, "demos/page.html", task, action, form, context)


def _training(request: HttpRequest, task: Task, action: Action, form: InputsForm) -> HttpResponse:
    told = None if form.problems else quote(task, action, form.inputs)
    context = {"may_train": may_train(_person(request)), **_quoted(request, told)}
    return _page(request, "demos/train.html", task, action, form, context)


def _page(
    request: HttpRequest, template: str, task: Task, action: Action, form: InputsForm, more: dict[str, Any]
) -> HttpResponse:
    context = {
        "task": task,
        "action": action,
        "others": [other for other in _of_mode(task, action.mode) if other is not action],
        "trainings": _of_mode(task, Mode.TRAINING),
        "demos": _of_mode(task, Mode.INTERACTIVE),
        "form": form,
        "drawn": drawn(form, task, action, request.user, visitor_of(request)),
        "card": card_of(task),
        "has_charts": has_charts(action),
        "snippets": [] if form.problems else snippets(request, task, action, form.inputs),
        **more,
    }
    return render(request, template, context, status=PROBLEMS if form.problems else 200)


def _place(request: HttpRequest, action: Action, more: dict[str, Any], status: int = 200) -> HttpResponse:
    """Where a run streams, and where it says why it did not start."""
    context = {"action": action, "main": action.results.get(main_result(action)), **more}
    return render(request, "demos/run.html", context, status=status)


def _now(job: Job, action: Action) -> dict[str, Any]:
    """How a run stands and, when it is over, what it gave. What was streamed is on the page already."""
    main = main_result(action)
    streamed = main if job.events.filter(kind="tokens").exists() else ""
    told = [each for each in shown(action, job.results) if each.name != streamed and not each.is_timing]
    return {
        "job": job,
        "place": place(job),
        "badge": badge(job, action),
        "passages": [each for each in told if each.is_long],
        "facts": [each for each in told if not each.is_long],
        "untitled": main,
    }


def _stop_replaced(request: HttpRequest, visitor: str) -> None:
    """A new run on the same page takes the place of the one that is still writing there."""
    earlier = jobs_of(request.user, visitor).filter(uid=request.POST.get("replaces", ""), mode=Job.Mode.INTERACTIVE)
    for job in earlier:
        job_cancel(job=job, by=_person(request))


def _refused(request: HttpRequest, task: Task, action: Action, form: InputsForm) -> HttpResponse:
    """The page, or where a script asked its form alone, with what is wrong beside each field."""
    if not request.headers.get("HX-Request"):
        show: Callable[..., HttpResponse] = _demo if action.mode is Mode.INTERACTIVE else _training
        return show(request, task, action, form)
    context = {
        "task": task, "action": action, "form": form,
        "drawn": drawn(form, task, action, request.user, visitor_of(request)),
    }  # fmt: skip
    response = render(request, "demos/inputs.html", context, status=PROBLEMS)
    response["HX-Retarget"], response["HX-Reswap"] = "#f", "outerMorph"
    return response


def _with_uploads(
    request: HttpRequest, action: Action, visitor: str, received: LimitedUploadHandler
) -> tuple[QueryDict, dict[str, list[Problem]]]:
    """The form's data with each file that a field asks for stored and its id in its place, and what was refused."""
    data, refused = request.POST.copy(), {}
    media = _media(action)
    for name, file in request.FILES.items():
        if name not in media:
            continue
        assert isinstance(file, UploadedFile)
        try:
            upload = upload_save(
                chunks=file.chunks(), name=file.name or "", owner=_person(request), visitor=visitor,
                accepted=media[name].accept, most=media[name].max_bytes,
            )  # fmt: skip
            data[name] = upload.uid
        except Refused as problem:
            refused[name] = [Problem("{reason}", {"reason": str(problem)})]
    if received.too_large:
        field = media.get(received.field_name or "")
        reason = too_large(min(field.max_bytes, received.most) if field else received.most)
        refused[received.field_name or ""] = [Problem("{reason}", {"reason": str(reason)})]
    return data, refused


def _without_files(given: QueryDict, action: Action) -> QueryDict:
    """What is known of a form before its files are sent: a browser puts only a placeholder into an address."""
    data = given.copy()
    for name in _media(action):
        data.pop(name, None)
    return data


def _media(action: Action) -> dict[str, Param]:
    return {name: param for name, param, _start in params(action.inputs) if param.kind is Kind.MEDIA}


def _quoted(request: HttpRequest, told: Quote | None) -> dict[str, Any]:
    """A quote in words, and the run on which it rests, linked for those who may see it."""
    if told is None:
        return {"quote": None}
    context = {"quote": told, "spans": quote_spans(told), "facts": quote_facts(told), "basis": told.basis}
    if told.basis is not None:
        mine = jobs_of(request.user, visitor_of(request)).filter(pk=told.basis.pk)
        context["basis_mine"] = mine.exists()
    return context


def _example_name(action: Action, example: Mapping[str, Any]) -> str:
    """An example is called by what it changes first: its text, the choice it makes, or the number with its label."""
    declared = {name: param for name, param, _start in params(action.inputs)}
    for name, value in example.items():
        param = declared[name]
        if param.kind is Kind.CHOICE:
            return _(dict(param.choices)[value])
        return value if isinstance(value, str) and value else f"{_(param.label)}: {value_words(param, value)}"
    return _("Example")


def _address(task: Task, action: Action) -> str:
    return reverse("demos:page" if action.mode is Mode.INTERACTIVE else "demos:train", args=[task.slug])


def _person(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
