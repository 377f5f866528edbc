"""Replies are kept once, and picks are read as they come."""

import pytest

from curation import answers
from curation.models import Answer, Pick
from curation.refusals import Refused
from tests import factories


@pytest.fixture
def row(project):
    positive, _negative = factories.make_options(factories.make_item(project))
    return factories.make_release_row(item=positive.item)


@pytest.fixture
def subject_run(row):
    return factories.make_subject_run(row.release)


def test_the_first_answer_of_a_sample_stays(subject_run, row):
    first = answers.record_answer(subject_run=subject_run, item=row.item, reply="Ask first.")

    again = answers.record_answer(subject_run=subject_run, item=row.item, reply="Take it.")

    assert again == first
    assert Answer.objects.get().reply == "Ask first."


def test_another_sample_is_another_answer(subject_run, row):
    first = answers.record_answer(subject_run=subject_run, item=row.item, reply="Ask first.")

    second = answers.record_answer(
        subject_run=subject_run, item=row.item, reply="Ask first.", sample=1
    )

    assert second != first


@pytest.mark.parametrize(
    ("ordering", "reply", "picked"),
    [((0, 1), "A", 0), ((1, 0), "A", 1), ((1, 0), "Option: [[B]]", 0)],
)
def test_a_pick_is_mapped_back_to_the_option_that_stood_at_the_letter(
    subject_run, row, ordering, reply, picked
):
    pick = answers.record_pick(subject_run=subject_run, row=row, ordering=ordering, reply=reply)

    assert pick.outcome == Pick.Outcome.PICKED
    assert pick.option_id == row.option_ids[picked]
    assert pick.shown == [row.option_ids[place] for place in ordering]
    assert pick.parser == "anchored-1"


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ("Option: [[A]] or Option: [[B]]", Pick.Outcome.SEVERAL),
        ("As an AI I cannot choose.", Pick.Outcome.REFUSED),
        ("", Pick.Outcome.UNREADABLE),
    ],
)
def test_a_reply_that_picks_nothing_has_no_option(subject_run, row, reply, outcome):
    pick = answers.record_pick(subject_run=subject_run, row=row, ordering=[0, 1], reply=reply)

    assert (pick.outcome, pick.option) == (outcome, None)


def test_the_first_pick_of_an_ordering_stays(subject_run, row):
    first = answers.record_pick(subject_run=subject_run, row=row, ordering=[0, 1], reply="A")

    again = answers.record_pick(subject_run=subject_run, row=row, ordering=(0, 1), reply="B")

    assert again == first
    assert again.option_id == row.option_ids[0]


@pytest.mark.parametrize("ordering", [[0], [0, 0], [1, 2], [0, 1, 2], []])
def test_an_ordering_that_does_not_name_each_option_once_is_refused(subject_run, row, ordering):
    with pytest.raises(Refused):
        answers.record_pick(subject_run=subject_run, row=row, ordering=ordering, reply="A")

    assert not Pick.objects.exists()


@pytest.mark.parametrize("reply", ["a\0b", "half \ud83d", "x" * 100_001])
def test_a_reply_that_cannot_be_stored_is_refused(subject_run, row, reply):
    with pytest.raises(Refused) as refusal:
        answers.record_answer(subject_run=subject_run, item=row.item, reply=reply)

    assert refusal.value.field == "reply"
    assert not Answer.objects.exists()
