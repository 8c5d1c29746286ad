"""Bodies of the scenario API. Inputs are exact by calculator; provenance is read-only, since it follows from what is
changed and cannot be claimed."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from portal.derive.closed import ClosedSerializer
from portal.derive.schema import Schema, component_name
from portal.planning.engine import LARGEST_SEED
from portal.planning.registry import all_calculators
from portal.plans.models import NAME_LENGTH, Revision, Scenario
from portal.plans.provenance import Provenance, told
from portal.plans.selectors import scenario_open


class InputsField(serializers.JSONField):
    """The inputs of whichever calculator the scenario is of."""


class InputsFieldSchema(OpenApiSerializerFieldExtension):
    target_class = InputsField

    def map_serializer_field(self, auto_schema: Any, direction: str) -> Schema:
        return {
            "anyOf": [{"$ref": f"#/components/schemas/{component_name(slug, 'Inputs')}"} for slug in all_calculators()],
            "description": "The inputs of the scenario's calculator.",
        }


class OriginSerializer(serializers.Serializer):
    """Where the value of an input comes from."""

    kind = serializers.ChoiceField(choices=["default", "typed", "measured", "computed"])
    text = serializers.CharField(help_text="In the reader's language; empty where nothing is to be added.")
    job = serializers.CharField(required=False, help_text="Of a measured value.")
    device = serializers.CharField(required=False, help_text="On which it was measured.")
    date = serializers.DateField(required=False)
    scenario = serializers.CharField(required=False, help_text="Of a computed value.")
    name = serializers.CharField(required=False, help_text="Of that scenario.")
    calculator = serializers.CharField(required=False)
    output = serializers.CharField(required=False)


class ScenarioSerializer(serializers.ModelSerializer):
    """A stored scenario."""

    inputs = serializers.JSONField(help_text="As stored, in the shape of the calculator's `version`.")
    provenance = serializers.SerializerMethodField()
    problem = serializers.SerializerMethodField(help_text="Why it cannot be opened any more; else empty.")

    class Meta:
        model = Scenario
        fields = (
            "uid", "name", "calculator", "version", "revision", "seed", "sample", "inputs", "provenance", "problem",
            "created_at", "updated_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=OriginSerializer()))
    def get_provenance(self, scenario: Scenario) -> Provenance:
        calculator = all_calculators().get(scenario.calculator)
        return told(calculator.inputs if calculator else None, scenario.provenance)

    def get_problem(self, scenario: Scenario) -> str:
        return scenario_open(scenario).problem


class RevisionSerializer(serializers.ModelSerializer):
    class Meta:
        model = Revision
        fields = ("number", "name", "version", "seed", "inputs", "provenance", "note", "at")
        read_only_fields = fields


class ScenarioCreateSerializer(ClosedSerializer):
    calculator = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=NAME_LENGTH)
    inputs = InputsField(required=False, help_text="What is left out has its starting value.")
    seed = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_SEED)


class ScenarioReplaceSerializer(ClosedSerializer):
    name = serializers.CharField(max_length=NAME_LENGTH)
    inputs = InputsField(help_text="What is left out has its starting value.")
    seed = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_SEED)


class ScenarioPatchSerializer(ClosedSerializer):
    name = serializers.CharField(max_length=NAME_LENGTH, required=False)
    inputs = InputsField(required=False, help_text="What is left out stays as it is.")
    seed = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_SEED)


class DuplicateSerializer(ClosedSerializer):
    name = serializers.CharField(max_length=NAME_LENGTH)


class FromJobSerializer(ClosedSerializer):
    """Measured values of a job into a scenario: a new one, or `into` an existing one of that calculator."""

    job = serializers.CharField(max_length=64, help_text="The uid of a job that has measured something.")
    calculator = serializers.CharField(max_length=60)
    into = serializers.CharField(max_length=64, required=False, help_text="The uid of a scenario of yours.")
    revision = serializers.IntegerField(min_value=1, required=False, help_text="The revision of `into` that you saw.")


class SendSerializer(ClosedSerializer):
    """Computed outputs into the inputs of another calculator that take the same quantity."""

    calculator = serializers.CharField(max_length=60)
    into = serializers.CharField(max_length=64, required=False, help_text="The uid of a scenario of yours.")
    revision = serializers.IntegerField(min_value=1, required=False, help_text="The revision of `into` that you saw.")
