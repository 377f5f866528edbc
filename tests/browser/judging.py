"""A worker with answers to judge, on the site's database: a process of its own makes them."""

import json

from django.utils import timezone

from annotation import leases
from annotation.models import Assignment, Campaign, Judgement, WorkDraft, Worker
from tests import factories
from tests.annotation import acting


def make(number: int) -> list[dict]:
    """Make so many workers, each with a campaign of their own that another could work in too."""
    return [_campaign() for _number in range(number)]


def _campaign() -> dict:
    project = factories.make_project()
    ann, bob = (acting.make_worker(project) for _person in range(2))
    acting.make_answers(project, count=3)
    campaign = acting.open_answers(project, overlap=2, quorum=2)
    return {"campaign": campaign.pk, "worker": ann.user.username, "other": bob.pk}


def give_away(campaign: int, other: int) -> dict:
    """Let what is held run out, and give it to the other worker."""
    held = Assignment.objects.get(campaign=campaign, status="leased")
    acting.expire(held)
    seat = leases.claim(
        worker=Worker.objects.get(pk=other), campaign=Campaign.objects.get(pk=campaign)
    )
    return {"same": seat.pk == held.pk}


def state(campaign: int) -> dict:
    held = Assignment.objects.filter(campaign=campaign, status="leased").first()
    return {
        "now": timezone.now().isoformat(),
        "until": held.lease_expires_at.isoformat() if held else None,
        "judged": Judgement.objects.standing().filter(matter__campaign=campaign).count(),
        "drafts": [draft.payload for draft in WorkDraft.objects.filter(seat__campaign=campaign)],
    }


def main(act: str, *numbers: str) -> None:
    print(json.dumps(globals()[act](*map(int, numbers))))
