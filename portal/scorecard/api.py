"""The scorecard by the API: open to all, as its pages are."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from portal.scorecard.layouts import (
    FAILED,
    FITS,
    RAN,
    REFUSED,
    RIGHT,
    WRONG,
    layout_lines,
    layouts_summary,
)
from portal.scorecard.report import detail, summary
from portal.scorecard.selectors import all_cards, card
from portal.tools.api import CalculatorView


class ErrorsSerializer(serializers.Serializer):
    cases = serializers.IntegerField()
    models = serializers.IntegerField()
    median_error = serializers.FloatField(help_text="Of |predicted ÷ measured − 1|; 0.15 is 15 %.")
    mean_error = serializers.FloatField()
    within_quarter = serializers.FloatField(help_text="Share of the cases within 25 %.")


class GroupErrorsSerializer(ErrorsSerializer):
    name = serializers.CharField()


class RivalSerializer(serializers.Serializer):
    """Someone else's predictions and ours, on the same rows."""

    name = serializers.CharField()
    theirs = ErrorsSerializer()
    ours = ErrorsSerializer()


class FamilySummarySerializer(serializers.Serializer):
    family = serializers.CharField(help_text="Its slug.")
    title = serializers.CharField()
    summary = serializers.CharField(help_text="What is measured and what predicts it.")
    unit = serializers.CharField(help_text="Of what is measured.")
    cases = serializers.IntegerField()
    models = serializers.IntegerField(help_text="Each was left out whole when its rows were predicted.")
    median_error = serializers.FloatField(allow_null=True)
    mean_error = serializers.FloatField(allow_null=True)
    within_quarter = serializers.FloatField(allow_null=True)
    bias = serializers.FloatField(allow_null=True, help_text="Median of predicted ÷ measured − 1.")
    coverage = serializers.FloatField(allow_null=True, help_text="Share of cases within their 80 % interval.")
    wanted_median = serializers.FloatField(allow_null=True)
    wanted_within_quarter = serializers.FloatField(allow_null=True)
    met = serializers.BooleanField(allow_null=True, help_text="Whether what was wanted is reached; null: no bar.")
    fitted_on = serializers.DateField(allow_null=True)
    rivals = RivalSerializer(many=True, help_text="The rule of thumb first.")
    url = serializers.URLField()


class CoefficientSerializer(serializers.Serializer):
    name = serializers.CharField()
    value = serializers.FloatField()
    meaning = serializers.CharField(help_text="With its unit.")


class MeasurementSerializer(serializers.Serializer):
    key = serializers.CharField()
    model = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    hardware = serializers.CharField()
    parameters = serializers.FloatField(allow_null=True)
    measured = serializers.FloatField()
    predicted = serializers.FloatField(help_text="By a fit without the row's model.")
    low = serializers.FloatField(help_text="Of the 80 % interval.")
    high = serializers.FloatField()
    error = serializers.FloatField(help_text="Predicted ÷ measured − 1.")
    rule = serializers.FloatField(allow_null=True, help_text="By the rule of thumb.")
    rivals = serializers.DictField(child=serializers.FloatField(), help_text="By others, as published.")
    fitted = serializers.BooleanField(help_text="False: only scored, never part of a fit.")
    source = serializers.CharField()  # type: ignore[assignment]
    as_of = serializers.CharField()
    inputs = serializers.DictField()


class FamilyDetailSerializer(FamilySummarySerializer):
    coefficients = CoefficientSerializer(many=True, help_text="Fitted on all rows that take part in fits.")
    by_hardware = GroupErrorsSerializer(many=True)
    by_size = GroupErrorsSerializer(many=True)
    by_model = GroupErrorsSerializer(many=True)
    rows = MeasurementSerializer(many=True)


class KnownLayoutSerializer(serializers.Serializer):
    model = serializers.CharField()
    accelerator = serializers.CharField()
    devices = serializers.IntegerField()
    layout = serializers.CharField()
    needed = serializers.FloatField(help_text="GiB on the fullest device, as we count them.")
    capacity = serializers.FloatField(help_text="GiB of the device.")
    happened = serializers.ChoiceField([RAN, FAILED])
    said = serializers.ChoiceField([FITS, REFUSED])
    verdict = serializers.ChoiceField([RIGHT, WRONG])
    source = serializers.CharField()  # type: ignore[assignment]
    as_of = serializers.CharField()


class LayoutsSerializer(serializers.Serializer):
    ran = serializers.IntegerField(help_text="Layouts that are known to have run.")
    said_to_fit = serializers.IntegerField(help_text="Of those.")
    misfits = serializers.IntegerField(help_text="Layouts that are known not to fit.")
    refused = serializers.IntegerField(help_text="Of those.")
    wanted = serializers.FloatField(help_text="Share of layouts that ran to be said to fit.")
    met = serializers.BooleanField()
    rows = KnownLayoutSerializer(many=True)


class LayoutsView(CalculatorView):
    @extend_schema(operation_id="scorecard_layouts", responses=LayoutsSerializer)
    def get(self, request: Request) -> Response:
        """Layouts that are known to have run or not to fit, and what we say of each."""
        return Response({**layouts_summary(), "rows": layout_lines()})


class ScorecardView(CalculatorView):
    @extend_schema(operation_id="scorecard_list", responses=FamilySummarySerializer(many=True))
    def get(self, request: Request) -> Response:
        """Every family of published measurements, and how far our predictions lie from them."""
        return Response([_linked(request, found.family.slug, summary(found)) for found in all_cards()])


class FamilyView(CalculatorView):
    @extend_schema(
        operation_id="scorecard_read",
        parameters=[OpenApiParameter("slug", OpenApiTypes.STR, OpenApiParameter.PATH)],
        responses=FamilyDetailSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        """One family with its coefficients, its errors by group, and every measurement beside its prediction."""
        try:
            found = card(slug)
        except LookupError:
            raise NotFound(f"There is no family called “{slug[:60]}”.") from None
        return Response(_linked(request, slug, detail(found)))


def _linked(request: Request, slug: str, body: dict[str, Any]) -> dict[str, Any]:
    return {**body, "url": reverse("scorecard-api:family", args=[slug], request=request)}
