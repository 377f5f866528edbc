"""Every error as a problem document (RFC 9457), whatever raised it."""

import json
import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.settings import api_settings
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import set_rollback

from api import refusals
from curation.refusals import BUSY, Refused, is_busy

INVALID = "urn:touchstone:invalid"
_log = logging.getLogger("django.request")


def problem(error: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """Answer an exception of an API view; None lets a fault of ours through while debugging."""
    set_rollback()
    request: HttpRequest = context["request"]
    if isinstance(error, Refused):
        return document(
            request,
            refusals.status_of(error),
            str(error),
            kind=refusals.kind_of(error),
            errors=[_fault(request, error.field, error)] if error.field else [],
            **refusals.members_of(error),
        )
    if isinstance(error, ValidationError):
        faults = [_fault(request, place, words) for place, words in _flat(error.detail)]
        return document(
            request, HTTPStatus.BAD_REQUEST, _("The request is not valid."), INVALID, faults
        )
    if isinstance(error, APIException):
        return _of_api(request, error)
    if is_busy(error):
        answer = document(request, HTTPStatus.SERVICE_UNAVAILABLE, str(BUSY))
        answer.headers["Retry-After"] = "5"  # seconds
        return answer
    status = _status(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        if settings.DEBUG:
            return None
        _log.error("Internal error: %s", request.path, exc_info=error)
    return document(request, status, _words(status, error))


def document(
    request: HttpRequest,
    status: int,
    detail: str,
    kind: str = "about:blank",
    errors: list[dict[str, str]] | None = None,
    **members: Any,
) -> HttpResponse:
    """Return a problem document; the address in it goes without its query.

    `members` are those of its own that a type of problem has.
    """
    body = {
        "type": kind,
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "instance": request.path,
        **({"errors": errors} if errors else {}),
        **members,
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False, cls=JSONEncoder),
        content_type="application/problem+json",
        status=status,
    )


def _of_api(request: HttpRequest, error: APIException) -> HttpResponse:
    detail = error.detail if isinstance(error.detail, str) else _("The request is not valid.")
    response = document(request, error.status_code, str(detail))
    if challenge := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    return response


def _status(error: Exception) -> HTTPStatus:
    if isinstance(error, Http404):
        return HTTPStatus.NOT_FOUND
    if isinstance(error, PermissionDenied):
        return HTTPStatus.FORBIDDEN
    if isinstance(error, RequestDataTooBig):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if isinstance(error, BadRequest | SuspiciousOperation | UnicodeError | RecursionError):
        return HTTPStatus.BAD_REQUEST
    return HTTPStatus.INTERNAL_SERVER_ERROR


def _words(status: HTTPStatus, error: Exception) -> str:
    if status is HTTPStatus.NOT_FOUND:
        return str(NotFound.default_detail)
    if isinstance(error, BadRequest):
        return str(error)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return _("Something went wrong here; it has been noted.")
    return _("The request could not be read.")


def _fault(request: HttpRequest, place: str, words: object) -> dict[str, str]:
    """Name the place: a parameter of the address, or a JSON pointer into the body."""
    if request.method in {"GET", "HEAD"}:
        return {"parameter": place, "detail": str(words)}
    return {"pointer": f"#/{place}" if place else "#", "detail": str(words)}


def _flat(detail: object, place: str = "") -> Iterator[tuple[str, object]]:
    """Yield each message with its place, however deep."""
    if isinstance(detail, Mapping):
        for key, inner in detail.items():
            step = str(key).replace("~", "~0").replace("/", "~1")
            if key == api_settings.NON_FIELD_ERRORS_KEY:  # it is about the whole object
                yield from _flat(inner, place)
                continue
            yield from _flat(inner, f"{place}/{step}" if place else step)
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            deeper = isinstance(inner, Mapping | list)
            yield from _flat(inner, f"{place}/{index}" if deeper else place)
    else:
        yield place, detail


def _here(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Answer what no view saw: a problem document below /api/, else a page."""
    if not _here(request):
        return defaults.bad_request(request, exception)
    return document(request, HTTPStatus.BAD_REQUEST, _words(HTTPStatus.BAD_REQUEST, exception))


def not_utf8(request: HttpRequest) -> HttpResponse:
    words = _("Say it in UTF-8: another charset is not read here.")
    if not _here(request):
        return HttpResponse(
            words, content_type="text/plain", status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        )
    return document(request, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, words)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    if not _here(request):
        return defaults.page_not_found(request, exception)
    return document(request, HTTPStatus.NOT_FOUND, _words(HTTPStatus.NOT_FOUND, exception))


def server_error(request: HttpRequest) -> HttpResponseBase:
    if not _here(request):
        return defaults.server_error(request)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return document(request, status, _words(status, Exception()))
