"""Read the body of a chat completion: total, so that no odd shape escapes as an exception."""

import json
import re
from collections.abc import Iterator
from typing import Any

from curation.drafting.replies import Outcome, Reply, Trouble, Usage, as_dict, storable

LARGEST_COUNT = 2_147_483_647
NAME_LENGTH = 200
MOST_NAMES = 200
REASON_LENGTH = 50
LONGEST_WORDS = 2_000  # characters of an error that are looked at
# Where servers say what they did not like; what they repeat of the request is not looked at.
TOLD = {"error", "errors", "detail", "details", "message", "msg", "param", "loc", "code", "type"}
FORMAT = re.compile(r"response[_ ]?format|json[_ ]?(?:schema|object)|structured[_ ]?output", re.I)
# Errors inside a success that every other call would meet, by their code.
INSIDE = {"401": "denied", "402": "unpaid", "403": "denied", "insufficient_quota": "unpaid"}
OUTCOMES = {"length": Outcome.TRUNCATED, "content_filter": Outcome.FILTERED}


def read(raw: bytes, *, request_id: str = "", milliseconds: int = 0, notice: str = "") -> Reply:
    """Return the reply a successful answer holds, or raise Trouble if it holds none."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        body = None
    choice = as_dict(_first(as_dict(body).get("choices")))
    message = as_dict(choice.get("message"))
    usage = _usage(as_dict(as_dict(body).get("usage")))
    around: dict[str, Any] = {
        "raw": raw,
        "request_id": request_id,
        "milliseconds": milliseconds,
        "usage": usage,
        "notice": notice,
    }
    if not message:
        raise _no_completion(body, **around)
    refusal = _text(message.get("refusal"))
    finish_reason = _text(choice.get("finish_reason"))
    return Reply(
        outcome=Outcome.REFUSED if refusal else OUTCOMES.get(finish_reason, Outcome.REPLIED),
        content=refusal or _content(message.get("content")),
        model=_text(as_dict(body).get("model"))[:NAME_LENGTH],
        fingerprint=_text(as_dict(body).get("system_fingerprint"))[:NAME_LENGTH],
        finish_reason=finish_reason[:REASON_LENGTH],
        **around,
    )


def error_code(raw: bytes) -> str:
    """Return the code an error body names, if any; the rest of such a body is not for us."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return ""
    error = as_dict(as_dict(body).get("error"))
    return str(error.get("code") or error.get("type") or "")


def model_names(raw: bytes) -> list[str]:
    """Return the names in a list of models; none where it is no such list."""
    try:
        listed = as_dict(json.loads(raw)).get("data")
    except (ValueError, RecursionError):
        listed = None
    found = listed if isinstance(listed, list) else []
    names = [_text(as_dict(one).get("id")) for one in found]
    return sorted({name[:NAME_LENGTH] for name in names if name.strip()})[:MOST_NAMES]


def blames_structured(raw: bytes) -> bool:
    """Say whether an error body names the way we asked for JSON."""
    try:
        return any(FORMAT.search(words) for words in _told(json.loads(raw)))
    except (ValueError, RecursionError):
        return bool(FORMAT.search(raw[:LONGEST_WORDS].decode(errors="replace")))


def _told(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = [part for name, part in value.items() if name in TOLD]
    if isinstance(value, list):
        for part in value:
            yield from _told(part)
    elif isinstance(value, str):
        yield value[:LONGEST_WORDS]


def _no_completion(body: Any, **what: Any) -> Trouble:
    # Some gateways answer 200 and put the error of the provider inside.
    error = as_dict(as_dict(body).get("error"))
    code = str(error.get("code") or error.get("type") or "")
    if code in INSIDE:
        words = {**what, "raw": b""}  # such an answer often repeats a part of the key
        return Trouble(
            Outcome.DENIED, f"{INSIDE[code]}: {code}", stops_lane=True, http_status=200, **words
        )
    if code == "429":
        return Trouble(Outcome.RATE_LIMITED, "rate_limited", again=True, http_status=200, **what)
    return Trouble(
        Outcome.SERVER_ERROR,
        "not_a_completion",
        again=True,
        http_status=200,
        **what,
    )


def _usage(usage: dict[str, Any]) -> Usage:
    details = as_dict(usage.get("prompt_tokens_details"))
    return Usage(
        _count(usage.get("prompt_tokens")),
        _count(usage.get("completion_tokens")),
        _count(details.get("cached_tokens")) or 0,
    )


def _count(value: Any) -> int | None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= LARGEST_COUNT else None


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _content(value: Any) -> str:
    if isinstance(value, list):  # some servers send parts
        return "".join(_text(as_dict(part).get("text")) for part in value)
    return _text(value)


def _text(value: Any) -> str:
    return storable(value) if isinstance(value, str) else ""
