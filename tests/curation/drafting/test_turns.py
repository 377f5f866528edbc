"""What follows an attempt, from what it brought: no database is needed to say."""

import pytest

from curation.drafting import turns
from curation.drafting.reading import Reading
from curation.drafting.replies import Outcome, Trouble
from curation.models import Attempt, Call, Endpoint

Status, Turn = Call.Status, Attempt.Turn
SCHEMA, OBJECT, PROMPT = Endpoint.Structured


def call_with(**kw):
    return Call(pk=1, **{"parameters": {"max_tokens": 1000}} | kw)


def after_trouble(trouble, *, asked="json_schema", room=True, **kw):
    return turns.after_trouble(call_with(**kw), trouble, asked=asked, room=room)


def after_reading(reason, *, structured="json_schema", outcome="replied", number=1, **kw):
    attempt = Attempt(structured=structured, outcome=outcome, number=number)
    return turns.after_reading(call_with(**kw), attempt, Reading(reason=reason))


def turns_of(reason):
    """Play a model that always fails in the same way; return the turn and mode of each attempt."""
    call, made = call_with(), []
    while True:
        attempt = Attempt(structured=call.structured or SCHEMA, number=len(made) + 1)
        made.append((turns.turn_of(call, number=attempt.number), attempt.structured))
        step = turns.after_reading(call, attempt, Reading(reason=reason))
        if step is None:
            return made
        assert step.status == Status.PLANNED
        for name, value in step.fields.items():
            setattr(call, name, value)


def test_what_is_not_json_is_asked_for_in_simpler_ways_and_once_with_its_fault_quoted():
    assert turns_of("not_json") == [
        (Turn.FIRST, SCHEMA),
        (Turn.LOWER, OBJECT),
        (Turn.LOWER, PROMPT),
        (Turn.REPAIR, PROMPT),
    ]


def test_a_wrong_shape_is_asked_for_in_words_and_once_with_its_fault_quoted():
    assert turns_of("wrong_shape: option") == [
        (Turn.FIRST, SCHEMA),
        (Turn.LOWER, OBJECT),
        (Turn.REPAIR, OBJECT),
    ]


@pytest.mark.parametrize("reason", ["empty", "wrong_nonce"])
def test_an_empty_reply_and_one_to_another_request_are_asked_for_once_more(reason):
    assert turns_of(reason) == [(Turn.FIRST, SCHEMA), (Turn.REPAIR, SCHEMA)]


def test_a_reply_that_is_cut_off_is_asked_for_once_more_with_more_tokens():
    assert turns_of("truncated") == [(Turn.FIRST, SCHEMA), (Turn.LONGER, SCHEMA)]
    assert after_reading("truncated").fields["max_tokens"] == 4000


@pytest.mark.parametrize(("most", "raised"), [(20_000, 32_000), (32_000, None), (50_000, None)])
def test_more_tokens_have_a_limit(most, raised):
    step = after_reading("truncated", parameters={"max_tokens": most})

    assert (step.fields["max_tokens"] if step else None) == raised


@pytest.mark.parametrize("reason", ["withheld: steps", "other_model", "too_long"])
def test_what_the_model_would_say_again_is_left_to_a_person(reason):
    assert after_reading(reason) is None


@pytest.mark.parametrize("outcome", ["refused", "filtered"])
def test_a_refusal_is_a_result_and_never_asked_again(outcome):
    assert after_reading(outcome, outcome=outcome) is None
    assert after_reading("not_json", outcome=outcome) is None


def test_a_reply_that_can_be_used_is_not_asked_for_again():
    assert after_reading("") is None


def test_the_last_attempt_a_call_can_have_is_not_followed_by_another():
    assert after_reading("not_json", number=100) is None
    assert after_reading("not_json", number=99) is not None


def test_each_turn_begins_to_count_tries_anew():
    for reason in ("not_json", "wrong_shape: x", "wrong_nonce", "truncated", "empty"):
        assert after_reading(reason, tries=3).fields["tries"] == 0


def test_a_try_after_trouble_is_the_same_turn_again():
    assert turns.turn_of(call_with(tries=1), number=2) == Turn.AGAIN
    assert turns.turn_of(call_with(tries=1, structured=OBJECT), number=3) == Turn.AGAIN
    assert turns.turn_of(call_with(tries=1, fault="not_json"), number=5) == Turn.REPAIR


