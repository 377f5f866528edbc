"""How far a campaign is, and what its workers did."""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from statistics import median

from django.db.models import Count, Exists, OuterRef

from annotation import eligibility
from annotation.models import Campaign, Decline, Exposure, Judgement, Matter, OptionAct, Worker
from curation.models import Item
from scoring import agreement
from scoring.agreement import Agreement

ITEM_KIND = {"in_review": "info", "gold": "gold", "rejected": "bad", "drafted": "neutral"}


@dataclass(frozen=True)
class WorkerNumbers:
    """What one worker did in a campaign, and how often they judged like the others."""

    worker: Worker
    status: str
    qualified: bool
    judged: int
    skipped: int
    seconds: int | None  # median from showing to submitting
    alike: float | None  # share of pairs with others' judgements of the same that are equal


@dataclass(frozen=True)
class Progress:
    """A campaign in numbers."""

    matters: dict[str, int]  # by status
    items: list[dict[str, object]]
    total: int
    ended: int
    in_hand: int
    stuck: int
    alpha: Agreement
    workers: list[WorkerNumbers]


def of(campaign: Campaign) -> Progress:
    """Gather the numbers of a campaign, in a fixed number of queries."""
    matters = dict(campaign.matters.values_list("status").annotate(n=Count("pk")))
    units = _units(campaign)
    items = _items(campaign)
    total, ended = totals(campaign)
    return Progress(
        matters={status: matters.get(status, 0) for status in Matter.Status.values},
        items=items,
        total=total,
        ended=ended,
        in_hand=campaign.seats.in_hand().count(),
        stuck=len(eligibility.stuck(campaign)),
        alpha=agreement.alpha([list(said.values()) for said in units.values()]),
        workers=_workers(campaign, units),
    )


def totals(campaign: Campaign) -> tuple[int, int]:
    """Return how many items or answers the campaign has, and how many of them are done."""
    entries = campaign.campaign_items.all()
    waiting = campaign.matters.filter(status__in=[Matter.Status.OPEN, Matter.Status.DISPUTED])
    total = entries.count()
    return total, total - waiting.values("campaign_item").distinct().count()


def _items(campaign: Campaign) -> list[dict[str, object]]:
    if campaign.kind != Campaign.Kind.REVIEW:
        return []
    found = campaign.campaign_items.values_list("item__status").annotate(n=Count("pk"))
    counts = dict(found.order_by())
    return [
        {"label": Item.Status(status).label, "count": counts.get(status, 0), "kind": kind}
        for status, kind in ITEM_KIND.items()
    ]


def _units(campaign: Campaign) -> dict[Hashable, dict[int, str]]:
    """Return what each worker said of each thing: an answer's outcome, or the act on an option.

    Rewriting and rejecting both say that a text will not do.
    """
    units: dict[Hashable, dict[int, str]] = defaultdict(dict)
    if campaign.kind == Campaign.Kind.ANSWERS:
        said = Judgement.objects.standing().filter(matter__campaign=campaign)
        for matter, worker, outcome in said.values_list("matter", "worker", "outcome"):
            units[matter][worker] = outcome
        return units
    acts = OptionAct.objects.filter(
        judgement__matter__campaign=campaign,
        judgement__superseded_by__isnull=True,
        option__isnull=False,
    )
    for option, worker, act in acts.values_list("option", "judgement__worker", "act"):
        units[option][worker] = "will do" if act == OptionAct.Act.ACCEPT else "will not do"
    return units


def _workers(campaign: Campaign, units: dict[Hashable, dict[int, str]]) -> list[WorkerNumbers]:
    times: dict[int, list[float]] = defaultdict(list)
    said = Judgement.objects.standing().filter(matter__campaign=campaign)
    for worker, shown, submitted in said.values_list("worker", "shown_at", "submitted_at"):
        times[worker].append((submitted - shown).total_seconds())
    # Who read what others said was never shown the seat: that is no skip.
    granted = Exposure.objects.filter(worker=OuterRef("worker"), seat__matter=OuterRef("matter"))
    declines = Decline.objects.filter(Exists(granted), matter__campaign=campaign)
    skips = declines.values_list("worker")
    skipped = dict(skips.annotate(n=Count("pk")).order_by())
    alike = _alike(units)
    return [
        WorkerNumbers(
            worker=enrolment.worker,
            status=enrolment.get_status_display(),
            qualified=enrolment.qualified,
            judged=len(times[enrolment.worker_id]),
            skipped=skipped.get(enrolment.worker_id, 0),
            seconds=round(median(times[enrolment.worker_id]))
            if times[enrolment.worker_id]
            else None,
            alike=alike.get(enrolment.worker_id),
        )
        for enrolment in campaign.enrolments.select_related("worker").order_by("worker__pseudonym")
    ]


def _alike(units: dict[Hashable, dict[int, str]]) -> dict[int, float]:
    pairs: dict[int, list[bool]] = defaultdict(list)
    for said in units.values():
        for worker, value in said.items():
            pairs[worker] += [value == other for who, other in said.items() if who != worker]
    return {worker: sum(equal) / len(equal) for worker, equal in pairs.items() if equal}
