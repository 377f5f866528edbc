import json
from io import BytesIO

import pytest

from curation.drafting import batch_lines
from curation.drafting.replies import Outcome, Reply, Trouble
from tests.endpoint import completion

KEY = "ab" * 32


def line(**values):
    return json.dumps({"id": "b-1", "custom_id": KEY, "error": None, **values}).encode()


def answer(body, status=200, **values):
    return line(response={"status_code": status, "request_id": "req-7", "body": body}, **values)


def read(*lines):
    return list(batch_lines.read(BytesIO(b"\n".join(lines))))


def test_a_good_line_is_a_reply_with_its_usage_and_its_bytes():
    [result] = read(answer(completion("Yes.", usage=(10, 2))))

    reply = result.result
    assert isinstance(reply, Reply)
    assert (result.key, result.number, reply.request_id) == (KEY, 1, "req-7")
    assert (reply.content, reply.usage.input_tokens, reply.usage.output_tokens) == ("Yes.", 10, 2)
    assert (reply.milliseconds, reply.http_status) == (0, 200)
    assert json.loads(reply.raw) == completion("Yes.", usage=(10, 2))


def test_a_refusal_and_a_filtered_reply_are_results_too():
    refused, filtered = read(
        answer(completion(None, refusal="No.")),
        answer(completion("", finish_reason="content_filter")),
    )

    assert refused.result.outcome == Outcome.REFUSED
    assert filtered.result.outcome == Outcome.FILTERED


@pytest.mark.parametrize(
    ("status", "outcome", "problem", "again"),
    [
        (500, Outcome.SERVER_ERROR, "server_error: HTTP 500", True),
        (429, Outcome.RATE_LIMITED, "rate_limited: HTTP 429", True),
        (400, Outcome.REJECTED, "rejected: HTTP 400", False),
        (401, Outcome.DENIED, "denied: HTTP 401", False),
    ],
)
def test_an_error_is_trouble_by_its_status(status, outcome, problem, again):
    [result] = read(answer({"error": {"message": "No."}}, status))

    trouble = result.result
    assert isinstance(trouble, Trouble)
    assert (trouble.outcome, trouble.problem, trouble.again) == (outcome, problem, again)


def test_an_error_that_blames_our_way_to_ask_for_json_is_known():
    [result] = read(answer({"error": {"message": "response_format is not supported"}}, 400))

    assert result.result.code == "no_structured"


def test_what_was_never_run_may_be_asked_again_at_once():
    [result] = read(line(response=None, error={"code": "batch_expired", "message": "Too late."}))

    trouble = result.result
    assert (trouble.outcome, trouble.code) == (Outcome.UNREACHABLE, "not_run")
    assert (trouble.again, trouble.retry_after) == (True, 0.0)
    assert b"batch_expired" in trouble.raw


def test_a_success_without_a_completion_is_trouble():
    [result] = read(answer({"hello": "there"}))

    assert (result.result.outcome, result.result.code) == ("server_error", "not_a_completion")


def test_keys_that_an_error_repeats_are_hidden():
    [result] = read(answer({"error": {"message": "Bad key sk-abcdefgh12345678"}}, 500))

    assert b"sk-abc" not in result.result.raw


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (b"{", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 100_000, "not_json"),
        (b"[]", "not_a_result"),
        (b"null", "not_a_result"),
        (b'{"custom_id": 7}', "not_a_result"),
        (b'{"custom_id": "x", "response": null, "error": null}', "not_a_result"),
        (b'{"custom_id": "x", "response": "yes"}', "not_a_result"),
    ],
)
def test_a_line_that_says_nothing_is_named_by_its_number(given, fault):
    first, second = read(given, answer(completion("Yes.")))

    assert (first.number, first.fault, first.result) == (1, fault, None)
    assert (second.number, second.fault) == (2, "")


def test_empty_lines_and_a_mark_at_the_beginning_do_no_harm():
    found = read(b"\xef\xbb\xbf" + answer(completion("A")), b"", b"  ", answer(completion("B")))

    assert [result.number for result in found if result.result] == [1, 4]


def test_a_line_beyond_the_limit_is_passed_over(monkeypatch):
    monkeypatch.setattr(batch_lines, "LARGEST_LINE", 2_000)

    first, second = read(b"x" * 10_000, answer(completion("Yes.")))

    assert (first.fault, first.number) == ("too_long", 1)
    assert (second.fault, second.number) == ("", 2)


@pytest.mark.parametrize("status", ["200", True, None, 1.5])
def test_a_status_that_is_none_does_no_harm(status):
    [result] = read(answer(completion("Yes."), status))

    assert result.fault or result.result is not None


@pytest.mark.parametrize("status", [99999, -1, 0, 99, 600, 10**30, True, False, 1.5, "200", [200]])
def test_a_line_with_an_odd_status_is_no_result(status):
    [result] = read(answer(completion("Yes."), status=status))

    assert (result.fault, result.result) == ("not_a_result", None)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_a_line_that_is_not_utf_8_is_no_json(encoding):
    [result] = read(answer(completion("Yes.")).decode().encode(encoding))

    assert result.fault == "not_json"


def test_a_line_that_says_a_name_twice_is_no_json():
    twice = answer(completion("Yes.")).replace(b'"custom_id"', b'"custom_id": "x", "custom_id"')

    assert [result.fault for result in read(twice)] == ["not_json"]


def test_an_empty_line_is_told_as_such():
    assert [result.fault for result in read(b"", b"  ", b"1")] == ["empty", "empty", "not_a_result"]
