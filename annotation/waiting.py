"""What waits for a worker in a campaign, and why nothing does."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection
from django.db.models import Count
from django.utils.formats import time_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from annotation.eligibility import BARS, FREE
from annotation.models import Campaign, Enrolment, Matter, Worker

# Every reason there can be; those that count something have a plural.
WORDS = {
    "not_enrolled": _("You do not take part in this campaign."),
    Campaign.Status.PAUSED: _("The campaign is paused."),
    Campaign.Status.CLOSED: _("The campaign is closed."),
    "empty": _("Nothing has been put into this campaign yet."),
    "held": ngettext_lazy(
        "%(number)s is held by somebody else until %(time)s.",
        "%(number)s are held by others; the first comes free at %(time)s.",
        "number",
    ),
    "done": ngettext_lazy(
        "You have judged %(number)s that is still open; it waits for others.",
        "You have judged %(number)s that are still open; they wait for others.",
        "number",
    ),
    "skipped": ngettext_lazy("You skipped %(number)s.", "You skipped %(number)s.", "number"),
    "language": ngettext_lazy(
        "%(number)s is in a language you did not choose.",
        "%(number)s are in a language you did not choose.",
        "number",
    ),
    "severity": ngettext_lazy(
        "%(number)s is more severe than you agreed to see.",
        "%(number)s are more severe than you agreed to see.",
        "number",
    ),
    "wrote": ngettext_lazy(
        "%(number)s holds a text you wrote, so others must sign it.",
        "%(number)s hold a text you wrote, so others must sign them.",
        "number",
    ),
    "said": ngettext_lazy(
        "You have said your word on %(number)s; it needs other signatures.",
        "You have said your word on %(number)s; they need other signatures.",
        "number",
    ),
    "with_reviewers": ngettext_lazy(
        "All is judged; %(number)s waits for a reviewer.",
        "All is judged; %(number)s wait for a reviewer.",
        "number",
    ),
    "all_settled": ngettext_lazy(
        "All is done: %(number)s is settled.", "All is done: %(number)s are settled.", "number"
    ),
}


@dataclass(frozen=True)
class Reason:
    """Why some work is not for the worker now: a code, how many matters, until when."""

    code: str
    number: int = 0
    until: datetime | None = None

    def __str__(self) -> str:
        time = time_format(localtime(self.until), "H:i") if self.until else "–"
        return str(WORDS[self.code] % {"number": self.number, "time": time})


@dataclass(frozen=True)
class Standing:
    """Open matters of a campaign as they stand for one worker, by what keeps each from them."""

    numbers: dict[str, int]  # "free", "mine", "held", or the name of a bar
    held_until: datetime | None = None  # when the first one held by somebody else comes free
    by_status: dict[str, int] = field(default_factory=dict)  # all matters of the campaign

    @property
    def free(self) -> int:
        return self.numbers.get("free", 0)


def _standing(kind: Campaign.Kind) -> str:
    bars = " ".join(f"WHEN {bar} THEN '{name}'" for name, bar in BARS[kind].items())
    return f"""
        SELECT keeps, count(*), min(lease_expires_at) FROM (
          SELECT DISTINCT ON (seat.matter_id) seat.lease_expires_at, CASE
                 WHEN seat.status = 'leased' AND seat.owner_id = e.worker_id THEN 'mine'
                 {bars}
                 WHEN {FREE} THEN 'free' ELSE 'held' END AS keeps
            FROM annotation_assignment seat
            JOIN annotation_matter m ON m.id = seat.matter_id
            JOIN annotation_campaign c ON c.id = seat.campaign_id
            JOIN annotation_enrolment e ON e.campaign_id = c.id AND e.worker_id = %(worker)s
           WHERE seat.campaign_id = %(campaign)s AND seat.status IN ('open', 'leased')
             AND m.status = 'open'
           ORDER BY seat.matter_id, coalesce(seat.owner_id = e.worker_id, false) DESC, {FREE} DESC
        ) AS matters GROUP BY keeps"""  # noqa: S608 - put together from constants


STANDING = {kind: _standing(kind) for kind in Campaign.Kind}


def standing(*, worker: Worker, campaign: Campaign) -> Standing:
    """Count the campaign's open matters by what keeps each from this worker, if anything."""
    with connection.cursor() as cursor:
        cursor.execute(
            STANDING[Campaign.Kind(campaign.kind)],
            {"worker": worker.pk, "campaign": campaign.pk},
        )
        rows = cursor.fetchall()
    statuses = Matter.objects.filter(campaign=campaign).values_list("status")
    return Standing(
        numbers={keeps: number for keeps, number, _until in rows},
        held_until=next((until for keeps, _number, until in rows if keeps == "held"), None),
        by_status=dict(statuses.annotate(number=Count("pk"))),
    )


def why_nothing(
    *, worker: Worker, campaign: Campaign, stands: Standing | None = None
) -> list[Reason]:
    """Return every reason why the worker can claim nothing; empty when they can."""
    enrolled = Enrolment.objects.filter(
        worker=worker, campaign=campaign, status=Enrolment.Status.ACTIVE
    )
    if not enrolled.exists():
        return [Reason("not_enrolled")]
    if campaign.status != Campaign.Status.OPEN:
        return [Reason(campaign.status)]
    stands = stands or standing(worker=worker, campaign=campaign)
    if stands.free or stands.numbers.get("mine"):
        return []
    return list(_keeping(stands)) or [_all_settled(stands)]


def _keeping(stands: Standing) -> Iterator[Reason]:
    for code in ("held", "done", "skipped", "language", "severity", "wrote", "said"):
        if number := stands.numbers.get(code):
            yield Reason(code, number, stands.held_until if code == "held" else None)


def _all_settled(stands: Standing) -> Reason:
    if not stands.by_status:
        return Reason("empty")
    if disputed := stands.by_status.get(Matter.Status.DISPUTED):
        return Reason("with_reviewers", disputed)
    return Reason("all_settled", stands.by_status.get(Matter.Status.SETTLED, 0))
