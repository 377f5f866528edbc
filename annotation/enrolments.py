"""Enrolments: who takes part in a campaign, what they read and what they agreed to see."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from annotation import leases, matters, workers
from annotation.models import Campaign, Enrolment, Worker
from curation.models import Language, Membership, Role
from curation.refusals import Refused

SEVEREST = 4


def enrol(*, campaign: Campaign, worker: Worker) -> Enrolment:
    """Let the worker take part, in all languages of the project; who comes back keeps choices."""
    if campaign.status == Campaign.Status.CLOSED:
        raise Refused(_("The campaign is closed."))
    enrolment, created = Enrolment.objects.get_or_create(
        campaign=campaign, worker=worker, defaults={"languages": campaign.project.languages}
    )
    if not created and enrolment.status != Enrolment.Status.ACTIVE:
        enrolment.status = Enrolment.Status.ACTIVE
        enrolment.save(update_fields=["status"])
    return enrolment


def enrol_members(campaign: Campaign) -> int:
    """Enrol every worker of the project who is not in the campaign yet; return how many."""
    members = Membership.objects.filter(
        project=campaign.project, role=Role.WORKER, user__is_active=True
    ).exclude(user__worker__enrolments__campaign=campaign)
    new = [workers.of(membership.user) for membership in members.select_related("user")]
    for worker in new:
        enrol(campaign=campaign, worker=worker)
    return len(new)


@transaction.atomic
def choose(
    *, campaign: Campaign, worker: Worker, languages: Sequence[str], severity_limit: int
) -> Enrolment:
    """Take down what a worker reads and agrees to see; seats beyond that are not given to them."""
    chosen = [code for code in Language.values if code in set(languages)]
    if not chosen:
        raise Refused(_("Choose at least one language."), field="languages")
    if not 0 <= severity_limit <= SEVEREST:
        raise Refused(_("Choose a limit from 0 to 4."), field="severity_limit")
    enrolment = Enrolment.objects.filter(campaign=campaign, worker=worker).first()
    if enrolment is None:
        raise Refused(_("You do not take part in this campaign."))
    enrolment.languages, enrolment.severity_limit = chosen, severity_limit
    enrolment.save(update_fields=["languages", "severity_limit"])
    matters.hand_over_unasked(campaign)
    return enrolment


@transaction.atomic
def leave(*, campaign: Campaign, worker: Worker) -> None:
    """Stop taking part. What is in hand goes back; judgements stay."""
    Enrolment.objects.filter(campaign=campaign, worker=worker).update(status=Enrolment.Status.ENDED)
    leases.hand_back_all(worker=worker, campaign=campaign)
    matters.hand_over_unasked(campaign)
