"""Enrolments: who takes part in a campaign, what they read and what they agreed to see."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from annotation import campaign_lock, leases, matters, workers
from annotation.models import Campaign, Enrolment, Worker
from curation import audit, planned
from curation.models import Language, Membership, Role
from curation.refusals import Refused

SEVEREST = 4


# Who closes the campaign at this moment ends first, or waits.
STATUS = f"""
    WITH turn AS MATERIALIZED (SELECT {campaign_lock.sharing("%(campaign)s::bigint")})
    SELECT c.status FROM turn, annotation_campaign c WHERE c.id = %(campaign)s
       FOR SHARE OF c"""  # noqa: S608 - a constant of ours


@transaction.atomic
def enrol(*, campaign: Campaign, worker: Worker) -> Enrolment:
    """Let the worker take part, in all languages of the project; who comes back keeps choices."""
    # Enrolments are locked before their campaign, here as everywhere.
    mine = Enrolment.objects.filter(campaign=campaign, worker=worker)
    list(mine.select_for_update(no_key=True).values_list("pk"))
    found = planned.first(STATUS, {"campaign": campaign.pk})
    if found is None or found[0] == Campaign.Status.CLOSED:
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
    *,
    campaign: Campaign,
    worker: Worker,
    languages: Sequence[str],
    severity_limit: int,
    categories: Sequence[str] | None = None,
) -> Enrolment:
    """Take down what a worker reads and agrees to see; seats beyond that are not given to them.

    `categories` are level-1 codes; None is all of them, those of later taxonomies too.
    """
    chosen = [code for code in Language.values if code in set(languages)]
    if not chosen:
        raise Refused(_("Choose at least one language."), field="languages")
    if not 0 <= severity_limit <= SEVEREST:
        raise Refused(_("Choose a limit from 0 to 4."), field="severity_limit")
    if categories is not None and not categories:
        raise Refused(_("Choose at least one category."), field="categories")
    enrolment = Enrolment.objects.filter(campaign=campaign, worker=worker).first()
    if enrolment is None:
        raise Refused(_("You do not take part in this campaign."))
    enrolment.languages, enrolment.severity_limit = chosen, severity_limit
    enrolment.categories = None if categories is None else sorted(set(categories))
    enrolment.save(update_fields=["languages", "severity_limit", "categories"])
    matters.hand_over_unasked(campaign)
    return enrolment


@transaction.atomic
def qualify(*, campaign: Campaign, worker: Worker, qualified: bool, by: User | None) -> Enrolment:
    """Say that a worker is qualified for the campaign, or is not any more."""
    enrolment = Enrolment.objects.filter(campaign=campaign, worker=worker).first()
    if enrolment is None:
        raise Refused(_("This worker does not take part in the campaign."))
    if enrolment.qualified == qualified:
        return enrolment
    enrolment.qualified = qualified
    enrolment.save(update_fields=["qualified"])
    audit.record(
        project=campaign.project,
        by=audit.ref(by),
        action="worker.qualify" if qualified else "worker.disqualify",
        subject=f"worker:{worker.pseudonym}",
        campaign=campaign.pk,
    )
    matters.hand_over_unasked(campaign)
    return enrolment


@transaction.atomic
def leave(*, campaign: Campaign, worker: Worker) -> None:
    """Stop taking part. What is in hand goes back; judgements stay."""
    Enrolment.objects.filter(campaign=campaign, worker=worker).update(status=Enrolment.Status.ENDED)
    leases.hand_back_all(worker=worker, campaign=campaign)
    matters.hand_over_unasked(campaign)
