import json

import pytest

from curation.drafting import plan, requests
from curation.models import Purpose
from tests import factories


def call_for(endpoint, purpose=Purpose.POSITIVE, **parameters):
    item = factories.make_item(endpoint.project)
    return (
        plan._call(item, purpose, endpoint) if not parameters else _with(item, endpoint, parameters)
    )


def _with(item, endpoint, parameters):
    call = plan._call(item, Purpose.POSITIVE, endpoint)
    call.parameters = parameters
    return call


@pytest.fixture
def endpoint(project):
    return factories.make_endpoint(project)


def test_a_schema_goes_into_the_response_format(endpoint):
    request = requests.build(call_for(endpoint), endpoint)

    wanted = request.fields["response_format"]
    assert wanted["type"] == "json_schema"
    assert wanted["json_schema"]["name"] == "positive_option"
    assert wanted["json_schema"]["schema"]["required"] == ["option"]


@pytest.mark.parametrize(
    ("structured", "format"), [("json_object", {"type": "json_object"}), ("prompt", None)]
)
def test_without_schemas_the_schema_is_said_in_words(endpoint, structured, format):
    endpoint.structured = structured

    request = requests.build(call_for(endpoint), endpoint)

    assert request.fields.get("response_format") == format
    assert '"title": "positive_option"' in request.messages[0]["content"]
    assert "JSON" in request.messages[0]["content"]


def test_the_token_limit_has_the_name_the_endpoint_knows(endpoint):
    endpoint.token_parameter = "max_completion_tokens"

    request = requests.build(call_for(endpoint), endpoint)

    assert request.fields["max_completion_tokens"] == 1000
    assert "max_tokens" not in request.fields


def test_fields_of_the_endpoint_win_and_null_takes_one_away(project):
    extra = {"temperature": None, "max_tokens": 50, "enable_thinking": False}
    endpoint = factories.make_endpoint(project, extra_body=extra)

    request = requests.build(call_for(endpoint), endpoint)

    assert "temperature" not in request.fields
    assert (request.fields["max_tokens"], request.fields["enable_thinking"]) == (50, False)


def test_a_bare_question_is_sent_as_it_is(endpoint):
    item = factories.make_item(endpoint.project, question="Is $5 or $nonce fair?")
    call = plan.new_call(
        endpoint=endpoint,
        purpose=Purpose.OPEN,
        target="item:x",
        item=item,
        prompt=None,
        messages=[{"role": "user", "content": item.question}],
        parameters={"max_tokens": 10},
    )

    request = requests.build(call, endpoint)

    assert request.messages == [{"role": "user", "content": "Is $5 or $nonce fair?"}]
    assert "response_format" not in request.fields


def test_the_key_is_the_same_for_the_same_call_and_differs_for_any_other(endpoint):
    item = factories.make_item(endpoint.project)
    first, same = (plan._call(item, Purpose.POSITIVE, endpoint) for _ in range(2))
    others = [
        plan._call(item, Purpose.NEGATIVE, endpoint),
        plan._call(factories.make_item(endpoint.project), Purpose.POSITIVE, endpoint),
        plan._call(item, Purpose.POSITIVE, factories.make_endpoint(endpoint.project)),
    ]
    again = plan._call(item, Purpose.POSITIVE, endpoint)
    again.sample = 1

    keys = {requests.identity(call) for call in [first, *others, again]}

    assert requests.identity(first) == requests.identity(same)
    assert len(keys) == 5


def test_the_nonce_stays_outside_the_stored_messages_and_their_hash(endpoint):
    call = call_for(endpoint)

    request = requests.build(call, endpoint)

    assert request.key[:12] in request.messages[-1]["content"]
    assert request.key[:12] not in json.dumps(call.messages)


def test_the_size_is_the_bytes_of_the_body(endpoint):
    request = requests.build(call_for(endpoint), endpoint)
    body = {"model": request.model, "messages": request.messages, **request.fields}

    assert request.size() == len(json.dumps(body, ensure_ascii=False).encode())
