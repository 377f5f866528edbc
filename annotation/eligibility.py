# ruff: noqa: S608 - the statements are put together from the constants of this file
"""Which seats are not for whom, and why; said once, for claims, for "why nothing" and for disputes.

In every expression `lane` is where a seat stands, `seat` and `m` are a seat and its matter, `e` an
enrolment and `c` its campaign. What a lane decides is asked once for all of its seats.
"""

from django.db import connection

from annotation.models import Campaign, Matter

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


def _stuck(kind: Campaign.Kind) -> str:
    return f"""
        SELECT m.id FROM annotation_matter m JOIN annotation_campaign c ON c.id = m.campaign_id
         WHERE m.status = 'open' AND m.campaign_id = %(campaign)s
           AND (%(matter)s::bigint IS NULL OR m.id = %(matter)s)
           AND NOT EXISTS (SELECT 1 FROM annotation_assignment held WHERE held.matter_id = m.id
               AND held.status = 'leased' AND held.lease_expires_at >= clock_timestamp() OFFSET 0)
           AND NOT EXISTS (SELECT 1 FROM (SELECT * FROM annotation_assignment own
                     WHERE own.matter_id = m.id OFFSET 0) AS seat
               JOIN annotation_lane lane ON lane.id = seat.lane_id, {ABLE}
               WHERE {FREE} AND e.campaign_id = c.id
                 AND e.status = 'active' AND {none_of(BARS[kind])} OFFSET 0)
         ORDER BY m.id"""


STUCK = {kind: _stuck(kind) for kind in Campaign.Kind}


def stuck(campaign: Campaign, matter: Matter | None = None) -> list[int]:
    """Return the ids of open matters that nobody holds and nobody enrolled may take."""
    with connection.cursor() as cursor:
        cursor.execute(
            STUCK[Campaign.Kind(campaign.kind)],
            {"campaign": campaign.pk, "matter": matter.pk if matter else None},
        )
        return [row[0] for row in cursor.fetchall()]
