"""What one reply says about its item, read by one named parser.

``None`` always means that the reply says nothing that can be counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from scoring import legacy, orderings, picks, verdicts
from scoring.wording import Kind, Verdict, word_of


class Parser(Protocol):
    """A way of reading replies. ``name`` goes beside every number it leads to."""

    @property
    def name(self) -> str: ...

    def picks_positive(self, reply: str, shown: Sequence[bool]) -> bool | None:
        """Whether a choice reply picks a positive option; ``shown`` is True where one stood."""

    def verdict(self, given: Verdict | None, judge_reply: str | None, kind: Kind) -> Verdict | None:
        """The verdict on an open reply, from the one given and from what the judge wrote."""


@dataclass(frozen=True, slots=True)
class Anchored:
    """The default: anchored readers. A given verdict outranks the judge's words."""

    name: str = picks.PARSER

    def picks_positive(self, reply: str, shown: Sequence[bool]) -> bool | None:
        pick = picks.read_choice(reply, len(shown))
        if pick.outcome is picks.Outcome.PICKED:
            return shown[orderings.LETTERS.index(pick.letter)]
        # Naming several options is readable, and it is not the pick that was asked for.
        return False if pick.outcome is picks.Outcome.BOTH else None

    def verdict(self, given: Verdict | None, judge_reply: str | None, kind: Kind) -> Verdict | None:
        return given or verdicts.read_verdict(judge_reply or "", kind)


@dataclass(frozen=True, slots=True)
class Published:
    """FINE's substring parser, for parity. The judge's own words outrank a given verdict, and
    whatever is not positive is negative: nothing is ever unreadable."""

    name: str = legacy.PARSER

    def picks_positive(self, reply: str, shown: Sequence[bool]) -> bool:
        letters = orderings.LETTERS[: len(shown)]
        positive = [letter for letter, good in zip(letters, shown, strict=True) if good]
        return any(legacy.is_correct(reply, letters, letter) for letter in positive)

    def verdict(self, given: Verdict | None, judge_reply: str | None, kind: Kind) -> Verdict:
        good, bad = word_of(Verdict.GOOD, kind), word_of(Verdict.BAD, kind)
        text = judge_reply if judge_reply is not None else word_of(given or Verdict.BAD, kind)
        return Verdict.GOOD if legacy.is_correct(text, (good, bad), good) else Verdict.BAD


ANCHORED = Anchored()
PUBLISHED = Published()
