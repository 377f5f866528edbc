"""Shapes of replies: what is checked here, and the JSON Schema that asks an endpoint for it."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Exact(BaseModel):
    """A shape that a part of a reply fits exactly or not at all."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Marked(Exact):
    """The shape of a whole reply, in which the nonce of the prompt comes back."""

    nonce: str


def closed(**properties: Any) -> dict[str, Any]:
    """Return the JSON Schema of an object that has exactly these properties, and the nonce."""
    return exactly(nonce={"type": "string"}, **properties)


def exactly(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def text(longest: int, shortest: int = 1) -> dict[str, Any]:
    return {"type": "string", "minLength": shortest, "maxLength": longest}
