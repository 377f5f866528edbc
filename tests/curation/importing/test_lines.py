"""Lines of JSON are read strictly, and every bad one is named."""

import io

import pytest

from curation.importing import lines
from curation.importing.lines import read


def faults(content):
    return {line.number: line.fault for line in read(io.BytesIO(content)) if line.fault}


def test_blank_lines_are_skipped_and_still_counted():
    found = list(read(io.BytesIO(b'\n{"a": 1}\r\n  \n{"a": 2}')))

    assert [(line.number, line.values) for line in found] == [(2, {"a": 1}), (4, {"a": 2})]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": 1', "is not valid JSON: Expecting ',' delimiter at column 8"),
        (b"[1]", "is not an object in braces"),
        (b'"text"', "is not an object in braces"),
        (b"null", "is not an object in braces"),
        (b'{"a": 1, "a": 2}', "has the key “a” twice"),
        (b'{"a": {"b": 1, "b": 1}}', "has the key “b” twice"),
        (b'{"a": NaN}', "holds NaN, which is not JSON"),
        (b'{"a": "\x01"}', "is not valid JSON: Invalid control character at at column 8"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "a number or a nesting is far too large"),
        (b'{"a": ' + b"[" * 50_000 + b"]" * 50_000 + b"}", "a number or a nesting is far too"),
    ],
)
def test_a_line_that_is_no_plain_object_says_why(line, reason):
    found = faults(b'{"fine": true}\n' + line + b"\n")

    assert list(found) == [2]
    assert reason in found[2]


def test_a_byte_that_is_not_utf8_is_named_by_its_place_in_the_file():
    found = faults(b'{"a": 1}\n{"a": "caf' + b'\xe9"}\n')

    assert found == {2: "is not UTF-8: byte 0xE9 at offset 19 of the file"}


def test_a_line_without_end_is_not_read_into_memory(monkeypatch):
    monkeypatch.setattr(lines, "LINE_LIMIT", 10)
    content = b'{"a": "' + b"x" * 100 + b'"}\n{"b": 1}\n\xff\n'

    found = list(read(io.BytesIO(content)))

    assert [line.number for line in found] == [1, 2, 3]
    assert found[0].fault == "is longer than 10 bytes"
    assert found[1].values == {"b": 1}
    assert f"offset {content.index(0xFF)} " in found[2].fault


def test_the_start_of_the_text_may_stand_after_a_mark():
    (line,) = read(io.BytesIO(b'\xef\xbb\xbf{"a": 1}'), start=3)

    assert line.values == {"a": 1}
