import pytest

from scoring.matching import Index, by_item
from scoring.records import options_hash
from scoring.refusals import NotScored
from tests.scoring.samples import a_choice, an_answer, an_item


def reasons_of(items, replies):
    with pytest.raises(NotScored) as refusal:
        by_item(items, replies)
    return refusal.value.reasons


def test_replies_find_their_item_by_either_name():
    item = an_item("one")

    found = by_item([item, an_item("two")], [an_answer(to="one"), a_choice("A", to="one-v1")])

    assert [reply.item_id for reply in found["one-v1"]] == ["one", "one-v1"]
    assert found["two-v1"] == []


def test_the_same_reply_under_both_names_is_given_twice():
    reasons = reasons_of([an_item()], [an_answer(to="one"), an_answer(to="one-v1", place="line 2")])

    assert reasons == ("1 row given twice: line 2",)


def test_every_kind_of_fault_is_counted_with_the_first_places():
    strangers = [an_answer(to=f"x{number}", place=f"line {number}") for number in range(1, 6)]
    foreign = an_answer(options_sha256=options_hash(["other", "options"]), place="line 6")
    disordered = [
        a_choice("A", ordering, place=f"line {number}")
        for number, ordering in enumerate([(0, 0), (0, 2), (0,), (0, 1, 2)], start=7)
    ]

    reasons = reasons_of([an_item()], [*strangers, foreign, *disordered])

    assert reasons == (
        "5 rows to items this release does not hold: line 1, line 2, line 3, …",
        "1 row made on other options than this release's (another release?): line 6",
        "4 rows with an ordering that is none of the item's options: line 7, line 8, line 9, …",
    )


def test_a_row_that_carries_the_right_hash_is_taken():
    item = an_item()

    found = by_item([item], [an_answer(options_sha256=options_hash(item.choices))])

    assert len(found[item.id]) == 1


def test_samples_and_orderings_tell_replies_apart():
    replies = [
        *(an_answer(), an_answer(sample=1)),
        *(a_choice("A", (0, 1)), a_choice("A", (1, 0)), a_choice("A", (0, 1), sample=1)),
    ]

    assert len(by_item([an_item()], replies)["one-v1"]) == 5


def test_a_name_of_two_items_is_refused():
    with pytest.raises(NotScored, match="1 item named twice by the release: one-v1"):
        Index([an_item("one"), an_item("one-v1")])
    with pytest.raises(NotScored, match="one-v1"):
        Index([an_item("one"), an_item("one")])
