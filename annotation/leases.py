"""Leases: who holds which seat, until when.

The token of a seat rises with each grant and decides whose work counts; the time of a lease only
decides when somebody else may take the seat. All times are the database's.

Locks are always taken in one order (`annotation.campaign_lock`): enrolment, campaign, matter, seat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from annotation import care, finding, matters
from annotation.models import Assignment, Campaign, Cursor, Decline, Exposure, Worker
from curation import planned
from curation.refusals import Refused

CAP = 4  # a lease is renewed up to this many times its length, from the grant on


class LeaseLost(Refused):
    """The seat is somebody else's by now, or is not wanted any more."""


class NoSeat(Refused):
    """No seat of the campaign is for this worker now; `annotation.waiting` gives the reasons."""

    reasons: Sequence[Any] = ()


class NotEnrolled(NoSeat):
    """The worker does not take part in the campaign."""


class NothingLeft(NoSeat):
    """Nothing that they may take is free."""


@dataclass(frozen=True)
class Grant:
    """A seat as it was granted: the token that the work on it must carry."""

    seat: int
    token: int


# Locked first: the claims of one worker come one after the other, in two tabs too.
ENROLMENT = f"""
    SELECT e.id, e.break_until > clock_timestamp(), e.working_since, e.claimed_at,
           e.severe_in_a_row, clock_timestamp(), c.break_after,
           EXISTS (SELECT 1 FROM annotation_assignment held WHERE held.owner_id = e.worker_id
                   AND held.campaign_id = c.id AND held.status = 'leased'),
           pg_snapshot_xmin(pg_current_snapshot())::text::bigint,
           ({finding.LANES})
      FROM annotation_enrolment e
      JOIN annotation_campaign c ON c.id = e.campaign_id
      JOIN annotation_worker w ON w.id = e.worker_id
     WHERE e.worker_id = %(worker)s AND e.campaign_id = %(campaign)s AND e.status = 'active'
"""  # noqa: S608 - a constant of ours

LOCK = "FOR NO KEY UPDATE OF w, e"

# A seat of a matter that is settled meanwhile is not wanted any more.
HAND_BACK = """
    UPDATE annotation_assignment seat
       SET status = CASE WHEN m.status = 'open' THEN 'open' ELSE 'cancelled' END,
           owner_id = NULL, lease_expires_at = NULL, token = seat.token + %(raised)s
      FROM annotation_matter m
     WHERE m.id = seat.matter_id AND seat.status = 'leased' AND seat.owner_id = %(worker)s"""

# The token stays, so that late work is still taken while nobody else has the seat.
HAND_BACK_EXPIRED = (
    HAND_BACK
    + " AND seat.campaign_id = %(campaign)s AND seat.lease_expires_at < statement_timestamp()"
)

RENEW = """
    UPDATE annotation_assignment seat
       SET lease_expires_at = greatest(lease_expires_at, least(
             clock_timestamp() + make_interval(secs => c.lease_seconds),
             leased_at + make_interval(secs => c.lease_seconds * %(cap)s)))
      FROM annotation_campaign c
     WHERE c.id = seat.campaign_id AND seat.id = %(seat)s AND seat.token = %(token)s
       AND seat.owner_id = %(worker)s AND seat.status = 'leased'
    RETURNING lease_expires_at, lease_expires_at < clock_timestamp()"""


@dataclass(frozen=True)
class Taker:
    """The worker of an enrolment who comes for a seat, and what there is for them."""

    enrolment: int
    on_break: bool
    since: datetime | None
    claimed_at: datetime | None
    severe_in_a_row: int
    now: datetime
    break_after: int
    holds: bool
    snapshot: int
    lanes: str

    def due(self) -> tuple[care.Break, timedelta] | None:
        """Return the break that is due before the next seat, and how long it is."""
        stretch = care.Stretch(self.since, self.claimed_at, self.severe_in_a_row)
        return care.break_due(stretch, now=self.now, after=self.break_after)


