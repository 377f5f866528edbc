"""What waits for a worker in a campaign, and why nothing does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from annotation import care, leases, standings
from annotation.eligibility import STANDS
from annotation.models import Assignment, Campaign, Enrolment, Matter, Worker
from annotation.standings import Standing
from curation import moments, planned
from curation.planned import Columns
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
    "changing": ngettext_lazy(
        "%(number)s waits for you, but somebody is changing it right now: try again in a moment.",
        "%(number)s wait for you, but somebody is changing them right now: try again in a moment.",
        "number",
    ),
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
    "skipped": ngettext_lazy(
        "You skipped %(number)s, or read what others said of it.",
        "You skipped %(number)s, or read what others said of them.",
        "number",
    ),
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
    """Why some work is not for the worker now: a code, how many matters or more, until when."""

    code: str
    number: int = 0
    until: datetime | None = None
    more: bool = False

    def __str__(self) -> str:
        return self._with(moments.clock(self.until))

    def in_html(self) -> SafeString:
        """Word it for a page, where the time is put into the reader's zone."""
        return format_html(self._with("{}"), clock(self.until))

    def _with(self, time: str) -> str:
        number = AtLeast(self.number) if self.more else self.number
        return str(WORDS[self.code] % {"number": number, "time": time})


class AtLeast(int):
    """A number told as one of which there are more."""

    def __str__(self) -> str:
        return f"{int(self)}+"


@dataclass(frozen=True)
class Waits:
    """A campaign as it stands for one worker: what waits for them there, or why nothing does."""

    campaign: Campaign
    enrolment: Enrolment | None
    held: Assignment | None
    judged: int
    stands: Standing
    reasons: list[Reason]

    @property
    def is_enrolled(self) -> bool:
        return self.enrolment is not None and self.enrolment.status == Enrolment.Status.ACTIVE

    @property
    def free(self) -> int:
        return self.stands.free

    @property
    def more(self) -> bool:
        """Whether there are more than were counted."""
        return self.stands.more


ENROLMENT, HELD = Columns(Enrolment, "e"), Columns(Assignment, "held")

MINE = planned.one_line(f"""
    WITH judged AS (
      SELECT m.campaign_id, count(*) AS number
        FROM annotation_judgement j JOIN annotation_matter m ON m.id = j.matter_id
       WHERE j.worker_id = %(worker)s AND NOT j.takes_back AND {STANDS}
         AND m.campaign_id = ANY (%(campaigns)s::bigint[])
       GROUP BY m.campaign_id)
    SELECT {ENROLMENT}, {HELD}, c.id, coalesce(judged.number, 0),
           coalesce(e.break_until > clock_timestamp(), false)
      FROM annotation_campaign c
      LEFT JOIN annotation_enrolment e ON e.campaign_id = c.id AND e.worker_id = %(worker)s
      LEFT JOIN annotation_assignment held
        ON held.campaign_id = c.id AND held.owner_id = %(worker)s AND held.status = 'leased'
      LEFT JOIN judged ON judged.campaign_id = c.id
     WHERE c.id = ANY (%(campaigns)s::bigint[])""")  # noqa: S608 - put together from constants


def overview(*, worker: Worker, campaigns: Sequence[Campaign]) -> list[Waits]:
    """Return how each campaign stands for the worker, in as many statements for many as for one."""
    known = {campaign.pk: campaign for campaign in campaigns}
    stands = standings.of(worker=worker, campaigns=campaigns)
    ends = _ends(stands, worker)
    found = {}
    for row in planned.every(MINE, {"worker": worker.pk, "campaigns": list(known)}):
        *sides, pk, judged, rests = row
        enrolment, held = planned.rows(sides, ENROLMENT, HELD)
        waits = Waits(known[pk], enrolment, held, judged, stands[pk], [])
        waits.reasons.extend(_why(waits, rests, ends))
        found[pk] = waits
    return [found[campaign.pk] for campaign in campaigns]


def why_nothing(*, worker: Worker, campaign: Campaign) -> list[Reason]:
    """Return every reason why the worker can claim nothing; empty when they can."""
    [waits] = overview(worker=worker, campaigns=[campaign])
    return waits.reasons


def claim(*, worker: Worker, campaign: Campaign) -> Assignment:
    """Claim as `leases.claim` does; who gets nothing is always told why, by its `reasons`.

    When no reason is known, what was found empty is searched again: what a worker may take changes
    with the texts, and seats that were locked were passed over.
    """
    try:
        return leases.claim(worker=worker, campaign=campaign)
    except leases.NoSeat as nothing:
        nothing.reasons = why_nothing(worker=worker, campaign=campaign)
        if nothing.reasons:
            raise
    leases.forget_empty(worker=worker, campaign=campaign)
    try:
        return leases.claim(worker=worker, campaign=campaign)
    except leases.NoSeat as nothing:
        [waits] = overview(worker=worker, campaigns=[campaign])
        nothing.reasons = waits.reasons or [Reason("changing", max(1, waits.free))]
        raise


@dataclass(frozen=True)
class _Ends:
    """What is asked once for all campaigns, and only where it is told."""

    settled: dict[int, dict[str, int]]  # matters by status, of campaigns with no open ones
    more_at: datetime | None  # when some exposure ends to count


def _ends(stands: Mapping[int, Standing], worker: Worker) -> _Ends:
    over = [pk for pk, each in stands.items() if not each.numbers]
    settled: dict[int, dict[str, int]] = {pk: {} for pk in over}
    if over:
        counted = Matter.objects.filter(campaign__in=over).values_list("campaign", "status")
        for pk, status, number in counted.annotate(number=Count("pk")):
            settled[pk][status] = number
    exposed = any("exposure" in e.numbers or e.overexposed for e in stands.values())
    return _Ends(settled, care.more_at(worker.pk) if exposed else None)


def _why(waits: Waits, rests: bool, ends: _Ends) -> list[Reason]:
    campaign, enrolment, stands = waits.campaign, waits.enrolment, waits.stands
    if enrolment is None or not waits.is_enrolled:
        return [Reason("not_enrolled")]
    if campaign.status != Campaign.Status.OPEN:
        return [Reason(campaign.status)]
    if waits.held:
        return []
    if campaign.qualified_only and not enrolment.qualified:
        return [Reason("unqualified")]
    if rests:
        return [Reason(enrolment.break_why, until=enrolment.break_until)]
    if stands.free or stands.unsearched:
        return []
    return list(_keeping(stands, ends)) or [_all_settled(ends.settled[campaign.pk])]


def _keeping(stands: Standing, ends: _Ends) -> Iterator[Reason]:
    until = {"exposure": ends.more_at, "held": stands.held_until}
    for code in ORDER:
        number, more = stands.numbers.get(code, 0), code in stands.cut
        if code == "exposure" and stands.overexposed:
            number, more = max(1, number), True
        if number:
            yield Reason(code, number, until.get(code), more)


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


def _all_settled(numbers: Mapping[str, int]) -> Reason:
    if not numbers:
        return Reason("empty")
    if disputed := numbers.get(Matter.Status.DISPUTED):
        return Reason("with_reviewers", disputed)
    return Reason("all_settled", numbers.get(Matter.Status.SETTLED, 0))
