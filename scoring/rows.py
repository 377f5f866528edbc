"""Rows of JSON as they arrive, and typed fields of them.

Whatever is wrong with a row is one ``NotScored`` that names the place and the field.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from scoring.refusals import NotScored

MAX_LINE = 16 * 1024 * 1024  # bytes
MAX_ARRAY = 256 * 1024 * 1024  # bytes; an array has to be read at once
MAX_TEXT = 1_000_000  # characters
MAX_NUMBER = 32_767  # samples and places are small
MAX_NAME = 300  # characters


@dataclass(frozen=True, slots=True)
class Row:
    """One JSON object and where it stood ("line 7 of answers.jsonl")."""

    place: str
    values: dict[str, object]

    def refuse(self, field: str, why: str) -> NoReturn:
        raise NotScored([f"{self.place}, field {field}: {why}"])

    def given(self, field: str) -> bool:
        return self.values.get(field) is not None

    def text(self, field: str, *, default: str | None = None, longest: int = MAX_TEXT) -> str:
        """A string; required unless there is a default. Null counts as absent."""
        value = self.values.get(field)
        if value is None:
            if default is None:
                self.refuse(field, "missing")
            return default
        return self._checked_text(field, value, longest)

    def name(self, field: str) -> str:
        """A string with something in it, short enough to identify by."""
        text = self.text(field, longest=MAX_NAME)
        if not text.strip():
            self.refuse(field, "empty")
        return text

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of strings; empty when absent."""
        value = self.values.get(field)
        if value is None:
            return ()
        if not isinstance(value, list):
            self.refuse(field, "must be a list of strings")
        return tuple(
            self._checked_text(f"{field}[{place}]", text, MAX_TEXT)
            for place, text in enumerate(value)
        )

    def numbers(self, field: str) -> tuple[int, ...]:
        """A list of integers from 0 up; empty when absent."""
        value = self.values.get(field)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(_is_count(number) for number in value):
            self.refuse(field, "must be a list of integers, 0 or more each")
        return tuple(value)

    def number(self, field: str, *, default: int) -> int:
        value = self.values.get(field, default)
        if not isinstance(value, int) or not _is_count(value) or value > MAX_NUMBER:
            self.refuse(field, f"must be an integer from 0 to {MAX_NUMBER}")
        return value

    def truth(self, field: str) -> bool:
        value = self.values.get(field)
        if not isinstance(value, bool):
            self.refuse(field, "must be true or false")
        return value

    def part(self, field: str) -> "Row":
        """A nested object; its fields are named "field.inner". Empty when absent."""
        value = self.values.get(field)
        if value is None:
            return Row(self.place, {})
        if not isinstance(value, dict):
            self.refuse(field, "must be an object")
        return _Part(self.place, value, field)

    def _checked_text(self, field: str, value: object, longest: int) -> str:
        if not isinstance(value, str):
            self.refuse(field, "must be a string")
        if len(value) > longest:
            self.refuse(field, f"longer than {longest:,} characters")
        if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            self.refuse(field, "holds a NUL or half a surrogate pair, which is no text")
        return value


@dataclass(frozen=True, slots=True)
class _Part(Row):
    inside: str = ""

    def refuse(self, field: str, why: str) -> NoReturn:
        raise NotScored([f"{self.place}, field {self.inside}.{field}: {why}"])


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def read(path: Path) -> Iterator[Row]:
    """The objects of a JSONL file, or of a file that is one JSON array of objects.

    Raises ``OSError`` when the file cannot be read, ``NotScored`` at the first bad line.
    """
    with path.open("rb") as file:
        opening = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
        file.seek(0)
        if opening.startswith(b"["):
            yield from _elements(path.name, file.read(MAX_ARRAY + 1))
            return
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            place = f"line {number} of {path.name}"
            if len(line) > MAX_LINE:
                raise NotScored([f"{place}: longer than {MAX_LINE:,} bytes"])
            if line.strip(b"\xef\xbb\xbf \t\r\n"):
                yield _row(place, _parsed(place, line))


def _elements(name: str, content: bytes) -> Iterator[Row]:
    if len(content) > MAX_ARRAY:
        raise NotScored([f"{name}: one array of more than {MAX_ARRAY:,} bytes; write JSONL"])
    values = _parsed(name, content)
    if isinstance(values, list):
        for number, value in enumerate(values, start=1):
            yield _row(f"row {number} of {name}", value)


def _row(place: str, value: object) -> Row:
    if not isinstance(value, dict):
        raise NotScored([f"{place}: must be a JSON object"])
    return Row(place, value)


def _parsed(place: str, content: bytes) -> object:
    try:
        return json.loads(
            content.decode("utf-8-sig"), parse_constant=_no_number, object_pairs_hook=_no_twice
        )
    except UnicodeDecodeError as error:
        raise NotScored([f"{place}: byte {error.start + 1} is not UTF-8"]) from None
    except RecursionError:
        raise NotScored([f"{place}: nested too deeply"]) from None
    except ValueError as error:
        raise NotScored([f"{place}: not JSON: {error}"]) from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _no_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"field {twice} is given twice")
    return values
