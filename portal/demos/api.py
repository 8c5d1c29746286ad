"""The REST API of ML tasks and uploads: what there is, what a run would take, starting one, giving a file.

Each action has addresses and an OpenAPI component of its own, made from its declaration.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.exceptions import APIException, NotAuthenticated, PermissionDenied
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mlcore.registry import all_tasks
from mlcore.task import Action, Mode, Task
from portal.accounts.models import User
from portal.demos import serializers as bodies
from portal.demos.checks import Refused
from portal.demos.models import Upload
from portal.demos.quotes import Quote
from portal.demos.runs import run_quote, run_start
from portal.demos.selectors import upload_access, uploads_of
from portal.demos.services import too_large, upload_delete, upload_save
from portal.demos.upload_handler import limit_upload
from portal.derive.paged import described, paged
from portal.derive.schema import component_name
from portal.derive.serializers import action_component, reference
from portal.jobs.admission import demo_admit, may_train
from portal.jobs.api import JobSerializer
from portal.jobs.idempotency import PARAMETER, answered, key_of
from portal.jobs.selectors import visitor_of

PROBLEM = "application/problem+json"
RATE = {(429, PROBLEM): OpenApiResponse(reference("Problem"), "The rate is used up; Retry-After says for how long.")}


class TasksView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="tasks_list", responses=bodies.TaskSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every ML task with its actions."""
        return Response([_task(task) for task in all_tasks().values()])


class ActionView(APIView):
    """What the views of one action share; subclasses are made by ``action_urls``."""

    permission_classes = [AllowAny]
    task: Task
    action: Action


class RunsView(ActionView):
    def post(self, request: Request) -> Response:
        person = request.user if isinstance(request.user, User) else None
        if self.action.mode is Mode.TRAINING and not may_train(person):
            raise NotAuthenticated if person is None else PermissionDenied
        with answered():
            job = run_start(
                task=self.task,
                action=self.action,
                given=request.data,
                user=request.user,
                visitor=visitor_of(request, create=person is None),
                address=request.META.get("REMOTE_ADDR", ""),
                idempotency_key=key_of(request),
            )
        headers = {"Location": reverse("jobs-api:job", args=[job.uid])}
        return Response(JobSerializer(job).data, status.HTTP_202_ACCEPTED, headers=headers)


class QuoteView(ActionView):
    def post(self, request: Request) -> Response:
        told = run_quote(task=self.task, action=self.action, given=request.data)
        if told is None:
            raise Http404
        return Response(_quote(told))


class UploadTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class UploadNotTaken(APIException):
    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "not_taken"


class UploadsView(APIView):
    """Files for ML tasks. Visitors give them within the rate of demos."""

    permission_classes = [AllowAny]
    parser_classes = [MultiPartParser]

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        # Before anything reads the body, as the check of a session's token does.
        self.received = limit_upload(request, most=settings.MAX_UPLOAD_BYTES)
        return super().initialize_request(request, *args, **kwargs)

    @described(bodies.UploadSerializer, "uploads_list")
    def get(self, request: Request) -> Response:
        """Your uploads, newest first."""
        return paged(self, uploads_of(request.user, visitor_of(request)), bodies.UploadSerializer)

    @extend_schema(
        operation_id="uploads_create",
        request={"multipart/form-data": bodies.UploadRequestSerializer},
        responses={
            201: bodies.UploadSerializer,
            (413, PROBLEM): OpenApiResponse(reference("Problem"), "The file is too large."),
            (422, PROBLEM): OpenApiResponse(reference("Problem"), "The file is not taken; it says what was found."),
        },
    )
    def post(self, request: Request) -> Response:
        """Give a text or CSV in UTF-8, a picture (PNG, JPEG or WebP) or a ZIP archive of such files.

        What it is, its content says, not its name. Pictures are stored without what else their file carried, at most
        2,048 pixels a side. A file is kept for some hours, and nobody can read it back.
        """
        visitor = visitor_of(request, create=not request.user.is_authenticated)
        if not request.user.is_authenticated:
            demo_admit(user=None, visitor=visitor, address=request.META.get("REMOTE_ADDR", ""))
        file = request.FILES.get("file")
        if self.received.too_large:
            raise UploadTooLarge(str(too_large()))
        body = bodies.UploadRequestSerializer(data={"file": file} if file is not None else {})
        body.is_valid(raise_exception=True)
        owner = request.user if isinstance(request.user, User) else None
        try:
            upload = upload_save(chunks=file.chunks(), name=file.name or "", owner=owner, visitor=visitor)
        except Refused as problem:
            refusal = UploadTooLarge if problem.code == "too_large" else UploadNotTaken
            raise refusal(str(problem), problem.code) from problem
        headers = {"Location": reverse("demos-api:upload", args=[upload.uid])}
        return Response(bodies.UploadSerializer(upload).data, status.HTTP_201_CREATED, headers=headers)


