"""JSON as strictly as it comes: what two programs could read differently is refused."""

import json
import math
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer

from curation.charsets import is_utf8

DEEPEST = 50


class TooLarge(APIException):
    status_code = 413
    default_detail = "The body is too large."
    default_code = "too_large"


class StrictJSONParser(JSONParser):
    """UTF-8 only, each key once, finite numbers, text that can be stored, a sane depth."""

    renderer_class = JSONRenderer

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        _check_charset(media_type or "")
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise TooLarge
        try:
            value = json.loads(
                body.decode("utf-8"),
                object_pairs_hook=_no_twice,
                parse_constant=_no_number,
                parse_float=_finite,
            )
        except RecursionError as error:
            raise ParseError(_("The JSON is nested too deeply.")) from error
        except ValueError as error:
            raise ParseError(_("Not JSON: %(why)s") % {"why": error}) from error
        _check(value)
        return value


def _check_charset(media_type: str) -> None:
    if not is_utf8(media_type):
        raise UnsupportedMediaType(media_type)


def _no_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("a key is given twice")
    return values


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _check(value: object) -> None:
    """Refuse what is too deep or holds text that cannot be stored, naming where."""
    waiting: list[tuple[str, int, object]] = [("#", 0, value)]
    while waiting:
        place, depth, current = waiting.pop()
        if depth > DEEPEST:
            raise ParseError(_("The JSON is nested too deeply."))
        if isinstance(current, dict):
            for key, inner in current.items():
                _check_text(place, key)
                waiting.append((f"{place}/{key}", depth + 1, inner))
        elif isinstance(current, list):
            waiting += [(f"{place}/{n}", depth + 1, inner) for n, inner in enumerate(current)]
        elif isinstance(current, str):
            _check_text(place, current)


def _check_text(place: str, text: str) -> None:
    if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
        raise ParseError(
            _("%(place)s holds a character that cannot be stored.")
            % {"place": place.encode("ascii", "replace").decode()}
        )