def claim(*, worker: Worker, campaign: Campaign, preferred: int | None = None) -> Assignment:
    """Return the seat the worker holds in the campaign, or lease the next one to them.

    Two tabs get the same seat. `preferred` is the seat that was shown ahead: it is taken when it
    is still free for this worker. Raises `NotEnrolled` or `NothingLeft`.
    """
    seat = _held_or_next(worker, campaign, preferred)
    if seat is None:
        raise NothingLeft(_("Nothing is left for you in this campaign now."))
    return seat


@transaction.atomic
def _held_or_next(worker: Worker, campaign: Campaign, preferred: int | None) -> Assignment | None:
    who = {"worker": worker.pk, "campaign": campaign.pk}
    taker = _taker(who, lock=LOCK)
    if taker is None:
        raise NotEnrolled(_("You do not take part in this campaign."))
    if taker.holds and (held := _held(who)):
        return held
    if taker.on_break:
        return None
    if due := taker.due():
        care.begin_break(taker.enrolment, why=due[0], lasts=due[1])
        return None
    found = finding.take(
        campaign=campaign,
        enrolment=taker.enrolment,
        lanes=finding.lanes_in(taker.lanes),
        snapshot=taker.snapshot,
        preferred=Assignment.objects.filter(pk=preferred).first() if preferred else None,
    )
    return found or _held(who)  # another tab was faster


def _taker(who: dict[str, Any], *, lock: str) -> Taker | None:
    row = planned.first(ENROLMENT + lock, who)
    return Taker(*row) if row else None


def _held(who: dict[str, Any]) -> Assignment | None:
    return finding.held(who, hand_back=HAND_BACK_EXPIRED)


def forget_empty(*, worker: Worker, campaign: Campaign) -> None:
    """Let the next claim search the lanes in which the last one has found nothing."""
    mine = Cursor.objects.filter(enrolment__worker=worker, enrolment__campaign=campaign)
    mine.update(empty_since=None, empty_until=None)


def ahead(*, worker: Worker, campaign: Campaign) -> Assignment | None:
    """Return the seat that a claim would find next, without leasing it to anyone.

    The end of its lease is as if it began now.
    """
    taker = _taker({"worker": worker.pk, "campaign": campaign.pk}, lock="")
    if taker is None:
        return None
    lanes = finding.lanes_in(taker.lanes)
    number = finding.ahead(campaign=campaign, enrolment=taker.enrolment, lanes=lanes)
    seat = Assignment.objects.filter(pk=number).first() if number else None
    if seat is not None:
        seat.lease_expires_at = taker.now + timedelta(seconds=campaign.lease_seconds)
    return seat


GRANT = """
    WITH granted AS (
      UPDATE annotation_assignment seat
         SET status = 'leased', owner_id = %(worker)s, token = seat.token + 1,
             leased_at = clock_timestamp(),
             lease_expires_at = clock_timestamp() + make_interval(secs => c.lease_seconds)
        FROM annotation_campaign c
       WHERE c.id = seat.campaign_id AND seat.id = %(seat)s AND seat.status = 'open'
      RETURNING seat.id, seat.token, seat.lane_id)
    INSERT INTO annotation_exposure (worker_id, seat_id, token, severity)
    SELECT %(worker)s, granted.id, granted.token, lane.severity
      FROM granted JOIN annotation_lane lane ON lane.id = granted.lane_id
    RETURNING seat_id, token"""


def grant(*, seat: Assignment, worker: Worker) -> Grant:
    """Lease one open seat to a worker who holds none, whose enrolment is locked."""
    row = planned.first(GRANT, {"seat": seat.pk, "worker": worker.pk})
    if row is None:
        raise LeaseLost(_("You no longer hold this."))
    return Grant(*row)


