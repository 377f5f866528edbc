"""Edits of what one has seen: an entity tag comes with what is read and goes back in `If-Match`."""

import re
from http import HTTPStatus

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.exceptions import APIException, ParseError
from rest_framework.request import Request

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of what the edit began from.",
)
STALE = OpenApiResponse(
    description="Something else stands by now: `now` is that, `yours` is what was sent."
)
MISSING = OpenApiResponse(description="There is no `If-Match`.")


class PreconditionRequired(APIException):
    status_code = HTTPStatus.PRECONDITION_REQUIRED
    default_detail = gettext_lazy("Say with If-Match which state the edit began from.")
    default_code = "precondition_required"


def etag_of(words: object) -> str:
    """Return an entity tag that is made of these words."""
    return f'"{words}"'


def matched(request: Request) -> str:
    """Return the words in the entity tag that the request names, or refuse one that names none."""
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequired
    found = re.fullmatch(r'"([\x21\x23-\x7e]{0,100})"', given.strip())
    if found is None:
        raise ParseError(_("If-Match holds one ETag, in its quotation marks."))
    return found[1]
