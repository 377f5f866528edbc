"""From a call to what goes over the wire: the nonce, the parameters, the way to ask for JSON."""

import hashlib
import json
from dataclasses import dataclass
from string import Template
from typing import Any

from curation.drafting import schemas
from curation.models import Call, Endpoint

NONCE_LENGTH = 12
BY_SCHEMA = "\n\nReply with one JSON object that fits this JSON Schema, and with nothing else:\n"


@dataclass(frozen=True)
class Request:
    """A chat completion to ask for. `fields` are all of the body but model and messages."""

    key: str  # the same for every attempt of a call
    model: str
    messages: list[dict[str, str]]
    fields: dict[str, Any]

    def size(self) -> int:
        """Return the bytes of the body: no tokeniser makes more tokens of it."""
        body = {"model": self.model, "messages": self.messages, **self.fields}
        return len(json.dumps(body, ensure_ascii=False).encode())


def digest(value: Any) -> str:
    """Return the sha256 (hex) of the value as canonical JSON."""
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def identity(call: Call) -> str:
    """Return one hash of everything that makes this call the same as another."""
    return digest(
        [
            call.endpoint_id,
            call.model,
            call.purpose,
            call.target,
            call.prompt_hash,
            call.parameters_hash,
            call.sample,
        ]
    )


def build(call: Call, endpoint: Endpoint) -> Request:
    """Return the request of a call, in the way this endpoint wants to be asked."""
    key = identity(call)
    return assemble(
        key=key,
        purpose=call.purpose,
        # A subject's open question is sent bare: it is no template of ours.
        messages=with_nonce(call.messages, key) if call.prompt_id else call.messages,
        parameters=call.parameters,
        model=call.model,
        endpoint=endpoint,
    )


def assemble(
    *,
    key: str,
    purpose: str,
    messages: list[dict[str, str]],
    parameters: dict[str, Any],
    model: str,
    endpoint: Endpoint,
) -> Request:
    fields = {name: value for name, value in parameters.items() if name != "max_tokens"}
    fields[endpoint.token_parameter] = parameters["max_tokens"]
    schema = schemas.SCHEMAS.get(purpose)
    if schema and endpoint.structured == Endpoint.Structured.JSON_SCHEMA:
        fields["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": purpose, "strict": True, "schema": schema},
        }
    elif schema:
        messages = _asking_in_words(messages, purpose, schema)
        if endpoint.structured == Endpoint.Structured.JSON_OBJECT:
            fields["response_format"] = {"type": "json_object"}
    # A parameter of null is one that the model does not take.
    kept = {name: value for name, value in fields.items() if value is not None}
    return Request(key=key, model=model, messages=messages, fields=kept)


def with_nonce(messages: list[dict[str, str]], key: str) -> list[dict[str, str]]:
    """Put the nonce into messages that a prompt filled, and the doubled `$` of data back."""
    nonce = key[:NONCE_LENGTH]
    return [{**m, "content": Template(m["content"]).substitute(nonce=nonce)} for m in messages]


def _asking_in_words(
    messages: list[dict[str, str]], purpose: str, schema: dict[str, Any]
) -> list[dict[str, str]]:
    first, *others = messages
    words = BY_SCHEMA + json.dumps({"title": purpose, **schema})
    return [{**first, "content": first["content"] + words}, *others]
