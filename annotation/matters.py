"""The life of a matter, and its seats beyond the first ones."""

from collections.abc import Sequence
from functools import cache
from typing import cast

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from annotation import campaign_lock, eligibility, many
from annotation.models import Assignment, Campaign, CampaignItem, Matter, Worker
from annotation.signoff import Why
from curation import audit, planned
from curation.models import Answer, Item
from curation.planned import Columns
from curation.refusals import Refused

SEAT_LIMIT = 25  # seats of one answer
UNASKED = (Assignment.Status.CANCELLED, Assignment.Status.UNDONE)


# What a judgement and the rule of settling read.
SIDES = (
    Columns(Matter, "m"),
    Columns(
        Campaign,
        "c",
        (
            "project_id",
            "kind",
            "status",
            "guideline_id",
            "overlap",
            "quorum",
            "acceptances",
            "rewrites",
        ),
    ),
    Columns(CampaignItem, "ci", ("campaign_id", "item_id", "answer_id", "control")),
    Columns(
        Item,
        "i",
        ("project_id", "question", "language", "kind", "status", "main_tag_id", "superseded_by_id"),
    ),
    Columns(Answer, "a", ("subject_run_id", "item_id", "reply", "call_id")),
)


def _locking(which: str) -> str:
    """Return the statement that shares the campaign's lock and locks the matter that `which` names.

    Nothing is locked before the turn in the campaign's queue has come, nor read of what is locked.
    """
    columns = ", ".join(map(str, SIDES))
    return planned.one_line(f"""
        WITH turn AS MATERIALIZED ({which})
        SELECT {columns}
          FROM turn
          JOIN annotation_matter m ON m.id = turn.matter_id
          JOIN annotation_campaign c ON c.id = m.campaign_id
          JOIN annotation_campaignitem ci ON ci.id = m.campaign_item_id
          JOIN curation_item i ON i.id = m.item_id
          LEFT JOIN curation_answer a ON a.id = m.answer_id
           FOR SHARE OF c FOR UPDATE OF m""")  # noqa: S608 - put together from constants


@cache
def lock_of_seat() -> str:
    """Return the statement that locks the matter of a seat."""
    return _locking(f"""SELECT matter_id, {campaign_lock.sharing("campaign_id")}
                          FROM annotation_assignment WHERE id = %(pk)s""")  # noqa: S608 - ours


@cache
def _lock() -> str:
    return _locking(f"""SELECT id AS matter_id, {campaign_lock.sharing("campaign_id")}
                          FROM annotation_matter WHERE id = %(pk)s""")  # noqa: S608 - ours


def locked(pk: int) -> Matter:
    """Lock a matter for the transaction, and the status of its campaign.

    In the order of `annotation.campaign_lock`; who locks several takes them by their ids.
    """
    matter = _locked(_lock(), pk)
    if matter is None:
        raise Matter.DoesNotExist
    return matter


def locked_of(seat: int) -> Matter | None:
    """Lock the matter of a seat in the same way, if there is such a seat."""
    return _locked(lock_of_seat(), seat)


def _locked(statement: str, pk: int) -> Matter | None:
    row = planned.first(statement, {"pk": pk})
    if row is None:
        return None
    matter, campaign, entry, item, answer = planned.rows(row, *SIDES)
    matter.campaign, matter.campaign_item = campaign, entry
    matter.item, matter.answer = item, answer
    return cast(Matter, matter)


LOCK_OPEN = f"""
    WITH turn AS MATERIALIZED (SELECT {campaign_lock.sharing("%(campaign)s::bigint")})
    SELECT m.id FROM turn, annotation_campaign c JOIN annotation_matter m ON m.campaign_id = c.id
     WHERE c.id = %(campaign)s AND m.id = ANY(%(matters)s) AND m.status = 'open'
     ORDER BY m.id FOR SHARE OF c FOR UPDATE OF m"""  # noqa: S608 - a constant of ours


def _lock_open(campaign: Campaign, found: Sequence[int]) -> None:
    """Lock those that are still open, in the order of all."""
    planned.every(LOCK_OPEN, {"campaign": campaign.pk, "matters": list(found)})


