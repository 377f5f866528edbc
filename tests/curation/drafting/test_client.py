import json
import logging
import socket
import time
from email.utils import formatdate

import pytest

from curation.drafting import client, wire
from curation.drafting.client import Client
from curation.drafting.replies import Outcome, Trouble
from curation.drafting.requests import Request
from tests import factories, spellings
from tests.endpoint import Fault, completion, serving

KEY = "sk-a-canary-that-must-not-sing"


@pytest.fixture
def endpoint(project, server):
    return factories.make_endpoint(project, base_url=server.base_url)


def ask(endpoint, *, seconds=5.0, content="Why?"):
    request = Request(
        key="k" * 64,
        model="quiet-model",
        messages=[{"role": "user", "content": content}],
        fields={"max_tokens": 5, "odd_field": {"deep": True}},
    )
    with Client(endpoint) as asking:
        return asking.ask(request, seconds=seconds)


def trouble_of(endpoint, **kwargs):
    with pytest.raises(Trouble) as trouble:
        ask(endpoint, **kwargs)
    return trouble.value


def test_a_reply_comes_with_the_bytes_as_they_came(endpoint, server):
    body = json.dumps(completion("Because.")).encode()
    server.answers(Fault(body=body))

    reply = ask(endpoint)

    assert (reply.content, reply.raw, reply.request_id) == ("Because.", body, "req-1")
    assert reply.milliseconds >= 0


@pytest.mark.parametrize("status", [200, 404])
def test_what_the_server_says_of_its_end_comes_with_the_answer(endpoint, server, status):
    server.answers(Fault(status, completion("Because."), {"Sunset": "soon"}))

    came = ask(endpoint) if status == 200 else trouble_of(endpoint)

    assert came.notice == "sunset: soon"


def test_what_is_sent_is_what_was_asked_for_and_little_else(endpoint, server, monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, "not-for-this-endpoint")

    ask(endpoint)

    asked = server.log[0]
    assert asked.body == {
        "model": "quiet-model",
        "messages": [{"role": "user", "content": "Why?"}],
        "max_tokens": 5,
        "odd_field": {"deep": True},
    }
    assert asked.headers["idempotency-key"] == "k" * 64
    assert set(asked.headers) == {
        *("host", "connection", "accept", "accept-encoding", "content-type", "content-length"),
        *("user-agent", "idempotency-key"),
    }


