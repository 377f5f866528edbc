"""Uploads over the limit are read off and dropped, so that the page can say so."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

LIMIT = 200_000_000  # bytes


class BoundedUpload(FileUploadHandler):
    """Stands before the handlers that keep files, and lets nothing over the limit reach them."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > LIMIT:
            self.request.upload_too_large = True  # type: ignore[union-attr]
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        return None


def too_large(request: HttpRequest) -> bool:
    """Say whether a file of the request was dropped for its size."""
    return getattr(request, "upload_too_large", False)
