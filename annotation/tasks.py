"""What worker processes do for people's work: one call into the domain each."""

from celery import shared_task

from annotation import locked, matters
from annotation.models import Campaign


@shared_task(name="annotation.tasks.sweep")
def sweep() -> None:
    """Hand over what nobody may take any more: people leave a project without a word to us.

    Locked items are taken out of people's hands.
    """
    locked.withdraw()
    for campaign in Campaign.objects.filter(status=Campaign.Status.OPEN).select_related("project"):
        matters.hand_over_unasked(campaign)


@shared_task(name="annotation.tasks.withdraw_locked")
def withdraw_locked() -> None:
    """Take items that were locked just now out of people's hands."""
    locked.withdraw()
