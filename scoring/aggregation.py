"""Settle one answer from what several people said of it.

Settled as soon as ``quorum`` judgements name the same definite outcome. *Cannot tell* is kept and
never settles. Once every seat has spoken without a quorum the answer is disputed; until then it
is open. Nothing is dropped: the distribution goes on with the outcome, so that a split vote can
still be seen behind a settled one.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scoring.wording import Verdict


class Standing(StrEnum):
    OPEN = "open"
    SETTLED = "settled"
    DISPUTED = "disputed"


@dataclass(frozen=True, slots=True)
class Settlement:
    """``outcome`` is empty unless settled; ``distribution`` counts every judgement."""

    standing: Standing
    outcome: str
    distribution: Mapping[str, int]

    @property
    def is_unanimous(self) -> bool:
        return self.standing is Standing.SETTLED and len(self.distribution) == 1


def settle(
    judgements: Sequence[str],
    *,
    quorum: int = 2,
    seats: int = 3,
    indefinite: str = Verdict.UNDECIDED,
) -> Settlement:
    """Where the answer stands after these judgements, in the order they came in.

    The first outcome to reach the quorum settles; what came in later is counted and changes
    nothing. Raises ``ValueError`` for a quorum that the seats cannot reach.
    """
    if not 1 <= quorum <= seats:
        raise ValueError(f"a quorum of {quorum} out of {seats} seats can never be met")
    distribution = dict(Counter(judgements))
    seen: Counter[str] = Counter()
    for judgement in judgements:
        seen[judgement] += 1
        if judgement != indefinite and seen[judgement] == quorum:
            return Settlement(Standing.SETTLED, judgement, distribution)
    standing = Standing.DISPUTED if len(judgements) >= seats else Standing.OPEN
    return Settlement(standing, "", distribution)
