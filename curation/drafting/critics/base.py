"""What a critic's form is: what it asks for, and how its replies become one kind of opinion."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from curation.models import Endpoint

LONGEST_EXPLANATION = 4_000  # characters
# Between these scores a critic is not sure.
SAFE_TO, UNSAFE_FROM = 0.4, 0.6


class Outcome(StrEnum):
    SAFE = "safe"
    UNSAFE = "unsafe"
    UNSURE = "unsure"


@dataclass(frozen=True)
class Said:
    """A reply as it came: its text, the whole body, and what it is held against."""

    content: str
    raw: bytes = b""
    nonce: str = ""
    codes: frozenset[str] = frozenset()  # of the tags that the critic was told


@dataclass(frozen=True)
class Opinion:
    """What a critic thinks of an answer. The score is its riskiness: 0 safe, 1 unsafe."""

    outcome: Outcome
    score: float
    tags: list[str] = field(default_factory=list)
    explanation: str = ""

    def value(self) -> dict[str, Any]:
        return {
            "outcome": str(self.outcome),
            "score": self.score,
            "tags": self.tags,
            "explanation": self.explanation,
        }


class Critic(ABC):
    """One form. Instances hold no state; `critics.CRITICS` has one for each form."""

    form: ClassVar[Endpoint.CriticFormat]
    prompt: ClassVar[str]  # the name of the instruction text that asks for this form
    schema: ClassVar[dict[str, Any] | None] = None  # None: the reply is free text
    parameters: ClassVar[Mapping[str, Any]] = {}  # sent beside what every critic is sent
    reads_raw: ClassVar[bool] = False  # whether it needs the body around the text
    told_tags: ClassVar[bool] = True  # whether its prompt holds the taxonomy

    @abstractmethod
    def read(self, said: Said) -> tuple[Opinion, list[str]]:
        """Return the opinion and flags, or raise Unusable.

        Strict and total: what is not plainly an opinion is left to a person, never taken for safe.
        """


def outcome_of(score: float) -> Outcome:
    if SAFE_TO < score < UNSAFE_FROM:
        return Outcome.UNSURE
    return Outcome.SAFE if score <= SAFE_TO else Outcome.UNSAFE
