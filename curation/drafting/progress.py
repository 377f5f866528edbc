"""How far a run is: what came back, what it cost, what went wrong and what it waits for."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from curation.drafting import asking, budget, pace, problems, tallies
from curation.drafting.purposes.base import Changed
from curation.models import Budget, Call, Endpoint, Purpose, Run

Status = Call.Status

TROUBLED = (Status.FAILED, Status.UNUSABLE, Status.REFUSED)
POLL = 0.5  # seconds between two looks of a command that waits
SAY_EVERY = 5.0
IS_ANYONE_THERE = 20.0  # seconds without any change after which a missing worker is suspected


@dataclass(frozen=True)
class Line:
    """The calls of one purpose."""

    label: str
    total: int
    done: int
    in_flight: int
    in_files: int
    waiting: int
    troubled: int


@dataclass(frozen=True)
class Progress:
    lines: list[Line]
    total: int
    ended: int
    counts: Counter[str]  # calls by status
    spent: tallies.Used
    seconds_left: float | None


def of(run: Run) -> Progress:
    """Return the picture of a run, from its tallies: no call is counted for it."""
    cells = tallies.counts(run.pk)
    counts: Counter[str] = Counter()
    for (_purpose, status), number in cells.items():
        counts[status] += number
    ended = sum(counts[status] for status in Call.ENDED)
    spent = tallies.used(run.pk)
    return Progress(
        lines=[_line(p, cells) for p in Purpose if any(purpose == p for purpose, _s in cells)],
        total=counts.total(),
        ended=ended,
        counts=counts,
        seconds_left=_seconds_left(run, counts),
        spent=spent,
    )


def troubled_calls(run: Run) -> QuerySet[Call]:
    """Return the calls of a run that brought nothing usable, the latest first."""
    calls = Call.objects.filter(run_calls__run=run, status__in=TROUBLED)
    return calls.select_related("item", "endpoint").defer("messages").order_by("-pk")


def paused_endpoints(run: Run) -> QuerySet[Endpoint]:
    """Return the paused endpoints that calls of the run wait for."""
    return _waited_for(run, Endpoint.objects.exclude(paused_reason=""))


def resting_endpoints(run: Run) -> QuerySet[Endpoint]:
    """Return the endpoints that calls of the run wait for and that go on by themselves."""
    return _waited_for(run, Endpoint.objects.filter(paused_reason="", resting_until__gt=Now()))


def _waited_for(run: Run, endpoints: QuerySet[Endpoint]) -> QuerySet[Endpoint]:
    waiting = Call.objects.filter(endpoint=OuterRef("pk"), run_calls__run=run, status__in=Call.OPEN)
    mine = endpoints.filter(project=run.project_id).order_by("name")
    # Two steps: a join over all calls would be made for endpoints that are asked, too.
    return mine.filter(Exists(waiting)) if mine.exists() else mine


def blocks(run: Run) -> list[str]:
    """Say in words what the run waits for that only a person can change."""
    said = [
        _("%(name)s is paused: %(reason)s")
        % {"name": endpoint.name, "reason": problems.worded(endpoint.paused_reason)}
        for endpoint in paused_endpoints(run)
    ]
    if batched := in_files(run):
        said.append(_("%(n)s calls are in batch files: bring their results.") % {"n": batched})
    return said + shortages(run)


def shortages(run: Run) -> list[str]:
    """Say in words what the run lacks besides endpoints."""
    shortage = _shortage(run)
    return [shortage] if shortage else []


def in_files(run: Run) -> int:
    """Return how many calls of the run are in files whose results did not come yet."""
    counts = tallies.counts(run.pk)
    return sum(number for (_p, status), number in counts.items() if status == Status.BATCHED)


def wait_for(run: Run, *, say: Callable[[str], None]) -> list[str]:
    """Follow a run until it is over, and return no words; or until only a person can help it on.

    Speaks every few seconds. The work itself is done by worker processes.
    """
    began = changed = spoke = time.monotonic()
    before = -1
    while True:
        run.refresh_from_db()
        picture = of(run)
        now = time.monotonic()
        if picture.ended != before:
            before, changed = picture.ended, now
        if run.status not in (Run.Status.PLANNING, Run.Status.RUNNING):
            say(f"run {run.pk}: {run.status}, {picture.ended} of {picture.total}")
            return [] if run.status == Run.Status.FINISHED else [run.get_status_display()]
        if not picture.counts[Status.LEASED] and (stuck := blocks(run)) and _only(run):
            return stuck
        if now - spoke >= SAY_EVERY or spoke == began:
            spoke = now
            say(f"run {run.pk}: {picture.ended} of {picture.total}")
            if now - changed > IS_ANYONE_THERE:
                say("Nothing moves. Is a worker running? celery --app config.celery worker")
        time.sleep(POLL)


def result(run: Run) -> dict[str, object]:
    """Return what a command prints about a run."""
    picture = of(run)
    return {
        "run": run.pk,
        "status": run.status,
        "calls": picture.total,
        "ended": picture.ended,
        "by_status": dict(picture.counts),
        "attempts": picture.spent.attempts,
        "input_tokens": picture.spent.input_tokens,
        "output_tokens": picture.spent.output_tokens,
        "cost_micro": picture.spent.cost,
    }


def _line(purpose: Purpose, cells: dict[tuple[str, str], int]) -> Line:
    mine: Counter[str] = Counter({s: n for (p, s), n in cells.items() if p == purpose})
    return Line(
        label=str(purpose.label),
        total=mine.total(),
        done=mine[Status.DONE] + mine[Status.RESPONDED],
        in_flight=mine[Status.LEASED],
        in_files=mine[Status.BATCHED],
        waiting=mine[Status.PLANNED],
        troubled=sum(mine[status] for status in TROUBLED),
    )


def _seconds_left(run: Run, counts: Counter[str]) -> float | None:
    on_their_way = sum(counts[status] for status in Call.OPEN)
    left = pace.seconds_left(run, on_their_way=on_their_way)
    return None if left is None or _shortage(run) else left


def _shortage(run: Run) -> str:
    """Say why the next call of the run does not fit under the cap; nothing where it does."""
    left = Budget.objects.filter(project=run.project_id).first()
    if left is None:
        return ""
    waiting = Call.objects.filter(run_calls__run=run, status=Status.PLANNED)
    call = waiting.select_related("endpoint", "item", "prompt").order_by("pk").first()
    if call is None:
        return ""
    try:
        amount = budget.worst_case(call.endpoint, asking.built(call, call.endpoint))
    except Changed:
        return ""
    if amount is None:
        words = _("The price of %(name)s is not known, so the budget cannot guard its calls.")
        return words % {"name": call.endpoint.name}
    if amount > left.left:
        return _("The budget is used up: raise it, and the run goes on.")
    return ""


def _only(run: Run) -> bool:
    """Say whether everything still open waits for a person."""
    waiting = Call.objects.filter(run_calls__run=run, status=Status.PLANNED)
    return bool(_shortage(run)) or not waiting.filter(endpoint__paused_reason="").exists()
