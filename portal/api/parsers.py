"""JSON bodies, read strictly and never beyond their size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from portal.api.errors import TooLarge
from portal.derive import strict_json


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """The value of the body; an empty one is an empty object.

        Raises:
            TooLarge: more bytes than the portal takes in one body.
            Invalid: what is no JSON, and values that are refused wherever they stand.
        """
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise TooLarge
        return strict_json.loads(body) if body.strip() else {}
