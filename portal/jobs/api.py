"""The REST API of jobs: ``/api/v1/jobs/``. Jobs are created where they belong, such as below a task."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from typing import Any, BinaryIO

from django.core.handlers.asgi import ASGIRequest
from django.http import FileResponse, Http404, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header, quote_etag
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import APIException, NotFound
from rest_framework.generics import ListAPIView
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.accounts.models import User
from portal.jobs.admission import demo_admit
from portal.jobs.artifacts import Damaged, artifact_open
from portal.jobs.models import Artifact, Job
from portal.jobs.selectors import artifact_access, job_access, jobs_of, place, visitor_of
from portal.jobs.services import NotPermitted, job_cancel, job_retry
from portal.jobs.states import State

CHUNK = 256 * 1024  # bytes
ETAG = OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200], description="Names this state.")


class ErrorSerializer(serializers.Serializer):
    kind = serializers.CharField(help_text="For programs: disk_full, out_of_memory, time_limit, worker_lost, …")
    text = serializers.CharField(help_text="For people: what happened and what to do.")


class ArtifactSerializer(serializers.ModelSerializer):
    url = serializers.SerializerMethodField()

    class Meta:
        model = Artifact
        fields = ("name", "size", "sha256", "url")

    def get_url(self, artifact: Artifact) -> str:
        return reverse("jobs-api:artifact", args=[artifact.job.uid, artifact.name])


class JobSummarySerializer(serializers.ModelSerializer):
    """A job as a list shows it. Money is in US dollars, energy in kWh, times in seconds of the device."""

    cancelling = serializers.BooleanField(source="is_cancelling")
    error = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields: tuple[str, ...] = (
            "uid", "url", "title", "runner", "mode", "queue", "state", "cancelling", "stage", "attempt", "max_attempts",
            "done", "total", "created_at", "started_at", "finished_at", "device", "device_seconds", "usd", "kwh",
            "error",
        )  # fmt: skip

    @extend_schema_field(ErrorSerializer(allow_null=True))
    def get_error(self, job: Job) -> dict[str, str] | None:
        return {"kind": job.error_kind, "text": _(job.error_text)} if job.error_kind else None

    def get_url(self, job: Job) -> str:
        return reverse("jobs-api:job", args=[job.uid])


class JobSerializer(JobSummarySerializer):
    """A whole job. ``place`` and ``wait_seconds`` say what a waiting one waits for."""

    configuration = serializers.JSONField(source="payload")
    quote = serializers.SerializerMethodField(help_text="What it was expected to take; null where nothing was quoted.")
    place = serializers.SerializerMethodField()
    wait_seconds = serializers.SerializerMethodField()
    made_from = serializers.CharField(source="parent.uid", default=None, allow_null=True, read_only=True)
    artifacts = ArtifactSerializer(many=True)
    events_url = serializers.SerializerMethodField()

    class Meta(JobSummarySerializer.Meta):
        fields: tuple[str, ...] = (
            *JobSummarySerializer.Meta.fields, "place", "wait_seconds", "configuration", "quote", "results", "measures",
            "artifacts", "made_from", "events_url",
        )  # fmt: skip

    def to_representation(self, instance: Job) -> dict[str, Any]:
        self._ahead = place(instance)
        return super().to_representation(instance)

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_place(self, job: Job) -> int | None:
        return self._ahead.get("place")

    @extend_schema_field(serializers.FloatField(allow_null=True))
    def get_wait_seconds(self, job: Job) -> float | None:
        return self._ahead.get("wait_seconds")

    @extend_schema_field({"type": ["object", "null"], "additionalProperties": True})
    def get_quote(self, job: Job) -> dict[str, Any] | None:
        return job.quote

    def get_events_url(self, job: Job) -> str:
        return reverse("jobs-api:events", args=[job.uid])


class JobFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=State.choices)
    mode = filters.ChoiceFilter(choices=Job.Mode.choices)

    class Meta:
        model = Job
        fields = ("state", "mode")


class Pages(CursorPagination):
    ordering = "-pk"
    page_size, page_size_query_param, max_page_size = 50, "page_size", 200

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Raises NotFound for a cursor that we did not make; the framework would ask the database for its text."""
        cursor = super().decode_cursor(request)
        if cursor and cursor.position is not None and not re.fullmatch(r"[0-9]{1,18}", str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor


class Conflict(APIException):
    status_code = 409
    default_code = "conflict"


class Gone(APIException):
    status_code = 410
    default_code = "damaged"


class JobsView(ListAPIView):
    permission_classes = [AllowAny]  # a visitor has jobs too, those of the session
    serializer_class = JobSummarySerializer
    pagination_class = Pages
    filterset_class = JobFilter
    queryset = Job.objects.none()

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        mine = jobs_of(self.request.user, visitor_of(self.request))
        return mine.defer("payload", "results", "measures", "quote")

    @extend_schema(operation_id="jobs_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Your jobs, the newest first."""
        return super().get(request, *args, **kwargs)


class JobView(APIView):
    """What the views below share: whose job it is, and how it is answered."""

    permission_classes = [AllowAny]

    def job(self, uid: str) -> Job:
        try:
            return job_access(self.request.user, visitor_of(self.request), uid)
        except Job.DoesNotExist:
            raise Http404 from None

    def person(self) -> User | None:
        return self.request.user if isinstance(self.request.user, User) else None


class OneJobView(JobView):
    @extend_schema(operation_id="jobs_read", parameters=[ETAG], responses=JobSerializer)
    def get(self, request: Request, uid: str) -> HttpResponseBase:
        """One job; 304 when If-None-Match names its present state. `events_url` is the same as a stream of
        server-sent events (`state`, `stage`, `step`, `log`, `tokens`, `artifact`, `end`), which goes on after the id
        in `Last-Event-ID`."""
        body = JobSerializer(self.job(uid)).data
        etag = quote_etag(hashlib.sha256(JSONRenderer().render(body)).hexdigest()[:32])
        response = Response(body, headers={"ETag": etag})
        return get_conditional_response(request, etag=etag, response=response) or response


class CancelView(JobView):
    @extend_schema(operation_id="jobs_cancel", request=None, responses=JobSerializer)
    def post(self, request: Request, uid: str) -> Response:
        """Cancel a waiting job at once, ask a running one to stop; a job that is over stays as it is."""
        return Response(JobSerializer(job_cancel(job=self.job(uid), by=self.person())).data)


class RetryView(JobView):
    @extend_schema(
        operation_id="jobs_retry", request=None,
        responses={202: JobSerializer, 409: OpenApiResponse(description="The job is neither failed nor cancelled.")},
    )  # fmt: skip
    def post(self, request: Request, uid: str) -> Response:
        """Queue a failed or cancelled job again. It goes on from its last checkpoint."""
        job = self.job(uid)
        if job.mode == Job.Mode.INTERACTIVE:
            address = request.META.get("REMOTE_ADDR", "")
            demo_admit(user=request.user, visitor=visitor_of(request), address=address)
        try:
            retried = job_retry(job=job, by=self.person())
        except NotPermitted as refusal:
            raise Conflict(str(refusal)) from refusal
        return Response(JobSerializer(retried).data, status=202)


class ArtifactView(JobView):
    @extend_schema(
        operation_id="jobs_artifact",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY,
                   410: OpenApiResponse(description="The file is gone or damaged.")},
    )  # fmt: skip
    def get(self, request: Request, uid: str, name: str) -> HttpResponseBase:
        """A file that the job made, its bytes checked against the recorded SHA-256."""
        try:
            artifact = artifact_access(self.job(uid), name)
            stream = artifact_open(artifact)
        except Artifact.DoesNotExist:
            raise Http404 from None
        except Damaged as problem:
            raise Gone(str(problem)) from problem
        kind = "application/octet-stream"
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "sandbox",
            "ETag": quote_etag(artifact.sha256),
        }
        if not isinstance(request._request, ASGIRequest):
            return FileResponse(stream, as_attachment=True, filename=artifact.name, content_type=kind, headers=headers)
        headers["Content-Disposition"] = str(content_disposition_header(True, artifact.name))
        headers["Content-Length"] = str(artifact.size)
        return StreamingHttpResponse(_chunks(stream), content_type=kind, headers=headers)


async def _chunks(stream: BinaryIO) -> AsyncIterator[bytes]:
    """Under ASGI a synchronous iterator would be read whole before the first byte is sent."""
    with stream:
        while chunk := await asyncio.to_thread(stream.read, CHUNK):
            yield chunk
