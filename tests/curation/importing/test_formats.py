"""A file shows which format it is in."""

import io

import pytest

from curation.importing.formats import chosen
from curation.refusals import Refused
from tests.curation.importing.files import bare_row, fine_row, jsonl, own_row, seval_row


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (fine_row(), "fine"),
        (bare_row(), "fine"),
        (seval_row(), "s-eval"),
        (own_row(), "jsonl"),
        ({"question": "May I?", "id": "1"}, "jsonl"),
        (fine_row() | {"tags": []}, "fine"),
    ],
)
def test_the_keys_of_the_first_row_show_it(row, name):
    assert chosen("auto", jsonl([row]), 0).name == name


def test_a_broken_first_line_does_not_hide_it():
    file = io.BytesIO(b"{broken\n" + jsonl([seval_row()]).getvalue())

    assert chosen("auto", file, 0).name == "s-eval"


@pytest.mark.parametrize("content", [b"question,answer\nMay I?,Yes\n", b'{"text": "May I?"}\n'])
def test_other_rows_are_refused_with_what_is_wanted(content):
    with pytest.raises(Refused, match="one JSON object a line"):
        chosen("auto", io.BytesIO(content), 0)


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(Refused, match="auto, fine, s-eval, jsonl") as refused:
        chosen("csv", io.BytesIO(b"{}"), 0)

    assert refused.value.field == "format"