class OneUploadView(APIView):
    permission_classes = [AllowAny]

    def upload(self, uid: str) -> Upload:
        try:
            return upload_access(self.request.user, visitor_of(self.request), uid)
        except Upload.DoesNotExist:
            raise Http404 from None

    @extend_schema(operation_id="uploads_read", responses=bodies.UploadSerializer)
    def get(self, request: Request, uid: str) -> Response:
        """What is known of one upload."""
        return Response(bodies.UploadSerializer(self.upload(uid)).data)

    @extend_schema(operation_id="uploads_delete", responses={204: None})
    def delete(self, request: Request, uid: str) -> Response:
        """Remove it now. Runs that have begun keep their copy."""
        upload_delete(upload=self.upload(uid))
        return Response(status=status.HTTP_204_NO_CONTENT)


def action_urls() -> list[URLPattern]:
    """``<task>/<action>/runs`` and, where there is an estimate, ``<task>/<action>/quote``."""
    found = []
    for task in all_tasks().values():
        for action in task.actions:
            found.append(_url(RunsView, task, action, "runs"))
            if action.estimate:
                found.append(_url(QuoteView, task, action, "quote"))
    return found


def _url(view: type[ActionView], task: Task, action: Action, what: str) -> URLPattern:
    name = component_name(f"{task.slug}-{action.slug}", what.capitalize())
    made: type[ActionView] = type(f"{name}View", (view,), {"task": task, "action": action})
    inputs = {"application/json": reference(action_component(task.slug, action.slug))}
    training = action.mode is Mode.TRAINING
    if what == "runs":
        described = extend_schema(
            operation_id=f"{task.slug}_{action.slug}_run".replace("-", "_"),
            summary=action.title,
            description=f"{action.help} Answers at once with the job; follow its `events_url`."
            + (" Needs an account." if training else " Visitors may do this within a stated rate."),
            request=inputs,
            parameters=[PARAMETER],
            responses={202: JobSerializer} | ({} if training else RATE),
        )
    else:
        described = extend_schema(
            operation_id=f"{task.slug}_{action.slug}_quote".replace("-", "_"),
            summary=f"{action.title}: what it would take",
            description="Time, dollars and place in the queue, and what the estimate rests on. Nothing is started.",
            request=inputs,
            responses=bodies.QuoteSerializer,
        )
    decorated = extend_schema_view(post=described)(made)
    return path(f"{task.slug}/{action.slug}/{what}", decorated.as_view(), name=f"{task.slug}-{action.slug}-{what}")


def _task(task: Task) -> dict[str, Any]:
    return {
        "slug": task.slug,
        "title": task.title,
        "summary": task.summary,
        "family": task.family,
        "actions": [
            {
                "slug": action.slug,
                "title": action.title,
                "help": action.help,
                "mode": action.mode.value,
                "inputs": action_component(task.slug, action.slug),
                "results": {
                    name: {"label": result.label, "kind": result.kind, "unit": result.unit, "quantity": result.quantity}
                    for name, result in action.results.items()
                },
                "has_quote": bool(action.estimate),
                "runs": reverse(f"demos-api:{task.slug}-{action.slug}-runs"),
            }
            for action in task.actions
        ],
    }


def _quote(told: Quote) -> dict[str, Any]:
    names = ("seconds", "seconds_low", "seconds_high", "usd", "usd_low", "usd_high", "outcomes")
    facts = dict(told.facts)
    return {
        **{name: getattr(told, name) for name in names},
        "ahead": {"place": told.ahead.place, "wait_seconds": told.ahead.wait_seconds},
        "basis": facts.pop("basis", "reference"),
        "facts": facts,
    }
