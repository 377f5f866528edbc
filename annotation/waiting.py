"""What waits for a worker in a campaign, and why nothing does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from annotation import care, leases
from annotation.eligibility import BARS, FREE
from annotation.models import Campaign, Enrolment, Matter, Worker
from curation import moments
from curation.templatetags.text import clock

# Every reason there can be; those that count something have a plural.
WORDS = {
    "not_enrolled": _("You do not take part in this campaign."),
    Campaign.Status.PAUSED: _("The campaign is paused."),
    Campaign.Status.CLOSED: _("The campaign is closed."),
    "unqualified": _("This campaign is for qualified workers; a curator has to qualify you."),
    Enrolment.Break.WORK: _("You have worked for long: take a break until %(time)s."),
    Enrolment.Break.SEVERE: _("Several severe texts in a row: take a short break until %(time)s."),
    Enrolment.Break.DROPS: _("You gave back or skipped many: the next one comes at %(time)s."),
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
    "category": ngettext_lazy(
        "%(number)s is in a category you did not opt in to.",
        "%(number)s are in categories you did not opt in to.",
        "number",
    ),
    "exposure": ngettext_lazy(
        "%(number)s is too severe for what is left of your exposure today; more from %(time)s.",
        "%(number)s are too severe for what is left of your exposure today; more from %(time)s.",
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
        return self._with(moments.clock(self.until))

    def in_html(self) -> SafeString:
        """Word it for a page, where the time is put into the reader's zone."""
        return format_html(self._with("{}"), clock(self.until))

    def _with(self, time: str) -> str:
        return str(WORDS[self.code] % {"number": self.number, "time": time})


@dataclass(frozen=True)
class Standing:
    """Open matters of a campaign as they stand for one worker, by what keeps each from them.

    At most `MOST` seats of a lane are looked at; where there are more, `more` says so.
    """

    numbers: dict[str, int]  # "free", "mine", "held", or the name of a bar
    held_until: datetime | None = None  # when the first one held by somebody else comes free
    more: bool = False

    @property
    def free(self) -> int:
        return self.numbers.get("free", 0)


MOST = 200


def _standing(kind: Campaign.Kind) -> str:
    bars = " ".join(f"WHEN {bar} THEN '{name}'" for name, bar in BARS[kind].items())
    return f"""
        SELECT keeps, count(*), min(lease_expires_at), bool_or(place = {MOST}) FROM (
          SELECT DISTINCT ON (seat.matter_id) seat.lease_expires_at, seat.place, CASE
                 WHEN seat.status = 'leased' AND seat.owner_id = e.worker_id THEN 'mine'
                 {bars} WHEN {care.too_much_for("%(worker)s")} THEN 'exposure'
                 WHEN {FREE} THEN 'free' ELSE 'held' END AS keeps
            FROM annotation_campaign c
            JOIN annotation_enrolment e ON e.campaign_id = c.id AND e.worker_id = %(worker)s
            JOIN annotation_lane lane ON lane.campaign_id = c.id
            CROSS JOIN LATERAL (
              SELECT own.*, row_number() OVER (ORDER BY own.rank, own.number) AS place
                FROM annotation_assignment own
               WHERE own.lane_id = lane.id AND own.status IN ('open', 'leased')
               ORDER BY own.rank, own.number LIMIT {MOST}) AS seat
            JOIN annotation_matter m ON m.id = seat.matter_id AND m.status = 'open'
           WHERE c.id = %(campaign)s
           ORDER BY seat.matter_id, coalesce(seat.owner_id = e.worker_id, false) DESC, {FREE} DESC
        ) AS matters GROUP BY keeps"""  # noqa: S608 - put together from constants


STANDING = {kind: _standing(kind) for kind in Campaign.Kind}


def standing(*, worker: Worker, campaign: Campaign) -> Standing:
    """Count the campaign's open matters by what keeps each from this worker, if anything."""
    values = {"worker": worker.pk, "campaign": campaign.pk}
    with connection.cursor() as cursor:
        cursor.execute(STANDING[Campaign.Kind(campaign.kind)], values)
        rows = cursor.fetchall()
    return Standing(
        numbers={keeps: number for keeps, number, _until, _more in rows},
        held_until=next((u for keeps, _number, u, _more in rows if keeps == "held"), None),
        more=any(more for _keeps, _number, _until, more in rows),
    )


def why_nothing(
    *, worker: Worker, campaign: Campaign, stands: Standing | None = None
) -> list[Reason]:
    """Return every reason why the worker can claim nothing; empty when they can."""
    enrolment = Enrolment.objects.filter(
        worker=worker, campaign=campaign, status=Enrolment.Status.ACTIVE
    ).first()
    if enrolment is None:
        return [Reason("not_enrolled")]
    if campaign.status != Campaign.Status.OPEN:
        return [Reason(campaign.status)]
    stands = stands or standing(worker=worker, campaign=campaign)
    if stands.numbers.get("mine"):
        return []
    if campaign.qualified_only and not enrolment.qualified:
        return [Reason("unqualified")]
    if resting := _on_break(enrolment):
        return [resting]
    if stands.free or (stands.more and leases.is_any_left(worker=worker, campaign=campaign)):
        return []
    return list(_keeping(stands, worker)) or [_all_settled(campaign)]


def _on_break(enrolment: Enrolment) -> Reason | None:
    if enrolment.break_until is None or enrolment.break_until <= timezone.now():
        return None
    return Reason(enrolment.break_why, until=enrolment.break_until)


def _keeping(stands: Standing, worker: Worker) -> Iterator[Reason]:
    for code in ORDER:
        if number := stands.numbers.get(code):
            yield Reason(code, number, _until(code, stands, worker))


def _until(code: str, stands: Standing, worker: Worker) -> datetime | None:
    if code == "exposure":
        return care.more_at(worker.pk)
    return stands.held_until if code == "held" else None


ORDER = (
    "held",
    "done",
    "skipped",
    "language",
    "category",
    "severity",
    "exposure",
    "wrote",
    "said",
)


def _all_settled(campaign: Campaign) -> Reason:
    statuses = Matter.objects.filter(campaign=campaign).values_list("status")
    numbers = dict(statuses.annotate(number=Count("pk")))
    if not numbers:
        return Reason("empty")
    if disputed := numbers.get(Matter.Status.DISPUTED):
        return Reason("with_reviewers", disputed)
    return Reason("all_settled", numbers.get(Matter.Status.SETTLED, 0))
