"""The REST API of scenarios: ``/api/v1/scenarios/``. Only those of one's own workspaces exist here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.http import Http404
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mlcore.reading import Invalid
from mlcore.spec import params
from portal.accounts.models import User, Workspace
from portal.accounts.selectors import workspace_of
from portal.derive.paged import described, paged
from portal.derive.serializers import reference
from portal.jobs.models import Job
from portal.jobs.selectors import job_access
from portal.planning.calculator import Calculator
from portal.planning.registry import all_calculators
from portal.plans import serializers as bodies
from portal.plans.compare import as_json, compare
from portal.plans.exports import scenario_json
from portal.plans.join_services import scenario_from_job, scenario_send
from portal.plans.models import Revision, Scenario
from portal.plans.preconditions import Stale, etag_of, is_known, revision_seen, stale
from portal.plans.selectors import (
    deleted_access,
    revisions_of,
    scenario_access,
    scenario_open,
    scenarios_access,
    scenarios_of,
)
from portal.plans.services import (
    FIRST_SEED,
    scenario_delete,
    scenario_duplicate,
    scenario_restore,
    scenario_save,
    scenario_undelete,
    scenario_update,
)

PROBLEM = "application/problem+json"
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag of the scenario that you read."
)
ETAG = OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=[200, 201], description="Names this state.")
LOST = {
    (412, PROBLEM): OpenApiResponse(reference("Problem"), "The scenario was changed after you read it."),
    (428, PROBLEM): OpenApiResponse(reference("Problem"), "If-Match is missing."),
}


T = TypeVar("T")


class ScenarioView(APIView):
    """What the views below share: whose scenario it is, and how it is answered."""

    def scenario(self, uid: str) -> Scenario:
        return found(lambda: scenario_access(self.request.user, uid), Scenario)

    def workspace(self) -> Workspace:
        workspace = workspace_of(self.request.user)
        if workspace is None:
            raise Http404
        return workspace

    def answer(self, scenario: Scenario, code: int = status.HTTP_200_OK) -> Response:
        headers = {"ETag": etag_of(scenario)}
        if code == status.HTTP_201_CREATED:
            headers["Location"] = reverse("plans-api:scenario", args=[scenario.uid])
        return Response(bodies.ScenarioSerializer(scenario).data, code, headers=headers)

    def read(self, serializer: type[bodies.ClosedSerializer]) -> dict[str, Any]:
        body = serializer(data=self.request.data)
        body.is_valid(raise_exception=True)
        return body.validated_data

    def target(self, body: dict[str, Any]) -> dict[str, Any]:
        """``into`` and ``revision`` of a body, for the services that put values into a scenario."""
        into = self.scenario(body["into"]) if "into" in body else None
        return {"into": into, "revision": body.get("revision")}


class ScenariosView(ScenarioView):
    @described(bodies.ScenarioSerializer, "scenarios_list", OpenApiParameter("calculator", str))
    def get(self, request: Request) -> Response:
        """Scenarios, the last changed first."""
        scenarios = scenarios_of(request.user)
        if calculator := request.query_params.get("calculator"):
            scenarios = scenarios.filter(calculator=calculator)
        return paged(self, scenarios, bodies.ScenarioSerializer)

    @extend_schema(
        operation_id="scenarios_create", request=bodies.ScenarioCreateSerializer, parameters=[ETAG],
        responses={201: bodies.ScenarioSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Save inputs under a name."""
        body = self.read(bodies.ScenarioCreateSerializer)
        calculator = calculator_named(body["calculator"])
        with below_inputs(calculator):
            scenario = scenario_save(
                workspace=self.workspace(),
                by=person(request),
                calculator=calculator,
                name=body["name"],
                inputs=body.get("inputs", {}),
                seed=body.get("seed", FIRST_SEED),
            )
        return self.answer(scenario, status.HTTP_201_CREATED)


class OneScenarioView(ScenarioView):
    @extend_schema(operation_id="scenarios_read", parameters=[ETAG], responses=bodies.ScenarioSerializer)
    def get(self, request: Request, uid: str) -> Response:
        """One scenario; 304 when If-None-Match names its present state."""
        scenario = self.scenario(uid)
        if is_known(request, scenario):
            return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": etag_of(scenario)})
        return self.answer(scenario)

    @extend_schema(
        operation_id="scenarios_replace", parameters=[IF_MATCH, ETAG], request=bodies.ScenarioReplaceSerializer,
        responses={200: bodies.ScenarioSerializer, **LOST},
    )  # fmt: skip
    def put(self, request: Request, uid: str) -> Response:
        """Replace name and inputs."""
        return self._update(uid, self.read(bodies.ScenarioReplaceSerializer))

    @extend_schema(
        operation_id="scenarios_change", parameters=[IF_MATCH, ETAG], request=bodies.ScenarioPatchSerializer,
        responses={200: bodies.ScenarioSerializer, **LOST},
    )  # fmt: skip
    def patch(self, request: Request, uid: str) -> Response:
        """Change some of the inputs, the name or the seed."""
        body = self.read(bodies.ScenarioPatchSerializer)
        opened = scenario_open(self.scenario(uid))
        if isinstance(body.get("inputs"), dict) and opened.inputs is not None:
            body["inputs"] = opened.stored | body["inputs"]
        return self._update(uid, body)

    @extend_schema(operation_id="scenarios_delete", parameters=[IF_MATCH], responses={204: None, **LOST})
    def delete(self, request: Request, uid: str) -> Response:
        """Delete; `undelete` brings it back within a week."""
        scenario = self.scenario(uid)
        unstale(
            lambda: scenario_delete(scenario=scenario, by=person(request), revision=revision_seen(request, scenario))
        )
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _update(self, uid: str, body: dict[str, Any]) -> Response:
        scenario = self.scenario(uid)
        seen, by = revision_seen(self.request, scenario), person(self.request)
        with below_inputs(all_calculators().get(scenario.calculator)):
            return self.answer(unstale(lambda: scenario_update(scenario=scenario, by=by, revision=seen, **body)))


