"""A small real HTTP server that speaks chat completions on loopback.

This is a rehearsal: no model and no person said what it replies. It exists so that the demo
and the tests need no key and no network; every reply carries `"system_fingerprint":
"rehearsal"` and a model name that starts with `rehearsal-`.

    python -m rehearsal.endpoint --port 8901 --key-file key.json

`GET /healthz`, `GET /v1/models`, `POST /v1/chat/completions`. The key file (`rehearsal.key`)
tells the two subjects which option is positive; it is not the API key, which is asked for only
when `--api-key-env` names the variable that holds it.
"""

import argparse
import hmac
import json
import os
import signal
import socketserver
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Any

from rehearsal.asked import BadRequest
from rehearsal.completions import Cast, UnknownModel
from rehearsal.key import KeyFile

LARGEST_BODY = 4 * 1024 * 1024
MOST_DIGITS = 18  # of a Content-Length that is worth reading as a number
IDLE_SECONDS = 120
COMPLETIONS = "/v1/chat/completions"
METHODS = {"/healthz": "GET", "/v1/models": "GET", COMPLETIONS: "POST"}


class Problem(Exception):
    """A refusal in the shape that OpenAI's clients know."""

    def __init__(
        self, status: int, message: str, *, param: str | None = None, code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.error = {
            "message": message,
            "type": "invalid_request_error",
            "param": param,
            "code": code,
        }


@dataclass(frozen=True)
class Settings:
    cast: Cast
    api_key: str | None = None
    delay_seconds: float = 0.0
    log: IO[str] | None = None


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # an idle keep-alive connection must not hold up the end
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], settings: Settings) -> None:
        self.settings = settings
        self.log_lock = threading.Lock()
        super().__init__(address, Handler)

    def server_bind(self) -> None:
        # The parent class looks the host's name up, which takes seconds where there is no DNS.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no news."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def note(self, **facts: Any) -> None:
        """One JSON line a request, never the key nor the text of a message."""
        if self.settings.log is None:
            return
        with self.log_lock:
            self.settings.log.write(json.dumps({"rehearsal": True, **facts}) + "\n")
            self.settings.log.flush()


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "rehearsal"
    sys_version = ""
    timeout = IDLE_SECONDS
    wbufsize = 1 << 16  # head and body leave in one write
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        facts: dict[str, Any] = {}
        try:
            body = self._read_body()
            status, answer = 200, self._answer(method, self.path.split("?")[0], body, facts)
        except Problem as problem:
            status, answer = problem.status, {"error": problem.error}
        self._send(status, answer)
        self.server.note(method=method, path=self.path, status=status, **facts)

    def _answer(
        self, method: str, path: str, body: bytes, facts: dict[str, Any]
    ) -> Mapping[str, Any]:
        if path not in METHODS:
            raise Problem(404, f"Unknown path {path}.", code="unknown_url")
        if method != METHODS[path]:
            raise Problem(405, f"{path} takes {METHODS[path]}.", code="method_not_allowed")
        if path == "/healthz":
            return {"status": "ok", "rehearsal": True}
        self._check_api_key()
        if path == "/v1/models":
            return {"object": "list", "data": self.server.settings.cast.models()}
        return self._complete(body, facts)

    def _complete(self, body: bytes, facts: dict[str, Any]) -> Mapping[str, Any]:
        time.sleep(self.server.settings.delay_seconds)
        try:
            reply = self.server.settings.cast.complete(_parse(body))
        except BadRequest as fault:
            raise Problem(400, fault.message, param=fault.param) from fault
        except UnknownModel as fault:
            raise Problem(404, str(fault), param="model", code="model_not_found") from fault
        facts.update(
            model=reply.completion["model"], purpose=reply.purpose, id=reply.completion["id"]
        )
        return reply.completion

    def _check_api_key(self) -> None:
        wanted = self.server.settings.api_key
        given = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if wanted and not hmac.compare_digest(given.encode(), wanted.encode()):
            raise Problem(401, "The API key is missing or wrong.", code="invalid_api_key")

    def _read_body(self) -> bytes:
        """The whole body is read before anything is refused: the next request follows it."""
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            raise Problem(411, "Send the body with a Content-Length.")
        length = self.headers.get("Content-Length", "0")
        if not (length.isascii() and length.isdigit()):
            self.close_connection = True
            raise Problem(400, "Content-Length must be a whole number.", param="Content-Length")
        if len(length) > MOST_DIGITS or int(length) > LARGEST_BODY:
            self.close_connection = True
            raise Problem(413, f"The body is over {LARGEST_BODY} bytes.", param="body")
        return self.rfile.read(int(length))

    def _send(self, status: int, answer: Mapping[str, Any]) -> None:
        content = json.dumps(answer, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("x-request-id", f"req_rehearsal_{uuid.uuid4().hex}")
        if status == 405:
            self.send_header("Allow", METHODS[self.path.split("?")[0]])
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)

    def handle_expect_100(self) -> bool:
        going_on = super().handle_expect_100()
        self.wfile.flush()  # the caller waits for this line before it sends the body
        return going_on

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the base class refuses by itself (a broken request line, an odd method)."""
        self.close_connection = True
        self._send(code, {"error": Problem(code, message or explain or "Bad request.").error})

    def log_message(self, format: str, *arguments: Any) -> None:
        """Quiet: `--log` keeps the record."""


def _parse(body: bytes) -> Any:
    try:
        parsed = json.loads(body)
        json.dumps(parsed, ensure_ascii=False).encode()  # a lone surrogate has no UTF-8
    except (ValueError, RecursionError) as fault:
        raise BadRequest(f"The body is not valid JSON: {fault}", "body") from fault
    return parsed


def serve(server: Server, *, quiet: bool = False) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
    thread.start()
    host, port = server.server_address[:2]
    if not quiet:
        print(
            f"rehearsal endpoint ready: http://{host!s}:{port}/v1"
            " (a rehearsal: no model and no person says this)",
            flush=True,
        )
    stop.wait()
    server.shutdown()
    thread.join()
    server.server_close()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m rehearsal.endpoint",
        description="An OpenAI-compatible endpoint for rehearsals: no model and no person replies.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8901, help="0 takes a free one")
    parser.add_argument("--key-file", type=Path, help="which option is positive; see rehearsal.key")
    parser.add_argument("--api-key-env", metavar="VAR", help="ask for the API key held by VAR")
    parser.add_argument("--delay-ms", type=int, default=0, help="wait before each completion")
    parser.add_argument("--quiet", action="store_true", help="do not say when it is ready")
    parser.add_argument("--log", type=Path, help="append one JSON line a request")
    wanted = parser.parse_args(arguments)
    api_key = os.environ.get(wanted.api_key_env, "") if wanted.api_key_env else None
    if api_key == "":
        parser.error(f"{wanted.api_key_env} is empty")
    log = wanted.log.open("a", encoding="utf-8") if wanted.log else None
    cast = Cast(KeyFile(wanted.key_file))
    try:
        server = Server(
            (wanted.host, wanted.port), Settings(cast, api_key, wanted.delay_ms / 1000, log)
        )
    except OSError as fault:
        print(f"rehearsal endpoint: {wanted.host}:{wanted.port}: {fault}", file=sys.stderr)
        return 1
    serve(server, quiet=wanted.quiet)
    return 0


if __name__ == "__main__":
    sys.exit(main())
