# ruff: noqa: S608 - the statements are put together from the constants of this file
"""Which seats are not for whom, and why; said once, for claims, for "why nothing" and for disputes.

In every expression `seat` and `m` are a seat and its matter, `e` an enrolment and `c` its campaign.
"""

from django.db import connection

from annotation.models import Campaign, Matter

DONE = """EXISTS (SELECT 1 FROM annotation_assignment own
    WHERE own.matter_id = seat.matter_id AND own.owner_id = e.worker_id AND own.status = 'done')"""

# A skip in one round holds for every later round of the same item.
SKIPPED = """EXISTS (SELECT 1 FROM annotation_decline d
    JOIN annotation_matter dm ON dm.id = d.matter_id
    WHERE d.worker_id = e.worker_id AND dm.campaign_item_id = m.campaign_item_id)"""

LANGUAGE = "seat.language <> ALL (e.languages)"

SEVERITY = "seat.severity > e.severity_limit"

LIVE = "live.item_id = m.item_id AND live.status IN ('proposed', 'accepted')"

WROTE = f"""EXISTS (SELECT 1 FROM curation_option live
    JOIN curation_option own ON own.item_id = live.item_id AND own.normal_form = live.normal_form
    JOIN annotation_worker me ON me.pseudonym = own.author_ref
    WHERE {LIVE} AND me.id = e.worker_id)"""

# Nothing is left to say: called unfit, or no text that still lacks acceptances is new to them.
SAID = f"""(EXISTS (SELECT 1 FROM annotation_judgement j
    JOIN annotation_matter jm ON jm.id = j.matter_id
    WHERE jm.campaign_item_id = m.campaign_item_id AND j.worker_id = e.worker_id AND j.unfit <> '')
  OR 2 = (SELECT count(DISTINCT live.polarity) FROM curation_option live WHERE {LIVE})
  AND NOT EXISTS (SELECT 1 FROM curation_option live WHERE {LIVE}
      AND NOT EXISTS (SELECT 1 FROM annotation_optionact a
        JOIN annotation_judgement j ON j.id = a.judgement_id
        WHERE a.option_id = live.id AND j.worker_id = e.worker_id)
      AND c.acceptances > (SELECT count(DISTINCT j.worker_id) FROM annotation_optionact a
        JOIN annotation_judgement j ON j.id = a.judgement_id
        WHERE a.option_id = live.id AND a.act = 'accept')))"""

# In the order in which they are told.
OF_ANSWERS = {"done": DONE, "skipped": SKIPPED, "language": LANGUAGE, "severity": SEVERITY}
BARS = {
    Campaign.Kind.ANSWERS: OF_ANSWERS,
    Campaign.Kind.REVIEW: {**OF_ANSWERS, "wrote": WROTE, "said": SAID},
}

FREE = """(seat.status = 'open'
    OR seat.status = 'leased' AND seat.lease_expires_at < clock_timestamp())"""

# People who are enrolled, and still members whose role may work.
ABLE = """annotation_enrolment e
    JOIN annotation_worker w ON w.id = e.worker_id
    JOIN auth_user u ON u.id = w.user_id AND u.is_active
    JOIN curation_membership role ON role.user_id = u.id AND role.project_id = c.project_id
     AND role.role IN ('worker', 'reviewer', 'curator')"""


def allowed(kind: Campaign.Kind | str) -> str:
    """Return the condition that the seat may go to the worker of the enrolment."""
    return "".join(f" AND NOT {bar}" for bar in BARS[Campaign.Kind(kind)].values())


def _stuck(kind: Campaign.Kind) -> str:
    return f"""
        SELECT m.id FROM annotation_matter m JOIN annotation_campaign c ON c.id = m.campaign_id
         WHERE m.status = 'open' AND m.campaign_id = %(campaign)s
           AND (%(matter)s::bigint IS NULL OR m.id = %(matter)s)
           AND NOT EXISTS (SELECT 1 FROM annotation_assignment held WHERE held.matter_id = m.id
               AND held.status = 'leased' AND held.lease_expires_at >= clock_timestamp())
           AND NOT EXISTS (SELECT 1 FROM annotation_assignment seat, {ABLE}
               WHERE seat.matter_id = m.id AND {FREE} AND e.campaign_id = c.id
                 AND e.status = 'active' {allowed(kind)})
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