def was_granted(*, seat: int, token: int, worker: Worker) -> bool:
    """Say whether the seat was ever granted to the worker under this token."""
    return Exposure.objects.filter(seat=seat, token=token, worker=worker).exists()


@dataclass(frozen=True)
class Lease:
    """How long a seat is the worker's; once that is over, as long as nobody else has taken it."""

    until: datetime
    is_over: bool


def heartbeat(*, grant: Grant, worker: Worker) -> Lease:
    """Renew the lease. From `CAP` times its length on it is left as it is."""
    row = planned.first(
        RENEW, {"seat": grant.seat, "token": grant.token, "worker": worker.pk, "cap": CAP}
    )
    if row is None:
        raise LeaseLost(_("You no longer hold this. What you typed is kept."))
    return Lease(*row)


@transaction.atomic
def hand_back_all(*, worker: Worker, campaign: Campaign | None = None) -> None:
    """Hand back, unjudged, what the worker holds: in one campaign, or in all."""
    held = Assignment.objects.held_by(worker)
    if campaign is not None:
        held = held.filter(campaign=campaign)
    for seat in held.order_by("matter_id"):
        # A matter that is settled at this moment would be left with a seat for nobody.
        matters.locked(seat.matter_id)
        _hand_back(" AND seat.id = %(seat)s", worker=worker.pk, seat=seat.pk, raised=0)


def _hand_back(which: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(HAND_BACK + which, values)
        return cursor.rowcount


OF_SEAT = """
    SELECT e.id FROM annotation_assignment seat
      JOIN annotation_enrolment e ON e.campaign_id = seat.campaign_id
     WHERE seat.id = %(seat)s AND e.worker_id = %(worker)s
       FOR NO KEY UPDATE OF e"""


def _enrolled(seat: int, worker: Worker) -> int | None:
    """Lock the worker's enrolment in the campaign of a seat, which comes before all else."""
    row = planned.first(OF_SEAT, {"seat": seat, "worker": worker.pk})
    return row[0] if row else None


@transaction.atomic
def give_back(*, grant: Grant, worker: Worker) -> None:
    """Give the seat back unjudged; once given back, giving back again changes nothing."""
    enrolment = _enrolled(grant.seat, worker)
    # A matter that is settled at this moment would be left with a seat for nobody.
    matters.locked_of(grant.seat)
    given = _hand_back(
        " AND seat.id = %(seat)s AND seat.token = %(token)s",
        worker=worker.pk,
        seat=grant.seat,
        token=grant.token,
        raised=0,
    )
    if given and enrolment:
        care.note_drop(enrolment)
    if not given and not was_granted(seat=grant.seat, token=grant.token, worker=worker):
        raise LeaseLost(_("You no longer hold this."))


@transaction.atomic
def skip(*, grant: Grant, worker: Worker, reason: Decline.Reason | str) -> Decline:
    """Decline the matter: it and later rounds stay away from this worker, and from nobody else."""
    if reason not in Decline.Reason.values:
        raise Refused(_("Say why you skip this."), field="reason")
    enrolment = _enrolled(grant.seat, worker)
    matter = matters.locked_of(grant.seat)
    granted = was_granted(seat=grant.seat, token=grant.token, worker=worker)
    if matter is None or not granted:
        raise LeaseLost(_("You do not hold this."))
    if matter.judgements.standing().filter(worker=worker).exists():
        raise Refused(_("You have judged this already."))
    decline, _created = Decline.objects.get_or_create(
        matter=matter, worker=worker, defaults={"reason": reason}
    )
    # The token rises: what was declined cannot be submitted from a forgotten tab.
    given = _hand_back(" AND seat.id = %(seat)s", worker=worker.pk, seat=grant.seat, raised=1)
    if given and enrolment and reason != Decline.Reason.HARMS_ME:  # which is free, however often
        care.note_drop(enrolment)
    matters.hand_over_if_nobody_left(matter)
    return decline
