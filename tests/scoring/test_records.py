import hashlib

import pytest

from scoring.records import options_hash, release_item
from scoring.refusals import NotScored
from tests.scoring.samples import a_row


def test_a_row_of_a_release_becomes_an_item():
    item = release_item(
        a_row(language="zh", labels=[0, 1], answer=1, metadata={"dimension": "D", "kind": "base"})
    )

    assert (item.id, item.item_id, item.language) == ("one-v1", "one", "zh")
    assert item.labels == (False, True)
    assert (item.dimension, item.kind, item.release) == ("D", "base", "")
    assert item.tags == ("civic",)


def test_several_options_may_be_positive():
    item = release_item(a_row(choices=["a", "b", "c"], labels=[1, 0, 1], answer=2))

    assert item.labels == (True, False, True)


def test_the_answer_stands_in_for_labels():
    row = a_row(answer=1)
    del row["labels"]

    assert release_item(row).labels == (False, True)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "id"),
        ({"id": " "}, "id"),
        ({"item_id": 7}, "item_id"),
        ({"item_id": "x" * 301}, "item_id"),
        ({"choices": None}, "choices"),
        ({"choices": ["only"]}, "choices"),
        ({"choices": "ab"}, "choices"),
        ({"choices": ["a", 1]}, r"choices\[1\]"),
        ({"choices": ["a", " "]}, "choices"),
        ({"choices": ["a"] * 27}, "choices"),
        ({"choices": ["a", "b\0"]}, r"choices\[1\]"),
        ({"labels": [1]}, "labels"),
        ({"labels": [1, 2]}, "labels"),
        ({"labels": [True, False]}, "labels"),
        ({"labels": [0, 0]}, "labels"),
        ({"labels": None, "answer": None}, "answer"),
        ({"labels": None, "answer": 2}, "answer"),
        ({"answer": 1}, "answer"),
        ({"answer": 5}, "answer"),
        ({"answer": "A"}, "answer"),
        ({"tags": "civic"}, "tags"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"dimension": 3}}, "metadata.dimension"),
        ({"metadata": {"options_sha256": "f00"}}, "metadata.options_sha256"),
        ({"question": "\ud800"}, "question"),
    ],
)
def test_a_bad_field_is_named_with_its_place(changes, field):
    with pytest.raises(NotScored, match=rf"^line 4, field {field}: "):
        release_item(a_row(**changes), "line 4")


def test_the_hash_is_of_the_compact_list_in_the_stored_order():
    expected = hashlib.sha256('["好的","no \\"way\\""]'.encode()).hexdigest()

    assert options_hash(["好的", 'no "way"']) == expected
    assert options_hash(("好的", 'no "way"')) == expected
    assert options_hash(['no "way"', "好的"]) != expected
