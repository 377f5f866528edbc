"""From a request body to a chat completion, without HTTP and without a clock.

This is a rehearsal: no model and no person said this; every completion says so in
`system_fingerprint` and in the name of its model.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rehearsal import drafter
from rehearsal.asked import BadRequest, read_messages
from rehearsal.key import KeyFile
from rehearsal.subjects import Subject
from rehearsal.texts import digest

CREATED = 1_700_000_000  # a fixed second: the same request gets the same reply, byte for byte


class UnknownModel(Exception):
    """No such model is rehearsed here."""


@dataclass(frozen=True)
class Reply:
    purpose: str
    completion: dict[str, Any]


class Cast:
    """The models by name, and what each of them does with a request."""

    def __init__(self, key: KeyFile) -> None:
        self._parts: dict[str, Callable[[dict[str, Any]], tuple[str, str]]] = {
            "rehearsal-drafter": drafter.draft,
            "rehearsal-tagger": drafter.draft,
            "rehearsal-consistent": Subject("consistent", key).reply,
            "rehearsal-fake-aligned": Subject("fake_aligned", key).reply,
        }

    def models(self) -> list[dict[str, Any]]:
        return [
            {"id": name, "object": "model", "created": CREATED, "owned_by": "rehearsal"}
            for name in self._parts
        ]

    def complete(self, body: Any) -> Reply:
        if not isinstance(body, dict):
            raise BadRequest("The body must be a JSON object.", "body")
        model = body.get("model")
        if not isinstance(model, str) or not model:
            raise BadRequest("'model' must be a text.", "model")
        if model not in self._parts:
            raise UnknownModel(f"The model '{model}' does not exist in this rehearsal.")
        limit = _limit(body)
        _refuse_what_is_not_rehearsed(body)
        purpose, content = self._parts[model](body)
        return Reply(purpose, _completion(body, content, limit))


def tokens(text: str) -> int:
    """A plausible count: four letters a token, one Chinese character a token; never 0."""
    plain = sum(character.isascii() for character in text)
    return max(1, math.ceil(plain / 4) + len(text) - plain)


def _limit(body: dict[str, Any]) -> int | None:
    for name in ("max_completion_tokens", "max_tokens"):
        limit = body.get(name)
        if limit is None:
            continue
        if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
            raise BadRequest(f"'{name}' must be a whole number from 1.", name)
        return limit
    return None


def _refuse_what_is_not_rehearsed(body: dict[str, Any]) -> None:
    if body.get("stream"):
        raise BadRequest("The rehearsal endpoint does not stream.", "stream")
    if body.get("n") not in (None, 1):
        raise BadRequest("The rehearsal endpoint gives one reply a request.", "n")


def _completion(body: dict[str, Any], content: str, limit: int | None) -> dict[str, Any]:
    finished = limit is None or tokens(content) <= limit
    if limit is not None and not finished:
        content = _cut(content, limit)
    said = json.dumps(body, sort_keys=True)
    spent = tokens("".join(message.text for message in read_messages(body)))
    written = tokens(content)
    return {
        "id": f"chatcmpl-rehearsal-{digest(said)[:24]}",
        "object": "chat.completion",
        "created": CREATED,
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": content, "refusal": None},
                "logprobs": None,
                "finish_reason": "stop" if finished else "length",
            }
        ],
        "usage": {
            "prompt_tokens": spent,
            "completion_tokens": written,
            "total_tokens": spent + written,
        },
        "system_fingerprint": "rehearsal",
    }


def _cut(text: str, limit: int) -> str:
    while text and tokens(text) > limit:
        text = text[:-1]
    return text
