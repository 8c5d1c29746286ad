"""Receive one uploaded file on disk, and stop at the limit instead of reading on."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Writes each chunk to a temporary file; memory never holds more than one. ``too_large`` tells the view why
    no file came."""

    def __init__(self, request: HttpRequest, *, most: int) -> None:
        super().__init__(request)
        self.most, self.received, self.too_large = most, 0, False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > self.most:
            self.too_large = True
            self.file.close()
            # Otherwise Django reads the rest by lines, and a file without a newline is one line of any size.
            raise StopUpload(connection_reset=True)
        super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        return None if self.too_large else super().file_complete(file_size)


def limit_upload(request: HttpRequest, *, most: int) -> LimitedUploadHandler:
    """Make ``request`` take files through a handler of its own. Call before anything reads the body."""
    handler = LimitedUploadHandler(request, most=most)
    handlers: list[Any] = [handler]
    request.upload_handlers = handlers
    return handler
