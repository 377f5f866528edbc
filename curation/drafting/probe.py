"""Ask an endpoint one tiny thing, to see whether it does what a run will want of it."""

import secrets
from dataclasses import dataclass

from curation.drafting import prompts, requests
from curation.drafting.client import Client
from curation.drafting.purposes import WORKS
from curation.drafting.replies import Trouble
from curation.models import Attempt, Call, Endpoint, Item, Purpose

SECONDS = 25.0  # a person waits for this
QUESTION = "A neighbour lent me a book a year ago and has forgotten it. Should I give it back?"


@dataclass(frozen=True)
class Found:
    """What came back; either a model that spoke, or a problem (`problems`)."""

    model: str = ""
    milliseconds: int = 0
    structured: bool = False
    sample: str = ""
    problem: str = ""
    http_status: int | None = None


def probe(endpoint: Endpoint) -> Found:
    """Ask for a draft of a question of ours. Nothing is stored."""
    try:
        with Client(endpoint) as client:
            request = _request(endpoint)
            reply = client.ask(request, seconds=SECONDS)
    except Trouble as trouble:
        return Found(
            problem=trouble.problem,
            http_status=trouble.http_status,
            milliseconds=trouble.milliseconds,
        )
    reading = WORKS[Purpose.POSITIVE].read(
        Call(key=request.key, item=Item(question=QUESTION, language="en")),
        Attempt(content=reply.content, structured=request.structured),
    )
    return Found(
        model=reply.model,
        milliseconds=reply.milliseconds,
        structured=reading.value is not None,
        sample=reading.value["option"] if reading.value else reply.content[:300],
    )


def _request(endpoint: Endpoint) -> requests.Request:
    key = secrets.token_hex(32)
    filled = prompts.load(Purpose.POSITIVE, "en").fill(question=QUESTION)
    return requests.assemble(
        key=key,
        purpose=Purpose.POSITIVE,
        messages=requests.with_nonce(filled, key),
        parameters=requests.parameters_for(endpoint, dict(WORKS[Purpose.POSITIVE].defaults)),
        model=endpoint.model,
        endpoint=endpoint,
        schema=WORKS[Purpose.POSITIVE].schema,
    )
