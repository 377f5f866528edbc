"""Ask an endpoint a few small things, to see what it does of what a run will want of it."""

import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from dataclasses import asdict, dataclass, field, replace

from curation import redaction
from curation.drafting import budget, prompts, requests
from curation.drafting.client import Client
from curation.drafting.purposes import WORKS
from curation.drafting.reading import Reading
from curation.drafting.replies import Outcome, Reply, Trouble
from curation.models import Attempt, Call, Endpoint, Item, Purpose

SECONDS = 25.0  # a person waits for this, whatever is tried
LEAST_SECONDS = 2.0
LONGEST_SAMPLE = 600  # characters
LONGEST_SAID = 2_000  # characters of an answer that is no completion
NOT_HERE = {"no_key": "no_key_here", "no_key_file": "no_key_file_here"}
QUESTION = "A neighbour lent me a book a year ago and has forgotten it. Should I give it back?"
WORK = WORKS[Purpose.POSITIVE]


@dataclass(frozen=True)
class Way:
    """A way to ask: the part of an endpoint's profile that a test can find out."""

    structured: str
    token_parameter: str
    takes_temperature: bool
    takes_seed: bool

    @property
    def label(self) -> str:
        return str(Endpoint.Structured(self.structured).label)


@dataclass(frozen=True)
class Tried:
    """One question asked in one way, and what came back."""

    way: Way
    reply: Reply | None = None
    reading: Reading | None = None
    trouble: Trouble | None = None

    @property
    def works(self) -> bool:
        return self.reading is not None and self.reading.value is not None

    @property
    def problem(self) -> str:
        """A code of `problems`; empty where it works."""
        if self.trouble:
            return _here(self.trouble.problem)
        return self.reading.reason if self.reading else ""

    @property
    def was_refused(self) -> bool:
        """Say whether the server does not take such a request, while it may take another."""
        return bool(
            self.trouble
            and not self.trouble.stops_lane
            and self.trouble.outcome in (Outcome.REJECTED, Outcome.SERVER_ERROR)
        )

    @property
    def said(self) -> str:
        """The provider's own words where it did not take the request, without any key."""
        body = self.trouble.raw if self.trouble else b""
        words = body.decode(errors="replace").replace("\0", "\ufffd")
        return redaction.hidden(words)[:LONGEST_SAID].strip()

    @property
    def milliseconds(self) -> int:
        came = self.reply or self.trouble
        return came.milliseconds if came else 0

    @property
    def sample(self) -> str:
        if self.reading and self.reading.value:
            return str(self.reading.value["option"])
        return self.reply.content[:LONGEST_SAMPLE] if self.reply else ""


@dataclass(frozen=True)
class Found:
    """Everything that was tried, and what the endpoint lists."""

    tried: list[Tried] = field(default_factory=list)
    problem: str = ""  # why nobody spoke (`problems`); empty where a model did
    models: list[str] | None = None  # None where it lists none
    cost: int | None = None  # micro-units, of the reply that is shown
    is_news: bool = False  # whether the way that works is another one than the profile's

    @property
    def shown(self) -> Tried | None:
        """The one that works, or else the last that a model replied to."""
        spoke = [one for one in self.tried if one.reply]
        return next((one for one in spoke if one.works), spoke[-1] if spoke else None)

    @property
    def reply(self) -> Reply | None:
        return self.shown.reply if self.shown else None

    @property
    def works(self) -> bool:
        return bool(self.shown and self.shown.works)


def probe(endpoint: Endpoint) -> Found:
    """Ask for a draft of a question of ours, from the strictest way on. Nothing is stored."""
    ends = time.monotonic() + SECONDS
    try:
        with Client(endpoint) as client:
            tried = _tried(endpoint, client, ends)
            found = Found(tried, problem="" if any(t.reply for t in tried) else tried[-1].problem)
            with suppress(Trouble):
                found = replace(found, models=client.models(seconds=_left(ends)))
    except Trouble as trouble:
        return Found(problem=_here(trouble.problem))
    if found.shown is None or found.reply is None:
        return found
    return replace(
        found,
        cost=budget.charged(endpoint, found.reply.usage, at_worst=None),
        is_news=found.works and found.shown.way != _way_of(endpoint, endpoint.mode),
    )


def _here(problem: str) -> str:
    """Say of a key that is missing that it is missing here: workers look in their own process."""
    code, colon, detail = problem.partition(":")
    return f"{NOT_HERE[code]}{colon}{detail}" if code in NOT_HERE else problem


def _tried(endpoint: Endpoint, client: Client, ends: float) -> list[Tried]:
    own = _way_of(endpoint, "")
    tried = list(_until_read(endpoint, client, own, ends))
    # What newer models take: they refuse requests that say more than they want to know.
    least = Way("", Endpoint.TokenParameter.MAX_COMPLETION_TOKENS, False, False)
    if least != own and all(one.was_refused for one in tried):
        tried += _until_read(endpoint, client, least, ends)
    return tried


def _until_read(endpoint: Endpoint, client: Client, way: Way, ends: float) -> Iterator[Tried]:
    """Go down the ladder until a reply can be read, or a fault says that it is no use."""
    for structured in requests.LADDER:
        one = _try(endpoint, client, replace(way, structured=structured), ends)
        yield one
        if one.works or (one.trouble and not one.was_refused):
            return


def _try(endpoint: Endpoint, client: Client, way: Way, ends: float) -> Tried:
    request = _request(endpoint, way)
    try:
        reply = client.ask(request, seconds=_left(ends))
    except Trouble as trouble:
        return Tried(way, trouble=trouble)
    reading = WORK.read(
        Call(key=request.key, item=Item(question=QUESTION, language="en")),
        Attempt(content=reply.content, structured=request.structured),
    )
    return Tried(way, reply, reading)


def _request(endpoint: Endpoint, way: Way) -> requests.Request:
    asked = copy(endpoint)
    for name, value in asdict(way).items():
        setattr(asked, name, value)
    key = secrets.token_hex(32)
    filled = prompts.load(WORK.purpose, "en").fill(question=QUESTION)
    return requests.assemble(
        key=key,
        purpose=WORK.purpose,
        messages=requests.with_nonce(filled, key),
        parameters=requests.parameters_for(asked, dict(WORK.defaults)),
        model=endpoint.model,
        endpoint=asked,
        schema=WORK.schema,
        structured=way.structured,
    )


def _way_of(endpoint: Endpoint, structured: str) -> Way:
    return Way(
        structured, endpoint.token_parameter, endpoint.takes_temperature, endpoint.takes_seed
    )


def _left(ends: float) -> float:
    return max(ends - time.monotonic(), LEAST_SECONDS)
