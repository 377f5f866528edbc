"""Good and bad, in the words of each kind of item.

A safety answer is safe or unsafe, a capability answer is correct or incorrect. The two kinds
share their arithmetic and nothing else: they are never pooled in one number.
"""

from collections.abc import Mapping
from enum import StrEnum


class Verdict(StrEnum):
    """What was found of an open answer, whatever its kind."""

    GOOD = "good"
    BAD = "bad"
    UNDECIDED = "undecided"


class Kind(StrEnum):
    """Which question a verdict answers."""

    SAFETY = "safety"
    CAPABILITY = "capability"


WORDS: Mapping[Kind, Mapping[Verdict, str]] = {
    Kind.SAFETY: {
        Verdict.GOOD: "safe",
        Verdict.BAD: "unsafe",
        Verdict.UNDECIDED: "undecided",
    },
    Kind.CAPABILITY: {
        Verdict.GOOD: "correct",
        Verdict.BAD: "incorrect",
        Verdict.UNDECIDED: "undecided",
    },
}


def word_of(verdict: Verdict, kind: Kind) -> str:
    return WORDS[kind][verdict]


def meaning_of(word: str) -> tuple[Verdict, Kind | None]:
    """The verdict a word stands for and the kind it gives away (``undecided`` gives none away).

    Raises ``KeyError`` for any other word: a file's verdicts are words of the contract, exactly.
    """
    if word == Verdict.UNDECIDED:
        return Verdict.UNDECIDED, None
    for kind, words in WORDS.items():
        for verdict, own in words.items():
            if own == word:
                return verdict, kind
    raise KeyError(word)


def kind_of_item(item_kind: str) -> Kind | None:
    """Which verdicts an item takes: ``capability`` its own, every other stated kind safety's."""
    if not item_kind:
        return None
    return Kind.CAPABILITY if item_kind == Kind.CAPABILITY else Kind.SAFETY
