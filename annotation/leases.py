"""Leases: who holds which seat, until when.

The token of a seat rises with each grant and decides whose work counts; the time of a lease only
decides when somebody else may take the seat. All times are the database's (`clock_timestamp()`).
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from annotation import eligibility, matters
from annotation.models import Assignment, Campaign, Decline, Enrolment, Exposure, Worker
from curation.refusals import Refused

CAP = 4  # a lease is renewed up to this many times its length, from the grant on


class LeaseLost(Refused):
    """The seat is somebody else's by now, or is not wanted any more."""


class NotEnrolled(Refused):
    """The worker does not take part in the campaign."""


class NothingLeft(Refused):
    """No seat of the campaign is for this worker now; `annotation.waiting` says why."""


@dataclass(frozen=True)
class Grant:
    """A seat as it was granted: the token that the work on it must carry."""

    seat: int
    token: int


def _claim(kind: Campaign.Kind) -> str:
    return f"""
        WITH next AS MATERIALIZED (
          SELECT seat.id
            FROM annotation_assignment seat
            JOIN annotation_matter m ON m.id = seat.matter_id
            JOIN annotation_campaign c ON c.id = seat.campaign_id
            JOIN annotation_enrolment e ON e.id = %(enrolment)s
           WHERE seat.campaign_id = %(campaign)s AND seat.status IN ('open', 'leased')
             AND m.status = 'open' AND {eligibility.FREE} {eligibility.allowed(kind)}
           ORDER BY seat.rank, seat.number
           LIMIT 1
             FOR UPDATE OF seat SKIP LOCKED)
        UPDATE annotation_assignment held
           SET status = 'leased', owner_id = %(worker)s, token = held.token + 1,
               leased_at = clock_timestamp(),
               lease_expires_at = clock_timestamp() + make_interval(secs => %(seconds)s)
          FROM next WHERE held.id = next.id
        RETURNING held.id, held.token, held.severity"""  # noqa: S608 - constants of ours


CLAIM = {kind: _claim(kind) for kind in Campaign.Kind}

# A seat of a matter that is settled meanwhile is not wanted any more.
HAND_BACK = """
    UPDATE annotation_assignment seat
       SET status = CASE WHEN m.status = 'open' THEN 'open' ELSE 'cancelled' END,
           owner_id = NULL, lease_expires_at = NULL, token = seat.token + %(raised)s
      FROM annotation_matter m
     WHERE m.id = seat.matter_id AND seat.status = 'leased' AND seat.owner_id = %(worker)s"""

RENEW = """
    UPDATE annotation_assignment
       SET lease_expires_at = greatest(lease_expires_at, least(
             clock_timestamp() + make_interval(secs => %(seconds)s),
             leased_at + make_interval(secs => %(seconds)s * %(cap)s)))
     WHERE id = %(seat)s AND token = %(token)s AND owner_id = %(worker)s AND status = 'leased'
    RETURNING lease_expires_at"""


def claim(*, worker: Worker, campaign: Campaign) -> Assignment:
    """Return the seat the worker holds in the campaign, or lease the next one to them.

    Raises `NotEnrolled` or `NothingLeft`. Two tabs get the same seat.
    """
    seat = _held_or_next(worker, campaign)
    if seat is None:
        raise NothingLeft(_("Nothing is left for you in this campaign now."))
    return seat


@transaction.atomic
def _held_or_next(worker: Worker, campaign: Campaign) -> Assignment | None:
    # Locked first: the claims of one worker come one after the other.
    enrolment = (
        Enrolment.objects.select_for_update()
        .filter(worker=worker, campaign=campaign, status=Enrolment.Status.ACTIVE)
        .first()
    )
    if enrolment is None:
        raise NotEnrolled(_("You do not take part in this campaign."))
    _hand_back_expired(worker, campaign)
    held = campaign.seats.held_by(worker).first()
    return held or _next(enrolment, campaign)


