"""What worker processes do for people's work: one call into the domain each."""

from celery import shared_task

from annotation import matters
from annotation.models import Campaign


@shared_task(name="annotation.tasks.sweep")
def sweep() -> None:
    """Hand over what nobody may take any more: people leave a project without a word to us."""
    for campaign in Campaign.objects.filter(status=Campaign.Status.OPEN).select_related("project"):
        matters.hand_over_unasked(campaign)
