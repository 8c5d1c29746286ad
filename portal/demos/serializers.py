"""Bodies of the API of uploads and ML tasks."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers

from portal.demos.models import Upload


class UploadSerializer(serializers.ModelSerializer):
    """A file that was given for ML tasks. Its content is never served."""

    expires_at = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = ("uid", "name", "media_type", "size", "sha256", "created_at", "expires_at")
        read_only_fields = fields

    def get_expires_at(self, upload: Upload) -> str:
        expires = upload.created_at + timedelta(hours=settings.UPLOAD_HOURS)
        return timezone.localtime(expires).isoformat()


class UploadRequestSerializer(serializers.Serializer):
    file = serializers.FileField(help_text="A text or CSV in UTF-8, a PNG, JPEG or WebP picture, or a ZIP archive.")


class AheadSerializer(serializers.Serializer):
    """The queue that a run would join."""

    place = serializers.IntegerField(help_text="1 is next.")
    wait_seconds = serializers.FloatField(allow_null=True, help_text="Null when nothing is known of what is ahead.")


class QuoteSerializer(serializers.Serializer):
    """What a run will take. Low and high hold nine times in ten."""

    seconds = serializers.FloatField(help_text="Of the device.")
    seconds_low = serializers.FloatField()
    seconds_high = serializers.FloatField()
    usd = serializers.FloatField()
    usd_low = serializers.FloatField()
    usd_high = serializers.FloatField()
    ahead = AheadSerializer()
    basis = serializers.CharField(help_text="What the speed rests on: `measured` here, or the `reference` machine.")
    outcomes = serializers.IntegerField(help_text="Past quotes whose outcome gave the interval; 0: it is assumed.")
    facts = serializers.DictField(help_text="What the task says of the run: parameters, tokens, FLOPs.")


class ActionSerializer(serializers.Serializer):
    """One thing that a task can do."""

    slug = serializers.CharField()
    title = serializers.CharField()
    help = serializers.CharField()
    mode = serializers.ChoiceField(choices=["interactive", "training"])
    inputs = serializers.CharField(help_text="The name of its inputs in the OpenAPI document.")
    results = serializers.DictField()
    has_quote = serializers.BooleanField()
    runs = serializers.CharField(help_text="Where to POST to run it.")


class TaskSerializer(serializers.Serializer):
    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    family = serializers.CharField()
    actions = ActionSerializer(many=True)
