"""Calculators by the API: what there is, what each takes, and the calculation itself.

``evaluate`` and ``simulate`` exist once for each calculator, made in a loop, so that the OpenAPI document has the exact
body of each. All of them answer ``engine.report``, as the page and the command line do.
"""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from mlcore.numbers import Unreadable, read_number
from mlcore.reading import Invalid, Problem, read_inputs
from portal.derive.schema import component_name
from portal.derive.serializers import reference
from portal.planning import engine
from portal.planning.calculator import Calculator
from portal.planning.registry import all_calculators
from portal.tools.described import described, listed
from portal.tools.throttles import VisitorRate, headers_of

DRAWS, MOST_DRAWS = 10_000, 100_000  # a million, as the engine takes, is for the command line
SEED = 7

_JSON = "application/json"
_DRAWS = OpenApiParameter(
    "draws", {"type": "integer", "minimum": 2, "maximum": MOST_DRAWS, "default": DRAWS},
    description="How many cases are drawn.",
)  # fmt: skip
_SEED = OpenApiParameter(
    "seed", {"type": "integer", "minimum": 0, "maximum": engine.LARGEST_SEED, "default": SEED},
    description="The same seed draws the same cases.",
)  # fmt: skip
_TABLES = OpenApiParameter(
    "tables", {"type": "boolean", "default": False},
    description="Whether the tables beside the answer come too, such as the nearest published runs; they take time.",
)  # fmt: skip


class CalculatorView(APIView):
    """Open to visitors within a rate, which the headers of every answer state."""

    permission_classes = [AllowAny]
    throttle_classes = [VisitorRate]

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in headers_of(request).items():
            response[name] = value
        return response


class ListView(CalculatorView):
    @extend_schema(
        operation_id="calculators_list", responses={(200, _JSON): {"type": "array", "items": {"type": "object"}}}
    )
    def get(self, request: Request) -> Response:
        """Every calculator, with the addresses at which it can be called."""
        return Response([_linked(request, calculator, listed(calculator)) for calculator in all_calculators().values()])


class DetailView(CalculatorView):
    @extend_schema(
        operation_id="calculators_read",
        parameters=[OpenApiParameter("slug", OpenApiTypes.STR, OpenApiParameter.PATH, description="Such as runway.")],
        responses={(200, _JSON): {"type": "object"}},
    )
    def get(self, request: Request, slug: str) -> Response:
        """What one calculator takes (as JSON Schema), what it gives, by which formulas and from which sources."""
        calculator = all_calculators().get(slug)
        if calculator is None:
            raise NotFound(f"There is no calculator called “{slug[:60]}”.")
        return Response(_linked(request, calculator, described(calculator)))


def calculation_urls() -> list[URLPattern]:
    """``<slug>/evaluate`` and ``<slug>/simulate`` of every calculator."""
    return [url for calculator in all_calculators().values() for url in _urls(calculator)]


def _urls(calculator: Calculator) -> list[URLPattern]:
    name = component_name(calculator.slug)
    body = {_JSON: reference(f"{name}Inputs")}
    examples = [
        OpenApiExample(f"Example {at}", value=dict(example.inputs), description=example.source, request_only=True)
        for at, example in enumerate(calculator.examples, 1)
    ]
    operation = calculator.slug.replace("-", "_")

    class Evaluate(CalculatorView):
        @extend_schema(
            operation_id=f"{operation}_evaluate", tags=[calculator.slug], request=body, examples=examples,
            parameters=[_TABLES], responses={(200, _JSON): reference(f"{name}Evaluation")},
            description=f"{calculator.summary} One case, with every range at its median. What the body leaves out has "
            "its starting value.",
        )  # fmt: skip
        def post(self, request: Request) -> Response:
            inputs: Any = read_inputs(calculator.inputs, request.data)
            tables = _yes(request, "tables")
            return Response(engine.report(engine.evaluate(calculator, inputs), tables=tables))

    class Simulate(CalculatorView):
        @extend_schema(
            operation_id=f"{operation}_simulate", tags=[calculator.slug], request=body, examples=examples,
            parameters=[_DRAWS, _SEED, _TABLES], responses={(200, _JSON): reference(f"{name}Simulation")},
            description=f"{calculator.summary} Many cases, with every range and event drawn.",
        )  # fmt: skip
        def post(self, request: Request) -> Response:
            inputs: Any = read_inputs(calculator.inputs, request.data)
            draws = _whole(request, "draws", DRAWS, 2, MOST_DRAWS)
            seed = _whole(request, "seed", SEED, 0, engine.LARGEST_SEED)
            tables = _yes(request, "tables")
            outcome = engine.simulate(calculator, inputs, draws=draws, seed=seed)
            return Response(engine.report(outcome, tables=tables))

    return [
        path(f"{calculator.slug}/evaluate", Evaluate.as_view(), name=f"{calculator.slug}-evaluate"),
        path(f"{calculator.slug}/simulate", Simulate.as_view(), name=f"{calculator.slug}-simulate"),
    ]


def _linked(request: Request, calculator: Calculator, body: dict[str, Any]) -> dict[str, Any]:
    slug = calculator.slug
    return {
        **body,
        "url": reverse("tools-api:calculator", args=[slug], request=request),
        "evaluate": reverse(f"tools-api:{slug}-evaluate", request=request),
        "simulate": reverse(f"tools-api:{slug}-simulate", request=request),
    }


def _yes(request: Request, name: str) -> bool:
    """A flag of the query, which is off when it is not there.

    Raises:
        Invalid: naming the parameter.
    """
    text = request.query_params.get(name, "false")
    if text not in ("true", "false"):
        raise Invalid({name: [Problem("Wanted true or false, got {given}.", {"given": text[:40]})]})
    return text == "true"


def _whole(request: Request, name: str, otherwise: int, least: int, most: int) -> int:
    """A whole number of the query.

    Raises:
        Invalid: naming the parameter.
    """
    if name not in request.query_params:
        return otherwise
    text = request.query_params[name]
    try:
        value = read_number(text)
    except Unreadable as problem:
        raise Invalid({name: [Problem(problem.template, problem.values)]}) from None
    if value != int(value) or not least <= value <= most:
        raise Invalid({name: [Problem(_OUTSIDE, {"least": f"{least:,}", "most": f"{most:,}", "given": text[:40]})]})
    return int(value)


_OUTSIDE = "Wanted a whole number from {least} to {most}, got {given}."
