import pytest

from annotation import words
from annotation.models import Matter, Outcome
from annotation.signoff import Why
from curation.models import Item


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("base", ["safe", "unsafe", "cannot tell"]),
        ("capability", ["correct", "incorrect", "cannot tell"]),
    ],
)
def test_outcomes_are_worded_by_the_kind_of_the_item(kind, said):
    assert [words.outcome_words(o, Item(kind=kind)) for o in Outcome.values] == said


@pytest.mark.parametrize("why", Why)
def test_every_reason_of_a_dispute_has_words_and_fits_its_column(why):
    assert words.why_words(Matter(dispute=why))
    assert len(why) <= Matter._meta.get_field("dispute").max_length


def test_the_texts_of_a_draft_are_those_meant_to_be_used():
    typed = {
        "o1-act": ["rewrite"],
        "o1-text": ["Mine."],
        "o2-act": ["reject"],
        "o2-text": ["prefilled"],
        "o2-note": ["Too long."],
        "o3-act": ["accept"],
        "o3-text": ["prefilled"],
        "reason": ["Because."],
        "note": [""],
    }

    assert words.texts_in(typed) == ["Mine.", "Too long.", "Because."]


def test_a_draft_of_another_shape_does_not_break_the_page():
    assert words.texts_in({"acts": [{"text": "x"}], "reason": "So.", "tags": []}) == ["So."]