def _hand_back_expired(worker: Worker, campaign: Campaign) -> None:
    """The token stays, so that late work is still taken while nobody else has the seat."""
    with connection.cursor() as cursor:
        cursor.execute(
            HAND_BACK
            + " AND seat.campaign_id = %(campaign)s AND seat.lease_expires_at < clock_timestamp()",
            {"worker": worker.pk, "campaign": campaign.pk, "raised": 0},
        )


def _next(enrolment: Enrolment, campaign: Campaign) -> Assignment | None:
    if matters.status_of(campaign.pk) != Campaign.Status.OPEN:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM[Campaign.Kind(campaign.kind)],
            {
                "enrolment": enrolment.pk,
                "worker": enrolment.worker_id,
                "campaign": campaign.pk,
                "seconds": campaign.lease_seconds,
            },
        )
        row = cursor.fetchone()
    if row is None:
        return None
    seat, token, severity = row
    Exposure.objects.create(
        worker_id=enrolment.worker_id, seat_id=seat, token=token, severity=severity
    )
    return Assignment.objects.get(pk=seat)


def was_granted(*, seat: int, token: int, worker: Worker) -> bool:
    """Say whether the seat was ever granted to the worker under this token."""
    return Exposure.objects.filter(seat=seat, token=token, worker=worker).exists()


def heartbeat(*, grant: Grant, worker: Worker) -> datetime:
    """Renew the lease and return its end. From `CAP` times its length on it is left as it is."""
    seconds = Campaign.objects.values_list("lease_seconds", flat=True).get(seats=grant.seat)
    with connection.cursor() as cursor:
        cursor.execute(
            RENEW,
            {
                "seat": grant.seat,
                "token": grant.token,
                "worker": worker.pk,
                "seconds": seconds,
                "cap": CAP,
            },
        )
        row = cursor.fetchone()
    if row is None:
        raise LeaseLost(_("You no longer hold this. What you typed is kept."))
    return row[0]


@transaction.atomic
def hand_back_all(*, worker: Worker, campaign: Campaign | None = None) -> None:
    """Hand back, unjudged, what the worker holds: in one campaign, or in all."""
    held = Assignment.objects.held_by(worker)
    if campaign is not None:
        held = held.filter(campaign=campaign)
    for seat in held.order_by("matter_id"):
        # A matter that is settled at this moment would be left with a seat for nobody.
        matters.locked(seat.matter_id)
        with connection.cursor() as cursor:
            cursor.execute(
                HAND_BACK + " AND seat.id = %(seat)s",
                {"worker": worker.pk, "seat": seat.pk, "raised": 0},
            )


def give_back(*, grant: Grant, worker: Worker) -> None:
    """Give the seat back unjudged; once given back, giving back again changes nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            HAND_BACK + " AND seat.id = %(seat)s AND seat.token = %(token)s",
            {"worker": worker.pk, "seat": grant.seat, "token": grant.token, "raised": 0},
        )
        if cursor.rowcount or was_granted(seat=grant.seat, token=grant.token, worker=worker):
            return
    raise LeaseLost(_("You no longer hold this."))


@transaction.atomic
def skip(*, grant: Grant, worker: Worker, reason: Decline.Reason | str) -> Decline:
    """Decline the matter: it and later rounds stay away from this worker, and from nobody else."""
    if reason not in Decline.Reason.values:
        raise Refused(_("Say why you skip this."), field="reason")
    if not was_granted(seat=grant.seat, token=grant.token, worker=worker):
        raise LeaseLost(_("You do not hold this."))
    seat = Assignment.objects.get(pk=grant.seat)
    matter = matters.locked(seat.matter_id)
    if matter.judgements.filter(worker=worker).exists():
        raise Refused(_("You have judged this already."))
    decline, _created = Decline.objects.get_or_create(
        matter=matter, worker=worker, defaults={"reason": reason}
    )
    with connection.cursor() as cursor:
        # The token rises: what was declined cannot be submitted from a forgotten tab.
        cursor.execute(
            HAND_BACK + " AND seat.id = %(seat)s",
            {"worker": worker.pk, "seat": grant.seat, "raised": 1},
        )
    matters.hand_over_if_nobody_left(matter)
    return decline
