# ruff: noqa: S608 - the statements are put together from the constants of this file
"""Finding the next seat for a worker, at a cost that grows neither with the seats nor their work.

The lanes that are for the worker are tried one by one, the one left furthest behind first. In a
lane the search goes on from the worker's cursor and then wraps. A lane in which nothing was found
is remembered as empty: until something is opened there, only what was opened is looked at.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from annotation import care, eligibility
from annotation.models import Assignment, Campaign
from curation import planned

# Seconds after which an empty lane is searched again, for what was locked when it was searched; a
# lease that runs out ends the time sooner.
EMPTY_FOR = 60

SEAT = planned.Columns(Assignment, "held")

# The lanes of a worker in the order in which they are tried, as [id, reached, empty since].
LANES = f"""
    SELECT coalesce(jsonb_agg(jsonb_build_array(lane.id, cursor.reached,
                 CASE WHEN cursor.empty_until >= clock_timestamp() THEN cursor.empty_since END)
               ORDER BY lane.priority DESC, coalesce(cursor.reached, 0), lane.id), '[]')::text
      FROM annotation_lane lane
      LEFT JOIN annotation_cursor cursor
        ON cursor.enrolment_id = e.id AND cursor.lane_id = lane.id
     WHERE lane.campaign_id = c.id AND {eligibility.none_of(eligibility.OF_LANES)}"""

# Ways to search a lane: on from the cursor, from its beginning, or only what was opened.
ONWARD = "seat.lane_id = lane.id AND seat.rank > %(rank)s ORDER BY seat.rank, seat.number"
WRAPPED = "seat.lane_id = lane.id AND seat.rank <= %(rank)s ORDER BY seat.rank, seat.number"
OPENED = """seat.lane_id = lane.id AND seat.status = 'open' AND seat.opened_in >= %(since)s
    ORDER BY seat.opened_in"""
# One seat, which was looked at before.
THIS = "seat.id = %(seat)s AND seat.lane_id = lane.id ORDER BY seat.id"

LOCK = "FOR UPDATE OF seat SKIP LOCKED"

# One worker holds one seat of a campaign: a second tab gets the same.
HOLDS_NONE = """AND NOT EXISTS (SELECT 1 FROM annotation_assignment mine
    WHERE mine.owner_id = e.worker_id AND mine.campaign_id = e.campaign_id
      AND mine.status = 'leased')"""


@dataclass(frozen=True)
class Lane:
    """A lane that is for the worker: how far they are, and since when it is known as empty."""

    id: int
    reached: float
    empty_since: int | None

    def ways(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Return the ways to search it with their values, the first one first."""
        if self.empty_since is not None:
            yield OPENED, {"lane": self.id, "since": self.empty_since}
        else:
            yield ONWARD, {"lane": self.id, "rank": self.reached % 1}
            yield WRAPPED, {"lane": self.id, "rank": self.reached % 1}


def lanes_in(written: str) -> list[Lane]:
    """Read what LANES returns."""
    return [Lane(pk, reached or 0.0, since) for pk, reached, since in json.loads(written)]


def _found(kind: Campaign.Kind, way: str, *, only: str, lock: str) -> str:
    where, order = way.split("ORDER BY")
    return f"""
        SELECT found.id, found.rank, lane.id AS lane_id, lane.severity
          FROM annotation_enrolment e
          JOIN annotation_campaign c ON c.id = e.campaign_id AND c.status = 'open'
          JOIN annotation_lane lane ON lane.campaign_id = c.id AND lane.id = %(lane)s
         CROSS JOIN LATERAL (
           SELECT seat.id, seat.rank
             FROM annotation_assignment seat
            CROSS JOIN LATERAL (SELECT * FROM annotation_matter matter
                  WHERE matter.id = seat.matter_id AND matter.status = 'open' OFFSET 0) AS m
            WHERE seat.status IN ('open', 'leased') AND {where}
              AND {eligibility.FREE} AND {eligibility.none_of(eligibility.OF_SEATS[kind])}
            ORDER BY {order} LIMIT 1 {lock}) AS found
         WHERE e.id = %(enrolment)s AND NOT {care.too_much_for("e.worker_id")} {only}"""


@cache
def taking(kind: Campaign.Kind, way: str) -> str:
    """Return the statement that leases the seat found in this way."""
    return planned.one_line(f"""
    WITH next AS MATERIALIZED ({_found(kind, way, only=HOLDS_NONE, lock=LOCK)}),
    granted AS (
      UPDATE annotation_assignment held
         SET status = 'leased', owner_id = e.worker_id, token = held.token + 1,
             leased_at = clock_timestamp(),
             lease_expires_at = clock_timestamp() + make_interval(secs => c.lease_seconds)
        FROM next, annotation_enrolment e, annotation_campaign c
       WHERE held.id = next.id AND e.id = %(enrolment)s AND c.id = e.campaign_id
      RETURNING {SEAT}),
    exposed AS (
      INSERT INTO annotation_exposure (worker_id, seat_id, token, severity)
      SELECT granted.owner_id, granted.id, granted.token, next.severity FROM granted, next),
    counted AS (
      UPDATE annotation_enrolment e
         SET claimed_at = clock_timestamp(),
             working_since = CASE WHEN e.claimed_at > clock_timestamp() - %(pause)s
                                  THEN e.working_since ELSE clock_timestamp() END,
             severe_in_a_row = CASE WHEN next.severity < %(severe)s THEN 0
                                    WHEN e.claimed_at > clock_timestamp() - %(pause)s
                                    THEN e.severe_in_a_row + 1 ELSE 1 END
        FROM next WHERE e.id = %(enrolment)s),
    moved AS (
      INSERT INTO annotation_cursor AS cursor (enrolment_id, lane_id, reached)
      SELECT %(enrolment)s, lane_id, rank FROM next
      ON CONFLICT (enrolment_id, lane_id) DO UPDATE
         SET reached = floor(cursor.reached) + excluded.reached
                       + (excluded.reached <= cursor.reached - floor(cursor.reached))::int,
             empty_since = CASE WHEN %(known)s THEN cursor.empty_since END)
    SELECT * FROM granted""")


