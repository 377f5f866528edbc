"""Witnesses: who has read what others said of a matter judges it no more.

Their own judgement would follow what they read, and none is to be seen before one's own is in.
A decline keeps the matter and its later rounds away from them, also when they join later.
"""

from django.db.models import Q, QuerySet

from annotation.models import Assignment, Decline, Judgement, Matter, Worker
from curation.models import Item

DECIDED = (Item.Status.GOLD, Item.Status.REJECTED)

# What somebody may yet be asked about: a review goes on in other rounds.
GOES_ON = Q(answer__isnull=False, status__in=(Matter.Status.OPEN, Matter.Status.DISPUTED)) | (
    Q(answer__isnull=True) & ~Q(item__status__in=DECIDED)
)


def read(*, matter: Matter, by: Worker) -> None:
    """Take down that the worker reads the whole case of a matter."""
    _keep_away(Matter.objects.filter(pk=matter.pk), by)


def read_history(*, item: Item, by: Worker) -> None:
    """Take down that the worker reads what was said of an item, where anybody else said anything.

    The history of an item tells the votes on its answers too.
    """
    others = Judgement.objects.exclude(worker=by).values("matter")
    _keep_away(Matter.objects.filter(item=item, pk__in=others), by)


def holds(*, item: Item, worker: Worker) -> bool:
    """Say whether the worker is judging something of the item right now."""
    return Assignment.objects.held_by(worker).filter(matter__item=item).exists()


def _keep_away(matters: QuerySet[Matter], worker: Worker) -> None:
    new = matters.filter(GOES_ON).exclude(declines__worker=worker).order_by("pk")
    declines = [
        Decline(matter_id=pk, worker=worker, reason=Decline.Reason.CONFLICT)
        for pk in new.values_list("pk", flat=True)
    ]
    Decline.objects.bulk_create(declines, ignore_conflicts=True)
