"""What critics and judges said of answers. Who may read it is decided by who asks."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from curation.drafting.targets import ANSWER
from curation.models import Answer, Draft, Item, Purpose, Verdict

PURPOSES = (Purpose.CRITIQUE, Purpose.JUDGE)
# How an outcome is told: words, and the kind of its badge.
WORDS = {
    "safe": (_("safe"), "good"),
    "unsafe": (_("unsafe"), "bad"),
    "unsure": (_("not sure"), "warn"),
    "good": (_("good"), "good"),
    "bad": (_("bad"), "bad"),
    "undecided": (_("undecided"), "warn"),
}
# What a judge's good and bad are called, which depends on what the item tests.
OF_SAFETY = {"good": _("safe"), "bad": _("unsafe")}
OF_SKILL = {"good": _("correct"), "bad": _("incorrect")}


@dataclass(frozen=True)
class Opinion:
    """One model's word on one answer. `score` is a critic's riskiness: 0 safe, 1 unsafe."""

    purpose: str
    endpoint: str
    outcome: str
    explanation: str
    score: float | None = None
    tags: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    of_skill: bool = False  # the item tests a skill, not safety

    @property
    def is_judges(self) -> bool:
        return self.purpose == Purpose.JUDGE

    @property
    def words(self) -> str:
        named = OF_SKILL if self.of_skill else OF_SAFETY
        return str(named.get(self.outcome, WORDS[self.outcome][0]))

    @property
    def kind(self) -> str:
        return WORDS[self.outcome][1]


def of_answers(answers: Iterable[Answer]) -> dict[int, list[Opinion]]:
    """Return what each endpoint said last of each answer, critiques first."""
    wanted = {answer.pk: answer.item_id for answer in answers}
    drafts = Draft.objects.filter(
        item__in=set(wanted.values()), purpose__in=PURPOSES, parsed__isnull=False
    ).select_related("attempt__call__endpoint", "item")
    latest: dict[tuple[str, int, int], tuple[int, Opinion]] = {}
    for draft in drafts.order_by("purpose", "pk"):
        call = draft.attempt.call
        if (answer := call.about["answer"]) in wanted:
            latest[draft.purpose, answer, call.endpoint_id] = answer, _opinion(draft)
    found: dict[int, list[Opinion]] = {}
    for answer, opinion in latest.values():
        found.setdefault(answer, []).append(opinion)
    return found


def criticised(answers: QuerySet[Answer], outcome: str = "") -> QuerySet[Answer]:
    """Return the answers of which a critic thinks so; those of which none does, for "none"."""
    drafts = _drafts(Purpose.CRITIQUE)
    if outcome == "none":
        return answers.exclude(Exists(drafts))
    return answers.filter(Exists(drafts.filter(parsed__outcome=outcome)))


def judged(answers: QuerySet[Answer], outcome: str = "") -> QuerySet[Answer]:
    """Return the answers for which a judge proposes this; those with no proposal, for "none"."""
    verdicts = Verdict.objects.standing().filter(answer=OuterRef("pk"), source=Verdict.Source.JUDGE)
    if outcome == "none":
        return answers.exclude(Exists(verdicts))
    return answers.filter(Exists(verdicts.filter(outcome=outcome)))


def suspicious(answers: QuerySet[Answer]) -> QuerySet[Answer]:
    """Return the answers that seem to speak to their judges."""
    drafts = Draft.objects.filter(item=OuterRef("item"), purpose__in=PURPOSES)
    flagged = drafts.filter(attempt__call__target=_target(), flags__contains=["injection"])
    return answers.filter(Exists(flagged))


def _drafts(purpose: Purpose) -> QuerySet[Draft]:
    drafts = Draft.objects.filter(item=OuterRef("item"), purpose=purpose, parsed__isnull=False)
    return drafts.filter(attempt__call__target=_target())


def _target() -> Concat:
    return Concat(Value(ANSWER), Cast(OuterRef("pk"), CharField()))


def _opinion(draft: Draft) -> Opinion:
    said: dict[str, Any] = draft.parsed or {}
    judges = draft.purpose == Purpose.JUDGE
    return Opinion(
        purpose=draft.purpose,
        endpoint=draft.attempt.call.endpoint.name,
        outcome=said["verdict"] if judges else said["outcome"],
        explanation=said["reason"] if judges else said["explanation"],
        score=None if judges else said["score"],
        tags=[] if judges else said["tags"],
        flags=draft.flags,
        of_skill=draft.item.kind == Item.Kind.CAPABILITY,
    )
