"""How fast a run gets on, and for how long it still goes: by the last minutes, or nobody knows."""

from datetime import timedelta

from django.db.models import DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import Now

from curation.models import Attempt, Call, Endpoint, Run, RunCall

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
    lately = _lately(run)
    # In two steps: joined, the database looks at all calls of the run.
    ended = Call.objects.filter(pk__in=set(lately), status__in=Call.ENDED).count()
    if ended < LEAST:
        return None
    return max(lately.values()).total_seconds() / ended * moving


def _lately(run: Run) -> dict[int, timedelta]:
    """Return the calls of the run that were tried in the last minutes, and how long ago at most."""
    age = ExpressionWrapper(Now() - F("created_at"), output_field=DurationField())
    tries = Attempt.objects.order_by("-pk").annotate(age=age).values_list("call_id", "age")
    found = {call: age for call, age in tries[:LATEST] if age < MINUTES}
    mine = RunCall.objects.filter(run=run, call__in=found).values_list("call_id", flat=True)
    return {call: found[call] for call in mine}


def _held_up(run: Run) -> int:
    """Return how many of the run's calls wait for endpoints that are paused or rest."""
    held = list(Endpoint.objects.filter(HELD, project=run.project_id).values_list("pk", flat=True))
    if not held:
        return 0
    waiting = Call.objects.filter(run_calls__run=run, status__in=Call.OPEN)
    return waiting.filter(endpoint__in=held).count()
