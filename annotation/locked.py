"""Matters of locked items are withdrawn: nobody is asked about them, and no seat leads there."""

from django.db import transaction

from annotation import matters
from annotation.models import Assignment, Matter
from curation.models import Item

GOING_ON = (Matter.Status.OPEN, Matter.Status.DISPUTED)


def withdraw() -> int:
    """Withdraw every matter of an item that is locked, also from who holds it now; how many."""
    found = Matter.objects.filter(item__status=Item.Status.LOCKED, status__in=GOING_ON)
    return sum(_withdraw(pk) for pk in found.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _withdraw(pk: int) -> bool:
    matter = matters.locked(pk)
    if matter.status not in GOING_ON or matter.item.status != Item.Status.LOCKED:
        return False
    matters.move(matter, to=Matter.Status.WITHDRAWN)
    matter.seats.filter(status=Assignment.Status.LEASED).update(
        status=Assignment.Status.CANCELLED, owner=None, lease_expires_at=None
    )
    return True
