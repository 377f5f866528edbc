"""Read a reply into a draft: strict and total. It accepts what was asked for, or says why not."""

import json
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from pydantic import ValidationError

from curation.drafting import checks
from curation.drafting.replies import storable
from curation.drafting.schemas import SHAPES
from curation.models import Endpoint, Option, Purpose
from curation.text import normal_form

PARSER = "strict-1"

POLARITIES = {
    Purpose.POSITIVE: Option.Polarity.POSITIVE,
    Purpose.NEGATIVE: Option.Polarity.NEGATIVE,
}
_THOUGHT = re.compile(r"\A\s*<think>.*?</think>\s*", re.DOTALL)
_FENCE = re.compile(r"\A\s*```(?:json)?[ \t]*\n(.*?)\n?```\s*\Z", re.DOTALL)


@dataclass(frozen=True)
class Reading:
    """What a parser made of a reply: a value, or the reason (`problems`) why there is none."""

    value: dict[str, Any] | None = None
    reason: str = ""
    flags: list[str] = field(default_factory=list)


class _Unusable(Exception):
    pass


def read_option(
    content: str, *, polarity: Option.Polarity | str, question: str, structured: str
) -> Reading:
    """Read one option. A negative one that is more than a stance is withheld, with its flags."""
    purpose = Purpose.POSITIVE if polarity == Option.Polarity.POSITIVE else Purpose.NEGATIVE
    try:
        value, flags = _shaped(content, purpose, structured)
        text = value["option"] = value["option"].strip()
        if not normal_form(text):
            raise _Unusable("empty")
    except _Unusable as reason:
        return Reading(reason=str(reason))
    flags += checks.flags_of(polarity=polarity, text=text, question=question)
    if broken := checks.withheld(polarity=polarity, flags=flags):
        return Reading(reason=f"withheld: {', '.join(broken)}", flags=flags)
    return Reading(value, flags=flags)


def read_tags(content: str, *, codes: set[str], structured: str) -> Reading:
    """Read risk tags. Codes that the taxonomy does not know stay in the value and raise a flag."""
    try:
        value, flags = _shaped(content, Purpose.TAGS, structured)
        named = [tag["code"] for tag in value["tags"]]
        if len(set(named)) < len(named):
            raise _Unusable("wrong_shape: tags")
    except _Unusable as reason:
        return Reading(reason=str(reason))
    return Reading(value, flags=flags + (["unknown_tag"] if set(named) - codes else []))


def _shaped(content: str, purpose: str, structured: str) -> tuple[dict[str, Any], list[str]]:
    if structured == Endpoint.Structured.PROMPT:
        content = _unwrapped(content)
    if not content.strip():
        raise _Unusable("empty")
    try:
        given = json.loads(content, object_pairs_hook=_once, parse_constant=_no_number)
        clean = _clean(given)
    except (ValueError, RecursionError):
        raise _Unusable("not_json") from None
    try:
        value = SHAPES[purpose].model_validate(clean).model_dump()
    except ValidationError as error:
        raise _Unusable(f"wrong_shape: {_path(error)}") from None
    return value, ["repaired"] if clean != given else []


def _unwrapped(content: str) -> str:
    """Take off one thought before the reply and one fence around it; nothing else is guessed."""
    content = _THOUGHT.sub("", content)
    fenced = _FENCE.match(content)
    return fenced[1] if fenced else content


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _value in pairs}) < len(pairs):
        raise ValueError("a name occurs twice")
    return dict(pairs)


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)


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
