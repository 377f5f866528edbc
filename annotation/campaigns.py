"""The life of a campaign."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from annotation import campaign_lock, guidelines, many, matters, openings
from annotation.enrolments import enrol_members
from annotation.models import Campaign
from curation import audit, moments, names
from curation.models import Answer, Item, Project
from curation.refusals import Refused

LIMITS = {  # of the numbers a curator may choose
    "overlap": (1, 25),
    "quorum": (1, 25),
    "acceptances": (1, 10),
    "rewrites": (1, 20),
    "lease_seconds": (1, 86_400),
    "exposure_day": (0, 100_000),
    "break_after": (0, 600),
    "qualified_only": (0, 1),
    "priority": (0, 9),
}


class NoSuchCampaign(Refused):
    """The name belongs to another kind of campaign, or to a closed one."""


@transaction.atomic
def open_review(
    *,
    project: Project,
    name: str,
    by: User | None,
    items: QuerySet[Item] | None = None,
    seed: int | None = None,
    numbers: Mapping[str, int] | None = None,
    priority: int = 0,
) -> Campaign:
    """Open a review of items, those that wait for people unless told otherwise.

    Opening one that is open already tops it up. `numbers` may set acceptances, rewrites,
    lease_seconds, exposure_day, break_after and qualified_only. `seed` fixes the order of
    the seats.
    """
    campaign = _opened(project, name, Campaign.Kind.REVIEW, by, dict(numbers or {}))
    top_up(campaign=campaign, by=by, items=items, seed=seed, priority=priority)
    return campaign


@transaction.atomic
def open_answers(
    *,
    project: Project,
    name: str,
    by: User | None,
    answers: QuerySet[Answer] | None = None,
    seed: int | None = None,
    numbers: Mapping[str, int] | None = None,
    priority: int = 0,
) -> Campaign:
    """Open the judging of answers, those without a settled verdict unless told otherwise.

    Opening one that is open already tops it up. `numbers` may set overlap, quorum,
    lease_seconds, exposure_day, break_after and qualified_only. `seed` fixes the order of
    the seats.
    """
    campaign = _opened(project, name, Campaign.Kind.ANSWERS, by, dict(numbers or {}))
    top_up(campaign=campaign, by=by, answers=answers, seed=seed, priority=priority)
    return campaign


def _opened(
    project: Project, name: str, kind: Campaign.Kind, by: User | None, numbers: dict[str, int]
) -> Campaign:
    name = names.checked(name, field="name")
    _check_numbers(numbers)
    # Nothing may be put into two campaigns at once, so openings come one after the other.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    defaults: dict[str, Any] = {
        "kind": kind,
        "guideline": guidelines.default_of(project=project, kind=kind),
        **numbers,
    }
    campaign, created = Campaign.objects.get_or_create(
        project=project, name=name, defaults=defaults
    )
    if campaign.kind != kind:
        raise Refused(_("This name belongs to a campaign of another kind."), field="name")
    if created:
        audit.record(
            project=project,
            by=audit.ref(by),
            action="campaign.open",
            subject=f"campaign:{campaign.pk}",
            kind=str(kind),
        )
    return campaign


def check_range(field: str, number: int) -> None:
    """Refuse a number that is out of its `LIMITS`."""
    least, most = LIMITS[field]
    if not least <= number <= most:
        raise Refused(
            _("Choose a number from %(least)s to %(most)s.") % {"least": least, "most": most},
            field=field,
        )


def _check_numbers(numbers: dict[str, int]) -> None:
    for field, number in numbers.items():
        check_range(field, number)
    told = Campaign(**numbers)  # and the defaults of the rest
    if told.quorum > told.overlap:
        raise Refused(_("A quorum cannot be larger than the number of workers."), field="quorum")


@transaction.atomic
def top_up(
    *,
    campaign: Campaign,
    by: User | None,
    items: QuerySet[Item] | None = None,
    answers: QuerySet[Answer] | None = None,
    seed: int | None = None,
    priority: int = 0,
) -> int:
    """Add what waits for people by now, and the workers who joined; return how many were added.

    What has the highest `priority`, 0 to 9, is handed out first.
    """
    check_range("priority", priority)
    _lock(campaign)
    if campaign.status == Campaign.Status.CLOSED:
        raise Refused(_("The campaign is closed."))
    enrol_members(campaign)
    seed = secrets.randbits(32) if seed is None else seed
    if campaign.kind == Campaign.Kind.REVIEW:
        found = openings.items_to_review(campaign) if items is None else items
        added = openings.open_items(campaign=campaign, items=found, seed=seed, priority=priority)
    else:
        wanted = openings.answers_to_judge(campaign) if answers is None else answers
        added = openings.open_answers(
            campaign=campaign, answers=wanted, seed=seed, priority=priority
        )
    if added:
        _record(campaign, by, "campaign.add", matters=added)
    matters.hand_over_unasked(campaign)
    return added


def _lock(campaign: Campaign) -> None:
    """Wait for who else opens, adds to or closes a campaign of the project; then read it again."""
    Project.objects.select_for_update(no_key=True).get(pk=campaign.project_id)
    campaign.refresh_from_db(fields=["status", "overlap"])


def pause(*, campaign: Campaign, by: User | None) -> Campaign:
    """Hand out no more seats; work in hand may finish."""
    return _move(campaign, Campaign.Status.PAUSED, by)


def resume(*, campaign: Campaign, by: User | None) -> Campaign:
    """Hand out seats again."""
    return _move(campaign, Campaign.Status.OPEN, by)


@transaction.atomic
def close(*, campaign: Campaign, by: User | None) -> Campaign:
    """End a campaign for good: items still open go back to wait for another one.

    Refused while somebody holds a seat. Disputes stay with the reviewers.
    """
    _lock(campaign)
    # Claims under way end first, and later ones find the campaign closed.
    _wait_for_claims(campaign)
    _move(campaign, Campaign.Status.CLOSED, by)
    _wait_for_claims(campaign)  # of those who were enrolled just before
    held = campaign.seats.in_hand().order_by("-lease_expires_at")
    if held:
        raise Refused(
            ngettext(
                "%(number)s seat is in hand until %(time)s. Pause the campaign and close it then.",
                "%(number)s seats are in hand until %(time)s. Pause the campaign, close it then.",
                len(held),
            )
            % {"number": len(held), "time": moments.clock(held[0].lease_expires_at)}
        )
    many.withdraw_open(campaign)
    return campaign


def _wait_for_claims(campaign: Campaign) -> None:
    """Lock every enrolment, as a claim does first of all."""
    list(campaign.enrolments.select_for_update(no_key=True).order_by("pk").values_list("pk"))


@transaction.atomic
def _move(campaign: Campaign, to: Campaign.Status, by: User | None) -> Campaign:
    campaign_lock.alone(campaign.pk)
    legal = [s for s, following in Campaign.NEXT.items() if to in following]
    if not Campaign.objects.filter(pk=campaign.pk, status__in=legal).update(status=to):
        raise Refused(
            _("A campaign that is %(now)s cannot become %(to)s.")
            % {"now": campaign.get_status_display(), "to": to.label}
        )
    campaign.status = to
    _record(campaign, by, f"campaign.{to}")
    return campaign


def _record(campaign: Campaign, by: User | None, action: str, **detail: int) -> None:
    audit.record(
        project=campaign.project,
        by=audit.ref(by),
        action=action,
        subject=f"campaign:{campaign.pk}",
        **detail,
    )
