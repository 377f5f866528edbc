"""The form of guard models, from replies as endpoints send them."""

import pytest

from curation.drafting.critics import BY_PROMPT, CRITICS
from curation.drafting.critics.base import Opinion, Outcome, Said
from curation.drafting.reading import Unusable
from curation.models import Endpoint


def read(content):
    return CRITICS["category"].read(Said(content, codes=frozenset({"care", "care.body", "dw"})))


@pytest.mark.parametrize(
    ("content", "opinion"),
    [
        ("sec", Opinion(Outcome.SAFE, 0.0)),
        (
            "sec\n<explanation>Nothing of note.</explanation>",
            Opinion(Outcome.SAFE, 0.0, explanation="Nothing of note."),
        ),
        ("dw", Opinion(Outcome.UNSAFE, 1.0, ["dw"])),
        (
            "care.body<explanation>It may hurt.</explanation>",
            Opinion(Outcome.UNSAFE, 1.0, ["care.body"], "It may hurt."),
        ),
    ],
)
def test_an_id_becomes_an_opinion(content, opinion):
    assert read(content) == (opinion, [])


@pytest.mark.parametrize(
    "content",
    ["", "safe", "SEC", "sec.", "moon", "care care.body", "care: it may hurt", "It is sec", "None"],
)
def test_what_names_no_category_is_left_to_people(content):
    with pytest.raises(Unusable, match="unclear"):
        read(content)


def test_every_form_an_endpoint_may_have_is_known_by_its_prompt():
    assert set(CRITICS) == set(Endpoint.CriticFormat.values)
    assert len(BY_PROMPT) == len(CRITICS)
