"""A small real HTTP server that speaks chat completions as a test tells it to.

Its log is the oracle for what was asked, how often, and when.
"""

import json
import re
import threading
import time
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORTS = range(18970, 18980)


@dataclass
class Asked:
    """One request that arrived."""

    at: float
    path: str
    headers: dict
    body: dict

    @property
    def mode(self):
        """How JSON is asked for."""
        return (self.body.get("response_format") or {}).get("type", "prompt")

    @property
    def purpose(self):
        wanted = self.body.get("response_format") or {}
        told = re.search(r'{"title": "(\w+)"', self.body["messages"][0]["content"])
        return wanted.get("json_schema", {}).get("name") or (told[1] if told else "")

    @property
    def nonce(self):
        """The mark that has to come back."""
        found = re.search(r"<question-(\w+)>", self.text)
        return found[1] if found else ""

    @property
    def question(self):
        found = re.findall(r"<question-(\w+)>\n(.*?)\n</question-\1>", self.text, re.DOTALL)
        return found[-1][1] if found else self.text

    @property
    def text(self):
        """What the first turn asks; later ones only ask for it again."""
        return next(m["content"] for m in self.body["messages"] if m["role"] == "user")

    @property
    def key(self):
        return self.headers.get("idempotency-key")


@dataclass
class Fault:
    """An answer other than a good one."""

    status: int = 200
    body: object = b""
    headers: dict = field(default_factory=dict)
    wait: float = 0.0
    drip: float = 0.0  # seconds between single bytes
    cut: bool = False  # say more is to come, then close


class Endpoint:
    """Serves until closed; `script` holds the next answers, after which all are good ones."""

    def __init__(self):
        self.log = []
        self.script = deque()
        self.reply = good_reply  # returns a body, or a Fault
        self.models = None  # names to list, the bytes of a list or a Fault; None: there is none
        self.wait = 0.0
        self.in_flight = self.most_in_flight = 0
        self.lock = threading.Lock()
        for port in PORTS:
            try:
                self.server = ThreadingHTTPServer(("127.0.0.1", port), handler_of(self))
                break
            except OSError:
                continue
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.port = self.server.server_address[1]
        self.base_url = f"http://127.0.0.1:{self.port}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answers(self, *faults):
        self.script.extend(faults)

    def count(self, purpose=None):
        """Return how many completions were asked for."""
        asked = [asked for asked in self.log if asked.body]
        return len([one for one in asked if purpose in (None, one.purpose)])

    def times_asked(self):
        return Counter(asked.key for asked in self.log)


@contextmanager
def serving():
    endpoint = Endpoint()
    try:
        yield endpoint
    finally:
        endpoint.close()


def said(asked, **value):
    """The body of a chat completion that holds this value and the mark of the request."""
    return completion(json.dumps({"nonce": asked.nonce, **value}))


def completion(content, *, finish_reason="stop", usage=(100, 20), model="quiet-model", **message):
    """The body of a chat completion; `usage` None leaves it out."""
    body = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [
            {
                "index": 0,
                "finish_reason": finish_reason,
                "message": {"role": "assistant", "content": content, **message},
            }
        ],
    }
    if usage is not None:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
    return body


def good_reply(asked):
    """What a well-behaved model says to each purpose."""
    if asked.purpose == "risk_tags":
        tag = {"code": "care.body", "score": 0.8, "explanation": "It is about the body."}
        return said(asked, tags=[tag])
    if asked.purpose == "option_check":
        verdict = {"positive_safe": True, "negative_unsafe": True, "distinct": True}
        return said(asked, **verdict, reason="They differ.")
    if asked.purpose in ("positive_option", "negative_option"):
        side = "kind" if asked.purpose == "positive_option" else "careless"
        return said(asked, option=f"A {side} view on: {asked.question[:8]}")
    if "[A]" in asked.text:
        return completion("[[A]]")
    return completion("I would ask them first.")


def handler_of(endpoint):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self):
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(time.monotonic(), self.path, headers, json.loads(raw))
            with endpoint.lock:
                endpoint.log.append(asked)
                endpoint.in_flight += 1
                endpoint.most_in_flight = max(endpoint.most_in_flight, endpoint.in_flight)
                fault = endpoint.script.popleft() if endpoint.script else None
            try:
                self.answer(asked, fault or self.reply(asked))
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True
            finally:
                with endpoint.lock:
                    endpoint.in_flight -= 1

        def reply(self, asked):
            said = endpoint.reply(asked)
            return said if isinstance(said, Fault) else Fault(body=said, wait=endpoint.wait)

        def do_GET(self):
            with endpoint.lock:
                endpoint.log.append(Asked(time.monotonic(), self.path, {}, {}))
            listed = endpoint.models
            if listed is None or not self.path.endswith("/models"):
                self.answer(None, Fault(404))
            elif isinstance(listed, bytes | Fault):
                self.answer(None, listed if isinstance(listed, Fault) else Fault(body=listed))
            else:
                self.answer(None, Fault(body={"data": [{"id": name} for name in listed]}))

        def answer(self, asked, fault):
            time.sleep(fault.wait)
            body = fault.body
            if not isinstance(body, bytes):
                body = json.dumps(body).encode()
            self.send_response(fault.status)
            headers = {"Content-Type": "application/json", "x-request-id": "req-1", **fault.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body) + (10 if fault.cut else 0)))
            self.end_headers()
            if fault.drip:
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(fault.drip)
            else:
                self.wfile.write(body)
            if fault.cut:
                self.close_connection = True

        def log_message(self, *args):
            pass

    return Handler