# Work on a settled answer is kept even when it comes late; other work would be in the way.
MOVE = """
    WITH moved AS (
      UPDATE annotation_matter
         SET status = %(to)s::varchar, dispute = %(dispute)s,
             settled_at = CASE WHEN %(to)s::varchar IN ('settled', 'withdrawn')
                               THEN statement_timestamp() END
       WHERE id = %(matter)s AND status = %(now)s
      RETURNING id, status),
    idle AS (
      UPDATE annotation_assignment seat
         SET status = 'cancelled', owner_id = NULL, lease_expires_at = NULL
        FROM moved
       WHERE seat.matter_id = moved.id AND moved.status <> 'open'
         AND (seat.status = 'open' OR moved.status <> 'settled' AND seat.status = 'leased'
                                  AND seat.lease_expires_at < clock_timestamp()))
    SELECT id FROM moved"""


def move(matter: Matter, *, to: Matter.Status, why: Why | None = None) -> Matter:
    """Move a matter along, or refuse. Its open seats are cancelled; work in hand may finish."""
    if to not in Matter.NEXT[Matter.Status(matter.status)]:
        raise Refused(_("This matter is already %(now)s.") % {"now": matter.get_status_display()})
    dispute = why.value if why else matter.dispute
    values = {"matter": matter.pk, "now": matter.status, "to": str(to), "dispute": dispute}
    if planned.first(MOVE, values) is None:
        raise Refused(_("Somebody else has just decided on this matter. Load it again."))
    matter.status, matter.dispute = to, dispute
    return matter


def open_next_round(matter: Matter) -> Matter:
    """Ask one more worker about the item of a matter that was settled."""
    following = Matter.objects.create(
        campaign_id=matter.campaign_id,
        campaign_item_id=matter.campaign_item_id,
        item_id=matter.item_id,
        answer_id=matter.answer_id,
        round=matter.round + 1,
    )
    _add_seat_like(matter.seats.order_by("number")[0], matter=following, number=1)
    return following


@transaction.atomic
def ask_another(*, matter: Matter, by: Worker) -> Assignment:
    """Send a disputed answer back: one more worker is asked, and it is open again."""
    matter = locked(matter.pk)
    if matter.status != Matter.Status.DISPUTED or matter.answer_id is None:
        raise Refused(_("Only a disputed answer can be put to one more worker."))
    if matter.campaign.status == Campaign.Status.CLOSED:
        raise Refused(_("The campaign is closed: decide yourself."))
    seat = add_seat(matter)
    move(matter, to=Matter.Status.OPEN)
    if eligibility.stuck(matter.campaign, [matter.pk]):
        raise Refused(_("Nobody enrolled is left who could judge it: decide yourself."))
    audit.record(
        project=matter.campaign.project,
        by=by.pseudonym,
        action="matter.ask",
        subject=f"matter:{matter.pk}",
    )
    return seat


def add_seat(matter: Matter) -> Assignment:
    """Add a seat to a matter that is locked, or refuse when it has had enough of them."""
    seats = matter.seats.order_by("-number")
    last = seats[0]
    # Seats that were taken back or cancelled asked nobody in the end.
    if seats.exclude(status__in=UNASKED).count() >= SEAT_LIMIT:
        raise Refused(_("Enough people were asked about this answer."))
    return _add_seat_like(last, matter=matter, number=last.number + 1)


def _add_seat_like(seat: Assignment, *, matter: Matter, number: int) -> Assignment:
    return Assignment.objects.create(
        matter=matter,
        campaign_id=seat.campaign_id,
        lane_id=seat.lane_id,
        number=number,
        rank=seat.rank,
    )


def hand_over_if_nobody_left(matter: Matter) -> bool:
    """Give an open matter to a reviewer when nobody enrolled may take a seat of it."""
    if not eligibility.stuck(matter.campaign, [matter.pk]):
        return False
    move(matter, to=Matter.Status.DISPUTED, why=Why.NOBODY_LEFT)
    return True


@transaction.atomic
def hand_over_stuck(*, campaign: Campaign, by: User | None) -> int:
    """Give every matter that nobody enrolled may take to the reviewers; return how many."""
    found = eligibility.stuck(campaign)
    if not found:
        return 0
    _lock_open(campaign, found)
    handed = many.dispute(eligibility.stuck(campaign, found), why=Why.NOBODY_LEFT)
    if handed:
        audit.record(
            project=campaign.project,
            by=audit.ref(by),
            action="campaign.hand_over",
            subject=f"campaign:{campaign.pk}",
            matters=handed,
        )
    return handed


def hand_over_unasked(campaign: Campaign) -> int:
    """Do the same with nobody pressing a button.

    A campaign that nobody was ever enrolled in waits for its first workers; one that is paused
    waits for its curator.
    """
    waits = campaign.status != Campaign.Status.OPEN or not campaign.enrolments.exists()
    return 0 if waits else hand_over_stuck(campaign=campaign, by=None)