@cache
def looking(kind: Campaign.Kind, way: str) -> str:
    """Return the statement that finds a seat in this way and leaves it where it is."""
    return planned.one_line(_found(kind, way, only="", lock=""))


# Who holds a seat by now found none because of that: another tab was faster. A lane that was closed
# to them as a whole was not searched.
REMEMBER = f"""
    INSERT INTO annotation_cursor AS cursor
           (enrolment_id, lane_id, reached, empty_since, empty_until)
    SELECT e.id, lane.id, 0, %(snapshot)s,
           least(statement_timestamp() + make_interval(secs => %(empty_for)s),
                 (SELECT min(held.lease_expires_at) FROM annotation_assignment held
                   WHERE held.campaign_id = e.campaign_id AND held.status = 'leased'
                     AND held.lease_expires_at > statement_timestamp()))
      FROM annotation_enrolment e
      JOIN annotation_campaign c ON c.id = e.campaign_id AND c.status = 'open'
      JOIN annotation_lane lane ON lane.id = ANY (%(lanes)s::bigint[])
     WHERE e.id = %(enrolment)s AND NOT {care.too_much_for("e.worker_id")} {HOLDS_NONE}
    ON CONFLICT (enrolment_id, lane_id) DO UPDATE
       SET empty_since = excluded.empty_since,
           empty_until = CASE WHEN cursor.empty_since IS NOT NULL
                               AND cursor.empty_until >= statement_timestamp()
                              THEN cursor.empty_until ELSE excluded.empty_until END
    RETURNING lane_id"""


def take(
    *,
    campaign: Campaign,
    enrolment: int,
    lanes: Sequence[Lane],
    snapshot: int,
    preferred: Assignment | None,
) -> Assignment | None:
    """Lease a seat to the worker of an enrolment that is locked: the preferred one, or the next.

    `snapshot` is from before the search: whatever it did not see was opened later.
    """
    kind = Campaign.Kind(campaign.kind)
    who = {"enrolment": enrolment, "severe": care.SEVERE, "pause": care.PAUSE}
    row, emptied = None, []
    if preferred is not None and preferred.lane_id in {lane.id for lane in lanes}:
        this = {"seat": preferred.pk, "lane": preferred.lane_id, "known": False}
        row = planned.first(taking(kind, THIS), {**who, **this})
    for lane in [] if row else lanes:
        row = _take_in(kind, lane, who)
        if row:
            break
        emptied.append(lane.id)
    if emptied:
        planned.first(
            REMEMBER,
            {
                "enrolment": enrolment,
                "lanes": emptied,
                "snapshot": snapshot,
                "empty_for": EMPTY_FOR,
            },
        )
    return _seat_in(row) if row else None


def _take_in(kind: Campaign.Kind, lane: Lane, who: dict[str, Any]) -> tuple[Any, ...] | None:
    for way, values in lane.ways():
        known = {"known": way is OPENED}
        if row := planned.first(taking(kind, way), {**who, **values, **known}):
            return row
    return None


def ahead(*, campaign: Campaign, enrolment: int, lanes: Sequence[Lane]) -> int | None:
    """Return the seat that a claim would find now; nothing is locked or leased."""
    kind = Campaign.Kind(campaign.kind)
    for lane in lanes:
        for way, values in lane.ways():
            if row := planned.first(looking(kind, way), {"enrolment": enrolment, **values}):
                return int(row[0])
    return None


HELD = """
    WITH over AS ({hand_back_expired})
    SELECT {seat} FROM annotation_assignment held
     WHERE held.owner_id = %(worker)s AND held.campaign_id = %(campaign)s
       AND held.status = 'leased' AND held.lease_expires_at >= statement_timestamp()"""


def held(who: dict[str, Any], *, hand_back: str) -> Assignment | None:
    """Return the seat in the worker's hand, after handing back an expired one."""
    row = planned.first(_held(hand_back), {**who, "raised": 0})
    return _seat_in(row) if row else None


@cache
def _held(hand_back: str) -> str:
    return HELD.format(hand_back_expired=hand_back, seat=SEAT)


def _seat_in(row: Sequence[Any]) -> Assignment:
    return cast(Assignment, SEAT.row(row))
