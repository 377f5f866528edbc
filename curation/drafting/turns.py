"""What follows an attempt: the policy of asking again, in one place and without a database.

A refusal and a stop by a content filter are results and are never asked again. What the network or
the server did is asked again a few times, after a wait. A reply that is cut off is asked for once
more with more tokens; one that has not the shape is asked for in simpler ways, and at the end with
its fault quoted; then it is left to a person, with its text at hand.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from curation.drafting import requests
from curation.drafting.reading import Reading
from curation.drafting.replies import Outcome, Trouble
from curation.models import Attempt, Call, Endpoint

Status = Call.Status
Turn = Attempt.Turn

MOST_TRIES = 4
MOST_BROKEN = 3  # where a reply was on its way: each of them may have been paid for
MOST_LOST = 8  # where it was our own worker that was lost
FIRST_WAIT = 2.0  # seconds; doubles with each try, and chance takes up to half of it away
LONGEST_WAIT = 60.0
LAST_NUMBER = 100  # attempts that one call can have
MORE_TOKENS = 4  # times as many after a reply that was cut off
MOST_TOKENS = 32_000

DECLINED = {Outcome.REFUSED: "refused", Outcome.FILTERED: "filtered"}


@dataclass(frozen=True)
class Next:
    """Where a call goes, with the fields that change, and what its whole lane must do."""

    status: Status
    wait: float | None = None  # seconds until it may be made
    fields: dict[str, Any] = field(default_factory=dict)
    pause: str = ""  # the lane stops for this problem until a person resumes it
    rest: float = 0.0  # seconds the lane rests
    learnt: str = ""  # the mode of JSON that this endpoint can do at most


def after_trouble(call: Call, trouble: Trouble, *, asked: str, room: bool) -> Next:
    """Return what follows a try that brought no completion.

    `asked` is the mode of JSON that was asked for; `room` says whether the call may be tried again.
    """
    if trouble.stops_lane and room:
        return Next(Status.PLANNED, pause=trouble.problem)
    lower = requests.next_lower(asked) if asked and trouble.code == "no_structured" else ""
    if lower and room:
        return Next(Status.PLANNED, fields={"structured": lower}, learnt=lower)
    told = trouble.retry_after is not None
    limited = trouble.outcome == Outcome.RATE_LIMITED
    unasked = trouble.code == "not_run"  # the batch ended before its turn: that was no try
    tries = call.tries + (0 if told and (limited or unasked) else 1)
    most = {"broken": MOST_BROKEN, "worker_lost": MOST_LOST}.get(trouble.code, MOST_TRIES)
    if not trouble.again or not room or tries >= most:
        return Next(Status.FAILED, fields={"tries": tries, "problem": trouble.problem})
    least = FIRST_WAIT / 2  # whoever asks to be asked again at once gets a moment all the same
    wait = max(trouble.retry_after, least) if trouble.retry_after is not None else backoff(tries)
    return Next(
        Status.PLANNED,
        wait=wait,
        fields={"tries": tries, "problem": trouble.problem},
        rest=wait if limited and told else least if limited else 0.0,
    )


def after_reading(call: Call, attempt: Attempt, reading: Reading) -> Next | None:
    """Return the next turn for a reply that cannot be used, or None when there is none to try."""
    if attempt.outcome in DECLINED or not reading.reason or attempt.number >= LAST_NUMBER:
        return None
    if reading.reason == "truncated":
        return _longer(call)
    code = reading.reason.partition(":")[0]
    # A shape that was never told in words, or JSON that the server does not see to.
    strict = code == "wrong_shape" and attempt.structured == Endpoint.Structured.JSON_SCHEMA
    if (strict or code == "not_json") and (lower := requests.next_lower(attempt.structured)):
        return Next(Status.PLANNED, fields={"structured": lower, "tries": 0})
    if code in ("not_json", "wrong_shape", "wrong_nonce", "empty") and not call.fault:
        return Next(Status.PLANNED, fields={"fault": reading.reason, "tries": 0})
    return None


def turn_of(call: Call, *, number: int) -> Turn:
    """Return what the attempt that is being made is to the call."""
    if call.fault:
        return Turn.REPAIR
    if call.tries == 0 and call.max_tokens:
        return Turn.LONGER
    if call.tries == 0 and call.structured:
        return Turn.LOWER
    return Turn.FIRST if number == 1 else Turn.AGAIN


def backoff(tries: int) -> float:
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1))
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, guards no secret


def _longer(call: Call) -> Next | None:
    most = call.parameters["max_tokens"]
    raised = min(most * MORE_TOKENS, MOST_TOKENS)
    if call.max_tokens is not None or raised <= most:
        return None
    return Next(Status.PLANNED, fields={"max_tokens": raised, "tries": 0})
