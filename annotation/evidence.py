"""Everything said about a matter, side by side, for who has to decide on it."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from annotation import undoing
from annotation.models import (
    Adjudication,
    Assignment,
    Enrolment,
    Judgement,
    Matter,
    OptionAct,
    Worker,
)
from annotation.words import outcome_words
from curation.models import Option


@dataclass(frozen=True)
class Saying:
    """A judgement in some round, with its outcome in words and how long it took."""

    round: int
    judgement: Judgement
    words: str
    seconds: int

    template = "annotation/_judgement.html"


@dataclass(frozen=True)
class Deciding:
    """An adjudication that ended some round."""

    round: int
    adjudication: Adjudication

    template = "annotation/_adjudication.html"


@dataclass(frozen=True)
class Candidate:
    """A text that may be taken for a polarity, with the one it followed."""

    option: Option
    is_live: bool
    before: str


@dataclass(frozen=True)
class Evidence:
    """The whole case of a matter: what people said, the texts there were, the counts."""

    said: list[Saying | Deciding]
    candidates: dict[str, list[Candidate]]
    distribution: list[tuple[str, int]]
    main_tags: list[tuple[str, int]]


def for_whom(matters: QuerySet[Matter], worker: Worker) -> QuerySet[Matter]:
    """Annotate whether the worker holds a seat of each or of another round, for `would_sway`."""
    held = Assignment.objects.held_by(worker).filter(
        matter__campaign_item=OuterRef("campaign_item")
    )
    return matters.annotate(in_hand=Exists(held))


def would_sway(matter: Matter, worker: Worker) -> bool:
    """Say whether the worker takes part in the campaign and may still judge this matter.

    A seat in hand, of another round too, may be judged even when others have settled the matter
    meanwhile, and what there is time to take back may be judged anew.
    """
    if not hasattr(matter, "in_hand"):
        matter = for_whom(Matter.objects.all(), worker).get(pk=matter.pk)
    in_hand: bool = matter.in_hand  # type: ignore[attr-defined]
    return in_hand or (
        matter.status == Matter.Status.OPEN
        and Enrolment.objects.filter(
            campaign=matter.campaign_id, worker=worker, status=Enrolment.Status.ACTIVE
        ).exists()
        and not _has_judged_for_good(matter, worker)
        and not matter.declines.filter(worker=worker).exists()
    )


def _has_judged_for_good(matter: Matter, worker: Worker) -> bool:
    judged = set(matter.judgements.standing().filter(worker=worker))
    return bool(judged) and not undoing.recent(judged)


def of(matter: Matter) -> Evidence:
    """Gather what led to where the matter stands."""
    chain = (
        Matter.objects.filter(campaign_item=matter.campaign_item_id, round__lte=matter.round)
        .select_related("adjudication__by", "item")
        .prefetch_related(
            Prefetch(
                "judgements",
                Judgement.objects.select_related("worker", "guideline", "superseded_by"),
            ),
            Prefetch(
                "judgements__acts",
                OptionAct.objects.select_related("option", "made", "written_text"),
            ),
            "judgements__written_texts",
        )
        .order_by("round")
    )
    said = [saying for each in chain for saying in _said_in(each)]
    judgements = [saying.judgement for saying in said if isinstance(saying, Saying)]
    outcomes = [s.words for s in said if isinstance(s, Saying) and s.words]
    return Evidence(
        said=said,
        candidates=_candidates(matter) if matter.answer_id is None else {},
        distribution=Counter(outcomes).most_common(),
        main_tags=Counter(j.tags[0] for j in judgements if j.tags).most_common(),
    )


def _said_in(matter: Matter) -> list[Saying | Deciding]:
    said: list[Saying | Deciding] = [
        Saying(
            round=matter.round,
            judgement=judgement,
            words=outcome_words(judgement.outcome, matter.item),
            seconds=round((judgement.submitted_at - judgement.shown_at).total_seconds()),
        )
        for judgement in sorted(matter.judgements.all(), key=lambda judgement: judgement.pk)
        if not (judgement.takes_back or hasattr(judgement, "superseded_by"))
    ]
    if hasattr(matter, "adjudication"):
        said.append(Deciding(matter.round, matter.adjudication))
    return said


def _candidates(matter: Matter) -> dict[str, list[Candidate]]:
    """Return by polarity the texts there are and were, the live ones first, equal ones once."""
    found: dict[str, list[Candidate]] = {polarity: [] for polarity in Option.Polarity.values}
    options = list(matter.item.options.select_related("supersedes").order_by("-id"))
    forms = set()
    for option in sorted(options, key=lambda option: option.status not in Option.LIVE):
        if (option.polarity, option.normal_form) in forms:
            continue
        forms.add((option.polarity, option.normal_form))
        before = option.supersedes.text if option.supersedes else ""
        found[option.polarity].append(Candidate(option, option.status in Option.LIVE, before))
    return found
