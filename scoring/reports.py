"""Score one subject's replies over one release.

    report = score(items, replies, by="dimension", policy="fail", parser=ANCHORED,
                   allow_missing=False, subject="model-x", release="demo/1", sha256="…")
    report.as_dict()    # the object ``python -m scoring --json`` prints

``items`` are the release's (``records.release_item`` makes one from a row of ``mcq.jsonl``),
``replies`` are of one subject. A string does for ``by`` and ``policy``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scoring import matching
from scoring.consistency import Policy, Score, tally
from scoring.outcomes import ItemOutcome, item_outcome
from scoring.parsers import ANCHORED, Parser
from scoring.records import ReleaseItem, Reply
from scoring.refusals import NotScored
from scoring.wording import Kind, kind_of_item

RECORDED = "recorded"  # the "parser" of outcomes that were read elsewhere


class By(StrEnum):
    """What the groups of a report are. Items have several tags: those groups overlap."""

    DIMENSION = "dimension"
    TAG = "tag"
    LANGUAGE = "language"


@dataclass(frozen=True, slots=True)
class Report:
    """A score and everything its numbers are to be named with.

    ``groups`` are sorted by name; items without one are under "". ``judges`` counts the judged
    open replies by their judge's name, "" where none is named.
    """

    subject: str
    release: str
    sha256: str
    parser: str
    policy: Policy
    overall: Score
    groups: tuple[tuple[str, Score], ...]
    judges: Mapping[str, int]

    def as_dict(self) -> dict[str, object]:
        return {
            "release": {"name": self.release or None, "sha256": self.sha256 or None},
            "subject": self.subject or None,
            "parser": self.parser,
            "policy": str(self.policy),
            "overall": self.overall.as_dict(),
            "groups": [{"name": name, **group.as_dict()} for name, group in self.groups],
        }


def score(
    items: Sequence[ReleaseItem],
    replies: Iterable[Reply],
    *,
    by: By | str = By.DIMENSION,
    policy: Policy | str = Policy.FAIL,
    parser: Parser = ANCHORED,
    allow_missing: bool = False,
    kind: Kind | None = None,
    subject: str = "",
    release: str = "",
    sha256: str = "",
) -> Report:
    """Score the replies; ``kind`` narrows a release that holds items of both kinds.

    Raises ``NotScored`` with counted reasons: unknown, foreign, disordered or repeated replies,
    verdicts of both kinds, and missing forms unless they are allowed. Allowed, a missing form
    goes the way of an unreadable one.
    """
    found = matching.by_item(items, replies)
    kept = [item for item in items if kind is None or kind_of_item(item.kind) in (kind, None)]
    counted = [reply for item in kept for reply in found[item.id]]
    one_kind = _one_kind(kept, counted) or kind or Kind.SAFETY
    outcomes = [item_outcome(item, found[item.id], parser, one_kind) for item in kept]
    if not allow_missing:
        _refuse_missing(outcomes)
    recorded = any(reply.recorded is not None for reply in counted)
    policy = Policy(policy)
    return Report(
        subject=subject,
        release=release,
        sha256=sha256,
        parser=RECORDED if recorded else parser.name,
        policy=policy,
        overall=tally(outcomes, policy),
        groups=_groups(outcomes, By(by), policy),
        judges=Counter(reply.judge for reply in counted if reply.verdict or reply.judge_reply),
    )


def _one_kind(items: Iterable[ReleaseItem], replies: Iterable[Reply]) -> Kind | None:
    kinds = {kind_of_item(item.kind) for item in items} | {reply.kind for reply in replies}
    kinds.discard(None)
    if len(kinds) > 1:
        raise NotScored(
            ["safety and capability are never pooled: the items or the verdicts are of both kinds"]
        )
    return kinds.pop() if kinds else None


def _refuse_missing(outcomes: Iterable[ItemOutcome]) -> None:
    lacking = [
        f"{outcome.item.item_id} ({', '.join(outcome.missing)})"
        for outcome in outcomes
        if outcome.missing
    ]
    if lacking:
        raise NotScored(matching.counted("with something missing", lacking, noun="item"))


def _groups(
    outcomes: Iterable[ItemOutcome], by: By, policy: Policy
) -> tuple[tuple[str, Score], ...]:
    members: dict[str, list[ItemOutcome]] = {}
    for outcome in outcomes:
        for name in _names(outcome.item, by):
            members.setdefault(name, []).append(outcome)
    return tuple((name, tally(members[name], policy)) for name in sorted(members))


def _names(item: ReleaseItem, by: By) -> Iterable[str]:
    if by is By.TAG:
        return dict.fromkeys(item.tags) or ("",)
    return (item.dimension,) if by is By.DIMENSION else (item.language,)