def test_the_key_is_sent_as_a_bearer_and_never_logged(endpoint, server, monkeypatch, caplog):
    monkeypatch.setenv("QUIET_API_KEY", KEY)
    endpoint.key_env = "QUIET_API_KEY"
    echo = {"error": {"message": f"Incorrect API key provided: {KEY}"}}
    server.answers(Fault(body=completion("ok")), Fault(401, echo), Fault(400, echo))

    with caplog.at_level(logging.DEBUG):
        ask(endpoint)
        troubles = [trouble_of(endpoint), trouble_of(endpoint)]

    assert server.log[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in caplog.text
    assert all(KEY not in f"{t!r} {t.problem} {t.raw!r} {vars(t)}" for t in troubles)
    assert troubles[0].raw == b""
    assert b"[key]" in troubles[1].raw


def test_proxies_of_the_environment_are_not_used(endpoint, server, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    assert ask(endpoint).content


@pytest.mark.parametrize("status", [200, 400, 500])
@pytest.mark.parametrize("spelling", spellings.EVERY, ids=lambda spelling: spelling.__name__)
def test_an_echo_of_the_key_is_not_kept_however_it_is_spelt(
    endpoint, server, monkeypatch, status, spelling
):
    monkeypatch.setenv("QUIET_API_KEY", KEY)
    endpoint.key_env = "QUIET_API_KEY"
    body = json.dumps(completion("It is CANARY.")).replace("CANARY", spelling(KEY)).encode()
    server.answers(Fault(status, body, headers={"x-request-id": KEY}))

    if status == 200:
        kept = ask(endpoint)
        assert kept.content == "It is [key]." or spelling in spellings.PARTLY
    else:
        kept = trouble_of(endpoint)

    assert b"[key]" in kept.raw
    assert spellings.found(KEY, f"{vars(kept)}".encode() + kept.raw) == []


@pytest.mark.parametrize(
    ("fault", "outcome", "problem", "again", "stops"),
    [
        (Fault(400), Outcome.REJECTED, "rejected: HTTP 400", False, False),
        (Fault(422), Outcome.REJECTED, "rejected: HTTP 422", False, False),
        (
            Fault(400, {"error": {"param": "response_format"}}),
            *(Outcome.REJECTED, "no_structured: HTTP 400", False, False),
        ),
        (
            Fault(422, {"detail": [{"loc": ["body", "response_format"]}]}),
            *(Outcome.REJECTED, "no_structured: HTTP 422", False, False),
        ),
        (
            Fault(500, {"error": {"message": "response_format"}}),
            *(Outcome.SERVER_ERROR, "server_error: HTTP 500", True, False),
        ),
        (Fault(401), Outcome.DENIED, "denied: HTTP 401", False, True),
        (Fault(403), Outcome.DENIED, "denied: HTTP 403", False, True),
        (Fault(402), Outcome.DENIED, "unpaid: HTTP 402", False, True),
        (Fault(404), Outcome.REJECTED, "not_found: HTTP 404", False, True),
        (Fault(408), Outcome.SERVER_ERROR, "server_error: HTTP 408", True, False),
        (Fault(409), Outcome.SERVER_ERROR, "server_error: HTTP 409", True, False),
        (Fault(429), Outcome.RATE_LIMITED, "rate_limited: HTTP 429", True, False),
        (Fault(500, b"<html>"), Outcome.SERVER_ERROR, "server_error: HTTP 500", True, False),
        (Fault(529), Outcome.SERVER_ERROR, "server_error: HTTP 529", True, False),
        (
            Fault(429, {"error": {"code": "insufficient_quota"}}),
            *(Outcome.DENIED, "unpaid: HTTP 429", False, True),
        ),
        (
            Fault(400, headers={"x-should-retry": "true"}),
            *(Outcome.REJECTED, "rejected: HTTP 400", False, False),
        ),
        (Fault(200, b"<html>hello"), Outcome.SERVER_ERROR, "not_a_completion", True, False),
        (Fault(200, {"choices": []}), Outcome.SERVER_ERROR, "not_a_completion", True, False),
    ],
)
def test_each_kind_of_answer_has_its_own_trouble(
    endpoint, server, fault, outcome, problem, again, stops
):
    server.answers(fault)

    trouble = trouble_of(endpoint)

    assert (trouble.outcome, trouble.problem) == (outcome, problem)
    assert (trouble.again, trouble.stops_lane) == (again, stops)
    assert server.count() == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_stops_the_lane(endpoint, server, status):
    with serving() as canary:
        server.answers(Fault(status, headers={"Location": f"{canary.base_url}/chat/completions"}))

        trouble = trouble_of(endpoint)

        assert trouble.problem == f"moved: HTTP {status}"
        assert trouble.stops_lane
        assert canary.log == []


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "3"}, 3),
        ({"Retry-After": "0.5"}, 0.5),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"Retry-After": "3600"}, 3600),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "abc"}, None),
        ({"Retry-After": "9" * 400}, 24 * 3600),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "90000"}, 24 * 3600),
        ({}, None),
    ],
)
def test_what_the_endpoint_asks_to_wait_is_heard_and_nonsense_is_not(
    endpoint, server, headers, seconds
):
    server.answers(Fault(429, headers=headers))

    assert trouble_of(endpoint).retry_after == seconds


def test_a_date_to_wait_for_is_heard(endpoint, server):
    server.answers(Fault(503, headers={"Retry-After": formatdate(time.time() + 30, usegmt=True)}))

    assert trouble_of(endpoint).retry_after == pytest.approx(30, abs=2)


def test_a_host_that_is_not_allowed_is_never_connected_to(endpoint, server, settings):
    settings.LLM_ALLOWED_HOSTS = ["models.example"]

    with pytest.raises(Trouble) as trouble:
        Client(endpoint)

    assert (trouble.value.problem, trouble.value.stops_lane) == ("not_allowed", True)
    assert server.log == []


def test_the_wire_itself_refuses_a_host_that_is_not_allowed(endpoint, server, settings):
    with Client(endpoint) as asking:
        settings.LLM_ALLOWED_HOSTS = ["models.example"]
        with pytest.raises(Trouble) as trouble:
            asking.ask(Request("k", "m", [{"role": "user", "content": "?"}], {}), seconds=2)

    assert (trouble.value.problem, trouble.value.stops_lane) == ("not_allowed", True)
    assert server.log == []


@pytest.mark.parametrize("inside", ["127.0.0.1", "::1", "100.64.0.1", "64:ff9b::7f00:1"])
def test_a_name_that_leads_inside_is_never_connected_to(
    endpoint, server, settings, monkeypatch, inside
):
    """One answer of several is enough, and the first of them is not public by chance."""
    settings.LLM_ALLOWED_HOSTS = ["models.example"]
    endpoint.base_url = f"https://models.example:{server.port}/v1"
    answers = [(0, 0, 0, "", (address, server.port)) for address in ("93.184.215.14", inside)]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_asked, **_how: answers)
    connected = []
    monkeypatch.setattr("socket.create_connection", lambda at, *_how, **_more: connected.append(at))

    trouble = trouble_of(endpoint)

    assert (trouble.problem, trouble.stops_lane) == ("private_address", True)
    assert connected == server.log == []


