"""The lane of an endpoint: how many calls may begin now, and what replies and faults do to it.

A lane is *paused* by a person, or by a fault that every call would meet, until somebody resumes it.
It *rests* for a while when the endpoint asks for that, or failed several times in a row; after
failures a single call tries it first (the circuit breaker of Nygard, "Release It!").
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Greatest, Now

from curation import endpoints
from curation.drafting import requests
from curation.drafting.replies import Outcome, Reply, Trouble
from curation.drafting.turns import Next
from curation.models import Endpoint

if TYPE_CHECKING:
    from curation.drafting.calls import Landed

POLL = 0.5  # seconds between two looks at what is due
SOON = 15.0  # seconds; what is due later is left to the sweep
MOST_FAILURES = 5
WITHIN = timedelta(seconds=30)
BURST = 0.25  # seconds' worth of calls that may begin at once under a rate
FAILING = "often_failing"
LIMITED = "rate_limited"
FAILURES = (Outcome.SERVER_ERROR, Outcome.UNREACHABLE, Outcome.UNKNOWN)


def locked(endpoint_id: int) -> Endpoint | None:
    """Lock the lane and return its endpoint with the time as `now`; None while it is paused."""
    lane = Endpoint.objects.select_for_update(no_key=True).filter(paused_reason="")
    return lane.annotate(now=Now()).filter(pk=endpoint_id).first()


def allowed(endpoint: Endpoint, *, now: datetime, busy: int) -> tuple[int, float]:
    """Return how many calls may begin now, or 0 and the seconds until that is worth asking."""
    if endpoint.resting_until and endpoint.resting_until > now:
        return 0, (endpoint.resting_until - now).total_seconds()
    free = endpoint.concurrency - busy
    if endpoint.rest_reason == FAILING:
        free = min(free, 1 - busy)
    if free <= 0 or endpoint.rate is None:
        return max(free, 0), POLL
    start, interval = _start(endpoint, now), 60 / endpoint.rate
    if start > now:
        return 0, (start - now).total_seconds()
    return min(free, 1 + int((now - start).total_seconds() / interval)), 0.0


def begun(endpoint: Endpoint, *, now: datetime, number: int) -> None:
    """Note that so many calls begin: the rate lets the next one begin later."""
    if endpoint.rate is not None and number:
        endpoint.next_start = _start(endpoint, now) + timedelta(seconds=60 / endpoint.rate * number)
        Endpoint.objects.filter(pk=endpoint.pk).update(next_start=endpoint.next_start)


def heard(endpoint: Endpoint, landed: Sequence["Landed"], steps: Sequence[Next]) -> None:
    """Let the lane learn from what came back."""
    for reason in {step.pause for step in steps if step.pause}:
        endpoints.pause(endpoint_id=endpoint.pk, reason=reason, met=endpoint.connection)
    for mode in {step.learnt for step in steps if step.learnt}:
        _learn(endpoint, mode)
    if rest := max((step.rest for step in steps), default=0.0):
        _rest(endpoint, rest)
    _note(endpoint, [one.result for one in landed])
    failures = sum(_failed(one.result) for one in landed)
    if failures:
        _fail(endpoint, failures)
    elif any(isinstance(one.result, Reply) for one in landed):
        well = Q(failures__gt=0) | Q(rest_reason=FAILING)
        Endpoint.objects.filter(well, pk=endpoint.pk).update(
            failures=0, failing_since=None, rest_reason=""
        )


def _note(endpoint: Endpoint, results: Sequence[Reply | Trouble]) -> None:
    """Keep what the last reply said of its model's end, and since when another system replies."""
    if not (replies := [one for one in results if isinstance(one, Reply)]):
        return
    lane, last = Endpoint.objects.filter(pk=endpoint.pk), replies[-1]
    if last.notice != endpoint.notice:
        lane.update(notice=last.notice)
    if last.fingerprint and last.fingerprint != endpoint.fingerprint:
        lane.exclude(fingerprint=last.fingerprint).update(
            fingerprint=last.fingerprint,
            fingerprint_before=F("fingerprint"),
            fingerprint_since=Now(),
        )


def _start(endpoint: Endpoint, now: datetime) -> datetime:
    """Return when the next call may begin; time that passed unused is saved up for a burst only."""
    assert endpoint.rate is not None  # noqa: S101 - asked for by the callers
    burst = int(endpoint.rate / 60 * BURST)
    earliest = now - timedelta(seconds=60 / endpoint.rate * max(burst - 1, 0))
    return max(endpoint.next_start or earliest, earliest)


def _failed(result: Reply | Trouble) -> bool:
    lost = isinstance(result, Trouble) and result.problem == "worker_lost"
    return result.outcome in FAILURES and not lost


def _fail(endpoint: Endpoint, number: int) -> None:
    lane = Endpoint.objects.filter(pk=endpoint.pk)
    begins = Q(failing_since=None) | Q(failing_since__lt=Now() - WITHIN)
    lane.update(
        failures=Case(When(begins, then=Value(number)), default=F("failures") + number),
        failing_since=Case(When(begins, then=Now()), default=F("failing_since")),
    )
    opens = Q(failures__gte=MOST_FAILURES) | Q(rest_reason=FAILING)
    lane.filter(opens).update(
        resting_until=Greatest("resting_until", Now() + timedelta(seconds=settings.LLM_REST)),
        rest_reason=FAILING,
    )


def _rest(endpoint: Endpoint, seconds: float) -> None:
    until = Now() + timedelta(seconds=seconds)
    Endpoint.objects.filter(pk=endpoint.pk).update(
        resting_until=Greatest("resting_until", until),
        rest_reason=Case(When(rest_reason=FAILING, then=Value(FAILING)), default=Value(LIMITED)),
    )


def _learn(endpoint: Endpoint, mode: str) -> None:
    better = requests.LADDER[: requests.LADDER.index(Endpoint.Structured(mode))]
    Endpoint.objects.filter(
        Q(structured_found="", structured__in=better) | Q(structured_found__in=better),
        pk=endpoint.pk,
    ).update(structured_found=mode)
