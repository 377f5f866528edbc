"""Care for people who read ugly text: how much of it a day, and when a break is due.

The numbers are ours: none are agreed on in the field (docs/decisions/0018). A campaign may choose
others for `exposure_day` and `break_after`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Min
from django.db.models.functions import Now

from annotation.models import Enrolment, Exposure

POINTS = (0, 1, 3, 6, 10)  # of exposure, by severity
SEVERE = 3  # from this severity on a text is severe

DAY = timedelta(days=1)
PAUSE = timedelta(minutes=10)  # who claims nothing for so long has had a break
LONG_BREAK = timedelta(minutes=10)  # after a long stretch of work
SHORT_BREAK = timedelta(minutes=3)  # after severe texts in a row
IN_A_ROW = 5

DROPS = 6  # seats given back or skipped within `DROPS_WITHIN` until the next one is waited for
DROPS_WITHIN = timedelta(minutes=10)
COOL_DOWN = timedelta(minutes=5)

Break = Enrolment.Break


@dataclass(frozen=True)
class Stretch:
    """Work without a pause: since when, when the last seat was claimed, severe ones at its end."""

    since: datetime | None
    claimed_at: datetime | None
    severe_in_a_row: int


def break_due(stretch: Stretch, *, now: datetime, after: int) -> tuple[Break, timedelta] | None:
    """Return which break is due before the next seat, and how long; `after` is in minutes."""
    if not after or not stretch.since or not stretch.claimed_at:
        return None
    if now - stretch.claimed_at >= PAUSE:
        return None
    if now - stretch.since >= timedelta(minutes=after):
        return Break.WORK, LONG_BREAK
    if stretch.severe_in_a_row >= IN_A_ROW:
        return Break.SEVERE, SHORT_BREAK
    return None


_POINTS = f"(ARRAY{list(POINTS)})[%s.severity + 1]"


def taken_by(worker: str) -> str:
    """Return the query of a worker's points of exposure in the last 24 hours."""
    return f"""
        SELECT coalesce(sum({_POINTS % "seen"}), 0)::int FROM annotation_exposure seen
         WHERE seen.worker_id = {worker} AND seen.severity > 0
           AND seen.created_at > statement_timestamp() - interval '1 day'"""  # noqa: S608 - ours


def too_much_for(worker: str) -> str:
    """Return the condition that a lane's texts are more than is left of the worker's day."""
    return f"""(c.exposure_day > 0 AND {_POINTS % "lane"}
               > greatest(0, c.exposure_day - ({taken_by(worker)})))"""


def more_at(worker: int) -> datetime | None:
    """Return when the first exposure of the last 24 hours ends to count."""
    seen = Exposure.objects.filter(worker=worker, severity__gt=0, created_at__gt=Now() - DAY)
    first: datetime | None = seen.aggregate(first=Min("created_at"))["first"]
    return first and first + DAY


def begin_break(enrolment: int, *, why: Break, lasts: timedelta) -> datetime:
    """Begin a break and return its end."""
    values: dict[str, Any] = {"enrolment": enrolment, "why": why.value, "lasts": lasts}
    with connection.cursor() as cursor:
        cursor.execute(BEGIN_BREAK, values)
        return cursor.fetchone()[0]


BEGIN_BREAK = """
    UPDATE annotation_enrolment
       SET break_until = clock_timestamp() + %(lasts)s, break_why = %(why)s,
           working_since = NULL, claimed_at = NULL, severe_in_a_row = 0, dropped = 0
     WHERE id = %(enrolment)s
    RETURNING break_until"""

# Who drops seats until one pleases them waits a while for the next.
DROP = """
    UPDATE annotation_enrolment
       SET dropped = CASE WHEN fresh.begins OR fresh.enough THEN 1 ELSE dropped + 1 END,
           dropped_since = CASE WHEN fresh.begins THEN clock_timestamp() ELSE dropped_since END,
           break_until = CASE WHEN fresh.enough THEN clock_timestamp() + %(cool)s
                              ELSE break_until END,
           break_why = CASE WHEN fresh.enough THEN 'drops' ELSE break_why END
      FROM (SELECT id AS pk, coalesce(dropped_since < clock_timestamp() - %(within)s, true)
                   AS begins,
                   dropped + 1 >= %(drops)s
                   AND coalesce(dropped_since >= clock_timestamp() - %(within)s, false) AS enough
              FROM annotation_enrolment WHERE id = %(enrolment)s) fresh
     WHERE id = fresh.pk"""


def note_drop(enrolment: int) -> None:
    """Count that a worker, whose enrolment is locked, has dropped a seat."""
    values: dict[str, Any] = {
        "enrolment": enrolment,
        "drops": DROPS,
        "within": DROPS_WITHIN,
        "cool": COOL_DOWN,
    }
    with connection.cursor() as cursor:
        cursor.execute(DROP, values)
