"""How the open matters of campaigns stand for one worker: free, in somebody's hand, or barred.

In each lane only `MOST` seats are looked at, in the order in which claims try them; what others
hold is looked at wherever it is. All of a worker's campaigns are read at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from annotation import care
from annotation.eligibility import BARS, FREE, OF_LANES, none_of
from annotation.models import Campaign, Worker
from curation import planned

MOST = 200


@dataclass(frozen=True)
class Standing:
    """Open matters of a campaign by what keeps each from the worker, if anything.

    Of what is in `cut` there are more than were counted.
    """

    numbers: dict[str, int] = field(default_factory=dict)  # "free", "mine", "held", or a bar
    cut: frozenset[str] = frozenset()
    held_until: datetime | None = None  # when the first one held by somebody else comes free
    # Lanes with more than was looked at: one where a claim may find a seat yet, and one of texts
    # that are too much for what is left of the worker's day.
    unsearched: bool = False
    overexposed: bool = False

    @property
    def free(self) -> int:
        return self.numbers.get("free", 0)

    @property
    def more(self) -> bool:
        return bool(self.cut)


COLUMNS = "own.matter_id, own.status, own.owner_id, own.lease_expires_at"
IN_LANE = f"""SELECT {COLUMNS} FROM annotation_assignment own
    WHERE own.lane_id = lanes.id AND own.status IN ('open', 'leased')"""  # noqa: S608 - ours
TOO_MUCH = care.too_much_for("%(worker)s")


@cache
def _statement(kind: Campaign.Kind) -> str:
    bars = " ".join(f"WHEN {bar} THEN '{name}'" for name, bar in BARS[kind].items())
    # What was opened in a lane since it was found empty comes first, as in a claim.
    return planned.one_line(f"""
        WITH lanes AS MATERIALIZED (
          SELECT lane.id, lane.campaign_id, e.id AS enrolment_id, cursor.empty_since,
                 coalesce(cursor.reached - floor(cursor.reached), -1) AS reached,
                 {none_of(OF_LANES)} AS allowed, {TOO_MUCH} AS too_much
            FROM annotation_campaign c
            JOIN annotation_enrolment e ON e.campaign_id = c.id AND e.worker_id = %(worker)s
            JOIN annotation_lane lane ON lane.campaign_id = c.id
            LEFT JOIN annotation_cursor cursor
              ON cursor.enrolment_id = e.id AND cursor.lane_id = lane.id
           WHERE c.id = ANY (%(campaigns)s::bigint[])),
        near AS (
          SELECT lanes.id AS lane_id, own.*, row_number() OVER (PARTITION BY lanes.id) AS place
            FROM lanes CROSS JOIN LATERAL (
              SELECT * FROM (
                (SELECT {COLUMNS} FROM annotation_assignment own
                  WHERE own.lane_id = lanes.id AND own.status = 'open'
                    AND own.opened_in >= lanes.empty_since
                  ORDER BY own.opened_in LIMIT {MOST + 1})
                UNION ALL
                ({IN_LANE} AND own.rank > lanes.reached
                  ORDER BY own.rank, own.number LIMIT {MOST + 1})
                UNION ALL
                ({IN_LANE} AND own.rank <= lanes.reached
                  ORDER BY own.rank, own.number LIMIT {MOST + 1})
              ) AS tried LIMIT {MOST + 1}) AS own),
        seats AS (
          SELECT lane_id, matter_id, status, owner_id, lease_expires_at, last > {MOST} AS cut
            FROM (SELECT *, max(place) OVER (PARTITION BY lane_id) AS last FROM near) AS all_near
           WHERE place <= {MOST}
          UNION ALL
          SELECT own.lane_id, {COLUMNS}, NULL
            FROM (SELECT DISTINCT campaign_id AS id FROM lanes) AS mine
           CROSS JOIN LATERAL (
             SELECT held.matter_id FROM annotation_assignment held
              WHERE held.campaign_id = mine.id AND held.status = 'leased'
              ORDER BY held.lease_expires_at LIMIT {MOST}) AS held
            JOIN annotation_assignment own
              ON own.matter_id = held.matter_id AND own.status IN ('open', 'leased'))
        SELECT campaign_id, keeps, count(*), min(lease_expires_at), coalesce(bool_or(cut), false),
               coalesce(bool_or(cut AND allowed AND NOT too_much AND empty_since IS NULL), false),
               coalesce(bool_or(cut AND allowed AND too_much), false)
          FROM (
            SELECT DISTINCT ON (seat.matter_id) lanes.*, seat.lease_expires_at, seat.cut, CASE
                   WHEN seat.status = 'leased' AND seat.owner_id = e.worker_id THEN 'mine'
                   {bars} WHEN lanes.too_much THEN 'exposure'
                   WHEN {FREE} THEN 'free' ELSE 'held' END AS keeps
              FROM seats AS seat
              JOIN lanes ON lanes.id = seat.lane_id
              JOIN annotation_lane lane ON lane.id = lanes.id
              JOIN annotation_campaign c ON c.id = lanes.campaign_id
              JOIN annotation_enrolment e ON e.id = lanes.enrolment_id
              JOIN annotation_matter m ON m.id = seat.matter_id AND m.status = 'open'
             ORDER BY seat.matter_id, coalesce(seat.owner_id = e.worker_id, false) DESC,
                      {FREE} DESC, seat.cut DESC NULLS LAST
          ) AS matters GROUP BY campaign_id, keeps""")  # noqa: S608 - put together from constants


def of(*, worker: Worker, campaigns: Sequence[Campaign]) -> dict[int, Standing]:
    """Return by campaign how its open matters stand for this worker; empty for who is not in it."""
    found: dict[int, list[tuple[object, ...]]] = {campaign.pk: [] for campaign in campaigns}
    for kind in Campaign.Kind:
        of_kind = [campaign.pk for campaign in campaigns if campaign.kind == kind]
        if of_kind:
            values = {"worker": worker.pk, "campaigns": of_kind}
            for pk, *row in planned.every(_statement(kind), values):
                found[pk].append(tuple(row))
    return {pk: _standing(rows) for pk, rows in found.items()}


def _standing(rows: Sequence[tuple[object, ...]]) -> Standing:
    by_name = {str(keeps): rest for keeps, *rest in rows}
    held = by_name.get("held")
    return Standing(
        numbers={name: int(str(rest[0])) for name, rest in by_name.items()},
        cut=frozenset(name for name, rest in by_name.items() if rest[2]),
        held_until=held[1] if held and isinstance(held[1], datetime) else None,
        unsearched=any(rest[3] for rest in by_name.values()),
        overexposed=any(rest[4] for rest in by_name.values()),
    )
