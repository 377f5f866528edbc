"""A file of a release over HTTP: its exact bytes, known by their hash."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control

from curation.release_files import ReleaseFile

TYPES = {".jsonl": "application/x-ndjson", ".json": "application/json"}
PLAIN = "text/plain; charset=utf-8"


def download(request: HttpRequest, file: ReleaseFile) -> HttpResponseBase:
    """Answer GET and HEAD with the bytes, or with 304 to who has them already."""
    etag = f'"{file.sha256}"'
    known = get_conditional_response(request, etag=etag)
    if known is not None and known.status_code != HTTPStatus.OK:
        return _headed(known, file, etag)
    bare = request.method == "HEAD"
    response = HttpResponse() if bare else StreamingHttpResponse(file.chunks())
    response["Content-Type"] = _type(file.name)
    response["Content-Length"] = str(file.size)
    flat = f"{file.release}/{file.name}".replace("/", "-")
    response["Content-Disposition"] = f'attachment; filename="{flat}"'
    return _headed(response, file, etag)


def _headed(response: HttpResponseBase, file: ReleaseFile, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    # A release never changes, but who may read it can: ask each time.
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _type(name: str) -> str:
    return next((kind for end, kind in TYPES.items() if name.endswith(end)), PLAIN)
