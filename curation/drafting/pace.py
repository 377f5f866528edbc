"""How fast a run gets on, and for how long it still goes: by the last minutes, or nobody knows."""

from datetime import timedelta

from django.db.models import Count, DurationField, ExpressionWrapper, Min, Q
from django.db.models.functions import Now

from curation.models import Attempt, Call, Endpoint, Run

LATEST = 500  # attempts that are looked at
LEAST = 5  # calls that ended in that time, or nothing is said
MINUTES = timedelta(minutes=5)

HELD = ~Q(paused_reason="") | Q(resting_until__gt=Now())


def seconds_left(run: Run, *, on_their_way: int) -> float | None:
    """Guess how long so many calls, planned or in flight, still take.

    Calls of endpoints that are paused or rest are not counted: nobody knows when those go on. None
    where no other call is left, or hardly any ended lately.
    """
    if run.status != Run.Status.RUNNING or not on_their_way:
        return None
    if not (moving := on_their_way - _held_up(run)):
        return None
    lately = Attempt.objects.filter(
        pk__in=Attempt.objects.order_by("-pk")[:LATEST].values("pk"),
        created_at__gt=Now() - MINUTES,
        call__run_calls__run=run,
    )
    ended = Count("call", distinct=True, filter=Q(call__status__in=Call.ENDED))
    # Up to now, so that it grows while nothing comes back.
    age = ExpressionWrapper(Now() - Min("created_at"), output_field=DurationField())
    pace = lately.aggregate(ended=ended, age=age)
    if pace["ended"] < LEAST:
        return None
    taken: float = pace["age"].total_seconds()
    return taken / pace["ended"] * moving


def _held_up(run: Run) -> int:
    """Return how many of the run's calls wait for endpoints that are paused or rest."""
    held = list(Endpoint.objects.filter(HELD, project=run.project_id).values_list("pk", flat=True))
    if not held:
        return 0
    waiting = Call.objects.filter(run_calls__run=run, status__in=Call.OPEN)
    return waiting.filter(endpoint__in=held).count()
