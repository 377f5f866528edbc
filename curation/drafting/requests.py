"""From a call to what goes over the wire: the nonce, the parameters, the way to ask for JSON."""

import hashlib
import json
from dataclasses import dataclass
from string import Template
from typing import Any

from curation.drafting import problems
from curation.drafting.prompts import Messages
from curation.models import Endpoint

NONCE_LENGTH = 24  # 96 bits: nobody finds a text that holds the mark made from its own key
LONGEST_ECHO = 4_000  # characters of a faulty reply that a repair turn shows again
BY_SCHEMA = "\n\nReply with one JSON object that fits this JSON Schema, and with nothing else:\n"
REPAIR = (
    "That reply could not be used: {fault}. Reply to the request again, with one JSON object that"
    " fits this JSON Schema, and with nothing else:\n{schema}"
)
# From strict to loose: what a server does not do is asked for in words.
LADDER = (
    Endpoint.Structured.JSON_SCHEMA,
    Endpoint.Structured.JSON_OBJECT,
    Endpoint.Structured.PROMPT,
)


@dataclass(frozen=True)
class Request:
    """A chat completion to ask for. `fields` are all of the body but model and messages."""

    key: str  # the same for every attempt of a call
    model: str
    messages: list[dict[str, str]]
    fields: dict[str, Any]
    structured: str = ""  # how JSON is asked for; empty for free text

    def body(self) -> dict[str, Any]:
        return {"model": self.model, "messages": self.messages, **self.fields}

    def size(self) -> int:
        """Return the bytes of the body: no tokeniser makes more tokens of it."""
        return len(json.dumps(self.body(), ensure_ascii=False).encode())

    @property
    def most_tokens(self) -> int:
        """The most tokens of a reply that the request allows."""
        for name in Endpoint.TokenParameter.values:
            if name in self.fields:
                return int(self.fields[name])
        raise KeyError("a request without a limit")


def digest(value: Any) -> str:
    """Return the sha256 (hex) of the value as canonical JSON."""
    canonical = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(canonical)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def filled_hash(checksum: str, slots: dict[str, str]) -> str:
    """Return what tells one filled prompt from another. `plan` computes the same in SQL."""
    others = {name: text for name, text in slots.items() if name != "question"}
    return sha256("\n".join([checksum, "question:" + sha256(slots["question"]), *tail(others)]))


def tail(slots: dict[str, str]) -> list[str]:
    """Return the lines for the slots beside the question."""
    return [f"{name}:{sha256(text)}" for name, text in sorted(slots.items())]


def key(
    *,
    endpoint_id: int,
    model: str,
    purpose: str,
    target: str,
    prompt_hash: str,
    parameters_hash: str,
    sample: int = 0,
) -> str:
    """Return the identity of a call: one hash of what is asked of whom."""
    parts = (endpoint_id, model, purpose, target, prompt_hash, parameters_hash, sample)
    return sha256("\n".join(map(str, parts)))


def parameters_for(endpoint: Endpoint, defaults: dict[str, Any]) -> dict[str, Any]:
    """Return what is sent beside the messages; a null takes one of our fields away."""
    ours = {
        name: value
        for name, value in defaults.items()
        if (name != "temperature" or endpoint.takes_temperature)
        and (name != "seed" or endpoint.takes_seed)
    }
    return {**ours, **endpoint.extra_body}


def assemble(
    *,
    key: str,
    purpose: str,
    messages: Messages,
    parameters: dict[str, Any],
    model: str,
    endpoint: Endpoint,
    schema: dict[str, Any] | None,
    structured: str = "",
    max_tokens: int | None = None,
) -> Request:
    """Return the request, in the way this endpoint wants to be asked.

    With a schema the reply is to be JSON, in the mode given or in the endpoint's own, whichever is
    further down the ladder.
    """
    fields = {name: value for name, value in parameters.items() if name != "max_tokens"}
    fields[endpoint.token_parameter] = max_tokens or parameters["max_tokens"]
    mode = _lower(structured, endpoint.mode) if schema else ""
    if schema and mode == Endpoint.Structured.JSON_SCHEMA:
        fields["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": purpose, "strict": True, "schema": schema},
        }
    elif schema:
        messages = _asking_in_words(messages, purpose, schema)
        if mode == Endpoint.Structured.JSON_OBJECT:
            fields["response_format"] = {"type": "json_object"}
    # A parameter of null is one that the model does not take.
    kept = {name: value for name, value in fields.items() if value is not None}
    return Request(key=key, model=model, messages=messages, fields=kept, structured=mode)


def nonce_of(key: str) -> str:
    """Return the mark that stands around data and must come back."""
    return key[:NONCE_LENGTH]


def with_nonce(messages: Messages, key: str) -> Messages:
    """Put the nonce into messages that a prompt filled, and the doubled `$` of data back."""
    nonce = nonce_of(key)
    return [{**m, "content": Template(m["content"]).substitute(nonce=nonce)} for m in messages]


def repairing(
    messages: Messages, *, purpose: str, said: str, fault: str, schema: dict[str, Any]
) -> Messages:
    """Return the conversation that shows the model its faulty reply and names the fault."""
    words = REPAIR.format(
        fault=problems.in_english(fault), schema=json.dumps({"title": purpose, **schema})
    )
    shown = [{"role": "assistant", "content": said[:LONGEST_ECHO]}] if said.strip() else []
    return [*messages, *shown, {"role": "user", "content": words}]


def next_lower(structured: str) -> str:
    """Return the next mode down the ladder; empty at its foot."""
    lower = LADDER[LADDER.index(Endpoint.Structured(structured)) + 1 :] if structured else ()
    return lower[0] if lower else ""


def _lower(structured: str, mode: str) -> str:
    modes = (Endpoint.Structured(found) for found in (structured, mode) if found)
    return max(modes, key=LADDER.index)


def _asking_in_words(messages: Messages, purpose: str, schema: dict[str, Any]) -> Messages:
    first, *others = messages
    words = BY_SCHEMA + json.dumps({"title": purpose, **schema})
    return [{**first, "content": first["content"] + words}, *others]
