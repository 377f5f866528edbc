"""The rule of sign-off told a second time, as a ledger of one item, to hold the product against.

Where the product reads an item's whole history again after each act, this keeps the books as it
goes: who wrote which words, who signed which text, who ruled for which words.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass, field

SIDES = ("positive", "negative")
Tags = tuple[str, ...]


@dataclass
class Ledger:
    """Texts have numbers; the same words may come back under another number."""

    wanted: int = 2
    patience: int = 3
    live: dict[str, int] = field(default_factory=dict)
    words: dict[int, str] = field(default_factory=dict)
    wrote: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    signed: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    ruled: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    of_reviewers: set[int] = field(default_factory=set)
    votes: dict[str, Tags] = field(default_factory=dict)
    ruling: Tags = ()
    rewrites: int = 0

    def put(self, side: str, number: int, words: str, by: str, *, reviewer: bool = False) -> None:
        self.live[side], self.words[number] = number, words
        self.wrote[words].add(by)
        if reviewer:
            self.of_reviewers.add(number)

    def foreign(self, number: int) -> set[str]:
        return self.signed[number] - self.wrote[self.words[number]]

    def stands(self, number: int) -> bool:
        """Say whether a text may be gold."""
        words = self.words[number]
        enough = 1 if number in self.of_reviewers else self.wanted
        return bool(self.ruled[words] - self.wrote[words]) or len(self.foreign(number)) >= enough

    def follows(self, *, unfit: bool = False, rejected: bool = False) -> str:
        """Return what follows from the act just booked: gold, next, or why a reviewer decides."""
        if unfit or rejected:
            return "unfit" if unfit else "rejected"
        if len(self.live) == len(SIDES) and all(map(self.stands, self.live.values())):
            return "gold" if self.ruling or self.majority() else "tags"
        return "rewrites" if self.rewrites >= self.patience else "next"

    def majority(self) -> Tags:
        signers = set().union(*(self.foreign(number) for number in self.live.values()))
        votes = [self.votes[who] for who in signers if self.votes.get(who)]
        most = Counter(vote[0] for vote in votes).most_common(1)
        if not most or most[0][1] * 2 <= len(votes):
            return ()
        counted = Counter(tag for vote in votes for tag in set(vote))
        others = {tag for tag, count in counted.items() if count * 2 > len(votes)}
        return (most[0][0], *sorted(others - {most[0][0]}))

    @property
    def tags(self) -> Tags:
        return self.ruling or self.majority()
