"""What a purpose of drafting is: what it asks, which replies it takes, and what those change."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from curation.drafting.reading import Reading
from curation.drafting.shapes import Marked
from curation.models import Attempt, Call, Draft, DraftRole, Purpose


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

    def schema_of(self, call: Call) -> dict[str, Any] | None:
        """Return the JSON Schema asked of the endpoint for this call; None asks for free text."""
        return self.schema

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
