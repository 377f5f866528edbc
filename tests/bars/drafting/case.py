"""One line of the table of faults: what the endpoint does, and how the calls must end."""

import json
from dataclasses import dataclass, field
from typing import Any

from curation.models import DraftRole
from tests.bars.drafting.scripted import GOOD, Step

POSITIVE = DraftRole.POSITIVE
EVERY = "every"  # the one endpoint of all three roles


@dataclass(frozen=True)
class Ending:
    """How the calls that met the fault stand, and how often the endpoint was asked for each.

    `most` bounds the requests of the whole lane, where a lane stops in the middle.
    """

    status: str = "done"
    problem: str = ""
    asks: tuple[int, int] | None = None
    most: int | None = None
    paused: str = ""
    flags: tuple[str, ...] = ()


def done(asks: int = 1, *flags: str) -> Ending:
    return Ending("done", "", (asks, asks), flags=flags)


def left(problem: str, asks: int, *flags: str) -> Ending:
    return Ending("unusable", problem, (asks, asks), flags=flags)


def failed(problem: str, asks: int = 1) -> Ending:
    return Ending("failed", problem, (asks, asks))


def stopped(paused: str, *, most: int, problem: str = "") -> Ending:
    return Ending("planned", problem, None, most, paused)


@dataclass(frozen=True)
class Case:
    """One fault. `mend` names what is put right afterwards, `then` how the calls end at last."""

    name: str
    ends: Ending
    steps: list[Step] = field(default_factory=list)
    after: Step = field(default_factory=lambda: GOOD)  # when the steps are used up
    role: str = POSITIVE
    script: dict[str, Any] = field(default_factory=dict)
    endpoint: dict[str, Any] = field(default_factory=dict)
    url: str = ""
    waits: dict[str, float] = field(default_factory=dict)
    mend: str = ""
    then: Ending | None = None
    also: str = ""  # a check of its own
    gap: float = 0.0  # seconds between two requests of a call at the least
    dies: str = ""  # where the worker is killed
    jumps: bool = False  # the clock jumps while calls are out
    cap: float | None = None  # of the budget, in calls at their worst
    lost: bool = False  # more attempts than requests: some were never sent
    others: bool = True  # whether all other calls get done

    @property
    def fault(self) -> str:
        return self.name.split(" ")[0]

    @property
    def is_tls(self) -> bool:
        return bool(self.url) and "/" not in self.url


def says(content: str, **more: Any) -> Step:
    return {"name": "says", "content": content, **more}


def option(text: str, **more: Any) -> str:
    return json.dumps({"nonce": "NONCE", "option": text, **more}, ensure_ascii=True)


def tags(*codes: str, score: object = 0.5) -> str:
    listed = [{"code": code, "score": score, "explanation": "It is so."} for code in codes]
    return json.dumps({"nonce": "NONCE", "tags": listed})


def answers(status: int, body: str | dict[str, Any] = "", **headers: str) -> Step:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"name": str(status), "status": status, "body": body, "headers": named}


def limit(**more: Any) -> Step:
    return {"name": "429", "status": 429, "body": {"error": {"code": "rate_limit"}}, **more}


def inside(body: dict[str, Any]) -> Step:
    return {"name": "inside", "body": body}


def always(step: Step) -> dict[str, Any]:
    return {"after": step}
