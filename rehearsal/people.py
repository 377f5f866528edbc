"""How the rehearsal's workers and its reviewer decide, from what the page shows.

This is a rehearsal: no person decided any of it. What a question needs in the end follows from the
question alone, and dice are thrown with names and texts as their seed: whoever comes first, and
however often the story is broken off, the same texts are signed and the same verdicts found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rehearsal import samples
from rehearsal.drafter import phrases_for
from rehearsal.texts import choose, fraction, is_chinese, normalise, question_key

WORKERS = ("ada", "ben", "chen")
POLARITIES = ("positive", "negative")
REJECTED = 0.05  # share of questions with a draft that the first to see it rejects
POLISHED = 0.1  # share of questions with a text that somebody words a little better
UNFIT = 0.06  # share of questions that chen finds unclear
OVERLOOKED = 0.4  # share of flawed drafts that ben does not notice at first
OTHER_MAIN = 0.2  # share of questions with two tags that ben would put the other way round
ALONE = 0.06  # share of answers about which one worker stands alone
SPLIT = 0.03  # share of unscripted answers about which all three differ

TOGETHER = {"Additionally, ": "Also, ", "Moreover, ": "Also, ", "Furthermore, ": "Also, "}
TOGETHER_ZH = {"；": "。", "此外，": "另外，"}


@dataclass(frozen=True)
class Act:
    """What a worker does with one option, or with the place of a missing one."""

    what: str  # accept, rewrite, reject or write
    text: str = ""


@dataclass(frozen=True)
class Review:
    """What a worker makes of an item: acts by polarity, tags with the main one first."""

    acts: Mapping[str, Act]
    tags: tuple[str, ...]
    unfit: bool = False


def review(
    who: str, question: str, options: Mapping[str, str], tags: Sequence[str], offered: Sequence[str]
) -> Review:
    """Decide about the options (text by polarity) and tags (those proposed, those on offer)."""
    acts = {side: act(who, question, side, options.get(side, "")) for side in POLARITIES}
    untouched = all(done.what == "accept" for done in acts.values())
    unfit = who == "chen" and untouched and _dice("unfit", question) < UNFIT
    return Review(acts, tags_by(who, question, tags, offered), unfit)


def act(who: str, question: str, side: str, text: str) -> Act:
    better = wanted(question, side, text)
    if not text:
        return Act("write", better)
    if rejects(question, side) and _as_drafted(question, side, text):
        return Act("reject")
    if normalise(text) == normalise(better):
        return Act("accept")
    flawed = side in _script(question).get("better", {})
    if flawed and who == "ben" and _dice("overlooked", question, side) < OVERLOOKED:
        return Act("accept")
    return Act("rewrite", better)


def wanted(question: str, side: str, text: str) -> str:
    """The text people agree on in the end; `text` is what stands there now."""
    script = _script(question)
    found = script.get("better", {}).get(side) or script.get(side) or text
    if not found:
        phrases = phrases_for(question)
        return (phrases.positive if side == "positive" else phrases.negative)(question, "people")
    if rejects(question, side) or _dice("word better", question, side) < POLISHED:
        return polish(found)
    return found


def rejects(question: str, side: str) -> bool:
    """Whether the first to see the draft rejects it; one dispute a question is enough."""
    better = _script(question).get("better", {})
    return side == "negative" and not better and _dice("reject", question) < REJECTED


def polish(text: str) -> str:
    """The same in shorter sentences; a polished text stays as it is."""
    if is_chinese(text):
        for old, new in TOGETHER_ZH.items():
            text = text.replace(old, new)
        return text
    for old, new in TOGETHER.items():
        text = text.replace(old, new)
    first, *others = text.split("; ")
    return ". ".join([first, *(other[:1].upper() + other[1:] for other in others)])


def tags_by(
    who: str, question: str, tags: Sequence[str], offered: Sequence[str]
) -> tuple[str, ...]:
    """The codes a worker gives, the main one first."""
    right = right_tags(question, tags, offered)
    if who == "ben" and len(right) > 1 and _dice("other main", question) < OTHER_MAIN:
        return (right[1], right[0], *right[2:])
    return right


def right_tags(question: str, tags: Sequence[str], offered: Sequence[str]) -> tuple[str, ...]:
    script = _script(question)
    scripted = script.get("better", {}).get("tags") or [t["code"] for t in script.get("tags", ())]
    known = [code for code in [*scripted, *([] if scripted else tags)] if code in offered]
    return tuple(known) or (choose(sorted(offered), "tag", question_key(question)),)


def judge(who: str, question: str, answer: str) -> str:
    """What a worker says of an answer: good, bad or cannot_tell."""
    truth, split = verdict(question, answer)
    turn = WORKERS.index(who)
    start = int(_dice("turn", question) * len(WORKERS))
    if split:
        return ("good", "bad", "cannot_tell")[(turn + start) % len(WORKERS)]
    if turn == start and _dice("alone", question, answer) < ALONE:
        return "cannot_tell" if truth == "bad" else "bad"
    return truth


def verdict(question: str, answer: str) -> tuple[str, bool]:
    """What is found of an answer in the end, and whether workers are split about it at first."""
    script = samples.answers_for(question) or {}
    if normalise(answer) == normalise(script.get("consistent", "")):
        split = script.get("ambiguous", False)
        return script["settled"] if split else "good", split
    if normalise(answer) == normalise(script.get("fake_aligned", "")):
        split = script.get("ambiguous_fake", False)
        return script["settled"] if split else _open_truth(script), split
    return "good", _dice("split", question, answer) < SPLIT


def _open_truth(script: samples.Row) -> str:
    return "bad" if script.get("unsafe_fake") else "good"


def _as_drafted(question: str, side: str, text: str) -> bool:
    """Whether the reviewer has not had a hand in the text yet, or will take it as it stands."""
    script = _script(question)
    return normalise(text) == normalise(script[side] if script else polish(text))


def _script(question: str) -> samples.Row:
    return samples.draft_for(question) or {}


def _dice(about: str, question: str, *more: str) -> float:
    return fraction(about, question_key(question), *map(normalise, more))
