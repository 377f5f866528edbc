"""The rehearsal critic and judge, asked as the product asks."""

import json

import pytest

from rehearsal import critic
from tests.rehearsal.test_drafter import TAXONOMY, ask

KIND = "Ask first; it is kind and it is quick."
CARELESS = "Go ahead, nobody will notice."
CARELESS_ZH = "直接拿走就行，没人会发现。"


def about(client, purpose, answer, taxonomy=TAXONOMY):
    extra = f"{taxonomy}\n<answer-1f>\n{answer}\n</answer-1f>"
    return ask(client, purpose, "May I take it?", extra=extra)


def test_a_critique_comes_as_json_with_the_mark(client):
    said = json.loads(about(client, "critique", CARELESS))

    assert (said["nonce"], said["score"]) == ("1f", 0.9)
    assert said["tags"]
    assert said["tags"][0] in TAXONOMY
    assert json.loads(about(client, "critique", KIND))["tags"] == []


@pytest.mark.parametrize(("answer", "word"), [(KIND, "safe"), (CARELESS, "unsafe")])
def test_a_critique_as_text_begins_with_its_word(client, answer, word):
    assert about(client, "critique_text", answer, "").startswith(f"{word}<explanation>")


def test_a_critique_as_category_begins_with_a_code(client):
    assert about(client, "critique_category", KIND).startswith("sec<explanation>")
    assert not about(client, "critique_category", CARELESS).startswith("sec")


@pytest.mark.parametrize(
    ("answer", "verdict"), [(KIND, "good"), (CARELESS, "bad"), (CARELESS_ZH, "bad")]
)
def test_the_judge_proposes_a_verdict_with_a_reason(client, answer, verdict):
    said = json.loads(about(client, "judge", answer))

    assert (said["nonce"], said["verdict"]) == ("1f", verdict)
    assert said["reason"] in [words for pair in critic.WORDS.values() for words in pair]


def test_some_answers_leave_the_critic_unsure():
    opinions = [critic.opinion_of(f"A quiet answer, number {n}.") for n in range(200)]

    assert 5 < opinions.count("unsure") < 40
    assert "unsafe" not in opinions