def test_the_connection_goes_to_the_very_address_that_was_looked_at(
    endpoint, server, settings, monkeypatch
):
    settings.LLM_ALLOWED_PRIVATE = ["models.example"]
    endpoint.base_url = f"http://models.example:{server.port}/v1"
    plain, asked = socket.getaddrinfo, []

    def answering(host, *more, **how):
        asked.append(host)
        return plain("127.0.0.1" if host == "models.example" else host, *more, **how)

    monkeypatch.setattr("socket.getaddrinfo", answering)

    assert ask(endpoint).content
    assert asked.count("models.example") == 1
    assert server.log[0].headers["host"] == f"models.example:{server.port}"


def test_the_next_address_is_tried_when_nobody_listens_at_the_first(
    endpoint, server, settings, monkeypatch
):
    settings.LLM_ALLOWED_PRIVATE = ["models.example"]
    endpoint.base_url = f"http://models.example:{server.port}/v1"
    monkeypatch.setattr(wire, "resolved", lambda host, port: ["127.0.0.9", "127.0.0.1"])

    assert ask(endpoint).content


def test_a_key_that_is_not_there_stops_the_lane_by_the_name_of_its_variable(endpoint, server):
    endpoint.key_env = "NOBODYS_API_KEY"

    with pytest.raises(Trouble) as trouble:
        Client(endpoint)

    assert trouble.value.problem == "no_key: NOBODYS_API_KEY"
    assert trouble.value.stops_lane


def test_nobody_listening_is_unreachable(endpoint):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint.base_url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"

        trouble = trouble_of(endpoint)

    assert (trouble.outcome, trouble.problem) == (Outcome.UNREACHABLE, "refused_connection")
    assert trouble.again


def test_a_name_that_does_not_exist_is_unreachable(endpoint, settings):
    settings.LLM_ALLOWED_HOSTS = ["nobody.invalid"]
    endpoint.base_url = "https://nobody.invalid/v1"

    assert trouble_of(endpoint).problem == "no_such_host"


def test_silence_ends_at_the_deadline_with_an_unknown_outcome(endpoint, server):
    server.answers(Fault(wait=3, body=completion("late")))
    started = time.monotonic()

    trouble = trouble_of(endpoint, seconds=0.3)

    assert (trouble.outcome, trouble.problem) == (Outcome.UNKNOWN, "timeout")
    assert time.monotonic() - started < 1.5


def test_a_drip_of_bytes_ends_at_the_deadline_too(endpoint, server):
    server.answers(Fault(body=completion("slow"), drip=0.1))
    started = time.monotonic()

    trouble = trouble_of(endpoint, seconds=0.5)

    assert trouble.problem == "timeout"
    assert time.monotonic() - started < 2


def test_a_reply_that_is_cut_off_is_unknown(endpoint, server):
    server.answers(Fault(body=completion("half"), cut=True))

    trouble = trouble_of(endpoint)

    assert (trouble.outcome, trouble.problem) == (Outcome.UNKNOWN, "broken")
    assert trouble.again


@pytest.mark.parametrize("status", [200, 500])
def test_a_body_that_is_too_large_is_cut_off(endpoint, server, status):
    server.answers(Fault(status, b"x" * (wire.LARGEST_BODY + 1)))

    trouble = trouble_of(endpoint)

    assert (trouble.outcome, trouble.problem) == (Outcome.REJECTED, "too_large")


def test_a_squeezed_body_that_nobody_asked_for_is_refused(endpoint, server):
    server.answers(Fault(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"}))

    assert trouble_of(endpoint).problem == "too_large"


def test_a_fault_of_ours_is_trouble_without_its_words(endpoint, server, monkeypatch, caplog):
    def broken(self, request):
        raise RuntimeError(f"the key is {KEY}")

    monkeypatch.setattr(client.Client, "_send", broken)

    trouble = trouble_of(endpoint)

    assert trouble.problem == "fault: RuntimeError"
    assert KEY not in caplog.text


def test_many_threads_share_a_client(endpoint, server):
    from concurrent.futures import ThreadPoolExecutor

    server.wait = 0.1
    request = Request("k", "m", [{"role": "user", "content": "?"}], {})
    with Client(endpoint) as asking, ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _n: asking.ask(request, seconds=10), range(48)))

    assert len(replies) == server.count() == 48
    assert server.most_in_flight > 8
