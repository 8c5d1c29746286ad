"""Request bodies that take what they name and nothing else, so that no client believes that more was stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from mlcore.reading import Invalid, Problem


class ClosedSerializer(serializers.Serializer):
    def to_internal_value(self, data: Any) -> Any:
        """Raises Invalid naming what is unknown or read-only, before anything is read."""
        if isinstance(data, Mapping):
            taken = [name for name, field in self.fields.items() if not field.read_only]
            unknown = {
                str(name)[:60]: [Problem("Wanted one of {names}, got an unknown name.", {"names": ", ".join(taken)})]
                for name in data
                if name not in taken
            }
            if unknown:
                raise Invalid(unknown)
        return super().to_internal_value(data)
