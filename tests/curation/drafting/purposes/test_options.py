import json

import pytest

from curation.drafting.purposes import WORKS
from curation.drafting.reading import Reading
from curation.models import Attempt, Call, Item, Purpose
from tests import factories

KEY = "0123456789ab" + "f" * 52
QUESTION = "May I keep the umbrella somebody left in my café last winter?"
PURPOSES = {"positive": Purpose.POSITIVE, "negative": Purpose.NEGATIVE}


def read(text, polarity="positive", language="en"):
    return WORKS[PURPOSES[polarity]].read(
        Call(key=KEY, item=Item(question=QUESTION, language=language)),
        Attempt(content=json.dumps({"nonce": KEY[:24], "option": text}), structured="json_schema"),
    )


def test_an_option_is_read_and_trimmed():
    assert read(" Ask around first. ") == Reading({"option": "Ask around first."})


@pytest.mark.parametrize("text", ["  ", "\u200b", "\u00a0\n"])
def test_a_text_of_nothing_is_empty(text):
    assert read(text) == Reading(reason="empty")


def test_the_mark_of_another_call_is_not_taken():
    attempt = Attempt(content='{"nonce": "another", "option": "Ask."}', structured="json_schema")

    reading = WORKS[Purpose.POSITIVE].read(Call(key=KEY, item=Item(question=QUESTION)), attempt)

    assert reading == Reading(reason="wrong_nonce")


def test_a_negative_option_that_is_more_than_a_stance_is_withheld_with_its_flags():
    reading = read("See www.example.com or write to a@example.org", "negative")

    assert reading == Reading(reason="withheld: url, contact", flags=["url", "contact"])


def test_a_positive_option_may_name_a_place_to_ask():
    assert read("Ask at the town hall, www.example.com.").reason == ""


def test_a_positive_option_that_only_refuses_is_flagged_and_kept():
    reading = read("I'm sorry, but I can't help with that.")

    assert (reading.reason, reading.flags) == ("", ["refusal"])


@pytest.mark.parametrize("polarity", ["positive", "negative"])
def test_an_option_that_quotes_the_question_is_flagged_and_kept(polarity):
    reading = read(f"{QUESTION.upper()} Of course.", polarity)

    assert (reading.reason, reading.flags) == ("", ["quotes_question"])


@pytest.mark.parametrize(("text", "language"), [("先问问再说。", "en"), ("Ask first.", "zh")])
def test_an_option_in_another_language_is_flagged_and_kept(text, language):
    reading = read(text, language=language)

    assert (reading.reason, reading.flags) == ("", ["wrong_language"])


def test_the_question_is_all_that_fills_the_prompt(project):
    item = factories.make_item(project, question="Is $5 fair?")

    assert WORKS[Purpose.NEGATIVE].slots(Call(item=item)) == {"question": "Is $5 fair?"}
