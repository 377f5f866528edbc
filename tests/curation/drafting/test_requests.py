import json
import string

import pytest

from curation.drafting import prompts, requests
from curation.drafting.purposes import WORKS
from curation.models import Endpoint, Purpose

SCHEMA = WORKS[Purpose.POSITIVE].schema
KEY = "0123456789ab" + "f" * 52


@pytest.fixture
def endpoint():
    return Endpoint(model="quiet-model")


def assembled(endpoint, *, question="May I?", schema=SCHEMA, **kw):
    filled = prompts.load(Purpose.POSITIVE, "en").fill(question=question)
    defaults = dict(WORKS[Purpose.POSITIVE].defaults)
    return requests.assemble(
        **{
            "key": KEY,
            "purpose": Purpose.POSITIVE,
            "messages": requests.with_nonce(filled, KEY),
            "parameters": requests.parameters_for(endpoint, defaults),
            "model": endpoint.model,
            "endpoint": endpoint,
            "schema": schema,
        }
        | kw
    )


def test_a_schema_goes_into_the_response_format(endpoint):
    request = assembled(endpoint)

    wanted = request.fields["response_format"]
    assert (wanted["type"], request.structured) == ("json_schema", "json_schema")
    assert wanted["json_schema"]["name"] == "positive_option"
    assert wanted["json_schema"]["schema"]["required"] == ["nonce", "option"]


@pytest.mark.parametrize("work", WORKS.values())
def test_a_schema_is_as_strict_mode_wants_it(work):
    def objects(schema):
        if schema.get("type") == "object":
            yield schema
        inside = [*schema.get("properties", {}).values(), schema.get("items")]
        for part in filter(None, inside):
            yield from objects(part)

    for found in objects(work.schema):
        assert found["additionalProperties"] is False
        assert found["required"] == list(found["properties"])


@pytest.mark.parametrize(
    ("structured", "format"), [("json_object", {"type": "json_object"}), ("prompt", None)]
)
def test_without_schemas_the_schema_is_said_in_words(endpoint, structured, format):
    endpoint.structured = structured

    request = assembled(endpoint)

    assert request.fields.get("response_format") == format
    assert request.structured == structured
    assert '"title": "positive_option"' in request.messages[0]["content"]
    assert "JSON" in request.messages[0]["content"]


def test_what_the_endpoint_showed_it_can_do_goes_before_its_profile(endpoint):
    endpoint.structured_found = "json_object"

    assert assembled(endpoint).structured == "json_object"


@pytest.mark.parametrize(
    ("turn", "found", "asked"),
    [
        ("", "", "json_schema"),
        ("json_object", "", "json_object"),
        ("json_object", "prompt", "prompt"),
        ("prompt", "json_object", "prompt"),
    ],
)
def test_a_turn_is_asked_no_higher_than_the_endpoint_can(endpoint, turn, found, asked):
    endpoint.structured_found = found

    assert assembled(endpoint, structured=turn).structured == asked


def test_the_token_limit_has_the_name_the_endpoint_knows(endpoint):
    endpoint.token_parameter = "max_completion_tokens"

    request = assembled(endpoint, max_tokens=4000)

    assert (request.fields["max_completion_tokens"], request.most_tokens) == (4000, 4000)
    assert "max_tokens" not in request.fields
    assert assembled(endpoint).most_tokens == 1000


def test_fields_of_the_endpoint_win_and_null_takes_one_away(endpoint):
    endpoint.extra_body = {"temperature": None, "max_tokens": 50, "enable_thinking": False}

    request = assembled(endpoint)

    assert "temperature" not in request.fields
    assert (request.fields["max_tokens"], request.fields["enable_thinking"]) == (50, False)


def test_an_endpoint_is_not_sent_what_it_does_not_take(endpoint):
    assert {"temperature", "seed"} <= assembled(endpoint).fields.keys()

    endpoint.takes_temperature = endpoint.takes_seed = False

    assert not {"temperature", "seed"} & assembled(endpoint).fields.keys()


def test_free_text_is_asked_for_without_any_format(endpoint):
    request = assembled(endpoint, schema=None)

    assert (request.structured, "response_format" in request.fields) == ("", False)


