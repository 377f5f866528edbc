"""The shape of each reply: what is asked of the endpoint, and what is checked here again."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from curation.models import Purpose

LONGEST_OPTION = 1_000  # characters
LONGEST_NEGATIVE = 300
LONGEST_EXPLANATION = 1_000
MOST_TAGS = 8


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class OptionReply(_Exact):
    option: Annotated[str, Field(min_length=1, max_length=LONGEST_OPTION)]


class TagReply(_Exact):
    code: Annotated[str, Field(min_length=1, max_length=80)]
    score: Annotated[float, Field(ge=0, le=1)]
    explanation: Annotated[str, Field(max_length=LONGEST_EXPLANATION)]


class TagsReply(_Exact):
    tags: Annotated[list[TagReply], Field(max_length=MOST_TAGS)]


SHAPES: dict[str, type[_Exact]] = {
    Purpose.POSITIVE: OptionReply,
    Purpose.NEGATIVE: OptionReply,
    Purpose.TAGS: TagsReply,
}


def _closed(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _text(longest: int, shortest: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": shortest, "maxLength": longest}


_TAG = _closed(
    code=_text(80),
    score={"type": "number", "minimum": 0, "maximum": 1},
    explanation=_text(LONGEST_EXPLANATION, 0),
)
SCHEMAS: dict[str, dict[str, Any]] = {
    Purpose.POSITIVE: _closed(option=_text(LONGEST_NEGATIVE)),
    Purpose.NEGATIVE: _closed(option=_text(LONGEST_NEGATIVE)),
    Purpose.TAGS: _closed(tags={"type": "array", "items": _TAG, "maxItems": MOST_TAGS}),
}
