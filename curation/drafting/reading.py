"""From the text of a reply to a value of the wanted shape: strict and total, nothing is guessed."""

import json
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pydantic import BaseModel, ValidationError

from curation.drafting.replies import storable
from curation.strict_json import once

PARSER = "strict-3"  # the name under which drafts are kept; a change of what is read changes it

_THOUGHT = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)
_FENCE = re.compile(r"\A\s*```(?:json)?[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL)


@dataclass(frozen=True)
class Reading:
    """What a parser made of a reply: a value, or the reason (`problems`) why there is none.

    Flags (`problems.FLAGS`) say what is doubtful about it.
    """

    value: dict[str, Any] | None = None
    reason: str = ""
    flags: list[str] = field(default_factory=list)


class Unusable(Exception):
    """The reply cannot be used; its text is a code of `problems`."""


def shaped(content: str, shape: type[BaseModel], *, nonce: str) -> tuple[dict[str, Any], list[str]]:
    """Return the value without its nonce, and flags; raise Unusable."""
    content = unwrapped(content)
    if not content.strip():
        raise Unusable("empty")
    try:
        given = json.loads(content, object_pairs_hook=once, parse_constant=_no_number)
        clean = _clean(given)
    except (ValueError, RecursionError):
        raise Unusable("not_json") from None
    try:
        value = shape.model_validate(clean).model_dump()
    except ValidationError as error:
        raise Unusable(f"wrong_shape: {_path(error)}") from None
    if value.pop("nonce") != nonce:
        raise Unusable("wrong_nonce")
    # What could not be stored was replaced here, or when the reply was kept.
    return value, ["repaired"] if clean != given or "\ufffd" in content else []


def unwrapped(content: str) -> str:
    """Take off one thought before the reply and one fence around it; nothing else is guessed."""
    content = _THOUGHT.sub("", content)
    fenced = _FENCE.match(content)
    return fenced[1] if fenced else content


def _no_number(name: str) -> NoReturn:
    raise Unusable(f"wrong_shape: {name}")


def _path(error: ValidationError) -> str:
    """Name the first place that is wrong; names that the model made up are not repeated."""
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "extra_forbidden":
        return ".".join(map(str, (*first["loc"][:-1], "+")))
    return ".".join(map(str, first["loc"])) or "."


def _clean(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _clean(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_clean(part) for part in value]
    return storable(value) if isinstance(value, str) else value