class UndeleteView(ScenarioView):
    @extend_schema(operation_id="scenarios_undelete", request=None, responses=bodies.ScenarioSerializer)
    def post(self, request: Request, uid: str) -> Response:
        """Bring a deleted scenario back."""
        scenario = found(lambda: deleted_access(request.user, uid), Scenario)
        return self.answer(scenario_undelete(scenario=scenario, by=person(request)))


class DuplicateView(ScenarioView):
    @extend_schema(
        operation_id="scenarios_duplicate", request=bodies.DuplicateSerializer,
        responses={201: bodies.ScenarioSerializer},
    )  # fmt: skip
    def post(self, request: Request, uid: str) -> Response:
        """A copy under another name."""
        body = self.read(bodies.DuplicateSerializer)
        copy = scenario_duplicate(scenario=self.scenario(uid), by=person(request), name=body["name"])
        return self.answer(copy, status.HTTP_201_CREATED)


class ExportView(ScenarioView):
    @extend_schema(operation_id="scenarios_export", responses=OpenApiTypes.OBJECT)
    def get(self, request: Request, uid: str) -> Response:
        """The scenario with everything that its calculator computes, and where each input comes from."""
        return Response(scenario_json(scenario_open(self.scenario(uid))))


class RevisionsView(ScenarioView):
    @described(bodies.RevisionSerializer, "scenarios_revisions")
    def get(self, request: Request, uid: str) -> Response:
        """Every earlier state, the newest first."""
        return paged(self, revisions_of(self.scenario(uid)), bodies.RevisionSerializer)


class RestoreView(ScenarioView):
    @extend_schema(
        operation_id="scenarios_restore", parameters=[IF_MATCH, ETAG], request=None,
        responses={200: bodies.ScenarioSerializer, **LOST},
    )  # fmt: skip
    def post(self, request: Request, uid: str, number: int) -> Response:
        """Make the inputs of a revision the newest, as another revision."""
        scenario = self.scenario(uid)
        seen = revision_seen(request, scenario)
        found(lambda: scenario.revisions.get(number=number), Revision)
        return self.answer(
            unstale(lambda: scenario_restore(scenario=scenario, by=person(request), revision=seen, number=number))
        )


class SendView(ScenarioView):
    @extend_schema(
        operation_id="scenarios_send", request=bodies.SendSerializer,
        responses={200: bodies.ScenarioSerializer, 201: bodies.ScenarioSerializer},
    )  # fmt: skip
    def post(self, request: Request, uid: str) -> Response:
        """Send what is computed here on, as ranges from the 5th to the 95th percentile."""
        body = self.read(bodies.SendSerializer)
        scenario, target = self.scenario(uid), self.target(body)
        sent = unstale(
            lambda: scenario_send(
                scenario=scenario, calculator=calculator_named(body["calculator"]), by=person(request), **target
            )
        )
        return self.answer(sent, status.HTTP_200_OK if target["into"] else status.HTTP_201_CREATED)


class FromJobView(ScenarioView):
    @extend_schema(
        operation_id="scenarios_from_job", request=bodies.FromJobSerializer,
        responses={200: bodies.ScenarioSerializer, 201: bodies.ScenarioSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Use what a job measured; each value says by which job, on which device and when."""
        body = self.read(bodies.FromJobSerializer)
        job, target = found(lambda: job_access(request.user, "", body["job"]), Job), self.target(body)
        scenario = unstale(
            lambda: scenario_from_job(
                job=job,
                calculator=calculator_named(body["calculator"]),
                workspace=self.workspace(),
                by=person(request),
                **target,
            )
        )
        return self.answer(scenario, status.HTTP_200_OK if target["into"] else status.HTTP_201_CREATED)


class CompareView(ScenarioView):
    @extend_schema(
        operation_id="scenarios_compare",
        parameters=[OpenApiParameter("ids", str, required=True, description="Two to five uids, joined by commas; "
                                     "the first is the baseline.")],
        responses=OpenApiTypes.OBJECT,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Scenarios of one calculator side by side, drawn with the baseline's seed."""
        uids = [uid for uid in request.query_params.get("ids", "").split(",") if uid]
        return Response(as_json(compare(found(lambda: scenarios_access(request.user, uids), Scenario))))


def calculator_named(slug: str) -> Calculator:
    """Raises Http404 for an unknown one."""
    try:
        return all_calculators()[slug]
    except KeyError:
        raise Http404 from None


@contextmanager
def below_inputs(calculator: Calculator | None) -> Iterator[None]:
    """Problems with inputs stand where the body has them."""
    declared = {name for name, _param, _start in params(calculator.inputs)} if calculator else set()
    own = {"name", "seed"} - declared
    try:
        yield
    except Invalid as problem:
        placed = {
            path if path in own else f"inputs.{path}".rstrip("."): told for path, told in problem.problems.items()
        }
        raise Invalid(placed) from None


def person(request: Request) -> User | None:
    return request.user if isinstance(request.user, User) else None


def found(get: Callable[[], T], model: type[Any]) -> T:
    """What is not theirs does not exist for them."""
    try:
        return get()
    except model.DoesNotExist:
        raise Http404 from None


def unstale(write: Callable[[], T]) -> T:
    try:
        return write()
    except Stale as problem:
        raise stale(problem.revision) from problem
