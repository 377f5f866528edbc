"""The one place that speaks to models. Nothing of the SDK leaves it, nor any key."""

import logging
import socket
import ssl
import time
from email.utils import parsedate_to_datetime
from types import TracebackType

import httpx2
import openai
from django.conf import settings

from curation import redaction
from curation.addresses import NotAllowed, checked_address
from curation.drafting import completions, farewells, wire
from curation.drafting.replies import Outcome, Reply, Trouble
from curation.drafting.requests import Request
from curation.endpoints import NoKey, key_of
from curation.models import Endpoint

logger = logging.getLogger(__name__)

LARGEST_ERROR = 16_000  # bytes of an error body that are kept
LONGEST_WAIT = 24 * 3600.0  # seconds; a longer Retry-After is not believed

# Every other call would meet the same, so these stop the lane.
STOPS = {
    401: (Outcome.DENIED, "denied"),
    402: (Outcome.DENIED, "unpaid"),
    403: (Outcome.DENIED, "denied"),
    404: (Outcome.REJECTED, "not_found"),
}

UNREACHABLE: dict[type[Exception], str] = {
    socket.gaierror: "no_such_host",
    ssl.SSLCertVerificationError: "certificate",
    ConnectionRefusedError: "refused_connection",
}


class Client:
    """Asks one endpoint, from any number of threads. Use as a context manager."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Raise Trouble that stops the lane when this endpoint must not be called."""
        try:
            base_url = checked_address(endpoint.base_url)
            self._key = key_of(endpoint)
        except NotAllowed as refusal:
            raise _forbidden(refusal) from None
        except NoKey as missing:
            raise Trouble(Outcome.DENIED, missing.problem, stops_lane=True) from None
        self._http = wire.http_client(self._key)
        # The wire sends the key and drops all headers but a few, whatever the environment says.
        self._sdk = openai.OpenAI(
            base_url=base_url, api_key="unused", max_retries=0, http_client=self._http
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def ask(self, request: Request, *, seconds: float | None = None) -> Reply:
        """Return what the endpoint replied within so many seconds, or raise Trouble."""
        started = time.monotonic()
        try:
            with wire.within(seconds or settings.LLM_TIMEOUT):
                answer = self._send(request)
        except Exception as error:
            raise self._trouble(error, _milliseconds(started)) from None
        return completions.read(
            self._redacted(answer.content),
            request_id=self._request_id(answer.headers),
            milliseconds=_milliseconds(started),
            notice=farewells.told(answer.headers),
        )

    def models(self, *, seconds: float | None = None) -> list[str]:
        """Return the names the endpoint lists, a few hundred at most, or raise Trouble."""
        started = time.monotonic()
        try:
            with wire.within(seconds or settings.LLM_TIMEOUT):
                answer = self._sdk.models.with_raw_response.list().http_response
        except Exception as error:
            raise self._trouble(error, _milliseconds(started)) from None
        return completions.model_names(self._redacted(answer.content))

    def _send(self, request: Request) -> httpx2.Response:
        raw = self._sdk.chat.completions.with_raw_response.create(
            model=request.model,
            messages=request.messages,  # type: ignore[arg-type] # ours is plainer than theirs
            extra_body=request.fields,
            extra_headers={"Idempotency-Key": request.key},
        )
        return raw.http_response

    def _trouble(self, error: Exception, milliseconds: int) -> Trouble:
        if isinstance(error, openai.APIStatusError):
            return self._from_status(error.response, milliseconds)
        if isinstance(error, NotAllowed):
            return _forbidden(error)
        if isinstance(error, wire.TooLarge):
            return Trouble(Outcome.REJECTED, "too_large", milliseconds=milliseconds)
        if _never_arrived(error):
            return Trouble(
                Outcome.UNREACHABLE, _why_not(error), again=True, milliseconds=milliseconds
            )
        if isinstance(error, openai.APITimeoutError):
            problem = "timeout"
        elif isinstance(error, openai.APIConnectionError):
            problem = "broken"
        else:  # its text may hold anything, a key too
            problem = f"fault: {type(error).__name__}"
            logger.error("A call failed on our side: %s", type(error).__name__)
        return Trouble(Outcome.UNKNOWN, problem, again=True, milliseconds=milliseconds)

    def _from_status(self, response: httpx2.Response, milliseconds: int) -> Trouble:
        return trouble_of(
            response.status_code,
            self._redacted(response.content),
            retry_after=_retry_after(response.headers),
            request_id=self._request_id(response.headers),
            milliseconds=milliseconds,
            notice=farewells.told(response.headers),
        )

    def _redacted(self, body: bytes) -> bytes:
        return redaction.without(self._key, body)

    def _request_id(self, headers: httpx2.Headers) -> str:
        found = "".join(c for c in headers.get("x-request-id", "") if c.isprintable())
        return redaction.hidden(found)[:200]


def trouble_of(
    status: int,
    body: bytes,
    *,
    retry_after: float | None = None,
    request_id: str = "",
    milliseconds: int = 0,
    notice: str = "",
) -> Trouble:
    """Return what an answer with this status means."""
    outcome, problem, again, stops = _meaning(status, completions.error_code(body))
    if problem == "rejected" and completions.blames_structured(body):
        problem = "no_structured"
    return Trouble(
        outcome,
        f"{problem}: HTTP {status}",
        again=again,
        stops_lane=stops,
        http_status=status,
        retry_after=retry_after if again else None,
        # Such an answer often repeats a part of the key.
        raw=b"" if status in (401, 403) else redaction.without_keys(body)[:LARGEST_ERROR],
        request_id=request_id,
        milliseconds=milliseconds,
        notice=notice,
    )


def _forbidden(refusal: NotAllowed) -> Trouble:
    return Trouble(Outcome.REJECTED, refusal.problem, stops_lane=True)


def _meaning(status: int, code: str) -> tuple[Outcome, str, bool, bool]:
    """Return the outcome, the problem, whether to ask again, and whether the lane stops."""
    if status in STOPS:
        return (*STOPS[status], False, True)
    if 300 <= status < 400:
        return Outcome.REJECTED, "moved", False, True
    if code == "insufficient_quota":
        return Outcome.DENIED, "unpaid", False, True
    if status == 429:
        return Outcome.RATE_LIMITED, "rate_limited", True, False
    if status in (408, 409) or status >= 500:
        return Outcome.SERVER_ERROR, "server_error", True, False
    return Outcome.REJECTED, "rejected", False, False


def _never_arrived(error: Exception) -> bool:
    """Say whether the connection itself failed, so that nothing was asked, nor paid for."""
    cause = error.__cause__
    return isinstance(
        cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.UnsupportedProtocol
    )


def _why_not(error: BaseException | None) -> str:
    """Return what kept the connection from being made, from the fault at the bottom."""
    while error is not None:
        for kind, problem in UNREACHABLE.items():
            if isinstance(error, kind):
                return problem
        error = error.__cause__ or error.__context__
    return "unreachable"


def _retry_after(headers: httpx2.Headers) -> float | None:
    """Return the seconds the endpoint asks to wait; None for nonsense."""
    try:
        if "retry-after-ms" in headers:
            seconds = float(headers["retry-after-ms"]) / 1000
        else:
            seconds = _seconds(headers["retry-after"])
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
    return min(seconds, LONGEST_WAIT) if seconds >= 0 else None


def _seconds(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return parsedate_to_datetime(value).timestamp() - time.time()


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
