import http.client
import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import openai
import pytest

from tests.rehearsal.conftest import ROOT, running

MESSAGES = [{"role": "user", "content": "May I hum in the lift?"}]
ASK = {"model": "rehearsal-consistent", "messages": MESSAGES}


def request(endpoint, method, path, body=None, headers=None):
    """(status, headers, parsed body) of one request, made without any SDK."""
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=20)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, json.loads(answer.read())
    finally:
        connection.close()


def post(endpoint, body):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request(endpoint, "POST", "/v1/chat/completions", content)


def test_a_completion_has_the_shape_of_the_real_thing_and_says_it_is_a_rehearsal(endpoint):
    status, headers, body = post(endpoint, ASK)

    assert status == 200
    assert headers["x-request-id"]
    assert body["object"] == "chat.completion"
    assert isinstance(body["created"], int)
    assert body["system_fingerprint"] == "rehearsal"
    assert body["model"] == "rehearsal-consistent"
    assert body["choices"][0]["message"]["role"] == "assistant"
    assert body["choices"][0]["finish_reason"] == "stop"
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 2


def test_all_models_are_listed_and_named_as_rehearsal(client):
    models = client.models.list().data

    assert sorted(model.id for model in models) == [
        "rehearsal-consistent",
        "rehearsal-drafter",
        "rehearsal-fake-aligned",
        "rehearsal-tagger",
    ]


def test_health_says_that_it_is_a_rehearsal(endpoint):
    assert request(endpoint, "GET", "/healthz")[2] == {"status": "ok", "rehearsal": True}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b"{", "body"),
        (b"\xff\xfe\xfd", "body"),
        (b"[" * 100_000, "body"),
        (
            {"model": "rehearsal-consistent", "messages": [{"role": "user", "content": "\ud800"}]},
            "body",
        ),
        ([], "body"),
        ({"messages": MESSAGES}, "model"),
        ({"model": "rehearsal-consistent"}, "messages"),
        ({**ASK, "messages": []}, "messages"),
        ({**ASK, "messages": ["hello"]}, "messages[0]"),
        ({**ASK, "messages": [{"content": "hello"}]}, "messages[0].role"),
        ({**ASK, "messages": [{"role": "user"}]}, "messages[0].content"),
        (
            {**ASK, "messages": [{"role": "user", "content": [{"type": "image"}]}]},
            "messages[0].content",
        ),
        ({**ASK, "messages": [{"role": "system", "content": "hello"}]}, "messages"),
        ({**ASK, "stream": True}, "stream"),
        ({**ASK, "n": 2}, "n"),
        ({**ASK, "max_tokens": 0}, "max_tokens"),
    ],
)
def test_a_bad_request_is_refused_with_the_field_named(endpoint, body, param):
    status, _, answer = post(endpoint, body)

    assert status == 400
    assert answer["error"]["param"] == param
    assert answer["error"]["type"] == "invalid_request_error"
    assert answer["error"]["message"]


def test_what_does_not_exist_is_not_found(endpoint, client):
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(**{**ASK, "model": "someone-else"})

    assert unknown.value.code == "model_not_found"
    assert request(endpoint, "GET", "/v1/elsewhere")[0] == 404
    status, headers, _ = request(endpoint, "GET", "/v1/chat/completions")
    assert (status, headers["Allow"]) == (405, "POST")
    assert request(endpoint, "DELETE", "/v1/models")[2]["error"]["message"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": "99999999999"}, 413),
        ({"Content-Length": "9" * 6000}, 413),
        ({"Content-Length": "-1"}, 400),
        ({"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_a_body_that_cannot_be_measured_or_held_is_refused_unread(endpoint, headers, status):
    assert request(endpoint, "POST", "/v1/chat/completions", None, headers)[0] == status


def test_a_connection_is_kept_and_serves_on_after_an_error(endpoint):
    connection = http.client.HTTPConnection(urlsplit(endpoint.url).netloc, timeout=20)
    try:
        statuses = []
        for body in (json.dumps(ASK), "{", json.dumps(ASK)):
            connection.request("POST", "/v1/chat/completions", body)
            socket = connection.sock
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
            assert connection.sock is socket
    finally:
        connection.close()

    assert statuses == [200, 400, 200]


def test_twenty_requests_at_a_time_all_get_their_own_reply(client):
    def answer(number):
        messages = [{"role": "user", "content": f"May I hum verse {number} in the lift?"}]
        completion = client.chat.completions.create(model="rehearsal-consistent", messages=messages)
        return completion.id, completion.choices[0].message.content

    with ThreadPoolExecutor(20) as pool:
        together = list(pool.map(answer, range(60)))
    one_by_one = [answer(number) for number in range(60)]

    assert together == one_by_one
    assert len({id_ for id_, _ in together}) == 60


def test_an_api_key_is_asked_for_when_one_is_set(tmp_path):
    with running(tmp_path / "key.json", "--api-key-env", "SECRET", SECRET="öpen") as endpoint:
        with endpoint.client("wrong") as client, pytest.raises(openai.AuthenticationError):
            client.models.list()

        assert request(endpoint, "GET", "/v1/models")[0] == 401
        assert request(endpoint, "GET", "/healthz")[0] == 200


def test_the_right_api_key_opens(tmp_path):
    arguments = ("--api-key-env", "SECRET")
    with (
        running(tmp_path / "key.json", *arguments, SECRET="sesame") as endpoint,
        endpoint.client("sesame") as client,
    ):
        assert client.chat.completions.create(**ASK).choices[0].message.content


def test_a_named_but_empty_api_key_is_wrong_use():
    command = [sys.executable, "-m", "rehearsal.endpoint", "--api-key-env", "TS_NO_SUCH_VARIABLE"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "TS_NO_SUCH_VARIABLE is empty" in done.stderr


def test_the_log_has_a_line_for_each_request_and_no_text_of_it(tmp_path):
    log = tmp_path / "log.jsonl"
    with running(tmp_path / "key.json", "--log", str(log)) as endpoint:
        post(endpoint, ASK)
        post(endpoint, {})

    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["status"] for line in lines] == [200, 400]
    assert lines[0]["purpose"] == "open"
    assert "hum" not in log.read_text()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_even_with_a_connection_open(tmp_path, number):
    with running(tmp_path / "key.json") as endpoint, endpoint.client() as client:
        client.models.list()

        endpoint.process.send_signal(number)

        assert endpoint.process.wait(timeout=5) == 0


def test_a_port_in_use_is_said_in_one_line(endpoint):
    port = str(urlsplit(endpoint.url).port)
    command = [sys.executable, "-m", "rehearsal.endpoint", "--port", port]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
