"""Any file becomes one bounded stream of bytes, or a refusal that says what to do."""

import hashlib
import io

import pytest

from curation.importing import files
from curation.importing.files import opened
from curation.refusals import Refused
from tests.curation.importing.files import zipped


def content_of(file):
    with opened(file) as data:
        data.stream.seek(data.start)
        return data.stream.read()


def test_a_plain_file_comes_through_with_its_hash():
    with opened(io.BytesIO(b'{"a": 1}\n')) as data:
        assert data.sha256 == hashlib.sha256(b'{"a": 1}\n').hexdigest()


def test_a_zip_has_the_hash_of_what_is_in_it():
    plain, packed = io.BytesIO(b'{"a": 1}\n'), zipped([("a.jsonl", b'{"a": 1}\n')])

    with opened(plain) as one, opened(packed) as other:
        assert one.sha256 == other.sha256


def test_a_byte_order_mark_is_passed_over():
    assert content_of(io.BytesIO(b'\xef\xbb\xbf{"a": 1}')) == b'{"a": 1}'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty."),
        (b"MZ\x90\x00\x03", "This is a Windows program file."),
        (b"\x1f\x8b\x08rest", "This is a gzip file."),
        (b"%PDF-1.7", "This is a PDF file."),
        ('{"a": 1}'.encode("utf-16"), "looks like UTF-16"),
        ('{"a": 1}'.encode("utf-16-le"), "looks like UTF-16"),
        (b' [{"a": 1}]', "This is one JSON array."),
    ],
)
def test_what_is_no_text_is_refused_by_its_kind(content, reason):
    with pytest.raises(Refused, match=reason):
        content_of(io.BytesIO(content))


def test_a_file_over_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(files, "SIZE_LIMIT", 1_000)

    with pytest.raises(Refused, match="larger than"):
        content_of(io.BytesIO(b"x" * 1_001))


def test_a_file_of_too_many_lines_is_refused(monkeypatch):
    monkeypatch.setattr(files, "ROW_LIMIT", 3)

    with pytest.raises(Refused, match="more than 3 lines"):
        content_of(io.BytesIO(b"{}\n" * 4))
