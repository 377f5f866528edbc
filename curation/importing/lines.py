"""Lines of JSON, read strictly."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

from django.utils.translation import gettext as _

from curation.importing.report import shown

LINE_LIMIT = 1_000_000  # bytes; the longest legal row is shorter even if every character is escaped


class Line(NamedTuple):
    """A line that is not blank: its number from 1, and its object or what is wrong with it."""

    number: int
    values: dict[str, Any]
    fault: str = ""


class _Unreadable(ValueError):
    pass


def read(stream: BinaryIO, start: int = 0) -> Iterator[Line]:
    """Yield the lines of the stream from the byte `start`, skipping blank ones."""
    stream.seek(start)
    offset, number = start, 0
    while raw := stream.readline(LINE_LIMIT):
        number += 1
        length = len(raw)
        if length == LINE_LIMIT and not raw.endswith(b"\n"):
            yield Line(number, {}, _("is longer than %(limit)s bytes") % {"limit": LINE_LIMIT})
            while (rest := stream.readline(LINE_LIMIT)) and not rest.endswith(b"\n"):
                length += len(rest)
            length += len(rest)
        elif not raw.isspace():
            yield _parsed(raw, number, offset)
        offset += length


def _parsed(raw: bytes, number: int, offset: int) -> Line:
    try:
        return Line(number, _object(raw.rstrip().decode()))
    except UnicodeDecodeError as error:
        return Line(
            number,
            {},
            _("is not UTF-8: byte %(byte)s at offset %(offset)s of the file")
            % {"byte": f"0x{raw[error.start]:02X}", "offset": offset + error.start},
        )
    except json.JSONDecodeError as error:
        return Line(
            number,
            {},
            _("is not valid JSON: %(why)s at column %(column)s")
            % {"why": error.msg, "column": error.colno},
        )
    except _Unreadable as error:
        return Line(number, {}, str(error))
    except (ValueError, RecursionError):
        return Line(number, {}, _("is not valid JSON: a number or a nesting is far too large"))


def _object(text: str) -> dict[str, Any]:
    found = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    if not isinstance(found, dict):
        raise _Unreadable(_("is not an object in braces"))
    return found


def nested_object(text: str) -> dict[str, Any] | None:
    """Return the object that a string holds, or None."""
    try:
        return _object(text)
    except (ValueError, RecursionError):
        return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Unreadable(_("has the key “%(key)s” twice") % {"key": shown(twice)})
    return found


def _no_constant(name: str) -> None:
    raise _Unreadable(_("holds %(name)s, which is not JSON") % {"name": name})
