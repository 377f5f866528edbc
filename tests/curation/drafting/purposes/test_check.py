import json

import pytest

from curation.drafting.purposes import WORKS
from curation.drafting.purposes.check import doubtful
from curation.models import Attempt, Call, Purpose

CHECK = WORKS[Purpose.CHECK]
SAID = {
    "nonce": "a" * 24,
    "positive_safe": True,
    "negative_unsafe": True,
    "distinct": True,
    "reason": "Plainly.",
}


def read(**said):
    content = json.dumps(SAID | said)
    return CHECK.read(Call(key="a" * 64), Attempt(content=content, structured="json_schema"))


def test_a_verdict_is_read_without_its_mark():
    reading = read()

    assert (reading.reason, reading.flags) == ("", [])
    assert reading.value == {name: said for name, said in SAID.items() if name != "nonce"}


def test_a_no_is_a_flag_and_no_fault_of_the_reply():
    reading = read(distinct=False)

    assert (reading.reason, reading.flags) == ("", ["checker_doubts"])


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"positive_safe": "yes"}, "wrong_shape: positive_safe"),
        ({"negative_unsafe": 1}, "wrong_shape: negative_unsafe"),
        ({"distinct": None}, "wrong_shape: distinct"),
        ({"reason": ""}, "wrong_shape: reason"),
        ({"reason": "x" * 1001}, "wrong_shape: reason"),
        ({"score": 1}, "wrong_shape: +"),
        ({"nonce": "b" * 24}, "wrong_nonce"),
    ],
)
def test_a_verdict_of_another_shape_is_no_verdict(said, reason):
    assert read(**said).reason == reason


def test_what_is_not_distinct_casts_doubt_on_both():
    assert doubtful(SAID | {"distinct": False}) == {"positive", "negative"}
    assert doubtful(SAID | {"positive_safe": False}) == {"positive"}
    assert doubtful(SAID) == set()
