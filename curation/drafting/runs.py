"""The life of a run: pause, resume, cancel, try failed calls again, finish."""

import random

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from curation import audit, hints
from curation.drafting import applying, batches, calls, tallies
from curation.models import Call, Run
from curation.refusals import Refused

Status = Run.Status

MOST_HINTS = 40  # of a sweep; the filesystem broker takes some 20 a second


class WrongStep(Refused):
    """The run is not where the step begins; somebody may have moved it first."""


class AlreadyThere(WrongStep):
    """The run is where the step leads: the button was pressed twice."""


@transaction.atomic
def pause(*, run: Run, by: User | None) -> Run:
    """Make no further calls for the run; replies on their way are still kept."""
    return _move(run, Status.PAUSED, by)


@transaction.atomic
def resume(*, run: Run, by: User | None) -> Run:
    return _go_on(run, by)


@transaction.atomic
def cancel(*, run: Run, by: User | None) -> Run:
    """Give up what is not answered yet, in files too. What was answered stays."""
    moved = _move(run, Status.CANCELLED, by)
    batches.withdraw(run)
    return moved


@transaction.atomic
def retry_failed(*, run: Run, by: User | None) -> int:
    """Make the failed calls of a run once more; return how many."""
    run = _locked(run)
    if run.status == Status.CANCELLED:
        raise WrongStep(_("A cancelled run is over: start another one."))
    again = calls.plan_again(Q(run_calls__run=run))
    if not again:
        raise Refused(_("No call of this run failed in a way that trying again could help."))
    if run.status == Status.RUNNING:
        hints.publish("curation.tasks.work", run_id=run.pk)
    else:
        _go_on(run, by)
    return again


@transaction.atomic
def give_up(run_id: int) -> None:
    """Cancel a run that cannot be planned any more."""
    _move(Run.objects.get(pk=run_id), Status.CANCELLED, None)


def finish(run_id: int) -> bool:
    """End a run when each of its calls has ended."""
    if _open(run_id):
        return False
    with transaction.atomic():
        # Locked before it is looked at again: nobody plans one of its calls anew in between.
        run = Run.objects.select_for_update(no_key=True).get(pk=run_id)
        if run.status != Status.RUNNING or _open(run_id):
            return False
        Run.objects.filter(pk=run_id).update(status=Status.FINISHED, finished_at=Now())
        return True


def _open(run_id: int) -> bool:
    return any(status not in Call.ENDED for _purpose, status in tallies.counts(run_id))


def _locked(run: Run) -> Run:
    return Run.objects.select_for_update(no_key=True).get(pk=run.pk)


def sweep() -> list[int]:
    """Free calls of lost workers, read what nobody read, end what is done.

    Returns runs that have something to do now, not more than workers take up before the next
    sweep: hints must not pile up. Two sweeps at once do no harm.
    """
    calls.give_back_lost()
    applying.read(calls.unread())
    waiting = Run.objects.filter(status=Status.PLANNING).values_list("pk", flat=True)
    running = Run.objects.filter(status=Status.RUNNING).values_list("pk", flat=True)
    due = [*waiting, *(pk for pk in running if not finish(pk) and calls.due_in(pk) == 0)]
    return due if len(due) <= MOST_HINTS else random.sample(due, MOST_HINTS)


def _go_on(run: Run, by: User | None) -> Run:
    _move(run, Status.RUNNING, by)
    hints.publish("curation.tasks.work", run_id=run.pk)
    return run


def _move(run: Run, to: Run.Status, by: User | None) -> Run:
    if run.status == to:
        raise AlreadyThere(_("The run is already %(now)s.") % {"now": run.get_status_display()})
    if to not in Run.NEXT[Status(run.status)]:
        raise WrongStep(
            _("A run that is %(now)s cannot become %(to)s.")
            % {"now": run.get_status_display(), "to": to.label}
        )
    if not Run.objects.filter(pk=run.pk, status=run.status).update(status=to):
        raise WrongStep(_("Somebody else has just moved this run. Load it again."))
    run.status = to
    audit.record(project=run.project, by=audit.ref(by), action=f"run.{to}", subject=f"run:{run.pk}")
    return run
