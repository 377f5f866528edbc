"""The rule of sign-off: what the history of a review says comes next. Pure: no database.

Acceptances count for each option text on its own. An option is backed once enough people who did
not write it have accepted it, or once an adjudication by somebody who did not write it took it; a
text written by a reviewer needs one foreign acceptance. Gold needs every live option backed, and
one of each polarity.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Why(StrEnum):
    """Why a reviewer has to decide."""

    UNFIT = "unfit"
    REJECTED = "rejected"
    REWRITES = "rewrites"
    TAGS = "tags"
    NOBODY_LEFT = "nobody_left"
    NO_QUORUM = "no_quorum"


@dataclass(frozen=True)
class Text:
    """An option that is live now. `authors` wrote it, or a text equal after normalisation."""

    id: int
    polarity: str
    authors: frozenset[str] = frozenset()
    by_reviewer: bool = False


@dataclass(frozen=True)
class Said:
    """One judgement: ids of the options accepted and rejected; the first tag is the main one."""

    worker: str
    accepted: frozenset[int] = frozenset()
    rejected: frozenset[int] = frozenset()
    rewrites: int = 0
    unfit: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decided:
    """One adjudication; it sends the item back to workers when it takes nothing and says no tag."""

    by: str
    taken: frozenset[int] = frozenset()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """Gold after `acceptances`; a reviewer decides after `rewrites`."""

    acceptances: int = 2
    rewrites: int = 3


@dataclass(frozen=True)
class History:
    """The options live now, and everything said of the item so far, the oldest first."""

    texts: tuple[Text, ...]
    acts: tuple[Said | Decided, ...]
    rule: Rule = Rule()


@dataclass(frozen=True)
class NextRound:
    """One more worker is asked."""


@dataclass(frozen=True)
class Gold:
    """These options are gold, under these tags (the main one first)."""

    options: tuple[int, ...]
    tags: tuple[str, ...]
    tags_by_reviewer: bool


@dataclass(frozen=True)
class Dispute:
    """A reviewer decides."""

    why: Why


def outcome_of(
    history: History, *, polarities: Collection[str] = ("positive", "negative")
) -> NextRound | Gold | Dispute:
    """Return what follows from a history whose last act is the one just made."""
    last = history.acts[-1]
    if isinstance(last, Said) and last.unfit:
        return Dispute(Why.UNFIT)
    if isinstance(last, Said) and last.rejected:
        return Dispute(Why.REJECTED)
    if _is_backed(history, polarities):
        return _gold(history)
    if rewrites_since_adjudication(history.acts) >= history.rule.rewrites:
        return Dispute(Why.REWRITES)
    return NextRound()


def signers(text: Text, acts: Iterable[Said | Decided]) -> set[str]:
    """Return who accepted the text without having written it."""
    said = (act for act in acts if isinstance(act, Said))
    return {act.worker for act in said if text.id in act.accepted} - text.authors


def rewrites_since_adjudication(acts: Sequence[Said | Decided]) -> int:
    """Count the rewrites after the last adjudication: it gives people a fresh start."""
    count = 0
    for act in reversed(acts):
        if isinstance(act, Decided):
            break
        count += act.rewrites
    return count


def _is_backed(history: History, polarities: Collection[str]) -> bool:
    present = {text.polarity for text in history.texts}
    return present >= set(polarities) and all(backed(text, history) for text in history.texts)


def backed(text: Text, history: History) -> bool:
    """Say whether the text has what it needs to be gold."""
    decided = (act for act in history.acts if isinstance(act, Decided))
    if any(text.id in act.taken and act.by not in text.authors for act in decided):
        return True
    wanted = 1 if text.by_reviewer else history.rule.acceptances
    return len(signers(text, history.acts)) >= wanted


def _gold(history: History) -> Gold | Dispute:
    options = tuple(text.id for text in history.texts)
    decided = [act.tags for act in history.acts if isinstance(act, Decided) and act.tags]
    if decided:
        return Gold(options, decided[-1], tags_by_reviewer=True)
    tags = tags_of_signers(history)
    return Gold(options, tags, tags_by_reviewer=False) if tags else Dispute(Why.TAGS)


def tags_of_signers(history: History) -> tuple[str, ...]:
    """Return the main tag that more than half of the signers named, then the tags most named.

    () when no main tag has such a majority.
    """
    signed = set().union(*(signers(text, history.acts) for text in history.texts))
    # What a worker said last counts, and once.
    votes = {
        act.worker: act.tags
        for act in history.acts
        if isinstance(act, Said) and act.worker in signed and act.tags
    }
    mains = Counter(tags[0] for tags in votes.values()).most_common(1)
    if not mains or mains[0][1] * 2 <= len(votes):
        return ()
    named = Counter(tag for tags in votes.values() for tag in dict.fromkeys(tags))
    others = sorted(tag for tag, count in named.items() if count * 2 > len(votes))
    return tuple(dict.fromkeys([mains[0][0], *others]))
