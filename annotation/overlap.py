"""Changing how many people judge each answer of a campaign that is going on."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.utils.translation import gettext as _

from annotation import campaign_lock, campaigns, quorum
from annotation.models import Campaign
from curation import audit
from curation.models import Project
from curation.refusals import Refused


class Overtaken(Refused):
    """Somebody else changed the number first."""


@dataclass(frozen=True)
class Changed:
    """What a change did: seats that were added or cancelled, answers that became disputed."""

    added: int = 0
    cancelled: int = 0
    disputed: int = 0


# Seats of an answer stand in one lane at one rank. Who searched before is not told to search
# again: a seat says which transaction opened it, and that one was not seen by their search.
RAISE = """
    INSERT INTO annotation_assignment
           (matter_id, campaign_id, lane_id, number, status, token, rank)
    SELECT m.id, m.campaign_id, asked.lane, asked.last + further, 'open', 0, asked.rank
      FROM annotation_matter m
      JOIN (SELECT seat.matter_id, max(seat.lane_id) AS lane, max(seat.rank) AS rank,
                   max(seat.number) AS last,
                   count(*) FILTER (WHERE seat.status NOT IN ('cancelled', 'undone')) AS wanted
              FROM annotation_assignment seat
             WHERE seat.campaign_id = %(campaign)s GROUP BY seat.matter_id) AS asked
        ON asked.matter_id = m.id
     CROSS JOIN LATERAL generate_series(1, %(to)s - asked.wanted) AS further
     WHERE m.campaign_id = %(campaign)s AND m.status = 'open'"""

# Cancelled are those that nobody was shown first, then the newest. A matter that was disputed
# keeps its seats: a reviewer has put it to one more person than were asked.
LOWER = """
    WITH wanted AS (
      SELECT seat.id, seat.matter_id, seat.status,
             row_number() OVER (PARTITION BY seat.matter_id
                                ORDER BY seat.status = 'open', seat.token = 0, seat.number) AS place
        FROM annotation_matter m
        JOIN annotation_assignment seat ON seat.matter_id = m.id
       WHERE m.campaign_id = %(campaign)s AND m.status = 'open' AND m.dispute = ''
         AND seat.status NOT IN ('cancelled', 'undone')),
    chosen AS (SELECT id, matter_id FROM wanted WHERE place > %(to)s AND status = 'open'),
    gone AS (
      UPDATE annotation_assignment seat SET status = 'cancelled'
        FROM chosen WHERE seat.id = chosen.id AND seat.status = 'open'
      RETURNING seat.id)
    SELECT chosen.matter_id, gone.id IS NOT NULL
      FROM chosen LEFT JOIN gone ON gone.id = chosen.id"""

# Among so many new seats one goes on from one's cursor; an empty lane is walked as it was opened.
# Claims write these rows too, and what they write at this moment is right.
SEARCH_AGAIN = """
    UPDATE annotation_cursor SET empty_since = NULL, empty_until = NULL
     WHERE (enrolment_id, lane_id) IN (
       SELECT known.enrolment_id, known.lane_id
         FROM annotation_cursor known
         JOIN annotation_lane lane ON lane.id = known.lane_id
        WHERE lane.campaign_id = %(campaign)s AND known.empty_since IS NOT NULL
          FOR UPDATE OF known SKIP LOCKED)"""


@transaction.atomic
def change(*, campaign: Campaign, to: int, seen: int, by: User | None) -> Changed:
    """Let each answer be judged by `to` people, where it was `seen` when the curator looked.

    Open answers get the seats they lack. Or they lose seats that nobody holds, never one that is
    held or judged; who by then has all judgements without a quorum is disputed. Settled and
    disputed answers stay as they are. Raises `Overtaken`.
    """
    _lock(campaign)
    _check(campaign, to, seen)
    if to == campaign.overlap:
        return Changed()
    before, campaign.overlap = campaign.overlap, to
    campaign.save(update_fields=["overlap"])
    changed = _raise(campaign) if to > before else _lower(campaign)
    audit.record(
        project=campaign.project,
        by=audit.ref(by),
        action="campaign.overlap",
        subject=f"campaign:{campaign.pk}",
        before=before,
        to=to,
        added=changed.added,
        cancelled=changed.cancelled,
        disputed=changed.disputed,
    )
    return changed


def _lock(campaign: Campaign) -> None:
    """Wait for who opens, adds to or closes one of the project's campaigns, or judges in this."""
    Project.objects.select_for_update(no_key=True).get(pk=campaign.project_id)
    campaign_lock.alone(campaign.pk)
    campaign.refresh_from_db(fields=["kind", "status", "overlap", "quorum"])


def _check(campaign: Campaign, to: int, seen: int) -> None:
    if campaign.kind != Campaign.Kind.ANSWERS:
        raise Refused(_("A review asks one person after the other: it has no such number."))
    if campaign.status == Campaign.Status.CLOSED:
        raise Refused(_("The campaign is closed."))
    if campaign.overlap != seen:
        raise Overtaken(
            _("Somebody else has just made it %(now)s. Look again.") % {"now": campaign.overlap}
        )
    campaigns.check_range("overlap", to)
    if to < campaign.quorum:
        raise Refused(
            _("An answer is settled when %(quorum)s agree, so at least as many must judge it.")
            % {"quorum": campaign.quorum},
            field="overlap",
        )


def _raise(campaign: Campaign) -> Changed:
    values = {"campaign": campaign.pk, "to": campaign.overlap}
    with connection.cursor() as cursor:
        cursor.execute(RAISE, values)
        added = cursor.rowcount
        cursor.execute(SEARCH_AGAIN, values)
    return Changed(added=added)


def _lower(campaign: Campaign) -> Changed:
    """Look again until nothing is found: one may be claimed just before it would be cancelled."""
    values = {"campaign": campaign.pk, "to": campaign.overlap}
    cancelled: list[int] = []  # the matter of each
    with connection.cursor() as cursor:
        cursor.execute(LOWER, values)
        while chosen := cursor.fetchall():
            cancelled += [matter for matter, gone in chosen if gone]
            cursor.execute(LOWER, values)
    disputed = quorum.dispute_complete(campaign, sorted(set(cancelled)))
    return Changed(cancelled=len(cancelled), disputed=disputed)