def test_trouble_that_may_pass_is_waited_out_and_then_fails():
    trouble = Trouble(Outcome.SERVER_ERROR, "server_error: HTTP 500", again=True)

    steps = [after_trouble(trouble, tries=tries) for tries in range(4)]

    assert [step.status for step in steps] == [Status.PLANNED] * 3 + [Status.FAILED]
    assert [step.fields["tries"] for step in steps] == [1, 2, 3, 4]
    waits = [step.wait for step in steps[:3]]
    assert 1 <= waits[0] <= 2 <= waits[1] <= 4 <= waits[2] <= 8
    assert {step.rest for step in steps} == {0}


def test_a_wait_has_a_limit():
    assert 30 <= turns.backoff(30) <= 60


def test_what_the_endpoint_asks_to_wait_is_obeyed_rests_the_lane_and_is_no_failed_try():
    trouble = Trouble(Outcome.RATE_LIMITED, "rate_limited", again=True, retry_after=3600)

    step = after_trouble(trouble, tries=3)

    assert (step.status, step.wait, step.rest) == (Status.PLANNED, 3600, 3600)
    assert step.fields["tries"] == 3


def test_a_rate_limit_without_a_date_rests_the_lane_for_a_moment():
    step = after_trouble(Trouble(Outcome.RATE_LIMITED, "rate_limited", again=True))

    assert 0 < step.rest <= step.wait


def test_a_date_that_comes_with_a_fault_of_the_server_is_a_failed_try_all_the_same():
    trouble = Trouble(Outcome.SERVER_ERROR, "server_error", again=True, retry_after=5)

    assert after_trouble(trouble, tries=3).status == Status.FAILED


def test_who_asks_to_be_asked_again_at_once_gets_a_moment_all_the_same():
    trouble = Trouble(Outcome.RATE_LIMITED, "rate_limited", again=True, retry_after=0)

    step = after_trouble(trouble)

    assert step.wait == step.rest == 1


def test_a_lost_worker_is_held_against_a_call_less_than_a_fault_of_its_own():
    trouble = Trouble(Outcome.UNKNOWN, "worker_lost", again=True)

    assert after_trouble(trouble, tries=6).status == Status.PLANNED
    assert after_trouble(trouble, tries=7).status == Status.FAILED


def test_a_date_for_one_failed_call_does_not_rest_the_lane():
    trouble = Trouble(Outcome.SERVER_ERROR, "server_error", again=True, retry_after=5)

    assert (after_trouble(trouble).wait, after_trouble(trouble).rest) == (5, 0)


def test_what_every_call_would_meet_pauses_the_lane_and_costs_the_call_nothing():
    step = after_trouble(Trouble(Outcome.DENIED, "denied: HTTP 401", stops_lane=True), tries=2)

    assert (step.status, step.pause, step.fields) == (Status.PLANNED, "denied: HTTP 401", {})


def test_a_way_to_ask_that_the_endpoint_does_not_take_is_left_for_a_lower_one():
    trouble = Trouble(Outcome.REJECTED, "no_structured: HTTP 400")

    first, second, third = (after_trouble(trouble, asked=mode) for mode in (SCHEMA, OBJECT, PROMPT))

    assert (first.status, first.learnt, first.fields) == (
        *(Status.PLANNED, OBJECT, {"structured": OBJECT}),
    )
    assert (second.learnt, second.fields) == (PROMPT, {"structured": PROMPT})
    assert (third.status, third.learnt) == (Status.FAILED, "")


def test_trouble_that_will_not_pass_ends_the_call():
    step = after_trouble(Trouble(Outcome.REJECTED, "rejected: HTTP 400"))

    assert (step.status, step.fields["problem"]) == (Status.FAILED, "rejected: HTTP 400")


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(Outcome.SERVER_ERROR, "server_error", again=True),
        Trouble(Outcome.RATE_LIMITED, "rate_limited", again=True, retry_after=1),
        Trouble(Outcome.DENIED, "denied", stops_lane=True),
        Trouble(Outcome.REJECTED, "no_structured: HTTP 400"),
    ],
)
def test_a_call_without_room_for_another_attempt_fails(trouble):
    assert after_trouble(trouble, room=False).status == Status.FAILED
