"""What a purpose of drafting is: what it asks, which replies it takes, and what those change."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict

from curation.drafting.reading import Reading
from curation.models import Attempt, Call, Draft, DraftRole, Purpose


class Exact(BaseModel):
    """A shape that a part of a reply fits exactly or not at all."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class Marked(Exact):
    """The shape of a whole reply, in which the nonce of the prompt comes back."""

    nonce: str


class Changed(Exception):
    """The call is not worth asking any more; `problem` is a code of `problems` that says why."""

    def __init__(self, problem: str = "changed") -> None:
        super().__init__(problem)
        self.problem = problem


class Work(ABC):
    """One purpose. Instances hold no state; `purposes.WORKS` has one for each purpose."""

    purpose: ClassVar[Purpose]
    role: ClassVar[DraftRole]
    # What is asked for unless the endpoint's own fields say otherwise.
    defaults: ClassVar[Mapping[str, Any]]
    # The JSON Schema asked of the endpoint, and the shape checked here again.
    schema: ClassVar[dict[str, Any] | None]
    shape: ClassVar[type[Marked]]
    # Whether what it brings comes too late once people review the item.
    before_review: ClassVar[bool] = True

    def prepare(self, calls: Iterable[Call]) -> None:  # noqa: B027 - most need nothing
        """Look up at once what asking or reading these calls needs; their items are loaded."""

    @abstractmethod
    def slots(self, call: Call) -> dict[str, str]:
        """Return the texts that fill the prompt; "question" is always one of them.

        Raises Changed where the call must not be asked any more.
        """

    @abstractmethod
    def read(self, call: Call, attempt: Attempt) -> Reading:
        """Return what the reply holds, or why it cannot be used. Total: nothing it says raises."""

    @abstractmethod
    def apply(self, drafts: Iterable[Draft]) -> dict[int, str]:
        """Put what the drafts propose where it belongs; return the problems, by draft.

        The items of the drafts are locked. Applying a draft again changes nothing. Each problem is
        a code of `problems`; what has none was applied, or was applied before.
        """


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
