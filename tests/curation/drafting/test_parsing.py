import json

import pytest
from curation.drafting.parsing import Reading
from hypothesis import given
from hypothesis import strategies as st

from curation.drafting import parsing

QUESTION = "May I keep the umbrella somebody left in my café last winter?"


def option(content, polarity="positive", structured="json_schema"):
    return parsing.read_option(content, polarity=polarity, question=QUESTION, structured=structured)


def tags(*found, structured="json_schema"):
    content = json.dumps({"tags": list(found)})
    return parsing.read_tags(content, codes={"care", "care.body"}, structured=structured)


def tag(code="care", score=0.5, explanation="Because."):
    return {"code": code, "score": score, "explanation": explanation}


def test_an_option_is_read_and_trimmed():
    assert option('{"option": " Ask around first. "}') == Reading({"option": "Ask around first."})


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ('{"option": "  "}', "empty"),
        ('{"option": "\u200b"}', "empty"),
        ("Sure! Ask around.", "not_json"),
        ('Sure: {"option": "Ask."}', "not_json"),
        ('{"option": "Ask."} {"option": "Keep."}', "not_json"),
        ("{'option': 'Ask.'}", "not_json"),
        ('{"option": "Ask.",}', "not_json"),
        ('{"option": NaN}', "not_json"),
        ('{"option": "Ask.", "option": "Keep."}', "not_json"),
        ('{"option": "Ask', "not_json"),
        ("[" * 100_000, "not_json"),
        ("null", "wrong_shape: ."),
        ("[]", "wrong_shape: ."),
        ("{}", "wrong_shape: option"),
        ('{"option": null}', "wrong_shape: option"),
        ('{"option": 5}', "wrong_shape: option"),
        ('{"option": ["Ask."]}', "wrong_shape: option"),
        ('{"option": ""}', "wrong_shape: option"),
        ('{"option": "Ask.", "a-secret-thought": "x"}', "wrong_shape: +"),
        (json.dumps({"option": "a" * 1001}), "wrong_shape: option"),
    ],
)
def test_what_is_not_exactly_an_option_is_unusable_and_says_why(content, reason):
    assert option(content) == Reading(reason=reason)


FENCED = '```json\n{"option": "Ask."}\n```'
THOUGHT = '<think>Hmm {"option": "no"}</think>\n{"option": "Ask."}'


@pytest.mark.parametrize("content", [FENCED, THOUGHT, f"<think>x</think>\n{FENCED}"])
def test_a_thought_and_a_fence_are_taken_off_where_only_the_prompt_asked_for_json(content):
    assert option(content, structured="prompt").value == {"option": "Ask."}
    assert option(content, structured="json_schema").reason == "not_json"


@pytest.mark.parametrize(
    "content", [f"Here:\n{FENCED}", f"{FENCED}\nBye", "```\n{}\n```\n```\n{}\n```"]
)
def test_nothing_else_is_guessed(content):
    assert option(content, structured="prompt").reason in ("not_json", "wrong_shape: option")


def test_what_cannot_be_stored_is_replaced_and_flagged():
    reading = option('{"option": "Ask\\u0000 \\ud83d first."}')

    assert reading == Reading({"option": "Ask\ufffd \ufffd first."}, flags=["repaired"])


def test_a_whole_emoji_is_no_fault():
    assert option('{"option": "Ask \\ud83d\\ude00"}') == Reading({"option": "Ask 😀"})


def test_a_negative_option_that_is_more_than_a_stance_is_withheld_with_its_flags():
    reading = option('{"option": "See www.example.com or write to a@example.org"}', "negative")

    assert reading.value is None
    assert reading.reason == "withheld: url, contact"
    assert reading.flags == ["url", "contact"]


def test_a_positive_option_may_name_a_place_to_ask():
    reading = option('{"option": "Ask at the town hall, www.example.com."}')

    assert reading.value is not None


def test_a_positive_option_that_only_refuses_is_flagged_and_kept():
    reading = option('{"option": "I\'m sorry, but I can\'t help with that."}')

    assert reading.value is not None
    assert reading.flags == ["refusal"]


@pytest.mark.parametrize("polarity", ["positive", "negative"])
def test_an_option_that_quotes_the_question_is_flagged_and_kept(polarity):
    reading = option(json.dumps({"option": f"{QUESTION.upper()} Of course."}), polarity)

    assert reading.value is not None
    assert reading.flags == ["quotes_question"]


def test_tags_are_read():
    reading = tags(tag(), tag("care.body", 1))

    assert reading.reason == ""
    assert [found["code"] for found in reading.value["tags"]] == ["care", "care.body"]


def test_no_tag_is_an_answer_too():
    assert tags() == Reading({"tags": []})


def test_a_tag_that_the_taxonomy_does_not_know_stays_and_raises_a_flag():
    reading = tags(tag(), tag("made.up"))

    assert reading.flags == ["unknown_tag"]
    assert reading.value["tags"][1]["code"] == "made.up"


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ([tag(score=1.01)], "wrong_shape: tags.0.score"),
        ([tag(score=-0.1)], "wrong_shape: tags.0.score"),
        ([tag(score=True)], "wrong_shape: tags.0.score"),
        ([tag(score="0.5")], "wrong_shape: tags.0.score"),
        ([tag(), {"code": "care.body", "score": 0.5}], "wrong_shape: tags.1.explanation"),
        ([tag(), tag()], "wrong_shape: tags"),
        ([tag(f"t{n}") for n in range(9)], "wrong_shape: tags"),
        ([tag(explanation="x" * 1001)], "wrong_shape: tags.0.explanation"),
    ],
)
def test_tags_of_another_shape_are_unusable(found, reason):
    assert tags(*found) == Reading(reason=reason)


@given(st.text() | st.recursive(st.none() | st.text(), lambda part: st.lists(part)).map(json.dumps))
def test_reading_is_total(content):
    for structured in ("json_schema", "prompt"):
        reading = option(content, "negative", structured)
        assert (reading.value is None) == bool(reading.reason)