@pytest.mark.parametrize(
    "question", ["Is $5 fair?", "$nonce and ${question}", "$", "$$ 5€ 😀 可以吗"]
)
def test_a_question_is_sent_as_it_is_whatever_it_holds(endpoint, question):
    asked = assembled(endpoint, question=question).messages[-1]["content"]

    mark = f"question-{requests.nonce_of(KEY)}"
    assert f"<{mark}>\n{question}\n</{mark}>" in asked


def test_the_nonce_stays_open_in_filled_messages():
    filled = prompts.load(Purpose.POSITIVE, "en").fill(question="May I?")

    assert "<question-$nonce>" in filled[-1]["content"]


def test_the_size_is_the_bytes_of_the_body(endpoint):
    request = assembled(endpoint, question="可以吗？")
    body = {"model": request.model, "messages": request.messages, **request.fields}

    assert request.size() == len(json.dumps(body, ensure_ascii=False).encode())


def test_a_repair_shows_the_reply_and_names_its_fault():
    first = [{"role": "user", "content": "Draft."}]

    messages = requests.repairing(
        first,
        purpose="positive_option",
        said="x" * 5000,
        fault="wrong_shape: option",
        schema=SCHEMA,
    )

    assert messages[0] == first[0]
    assert messages[1] == {"role": "assistant", "content": "x" * requests.LONGEST_ECHO}
    assert "has not the shape that was asked for (option)" in messages[2]["content"]
    assert '"title": "positive_option"' in messages[2]["content"]


def test_an_empty_reply_is_not_shown_again():
    messages = requests.repairing([], purpose="x", said=" ", fault="empty", schema=SCHEMA)

    assert [message["role"] for message in messages] == ["user"]
    assert "The reply is empty" in messages[0]["content"]


def test_the_ladder_goes_down_to_asking_in_words():
    assert [requests.next_lower(mode) for mode in ("json_schema", "json_object", "prompt", "")] == [
        *("json_object", "prompt", "", ""),
    ]


ASKED = {
    "endpoint_id": 1,
    "model": "quiet-model",
    "purpose": "positive_option",
    "target": "item:x:v1",
    "prompt_hash": "a" * 64,
    "parameters_hash": "b" * 64,
    "sample": 0,
}


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("endpoint_id", 2),
        ("model", "loud-model"),
        ("purpose", "negative_option"),
        ("target", "item:x:v2"),
        ("prompt_hash", "c" * 64),
        ("parameters_hash", "c" * 64),
        ("sample", 1),
    ],
)
def test_the_key_differs_for_all_that_is_asked_of_whom(name, other):
    key = requests.key(**ASKED)

    assert requests.key(**ASKED | {name: other}) != key == requests.key(**ASKED)
    assert len(key) == 64
    assert set(key) <= set(string.hexdigits.lower())


def test_a_filled_prompt_is_told_by_its_instructions_and_every_slot():
    slots = {"question": "May I?", "taxonomy": "care | Care |"}
    others = [
        requests.filled_hash("b", slots),
        requests.filled_hash("a", slots | {"question": "May I"}),
        requests.filled_hash("a", slots | {"taxonomy": "care"}),
        requests.filled_hash("a", {"question": "May I?"}),
        requests.filled_hash("a", {"question": slots["taxonomy"], "taxonomy": slots["question"]}),
    ]

    assert requests.filled_hash("a", slots) == requests.filled_hash("a", dict(slots))
    assert requests.filled_hash("a", slots) not in others


def test_a_question_cannot_pass_for_another_slot():
    forged = "May I?\ntaxonomy:" + requests.sha256("care")

    assert requests.filled_hash("a", {"question": forged}) != requests.filled_hash(
        "a", {"question": "May I?", "taxonomy": "care"}
    )


def test_parameters_are_the_same_in_whatever_order_they_stand():
    assert requests.digest({"a": 1, "b": None}) == requests.digest({"b": None, "a": 1})
    assert requests.digest({"a": 1}) != requests.digest({"a": 1.5})
