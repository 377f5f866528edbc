"""Unfinished work keeps its meaning between what is said and the fields of a form."""

import pytest

from annotation.acts import ActOn
from annotation.typed import Work, fields_of_answer, fields_of_review, work_of
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(project):
    return factories.make_options(factories.make_item(project))


def test_work_on_an_answer_comes_back_as_it_was():
    work = Work(guideline=3, outcome="bad", reason="Hm.", tags=["law"], pasted=True)

    assert work_of(fields_of_answer(work)) == work


def test_work_on_options_comes_back_as_it_was(pair):
    positive, negative = pair
    acts = [
        ActOn(polarity="positive", act="rewrite", option=positive.pk, text="Ask\nfirst."),
        ActOn(polarity="negative", act="reject", option=negative.pk, reason="unclear", note="x"),
    ]
    work = Work(guideline=3, acts=acts, tags=["law", "care"], unfit="unclear", note="Which?")

    assert work_of(fields_of_review(work, positive.item)) == work


def test_an_act_stands_on_the_place_of_its_option(pair):
    positive, negative = pair
    work = Work(acts=[ActOn(polarity="negative", act="accept", option=negative.pk)])

    fields = fields_of_review(work, positive.item)

    assert fields["o2-id"] == [str(negative.pk)]
    assert "o1-id" not in fields


def test_an_act_on_an_earlier_text_stands_where_the_later_one_is(pair):
    positive, _negative = pair
    work = Work(acts=[ActOn(polarity="positive", act="rewrite", option=10**9, text="Mine.")])

    assert fields_of_review(work, positive.item)["o1-text"] == ["Mine."]


def test_a_missing_text_stands_on_its_place(project):
    item = factories.make_item(project)
    factories.make_option(item, "positive")
    work = Work(acts=[ActOn(polarity="negative", act="write", text="Half")])

    fields = fields_of_review(work, item)

    assert (fields["o2-id"], fields["o2-text"]) == ([""], ["Half"])
    assert work_of(fields) == Work(acts=work.acts)


def test_two_acts_on_one_place_are_both_kept(pair):
    acts = [ActOn(polarity="positive", act="rewrite", text=text) for text in ("One.", "Two.")]

    fields = fields_of_review(Work(acts=acts), pair[0].item)

    assert [act.text for act in work_of(fields).acts] == ["One.", "Two."]


@pytest.mark.parametrize(
    ("tags", "back"), [([], []), (["law"], ["law"]), (["", "law"], ["", "law"]), ([""], [])]
)
def test_the_main_tag_stays_the_first(pair, tags, back):
    assert work_of(fields_of_review(Work(tags=tags), pair[0].item)).tags == back


@pytest.mark.parametrize(
    "fields",
    [
        {"guideline": ["x"], "o1-id": ["9" * 99], "tags": "law", "o1-act": []},
        {"acts": [{"act": "accept"}], "unfit": None},
        {"o1-text": [None, 7], "outcome": [["good"]], "pasted": ["false"]},
    ],
)
def test_what_makes_no_sense_is_left_out_without_a_fault(fields):
    work = work_of(fields)

    assert (work.guideline, work.pasted) == (None, False)
    assert all(act.option is None for act in work.acts)
