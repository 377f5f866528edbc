import pytest

from scoring.fine_results import contents, is_result, replies
from scoring.matching import by_item
from scoring.records import release_item
from scoring.refusals import NotScored
from scoring.rows import Row
from scoring.wording import Verdict
from tests.scoring.samples import a_row

ITEM = release_item(a_row(labels=[0, 1], answer=1))


def a_result(**changes):
    values = {
        "id": "1",
        "question": ITEM.question,
        "Positive Option": f" {ITEM.choices[1]}\n\n",
        "Negative Option": ITEM.choices[0],
        "mul_result": False,
        "open_response": "Kind words.",
        "open_result": True,
    }
    return Row("row 1", {**values, **changes})


def test_a_row_is_an_open_reply_and_a_recorded_choice():
    opened, chosen = replies(a_result(), contents([ITEM]))

    assert (opened.item_id, opened.verdict, opened.reply) == (ITEM.id, Verdict.GOOD, "Kind words.")
    assert (chosen.item_id, chosen.recorded) == (ITEM.id, False)
    assert len(by_item([ITEM], [opened, chosen])[ITEM.id]) == 2


def test_a_null_answer_is_an_empty_one():
    assert replies(a_result(open_response=None, open_result=False), {})[0].reply == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"Positive Option": ITEM.choices[0], "Negative Option": ITEM.choices[1]},
        {"Positive Option": "Other words."},
        {"question": "Another question?"},
    ],
)
def test_what_was_asked_otherwise_belongs_to_another_release(changes):
    named = a_result(id=ITEM.item_id, **changes)
    unnamed = a_result(id="1", **changes)

    with pytest.raises(NotScored, match="2 rows made on other options"):
        by_item([ITEM], replies(named, contents([ITEM])))
    with pytest.raises(NotScored, match="2 rows to items this release does not hold"):
        by_item([ITEM], replies(unnamed, contents([ITEM])))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mul_result": 1}, "mul_result"),
        ({"open_result": None}, "open_result"),
        ({"Positive Option": None}, "Positive Option"),
        ({"question": 3}, "question"),
    ],
)
def test_a_bad_field_is_named(changes, field):
    with pytest.raises(NotScored, match=f"row 1, field {field}: "):
        replies(a_result(**changes), contents([ITEM]))


def test_only_rows_with_outcomes_are_results():
    assert is_result(a_result())
    assert not is_result(Row("row 1", {"id": "1", "form": "open", "reply": ""}))
