"""What waits for people, and opening matters with their seats for it."""

import random
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Exists, F, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotation.models import Assignment, Campaign, CampaignItem, Matter
from curation.models import Answer, Call, Item, ItemTag, Option, Purpose, Verdict

BATCH = 2_000  # rows an INSERT
DRAFTING = (Purpose.POSITIVE, Purpose.NEGATIVE)
PENDING = (Call.Status.PLANNED, Call.Status.LEASED, Call.Status.RESPONDED)
USELESS = (Call.Status.UNUSABLE, Call.Status.REFUSED)


class Wanted(NamedTuple):
    """An item or answer to open, and the severity its seats are handed out by."""

    item: Item
    answer: Answer | None
    severity: int


def items_to_review(campaign: Campaign) -> QuerySet[Item]:
    """Return the project's items that wait for people: drafted, or new and not to be drafted.

    A new item counts when its options came with its file, or when a model could not draft them.
    """
    calls = Call.objects.filter(item=OuterRef("pk"), purpose__in=DRAFTING)
    live = Option.objects.live().filter(item=OuterRef("pk"))
    both = Exists(live.filter(polarity="positive")) & Exists(live.filter(polarity="negative"))
    useless = Exists(calls.filter(status__in=USELESS))
    drafted = Item.objects.filter(status=Item.Status.DRAFTED)
    new = Item.objects.filter(both | useless, status=Item.Status.NEW)
    return (
        (drafted | new)
        .filter(project=campaign.project_id, superseded_by__isnull=True)
        .exclude(Exists(calls.filter(status__in=PENDING)))
    )


def answers_to_judge(campaign: Campaign) -> QuerySet[Answer]:
    """Return the project's answers with no settled verdict and no matter of their own.

    A reply that several runs took over from one call is put to people once.
    """
    asked = Matter.objects.filter(answer=OuterRef("pk")).exclude(status=Matter.Status.WITHDRAWN)
    decided = Verdict.objects.filter(answer=OuterRef("pk")).settled()
    same = Answer.objects.filter(call=OuterRef("call"))
    asked_elsewhere = Matter.objects.filter(
        answer__call=OuterRef("call"), status__in=(Matter.Status.OPEN, Matter.Status.DISPUTED)
    )
    first = same.filter(~Exists(decided), pk__lt=OuterRef("pk"))
    return Answer.objects.filter(item__project=campaign.project_id).exclude(
        Exists(asked) | Exists(decided) | Exists(asked_elsewhere) | Exists(first)
    )


def open_items(*, campaign: Campaign, items: QuerySet[Item], chance: random.Random) -> int:
    """Open the first round of review for items not yet in the campaign; return how many."""
    reviewable = [s for s, following in Item.NEXT.items() if Item.Status.IN_REVIEW in following]
    taken = CampaignItem.objects.filter(campaign=campaign, item=OuterRef("pk"))
    found = list(
        items.filter(status__in=reviewable)
        .exclude(Exists(taken))
        .select_related("main_tag")
        .annotate(careful=_severity("pk", "main_tag"))
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    Item.objects.filter(pk__in=[item.pk for item in found]).update(
        status=Item.Status.IN_REVIEW, status_reason=""
    )
    wanted = [Wanted(item, None, item.careful) for item in found]
    return _open(campaign, wanted, seats=1, chance=chance)


def open_answers(*, campaign: Campaign, answers: QuerySet[Answer], chance: random.Random) -> int:
    """Open a matter with its seats for answers not yet in the campaign; return how many."""
    taken = CampaignItem.objects.filter(campaign=campaign, answer=OuterRef("pk"))
    found = (
        answers.exclude(Exists(taken))
        .select_related("item__main_tag")
        .annotate(careful=_severity("item", "item__main_tag"))
        .order_by("pk")
    )
    wanted = [Wanted(answer.item, answer, answer.careful) for answer in found]
    return _open(campaign, wanted, seats=campaign.overlap, chance=chance)


def _severity(item: str, main_tag: str) -> Coalesce:
    """Return the severity of the main tag, else the highest anybody proposed, else 1."""
    proposed = ItemTag.objects.filter(item=OuterRef(item)).order_by("-tag__severity")
    return Coalesce(
        F(f"{main_tag}__severity"),
        Subquery(proposed.values("tag__severity")[:1]),
        1,
        output_field=IntegerField(),
    )


def _open(
    campaign: Campaign, wanted: Iterable[Wanted], *, seats: int, chance: random.Random
) -> int:
    wanted = list(wanted)
    entries = CampaignItem.objects.bulk_create(
        [CampaignItem(campaign=campaign, item=w.item, answer=w.answer) for w in wanted], BATCH
    )
    opened = Matter.objects.bulk_create(
        [
            Matter(campaign=campaign, campaign_item=entry, item=entry.item, answer=entry.answer)
            for entry in entries
        ],
        BATCH,
    )
    Assignment.objects.bulk_create(
        [
            seat
            for matter, want in zip(opened, wanted, strict=True)
            for seat in _seats(matter, want, count=seats, rank=chance.random())
        ],
        BATCH,
    )
    return len(opened)


def _seats(matter: Matter, want: Wanted, *, count: int, rank: float) -> list[Assignment]:
    tag = want.item.main_tag
    return [
        Assignment(
            matter=matter,
            campaign_id=matter.campaign_id,
            number=number,
            language=want.item.language,
            category=tag.dimension if tag else "",
            severity=want.severity,
            rank=rank,
        )
        for number in range(1, count + 1)
    ]
