import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation.drafting import asking, plan, requests
from curation.drafting.purposes import WORKS
from curation.drafting.purposes.base import Changed
from curation.models import Attempt, Call, Purpose
from tests import factories

NOW = "2026-11-21T00:00:00Z"


@pytest.fixture
def call(project, drafter):
    """The call for the positive option of one item."""
    factories.make_item(project, question="May I?")
    plan.plan(project=project, by=None)
    return call_of(Purpose.POSITIVE)


def call_of(purpose):
    calls = Call.objects.select_related("endpoint", "item__project", "prompt")
    return calls.get(purpose=purpose)


def asked(call, **kw):
    return asking.built(call, call.endpoint, **kw)


def test_the_prompt_is_filled_when_the_call_is_sent(call):
    request = asked(call)

    assert call.messages is None
    mark = requests.nonce_of(call.key)
    assert f"<question-{mark}>\nMay I?\n</question-{mark}>" in request.messages[-1]["content"]
    assert (request.key, request.model) == (call.key, "quiet-model")
    assert request.fields["response_format"]["json_schema"]["name"] == "positive_option"


def test_a_question_that_changed_is_not_asked(call):
    call.item.question = "May I not?"

    with pytest.raises(Changed) as why:
        asked(call)
    assert why.value.problem == "changed"


def test_another_taxonomy_than_was_planned_is_not_shown(call):
    other = factories.make_taxonomy()
    factories.make_tag(other, "more")
    tags = call_of(Purpose.TAGS)
    assert asked(tags)

    tags.about["taxonomy"] = other.pk

    with pytest.raises(Changed):
        asked(tags)


def test_parameters_that_changed_are_not_sent(call):
    call.parameters["max_tokens"] = 5

    with pytest.raises(Changed):
        asked(call)


def test_a_bare_question_is_sent_as_it_is(project):
    endpoint = factories.make_endpoint(project)
    item = factories.make_item(project, question="Is $5 or $nonce fair?")
    call = plan.new_call(
        endpoint=endpoint,
        purpose=Purpose.OPEN,
        target="item:x",
        item=item,
        prompt=None,
        messages=[{"role": "user", "content": item.question}],
        parameters={"max_tokens": 10},
    )

    request = asked(call)

    assert request.messages == [{"role": "user", "content": "Is $5 or $nonce fair?"}]
    assert "response_format" not in request.fields


def test_a_later_turn_is_asked_as_the_call_says(call):
    call.structured, call.max_tokens = "prompt", 4000

    request = asked(call)

    assert (request.structured, request.most_tokens) == ("prompt", 4000)
    assert '"title": "positive_option"' in request.messages[0]["content"]
    assert request.key == call.key


def test_a_repair_shows_what_was_said_last(call):
    call.fault = "not_json"
    for number, content in ((1, "Sure!"), (2, "Here you go!")):
        Attempt.objects.create(
            call=call,
            number=number,
            outcome="replied",
            content=content,
            milliseconds=0,
            raw=b"",
            started_at=NOW,
        )

    said = asking.last_said([call])
    request = asked(call, said=said[call.pk])

    assert said == {call.pk: "Here you go!"}
    assert request.messages[-2] == {"role": "assistant", "content": "Here you go!"}
    assert "The reply is not JSON" in request.messages[-1]["content"]


def test_nothing_said_is_looked_up_for_calls_without_a_fault(call, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert asking.last_said([call]) == {}


def test_many_calls_are_built_with_as_few_queries_as_one(project, drafter):
    def queries_for(items):
        for _ in range(items):
            factories.make_item(project)
        plan.plan(project=project, by=None)
        calls = list(
            Call.objects.select_related("endpoint", "item__project", "prompt").order_by("pk")
        )
        with CaptureQueriesContext(connection) as captured:
            asking.prepare(calls)
            for call in calls:
                asked(call)
        return len(captured)

    assert queries_for(2) == queries_for(10)


def test_the_key_made_here_is_that_of_the_row(call):
    for purpose in plan.DRAFTED:
        found = call_of(purpose)
        slots = WORKS[purpose].slots(found)
        filled = requests.filled_hash(found.prompt.checksum, slots)

        assert asking.key_of(found, filled) == found.key


def test_every_purpose_of_drafting_says_what_it_asks():
    assert set(WORKS) >= set(plan.DRAFTED)
    for purpose, work in WORKS.items():
        assert work.purpose == purpose
        assert "nonce" in work.schema["required"]
        assert work.shape.model_fields["nonce"].is_required()
