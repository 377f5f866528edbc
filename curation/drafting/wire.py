"""The wire below the SDK: which hosts, how long at most, how many bytes at most.

Timeouts of HTTP clients count from byte to byte, so a server that drips can hold a call for ever.
Here every read and write also ends at a deadline that counts for the whole call.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpcore2
import httpx2

from curation.addresses import resolved

CONNECT_SECONDS = 5.0
READ_SECONDS = 60.0
WRITE_SECONDS = 10.0
LARGEST_BODY = 1_000_000  # bytes
SENT_HEADERS = {
    *("host", "connection", "user-agent", "accept", "content-type", "content-length"),
    "idempotency-key",
}

_deadline: ContextVar[float] = ContextVar("deadline")


class TooLarge(Exception):
    """The body is larger than we keep, or squeezed although nobody asked for that."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Let everything that this thread reads and writes end after so many seconds."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def http_client(key: str) -> httpx2.Client:
    """Return a client that follows nothing, trusts no environment and sends few headers."""
    return httpx2.Client(
        transport=_Transport(key),
        timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS, write=WRITE_SECONDS),
        follow_redirects=False,
        trust_env=False,
    )


class _Transport(httpx2.HTTPTransport):
    def __init__(self, key: str) -> None:
        super().__init__(trust_env=False)
        self._key = key
        self._pool = httpcore2.ConnectionPool(
            ssl_context=httpx2.create_ssl_context(trust_env=False),
            max_connections=None,
            max_keepalive_connections=20,
            keepalive_expiry=5.0,
            network_backend=_Backend(),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = super().handle_request(self._plain(request))
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            response.close()
            raise TooLarge
        assert isinstance(response.stream, httpx2.SyncByteStream)  # noqa: S101 - what it is here
        response.stream = _Capped(response.stream)
        return response

    def _plain(self, request: httpx2.Request) -> httpx2.Request:
        """Leave out what the SDK tells about this machine, and its own idea of the key."""
        headers = {n: v for n, v in request.headers.items() if n.lower() in SENT_HEADERS}
        headers["accept-encoding"] = "identity"
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        return httpx2.Request(
            request.method,
            request.url,
            headers=headers,
            stream=request.stream,
            extensions=request.extensions,
        )


class _Capped(httpx2.SyncByteStream):
    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        taken = 0
        for chunk in self._stream:
            taken += len(chunk)
            if taken > LARGEST_BODY:
                raise TooLarge
            yield chunk

    def close(self) -> None:
        self._stream.close()


class _Backend(httpcore2.SyncBackend):
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to an address the name was just looked up for, and to no other.

        The name stays what certificate and Host are held against.
        """
        try:
            found = resolved(host, port)
        except OSError as error:
            raise httpcore2.ConnectError("no such name") from error
        trouble: Exception = httpcore2.ConnectError("no address")
        for address in found:
            left = _left(timeout, httpcore2.ConnectTimeout)
            try:
                stream = super().connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                trouble = error
            else:
                return _Stream(stream)
        raise trouble


class _Stream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(timeout: float | None, expired: type[Exception]) -> float:
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise expired("the whole call took too long")
    return left if timeout is None else min(left, timeout)
