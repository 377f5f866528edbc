"""What comes back from an endpoint: a reply, or trouble with words of our own."""

from dataclasses import dataclass
from typing import Any

from curation.models import Attempt

Outcome = Attempt.Outcome
# Outcomes of an attempt that brought something to read.
REPLIES = (Outcome.REPLIED, Outcome.REFUSED, Outcome.FILTERED, Outcome.TRUNCATED)


@dataclass(frozen=True)
class Usage:
    """Tokens as the endpoint counted them; None where it said nothing believable."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int = 0  # of those that went in


@dataclass(frozen=True)
class Reply:
    """A chat completion. `content` is the text of its first choice, or of its refusal."""

    outcome: Outcome
    raw: bytes
    content: str
    model: str = ""
    finish_reason: str = ""
    usage: Usage = Usage()
    request_id: str = ""
    fingerprint: str = ""  # of the system that replied, as it calls itself
    notice: str = ""  # that this model goes away
    http_status: int = 200
    milliseconds: int = 0


class Trouble(Exception):
    """No completion came back. `problem` is a code of `problems`, never the provider's words.

    `again` says whether the same request may be sent once more, `retry_after` (seconds) what the
    endpoint asked for, and `stops_lane` that every other call would meet the same.
    """

    def __init__(
        self,
        outcome: Outcome,
        problem: str,
        *,
        again: bool = False,
        stops_lane: bool = False,
        http_status: int | None = None,
        retry_after: float | None = None,
        raw: bytes = b"",
        request_id: str = "",
        milliseconds: int = 0,
        usage: Usage | None = None,
        notice: str = "",
    ) -> None:
        super().__init__(problem)
        self.outcome = outcome
        self.problem = problem
        self.again = again
        self.stops_lane = stops_lane
        self.http_status = http_status
        self.retry_after = retry_after
        self.raw = raw
        self.request_id = request_id
        self.milliseconds = milliseconds
        self.usage = usage or Usage()
        self.notice = notice

    @property
    def code(self) -> str:
        """The code of the problem, without its detail."""
        return self.problem.partition(":")[0]


def storable(text: str) -> str:
    """Return the text with U+FFFD for what cannot be stored: NUL and lone surrogates."""
    return "".join(
        "\ufffd" if character == "\0" or "\ud800" <= character <= "\udfff" else character
        for character in text
    )


def as_dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
