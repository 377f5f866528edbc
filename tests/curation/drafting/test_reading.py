import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.drafting import completions
from curation.drafting.purposes.options import OptionReply
from curation.drafting.reading import Unusable, shaped
from tests.endpoint import completion

NONCE = "0123456789ab"


def read(content):
    return shaped(content, OptionReply, nonce=NONCE)


def saying(text="Ask.", **more):
    return json.dumps({"nonce": NONCE, "option": text, **more})


def why_not(content):
    with pytest.raises(Unusable) as reason:
        read(content)
    return str(reason.value)


def test_the_value_comes_without_its_mark():
    assert read(saying()) == ({"option": "Ask."}, [])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("Sure! Ask around.", "not_json"),
        (f"Sure: {saying()}", "not_json"),
        (f"{saying()} {saying()}", "not_json"),
        (f"{{'nonce': '{NONCE}', 'option': 'Ask.'}}", "not_json"),
        ('{"option": "Ask.",}', "not_json"),
        ('{"option": NaN}', "wrong_shape: NaN"),
        ('{"option": -Infinity}', "wrong_shape: -Infinity"),
        ('{"option": "Ask.", "option": "Keep."}', "not_json"),
        ('{"tags": [{"code": "a", "code": "b"}]}', "not_json"),
        ('{"option": "Ask', "not_json"),
        ("[" * 100_000, "not_json"),
        ("null", "wrong_shape: ."),
        ("[]", "wrong_shape: ."),
        ("{}", "wrong_shape: nonce"),
        ('{"option": "Ask."}', "wrong_shape: nonce"),
        (f'{{"nonce": "{NONCE}"}}', "wrong_shape: option"),
        (saying(None), "wrong_shape: option"),
        (saying(5), "wrong_shape: option"),
        (saying(["Ask."]), "wrong_shape: option"),
        (saying(""), "wrong_shape: option"),
        (saying("a" * 1001), "wrong_shape: option"),
    ],
)
def test_what_is_not_exactly_of_the_shape_is_unusable_and_says_why(content, reason):
    assert why_not(content) == reason


def test_a_name_that_the_model_made_up_is_not_repeated():
    assert why_not(saying(**{"a-secret-thought": "x"})) == "wrong_shape: +"


@pytest.mark.parametrize("nonce", ["", "0123456789aB", "0123456789ab0", "ba9876543210"])
def test_the_reply_to_another_request_is_not_taken(nonce):
    assert why_not(json.dumps({"nonce": nonce, "option": "Ask."})) == "wrong_nonce"


FENCED = f"```json\n{saying()}\n```"
THOUGHT = f'<think>Hmm {{"option": "no"}}</think>\n{saying()}'


@pytest.mark.parametrize("content", [FENCED, THOUGHT, f"<think>x</think>\n{FENCED}"])
def test_a_thought_and_a_fence_are_taken_off(content):
    assert read(content) == ({"option": "Ask."}, [])


@pytest.mark.parametrize("around", ["Here:\n{}", "{}\nBye", "{}\n{}", "<think>{}"])
def test_nothing_else_is_guessed(around):
    assert why_not(around.format(FENCED, FENCED)) == "not_json"


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("Ask \\ud83d them.", ["repaired"]),  # escaped by the model
        ("Ask \ud83d them.", ["repaired"]),  # and by the server
        ("Ask \\u0000 them.", ["repaired"]),
        ("Ask them.", []),
    ],
)
def test_what_could_not_be_stored_is_replaced_and_flagged_wherever_it_stood(text, flags):
    content = f'{{"nonce": "{NONCE}", "option": "{text}"}}'
    reply = completions.read(json.dumps(completion(content)).encode())

    value, found = read(reply.content)

    assert found == flags
    assert value["option"] in ("Ask \ufffd them.", "Ask them.")


def test_a_whole_emoji_is_no_fault():
    value, flags = read(f'{{"nonce": "{NONCE}", "option": "Ask \\ud83d\\ude00"}}')

    assert (value, flags) == ({"option": "Ask 😀"}, [])


@given(st.text() | st.recursive(st.none() | st.text(), lambda part: st.lists(part)).map(json.dumps))
def test_reading_is_total(content):
    assert why_not(content).partition(":")[0] in ("empty", "not_json", "wrong_shape")
