"""A line of a result or error file, as a reply or trouble like any that came over the wire."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, BinaryIO

from curation import redaction
from curation.drafting import batch_ids, client, completions
from curation.drafting.replies import Outcome, Reply, Trouble, as_dict, storable
from curation.drafting.wire import LARGEST_BODY
from curation.strict_json import once

LARGEST_LINE = 2_000_000  # bytes; what a reply may have, and what stands around it
LONGEST_ID = 200
EMPTY = "empty"  # no fault of a file, but of no use
STATUSES = range(100, 600)


@dataclass(frozen=True)
class Result:
    """What one line says of one call; without a result, `fault` says why it is of no use.

    `file` is the number of the file it answers, where its id says so. What is not an id of ours
    has no key.
    """

    number: int
    key: str = ""
    file: int | None = None
    result: Reply | Trouble | None = None
    fault: str = ""


def read(file: BinaryIO) -> Iterator[Result]:
    """Yield what each line says; never more than a line is held."""
    number = 0
    while line := file.readline(LARGEST_LINE):
        number += 1
        if len(line) == LARGEST_LINE and not line.endswith(b"\n"):
            _skip(file)
            yield Result(number, fault="too_long")
        elif line := line.removeprefix(b"\xef\xbb\xbf").strip():
            yield _result(number, line)
        else:
            yield Result(number, fault=EMPTY)


def _skip(file: BinaryIO) -> None:
    """Read on to the end of a line."""
    while part := file.readline(LARGEST_LINE):
        if part.endswith(b"\n"):
            return


def _result(number: int, line: bytes) -> Result:
    try:
        said = json.loads(line.decode(), object_pairs_hook=once)
    except (ValueError, RecursionError):
        return Result(number, fault="not_json")
    custom_id = as_dict(said).get("custom_id")
    if not isinstance(custom_id, str):
        return Result(number, fault="not_a_result")
    key, file = batch_ids.read(custom_id) or ("", None)
    response, error = as_dict(said.get("response")), as_dict(said.get("error"))
    status = response.get("status_code", int(HTTPStatus.OK) if response else None)
    # True would be a number too.
    is_status = type(status) is int and status in STATUSES
    if not (is_status or (status is None and (response or error))):
        return Result(number, key, file, fault="not_a_result")
    came = _answer(response, status, error, _id(response) or _id(said))
    return Result(number, key, file, came)


def _answer(
    response: dict[str, Any], status: int | None, error: dict[str, Any], request_id: str
) -> Reply | Trouble:
    if status is None:
        # Nothing was asked: the time of the whole batch ran out, or somebody stopped it.
        words = redaction.without_keys(json.dumps(error).encode())[: client.LARGEST_ERROR]
        return Trouble(
            Outcome.UNREACHABLE,
            "not_run",
            again=True,
            retry_after=0.0,
            raw=words,
            request_id=request_id,
        )
    raw = json.dumps(response.get("body")).encode()
    if status != HTTPStatus.OK:
        return client.trouble_of(status, raw, request_id=request_id)
    if len(raw) > LARGEST_BODY:
        return Trouble(Outcome.REJECTED, "too_large", http_status=status, request_id=request_id)
    try:
        return completions.read(raw, request_id=request_id)
    except Trouble as trouble:
        return trouble


def _id(said: dict[str, Any]) -> str:
    found = said.get("request_id") or said.get("id")
    return storable(found)[:LONGEST_ID] if isinstance(found, str) else ""
