import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.drafting import completions
from curation.drafting.replies import Outcome, Reply, Trouble, Usage
from tests.endpoint import completion

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda part: (
        st.lists(part)
        | st.dictionaries(
            st.sampled_from(["choices", "message", "content", "usage", "error", "code"]), part
        )
    ),
)


def read(body):
    return completions.read(body if isinstance(body, bytes) else json.dumps(body).encode())


def test_a_completion_is_read_with_its_usage():
    reply = read(completion("Yes.", usage=(12, 3)))

    assert (reply.outcome, reply.content, reply.model) == (Outcome.REPLIED, "Yes.", "quiet-model")
    assert (reply.finish_reason, reply.usage) == ("stop", Usage(12, 3))


@pytest.mark.parametrize(
    ("said", "kept"),
    [("fp_1", "fp_1"), (None, ""), (7, ""), ("f\0p", "f\ufffdp"), ("f" * 999, "f" * 200)],
)
def test_the_system_that_replied_is_kept_by_its_fingerprint(said, kept):
    assert read(completion("Yes.") | {"system_fingerprint": said}).fingerprint == kept


@pytest.mark.parametrize(
    ("body", "outcome", "content"),
    [
        (completion(None, refusal="No."), Outcome.REFUSED, "No."),
        (completion("", finish_reason="content_filter"), Outcome.FILTERED, ""),
        (completion("Ye", finish_reason="length"), Outcome.TRUNCATED, "Ye"),
        (completion("Yes.", finish_reason="made_up"), Outcome.REPLIED, "Yes."),
        (completion(None), Outcome.REPLIED, ""),
        (completion([{"type": "text", "text": "Y"}, {"text": "es."}]), Outcome.REPLIED, "Yes."),
        (completion({"odd": 1}), Outcome.REPLIED, ""),
        (completion(None, tool_calls=[{"id": "x"}]), Outcome.REPLIED, ""),
    ],
)
def test_a_reply_of_an_odd_kind_is_still_a_reply(body, outcome, content):
    reply = read(body)

    assert (reply.outcome, reply.content) == (outcome, content)


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Sign in</body></html>",
        b"",
        b"\xff\xfe{\x00",
        b'{"choices": [{"mess',
        b"[" * 100_000,
        {"choices": []},
        {"choices": None},
        {"choices": [None]},
        {"choices": [{"message": None}]},
        {"choices": {"0": {}}},
        [],
        "text",
        {"error": {"code": "boom"}},
    ],
)
def test_what_is_no_completion_is_trouble_that_may_be_tried_again(body):
    with pytest.raises(Trouble) as trouble:
        read(body)

    assert trouble.value.outcome == Outcome.SERVER_ERROR
    assert trouble.value.problem == "not_a_completion"
    assert trouble.value.again
    assert trouble.value.raw == (body if isinstance(body, bytes) else json.dumps(body).encode())


def test_a_rate_limit_inside_a_200_is_a_rate_limit():
    with pytest.raises(Trouble) as trouble:
        read({"error": {"code": 429, "message": "slow down"}})

    assert trouble.value.outcome == Outcome.RATE_LIMITED


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": -1, "completion_tokens": True}, {"prompt_tokens": 10**12}]
)
def test_tokens_that_cannot_be_are_unknown(usage):
    reply = read({**completion("Yes.", usage=None), "usage": usage})

    assert reply.usage == Usage(None, None)


def test_the_parsed_copy_can_be_stored_and_the_raw_bytes_stay():
    raw = json.dumps(completion("a\0b\ud800c")).encode()

    reply = completions.read(raw)

    assert reply.content == "a\ufffdb\ufffdc"
    assert reply.raw == raw


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b'{"error": {"code": "insufficient_quota"}}', "insufficient_quota"),
        (b'{"error": {"type": "quota"}}', "quota"),
        (b'{"error": "text"}', ""),
        (b"<html>", ""),
    ],
)
def test_only_the_code_of_an_error_body_is_looked_at(raw, code):
    assert completions.error_code(raw) == code


@pytest.mark.parametrize(
    ("body", "blames"),
    [
        ({"error": {"message": "Invalid parameter: 'response_format'."}}, True),
        ({"error": {"message": "No.", "param": "response_format"}}, True),
        ({"error": {"message": "This response_format type is unavailable now"}}, True),
        ({"error": {"message": "json_schema is not supported by this model"}}, True),
        ({"error": "Structured outputs are not enabled"}, True),
        ({"detail": [{"loc": ["body", "response_format", "type"], "msg": "no"}]}, True),
        ({"detail": "Unknown response format"}, True),
        (b"response_format must be text", True),
        (b"<html>Bad request", False),
        (b"\xff\xfe", False),
        ({"error": {"message": "temperature is too high"}}, False),
        (
            {
                "error": {"message": "temperature is too high"},
                "request": {"response_format": {"type": "json_schema"}},
            },
            False,
        ),
        ({"detail": [{"loc": ["body", "seed"], "input": {"response_format": {}}}]}, False),
        ([], False),
        (None, False),
        (b"[" * 100_000, False),
    ],
)
def test_what_an_error_blames_is_told_from_what_it_repeats(body, blames):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    assert completions.blames_structured(raw) == blames


@given(st.binary() | JSON.map(lambda body: json.dumps(body).encode()))
def test_looking_for_the_blame_is_total(raw):
    assert completions.blames_structured(raw) in (True, False)


@given(st.binary() | JSON.map(lambda body: json.dumps(body).encode()))
def test_reading_is_total(raw):
    try:
        assert isinstance(completions.read(raw), Reply)
    except Trouble:
        pass


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        ({"code": "insufficient_quota", "message": "no money"}, "unpaid: insufficient_quota"),
        ({"type": "insufficient_quota"}, "unpaid: insufficient_quota"),
        ({"code": 402}, "unpaid: 402"),
        ({"code": 401, "message": "no: sk-part-of-a-key"}, "denied: 401"),
    ],
)
def test_an_error_inside_that_every_call_would_meet_stops_the_lane(error, problem):
    with pytest.raises(Trouble) as caught:
        completions.read(json.dumps({"error": error}).encode())

    assert (caught.value.problem, caught.value.stops_lane) == (problem, True)
    assert (caught.value.again, caught.value.raw) == (False, b"")
