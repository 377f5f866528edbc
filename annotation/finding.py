# ruff: noqa: S608 - the statements are put together from the constants of this file
"""Finding the next seat for a worker, at a cost that grows neither with the seats nor their work.

The lanes that are for the worker are visited one by one, the one left furthest behind first. In a
lane the search goes on from the worker's cursor and then wraps. A lane in which nothing was found
is remembered as empty: until something is opened there, only what was opened is looked at.
"""

from functools import cache
from typing import Any

from annotation import care, eligibility
from annotation.models import Assignment, Campaign
from curation import planned

# Seconds after which an empty lane is searched again, for what was locked when it was searched; a
# lease that runs out ends the time sooner.
EMPTY_FOR = 60

HELD = """
    WITH over AS ({hand_back_expired})
    SELECT {columns} FROM annotation_assignment held
     WHERE held.owner_id = %(worker)s AND held.campaign_id = %(campaign)s
       AND held.status = 'leased' AND held.lease_expires_at >= statement_timestamp()"""

# The first tab has a seat by now: the second one gets the same.
HOLDS_NONE = """
    AND NOT EXISTS (SELECT 1 FROM annotation_assignment mine
        JOIN annotation_enrolment me ON me.id = %(enrolment)s
       WHERE mine.owner_id = me.worker_id AND mine.campaign_id = me.campaign_id
         AND mine.status = 'leased')"""


WORKER = "(SELECT worker_id FROM annotation_enrolment WHERE id = %(enrolment)s)"


# `way` 0 goes on from the cursor, 1 wraps; 2 looks only at what was opened in an empty lane.
def _lanes(only: str) -> str:
    return f"""
    WITH lanes AS MATERIALIZED (
      SELECT lane.id, coalesce(cursor.reached, 0) AS reached,
             coalesce(cursor.reached, 0) - floor(coalesce(cursor.reached, 0)) AS rank,
             row_number() OVER (
               ORDER BY lane.priority DESC, coalesce(cursor.reached, 0), lane.id) AS turn,
             CASE WHEN cursor.empty_until >= clock_timestamp()
                  THEN cursor.empty_since END AS empty_since
        FROM annotation_enrolment e
        JOIN annotation_campaign c ON c.id = e.campaign_id AND c.status = 'open'
        JOIN annotation_lane lane ON lane.campaign_id = c.id
        LEFT JOIN annotation_cursor cursor
          ON cursor.enrolment_id = e.id AND cursor.lane_id = lane.id
       WHERE e.id = %(enrolment)s AND NOT {care.too_much_for(WORKER)}
         AND {eligibility.none_of(eligibility.OF_LANES)} {only}),
    ways AS MATERIALIZED (
      SELECT lanes.*, way
        FROM lanes CROSS JOIN (VALUES (0), (1), (2)) AS ways (way)
       WHERE (way = 2) = (empty_since IS NOT NULL)
       ORDER BY turn, way)"""


WAYS = (
    ("seat.rank > ways.rank", "seat.rank, seat.number"),
    ("seat.rank <= ways.rank", "seat.rank, seat.number"),
    ("seat.status = 'open' AND seat.opened_in >= ways.empty_since", "seat.opened_in"),
)

LOCK = "FOR UPDATE OF seat SKIP LOCKED"


def _seat(kind: Campaign.Kind, *, where: str, order: str, lock: str) -> str:
    return f"""
        SELECT * FROM (SELECT seat.id, seat.rank
           FROM annotation_assignment seat
          CROSS JOIN LATERAL (SELECT * FROM annotation_matter matter
                WHERE matter.id = seat.matter_id AND matter.status = 'open' OFFSET 0) AS m
          WHERE seat.status IN ('open', 'leased') AND {where}
            AND {eligibility.FREE} AND {eligibility.none_of(eligibility.OF_SEATS[kind])}
          ORDER BY {order} LIMIT 1 {lock}) AS seat"""


def _next(kind: Campaign.Kind, *, lock: str) -> str:
    """Return the query of the next seat; a way is gone only when those before led nowhere."""
    found = " UNION ALL ".join(
        _seat(
            kind,
            where=f"ways.way = {way} AND seat.lane_id = ways.id AND {where}",
            order=order,
            lock=lock,
        )
        for way, (where, order) in enumerate(WAYS)
    )
    return f"""
        SELECT found.id, found.rank, ways.id AS lane_id, ways.turn, ways.way, ways.reached
          FROM ways
          JOIN annotation_enrolment e ON e.id = %(enrolment)s
          JOIN annotation_campaign c ON c.id = e.campaign_id
         CROSS JOIN LATERAL ({found}) AS found
         LIMIT 1"""


def _this(kind: Campaign.Kind, *, lock: str) -> str:
    """Return the query of one seat that was chosen before, if it is still for the worker."""
    found = _seat(
        kind,
        where="seat.id = %(preferred)s AND seat.lane_id = lanes.id",
        order="seat.id",
        lock=lock,
    )
    return f"""
        SELECT found.id, found.rank, lanes.id AS lane_id, lanes.turn,
               (found.rank <= lanes.rank)::int AS way, lanes.reached
          FROM lanes
          JOIN annotation_enrolment e ON e.id = %(enrolment)s
          JOIN annotation_campaign c ON c.id = e.campaign_id
         CROSS JOIN LATERAL ({found}) AS found
         LIMIT 1"""


