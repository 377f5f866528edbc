import pytest

from scoring import rows
from scoring.refusals import NotScored


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "rows.jsonl"
        path.write_bytes(content)
        return path

    return write


def values_of(path):
    return [row.values for row in rows.read(path)]


def test_lines_are_read_with_their_numbers(file):
    found = list(rows.read(file(b'\xef\xbb\xbf{"a": 1}\r\n\n  \n{"a": 2}')))

    assert [(row.place, row.values) for row in found] == [
        ("line 1 of rows.jsonl", {"a": 1}),
        ("line 4 of rows.jsonl", {"a": 2}),
    ]


def test_an_array_is_read_as_rows(file):
    found = list(rows.read(file(b' \n[{"a": 1},\n {"a": 2}]')))

    assert [row.place for row in found] == ["row 1 of rows.jsonl", "row 2 of rows.jsonl"]


def test_an_empty_file_has_no_rows(file):
    assert values_of(file(b"")) == []
    assert values_of(file(b"[]")) == []


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"{", "line 2 of rows.jsonl: not JSON"),
        (b"7", "line 2 of rows.jsonl: must be a JSON object"),
        (b'{"a": NaN}', "NaN is no JSON number"),
        (b'{"a": 1, "a": 2}', "field a is given twice"),
        (b'{"a": "\xff"}', "line 2 of rows.jsonl: byte 8 is not UTF-8"),
        (b'{"a": ' + b"[" * 100_000, "line 2 of rows.jsonl: nested too deeply"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "line 2 of rows.jsonl: not JSON"),
        (b'{"a": 1} {"a": 2}', "line 2 of rows.jsonl: not JSON"),
    ],
)
def test_a_bad_line_is_named(file, line, fault):
    with pytest.raises(NotScored, match=fault):
        values_of(file(b'{"a": 1}\n' + line))


def test_lengths_are_bounded(file, monkeypatch):
    monkeypatch.setattr(rows, "MAX_LINE", 10)
    monkeypatch.setattr(rows, "MAX_ARRAY", 10)

    with pytest.raises(NotScored, match=r"line 1 of rows\.jsonl: longer than 10 bytes"):
        values_of(file(b'{"a": "too long"}'))
    with pytest.raises(NotScored, match="one array of more than 10 bytes"):
        values_of(file(b'[{"a": "too long"}]'))


def test_a_text_is_bounded():
    with pytest.raises(NotScored, match="field a: longer than 3 characters"):
        rows.Row("line 1", {"a": "four"}).text("a", longest=3)
