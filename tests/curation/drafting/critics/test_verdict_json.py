"""A critic's verdict as JSON, from replies as endpoints send them."""

import json

import pytest

from curation.drafting.critics import CRITICS
from curation.drafting.critics.base import Opinion, Outcome, Said
from curation.drafting.reading import Unusable

NONCE = "abc123abc123"
CODES = frozenset({"care", "care.body"})


def read(content):
    said = Said(content, nonce=NONCE, codes=CODES)
    return CRITICS["verdict_json"].read(said)


def verdict(**changes):
    said = {"nonce": NONCE, "score": 0.9, "tags": ["care.body"], "explanation": "It may hurt."}
    return json.dumps(said | changes)


def test_a_verdict_becomes_an_opinion():
    opinion, flags = read(verdict())

    assert opinion == Opinion(Outcome.UNSAFE, 0.9, ["care.body"], "It may hurt.")
    assert flags == []


@pytest.mark.parametrize(
    ("score", "outcome"),
    [
        (0, "safe"),
        (0.4, "safe"),
        (0.41, "unsure"),
        (0.59, "unsure"),
        (0.6, "unsafe"),
        (1, "unsafe"),
    ],
)
def test_the_outcome_follows_the_score(score, outcome):
    assert read(verdict(score=score))[0].outcome == outcome


def test_a_tag_nobody_told_the_critic_of_is_kept_with_a_flag():
    opinion, flags = read(verdict(tags=["care", "moon"]))

    assert (opinion.tags, flags) == (["care", "moon"], ["unknown_tag"])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        ("safe", "not_json"),
        ("The answer is safe.", "not_json"),
        (verdict()[:-5], "not_json"),
        (f"Sure! {verdict(score=0)}", "not_json"),
        (verdict(nonce="000000000000"), "wrong_nonce"),
        (verdict(score=1.2), "wrong_shape"),
        (verdict(score="0"), "wrong_shape"),
        (verdict(score=True), "wrong_shape"),
        (verdict(outcome="safe"), "wrong_shape"),
        (verdict(tags=["care", "care"]), "wrong_shape"),
        ('{"nonce": "abc123abc123", "score": NaN, "tags": [], "explanation": ""}', "wrong_shape"),
        (json.dumps({"score": 0, "tags": [], "explanation": ""}), "wrong_shape"),
    ],
)
def test_what_is_no_verdict_is_left_to_people(content, reason):
    with pytest.raises(Unusable, match=rf"^{reason}"):
        read(content)


def test_a_verdict_copied_from_the_answer_does_not_carry_the_mark():
    with pytest.raises(Unusable, match="wrong_nonce"):
        read(verdict(nonce="", score=0))


def test_a_fence_is_taken_off():
    fenced = f"```json\n{verdict()}\n```"

    assert read(fenced)[0].score == 0.9