def _taking(query: str, *, emptied: str) -> str:
    """Return the statement that leases what the query finds; `emptied` are the lanes before it."""
    return f"""{_lanes(HOLDS_NONE)},
    next AS MATERIALIZED ({query}),
    granted AS (
      UPDATE annotation_assignment held
         SET status = 'leased', owner_id = e.worker_id, token = held.token + 1,
             leased_at = clock_timestamp(),
             lease_expires_at = clock_timestamp() + make_interval(secs => c.lease_seconds)
        FROM next, annotation_enrolment e, annotation_campaign c
       WHERE held.id = next.id AND e.id = %(enrolment)s AND c.id = e.campaign_id
      RETURNING {planned.columns(Assignment, "held")}),
    exposed AS (
      INSERT INTO annotation_exposure (worker_id, seat_id, token, severity)
      SELECT granted.owner_id, granted.id, granted.token, lane.severity
        FROM granted JOIN annotation_lane lane ON lane.id = granted.lane_id
      RETURNING severity),
    counted AS (
      UPDATE annotation_enrolment e
         SET working_since = CASE WHEN stretch.goes_on THEN e.working_since
                                  ELSE clock_timestamp() END,
             severe_in_a_row = CASE WHEN exposed.severity < %(severe)s THEN 0
                                    WHEN stretch.goes_on THEN e.severe_in_a_row + 1
                                    ELSE 1 END,
             claimed_at = clock_timestamp()
        FROM exposed, (SELECT coalesce(claimed_at > clock_timestamp() - %(pause)s, false)
                         FROM annotation_enrolment WHERE id = %(enrolment)s) stretch (goes_on)
       WHERE e.id = %(enrolment)s),
    moved AS (
      INSERT INTO annotation_cursor AS cursor
             (enrolment_id, lane_id, reached, empty_since, empty_until)
      SELECT %(enrolment)s, next.lane_id,
             floor(next.reached) + (next.way = 1)::int + next.rank, NULL, NULL
        FROM next WHERE next.way < 2
      UNION ALL
      SELECT %(enrolment)s, lanes.id, lanes.reached, %(snapshot)s,
             least(statement_timestamp() + make_interval(secs => %(empty_for)s),
                   (SELECT min(held.lease_expires_at) FROM annotation_assignment held
                      JOIN annotation_enrolment me ON me.campaign_id = held.campaign_id
                     WHERE me.id = %(enrolment)s AND held.status = 'leased'
                       AND held.lease_expires_at > statement_timestamp()))
        FROM lanes
       WHERE {emptied}
      ON CONFLICT (enrolment_id, lane_id) DO UPDATE
         SET reached = excluded.reached, empty_since = excluded.empty_since,
             empty_until = CASE WHEN excluded.empty_since IS NOT NULL
                                 AND cursor.empty_until >= clock_timestamp()
                                THEN cursor.empty_until ELSE excluded.empty_until END)
    SELECT * FROM granted"""


@cache
def next_statement(kind: Campaign.Kind) -> str:
    """Return the statement that leases the next seat to a worker."""
    return _taking(
        _next(kind, lock=LOCK),
        emptied="lanes.turn < coalesce((SELECT turn FROM next), 1 + (SELECT count(*) FROM lanes))",
    )


@cache
def this_statement(kind: Campaign.Kind) -> str:
    """Return the statement that leases a seat that was chosen before."""
    return _taking(_this(kind, lock=LOCK), emptied="false")


def held(who: dict[str, Any], *, hand_back: str) -> Assignment | None:
    """Return the seat in the worker's hand, after handing back an expired one."""
    row = planned.first(_held(hand_back), {**who, "raised": 0})
    return planned.instance(Assignment, row) if row else None


@cache
def _held(hand_back: str) -> str:
    return HELD.format(hand_back_expired=hand_back, columns=planned.columns(Assignment, "held"))


def take(
    *,
    campaign: Campaign,
    enrolment: int,
    snapshot: int,
    preferred: int | None,
) -> Assignment | None:
    """Lease a seat to the worker of an enrolment that is locked: the preferred one, or the next."""
    kind = Campaign.Kind(campaign.kind)
    values: dict[str, Any] = {
        "enrolment": enrolment,
        "snapshot": snapshot,
        "preferred": preferred,
        "empty_for": EMPTY_FOR,
        "severe": care.SEVERE,
        "pause": care.PAUSE,
    }
    row = None
    if preferred is not None:
        row = planned.first(this_statement(kind), values)
    if row is None:
        row = planned.first(next_statement(kind), values)
    return planned.instance(Assignment, row) if row else None


@cache
def ahead_statement(kind: Campaign.Kind) -> str:
    """Return the statement that finds the next seat of a worker and leaves it where it is."""
    return f"{_lanes('')} {_next(kind, lock='')}"


def ahead(*, campaign: Campaign, enrolment: int) -> int | None:
    """Return the seat that a claim would find now; nothing is locked or leased."""
    statement = ahead_statement(Campaign.Kind(campaign.kind))
    row = planned.first(statement, {"enrolment": enrolment})
    return row[0] if row else None
