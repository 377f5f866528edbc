"""The same request twice is done once: what an `Idempotency-Key` stands for."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from annotation.models import Worker
from annotation.taking import OtherContent, digest
from api.models import KEY_LENGTH, UsedKey
from curation.refusals import Refused

HEADER = "Idempotency-Key"
KEPT = timedelta(days=7)
PARAMETER = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="Names this request of the worker for a week."
)


def key_in(request: Request) -> str:
    """Return the key a request carries, or nothing."""
    key = str(request.headers.get(HEADER, ""))
    if not re.fullmatch(rf"[\x21-\x7e]{{0,{KEY_LENGTH}}}", key):
        raise ParseError(
            _("An Idempotency-Key has at most %(most)s ASCII characters and no spaces.")
            % {"most": KEY_LENGTH}
        )
    return key


def once(
    *, request: Request, worker: Worker, act: Callable[[], Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Do the act, or return what it answered when this request came before under the same key.

    The key, the act and its answer are kept together or not at all. A refusal uses up no key.
    Raises `OtherContent` when the key came with another address or body.
    """
    key = key_in(request)
    if not key:
        return act()
    with transaction.atomic():
        asked = digest({"path": request.path, "body": request.data})
        # Who comes second waits here until the first is done.
        used, first = UsedKey.objects.get_or_create(
            worker=worker, key=key, defaults={"request_sha256": asked}
        )
        if not first:
            return _again(used, asked)
        try:
            return _keep(used, act())
        except Refused as refused:
            # Not rolled back: what the worker typed is kept on the way to a refusal.
            used.delete()
            reason = refused
    raise reason


def _again(used: UsedKey, asked: str) -> Mapping[str, Any]:
    if used.request_sha256 != asked:
        raise OtherContent(_("This Idempotency-Key was used before, for another request."))
    answer: Mapping[str, Any] = json.loads(used.answer)
    return answer


def _keep(used: UsedKey, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    used.answer = JSONRenderer().render(answer).decode()
    used.save(update_fields=["answer"])
    return answer


def forget_old() -> int:
    """Forget the keys that are too old to be sent again; return how many."""
    return UsedKey.objects.filter(made_at__lt=Now() - KEPT).delete()[0]
