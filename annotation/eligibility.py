# ruff: noqa: S608 - the statements are put together from the constants of this file
"""Which seats are not for whom, and why; said once, for claims, for "why nothing" and for disputes.

In every expression `lane` is where a seat stands, `seat` and `m` are a seat and its matter, `e` an
enrolment and `c` its campaign. What a lane decides is asked once for all of its seats.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from annotation.models import Campaign

OF_LANES = {
    "unqualified": "(c.qualified_only AND NOT e.qualified)",
    "language": "lane.language <> ALL (e.languages)",
    "category": "coalesce(lane.category <> '' AND lane.category <> ALL (e.categories), false)",
    "severity": "lane.severity > e.severity_limit",
}

# OFFSET 0 keeps the planner from joining all that the worker ever did, to look it up seat by seat.
DONE = """EXISTS (SELECT 1 FROM annotation_assignment own
    WHERE own.matter_id = seat.matter_id AND own.owner_id = e.worker_id AND own.status = 'done'
    OFFSET 0)"""

SKIPPED = """EXISTS (SELECT 1 FROM annotation_decline d
    WHERE d.matter_id = seat.matter_id AND d.worker_id = e.worker_id OFFSET 0)"""

# A skip in one round holds for every later round of the same item.
SKIPPED_ITEM = """EXISTS (SELECT 1 FROM annotation_matter dm
    JOIN annotation_decline d ON d.matter_id = dm.id AND d.worker_id = e.worker_id
    WHERE dm.campaign_item_id = m.campaign_item_id OFFSET 0)"""

LIVE = "live.item_id = m.item_id AND live.status IN ('proposed', 'accepted')"

WROTE = f"""EXISTS (SELECT 1 FROM curation_option live
    JOIN curation_option own ON own.item_id = live.item_id AND own.normal_form = live.normal_form
    JOIN annotation_worker me ON me.pseudonym = own.author_ref
    WHERE {LIVE} AND me.id = e.worker_id OFFSET 0)"""

STANDS = """NOT EXISTS (SELECT 1 FROM annotation_judgement later
    WHERE later.supersedes_id = j.id)"""

# Nothing is left to say: called unfit, or no text that still lacks acceptances is new to them.
SAID = f"""(EXISTS (SELECT 1 FROM annotation_matter jm
    JOIN annotation_judgement j ON j.matter_id = jm.id AND j.worker_id = e.worker_id
    WHERE jm.campaign_item_id = m.campaign_item_id AND j.unfit <> '' AND {STANDS}
    OFFSET 0)
  OR 2 = (SELECT count(DISTINCT live.polarity) FROM curation_option live WHERE {LIVE})
  AND NOT EXISTS (SELECT 1 FROM curation_option live WHERE {LIVE}
      AND NOT EXISTS (SELECT 1 FROM annotation_optionact a
        JOIN annotation_judgement j ON j.id = a.judgement_id
        WHERE a.option_id = live.id AND j.worker_id = e.worker_id AND {STANDS})
      AND c.acceptances > (SELECT count(DISTINCT j.worker_id) FROM annotation_optionact a
        JOIN annotation_judgement j ON j.id = a.judgement_id
        WHERE a.option_id = live.id AND a.act = 'accept' AND {STANDS}) OFFSET 0))"""

OF_SEATS = {
    Campaign.Kind.ANSWERS: {"done": DONE, "skipped": SKIPPED},
    Campaign.Kind.REVIEW: {
        "done": DONE,
        "skipped": SKIPPED_ITEM,
        "wrote": WROTE,
        "said": SAID,
    },
}

# In the order in which they are told.
BARS = {kind: {**of_seats, **OF_LANES} for kind, of_seats in OF_SEATS.items()}

FREE = """(seat.status = 'open'
    OR seat.status = 'leased' AND seat.lease_expires_at < clock_timestamp())"""

# People who are enrolled, and still members whose role may work.
ABLE = """annotation_enrolment e
    JOIN annotation_worker w ON w.id = e.worker_id
    JOIN auth_user u ON u.id = w.user_id AND u.is_active
    JOIN curation_membership role ON role.user_id = u.id AND role.project_id = c.project_id
     AND role.role IN ('worker', 'reviewer', 'curator')"""


def none_of(bars: dict[str, str]) -> str:
    """Return the condition that none of the bars holds."""
    return " AND ".join(f"NOT {bar}" for bar in bars.values())


# Everybody who may take seats of a lane, who is least far in it first.
ABLE_IN_LANES = f"""
    SELECT lane.id AS lane_id, e.worker_id, row_number() OVER (
             PARTITION BY lane.id ORDER BY coalesce(cursor.reached, 0), e.id) AS place
      FROM annotation_campaign c
      JOIN annotation_lane lane ON lane.campaign_id = c.id
     CROSS JOIN LATERAL (SELECT e.* FROM {ABLE}
                          WHERE e.campaign_id = c.id AND e.status = 'active' OFFSET 0) AS e
      LEFT JOIN annotation_cursor cursor
        ON cursor.enrolment_id = e.id AND cursor.lane_id = lane.id
     WHERE c.id = %(campaign)s AND {none_of(OF_LANES)}"""

# Whatever bars somebody from a seat left one of these rows. `asked` are the ones who are asked.
LEFT = {
    Campaign.Kind.ANSWERS: """
        SELECT j.matter_id FROM asked JOIN annotation_judgement j ON j.worker_id = asked.worker_id
        UNION ALL
        SELECT d.matter_id FROM asked JOIN annotation_decline d ON d.worker_id = asked.worker_id""",
    Campaign.Kind.REVIEW: """
        SELECT m.id FROM (
          SELECT jm.item_id FROM asked
            JOIN annotation_judgement j ON j.worker_id = asked.worker_id
            JOIN annotation_matter jm ON jm.id = j.matter_id
          UNION
          SELECT dm.item_id FROM asked
            JOIN annotation_decline d ON d.worker_id = asked.worker_id
            JOIN annotation_matter dm ON dm.id = d.matter_id
          UNION
          SELECT own.item_id FROM asked
            JOIN annotation_worker me ON me.id = asked.worker_id
            JOIN curation_option own ON own.author_ref = me.pseudonym
          UNION
          SELECT signed.item_id FROM (
            SELECT a.option_id FROM annotation_optionact a WHERE a.act = 'accept'
             GROUP BY a.option_id
            HAVING count(*) >= (SELECT acceptances FROM annotation_campaign
                                 WHERE id = %(campaign)s)) AS full_up
            JOIN curation_option signed ON signed.id = full_up.option_id) AS touched
          JOIN annotation_matter m ON m.item_id = touched.item_id
         WHERE m.campaign_id = %(campaign)s AND m.status = 'open'""",
}


def _stuck(kind: Campaign.Kind, which: str, able: str) -> str:
    """Return the statement that finds the stuck ones of `which`; `able` is who may take seats."""
    return f"""
        SELECT m.id FROM annotation_campaign c
          JOIN (SELECT * FROM annotation_matter matter
                 WHERE matter.status = 'open' AND matter.campaign_id = %(campaign)s
                   AND matter.id {which} OFFSET 0) AS m ON m.campaign_id = c.id
         WHERE c.id = %(campaign)s
           AND NOT EXISTS (SELECT 1 FROM annotation_assignment held WHERE held.matter_id = m.id
               AND held.status = 'leased' AND held.lease_expires_at >= clock_timestamp() OFFSET 0)
           AND NOT EXISTS (SELECT 1 FROM (SELECT * FROM annotation_assignment own
                     WHERE own.matter_id = m.id OFFSET 0) AS seat
               JOIN {able} AND {FREE} AND {none_of(OF_SEATS[kind])} OFFSET 0)
         ORDER BY m.id"""


def _doubtful(kind: Campaign.Kind) -> str:
    """Return the statement of all matters that may be stuck, which are few of many.

    A matter is stuck only if nobody at all may take seats of its lane, if it was put to one more
    person after a dispute, or if it is barred to each one who may: so also to the one asked.
    """
    return f"""
        SELECT seat.matter_id AS id FROM annotation_lane lane
          JOIN annotation_assignment seat ON seat.lane_id = lane.id
         WHERE lane.campaign_id = %(campaign)s AND seat.status IN ('open', 'leased')
           AND lane.id NOT IN (SELECT lane_id FROM able)
        UNION
        SELECT id FROM annotation_matter WHERE campaign_id = %(campaign)s
           AND status = 'open' AND dispute <> ''
        UNION
        {LEFT[kind]}"""


def _stuck_of_all(kind: Campaign.Kind) -> str:
    able = "able e ON e.lane_id = seat.lane_id WHERE true"
    return f"""
        WITH able AS MATERIALIZED ({ABLE_IN_LANES}),
        asked AS MATERIALIZED (SELECT DISTINCT worker_id FROM able WHERE place = 1),
        doubtful AS ({_doubtful(kind)})
        {_stuck(kind, "IN (SELECT id FROM doubtful)", able)}"""


def _stuck_of_some(kind: Campaign.Kind) -> str:
    """Look only as far as the first who may: that is soon found, however many there are."""
    able = f"""annotation_lane lane ON lane.id = seat.lane_id, {ABLE}
               WHERE e.campaign_id = c.id AND e.status = 'active' AND {none_of(OF_LANES)}"""
    return _stuck(kind, "= ANY(%(matters)s)", able)


STUCK = {kind: _stuck_of_all(kind) for kind in Campaign.Kind}
STUCK_OF_SOME = {kind: _stuck_of_some(kind) for kind in Campaign.Kind}


def stuck(campaign: Campaign, matters: Sequence[int] | None = None) -> list[int]:
    """Return the ids of open matters, of these or all, that nobody holds and nobody may take."""
    kind = Campaign.Kind(campaign.kind)
    values: dict[str, Any] = {"campaign": campaign.pk, "matters": matters}
    with connection.cursor() as cursor:
        cursor.execute(STUCK[kind] if matters is None else STUCK_OF_SOME[kind], values)
        return [row[0] for row in cursor.fetchall()]
