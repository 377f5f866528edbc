"""Moving many matters at once, in one statement however many there are."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from annotation.models import Campaign, Matter
from annotation.signoff import Why

# As `matters.MOVE` does with one.
MOVE = """
    WITH moved AS (
      UPDATE annotation_matter m
         SET status = %(to)s::varchar, dispute = coalesce(%(why)s, m.dispute),
             settled_at = CASE WHEN %(to)s::varchar = 'withdrawn' THEN statement_timestamp() END
       WHERE {which} AND m.status = 'open'
      RETURNING m.id, m.item_id),
    idle AS (
      UPDATE annotation_assignment seat
         SET status = 'cancelled', owner_id = NULL, lease_expires_at = NULL
        FROM moved
       WHERE seat.matter_id = moved.id
         AND (seat.status = 'open' OR seat.status = 'leased'
                                  AND seat.lease_expires_at < clock_timestamp())),
    waiting AS (
      UPDATE curation_item item SET status = 'drafted'
        FROM moved
       WHERE item.id = moved.item_id AND item.status = 'in_review' AND %(waits)s)
    SELECT count(*) FROM moved"""


def dispute(matters: Sequence[int], *, why: Why) -> int:
    """Put open matters that are locked before the reviewers; return how many there were."""
    values = {"matters": list(matters), "to": Matter.Status.DISPUTED, "why": why, "waits": False}
    return _move("m.id = ANY(%(matters)s)", values) if matters else 0


def withdraw_open(campaign: Campaign) -> int:
    """Withdraw every open matter of a campaign that is locked; return how many there were.

    Items whose options were in review wait for another campaign.
    """
    values = {
        "campaign": campaign.pk,
        "to": Matter.Status.WITHDRAWN,
        "why": None,
        "waits": campaign.kind == Campaign.Kind.REVIEW,
    }
    return _move("m.campaign_id = %(campaign)s", values)


def _move(which: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(MOVE.format(which=which), values)
        return int(cursor.fetchone()[0])
