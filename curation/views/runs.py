"""One run: live progress, what went wrong, and what can be done about it."""

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from curation.doors import for_project
from curation.drafting import answer_runs, asking_again, estimates, progress, runs
from curation.models import Project, Run
from curation.permissions import Act
from curation.views.acting import who

TROUBLES = 25


def _moved(move: Callable[..., Run], words: Promise, request: HttpRequest, run: Run) -> Run:
    try:
        move(run=run, by=who(request))
    except runs.AlreadyThere as there:
        messages.info(request, str(there))
    else:
        messages.success(request, str(words))
    return run


def _retried(request: HttpRequest, run: Run) -> Run:
    number = runs.retry_failed(run=run, by=who(request))
    words = ngettext("One call is made once more.", "%(n)s calls are made once more.", number)
    messages.success(request, words % {"n": number})
    return run


def _asked_again(request: HttpRequest, run: Run) -> Run:
    again = asking_again.ask(project=run.project, calls=run.calls.all(), by=who(request))
    messages.success(request, _("This run asks anew for what run %(n)s lacks.") % {"n": run.pk})
    return again


ACTS: dict[str, Callable[[HttpRequest, Run], Run]] = {
    "pause": partial(_moved, runs.pause, gettext_lazy("The run is paused.")),
    "resume": partial(_moved, runs.resume, gettext_lazy("The run goes on.")),
    "cancel": partial(_moved, runs.cancel, gettext_lazy("The run is cancelled.")),
    "retry": _retried,
    "again": _asked_again,
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def show_run(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Show a run; POST pauses, resumes, cancels it, or makes calls of it once more."""
    run = get_object_or_404(project.runs, pk=pk)
    if request.method == "POST":
        if act := ACTS.get(request.POST.get("act", "")):
            run = act(request, run)
        return redirect("run", slug=project.slug, pk=run.pk)
    live = request.headers.get("HX-Request")
    return render(request, f"curation/{'_run' if live else 'run'}.html", _picture(request, run))


def _picture(request: HttpRequest, run: Run) -> dict[str, object]:
    running = run.status == Run.Status.RUNNING
    troubled = progress.troubled_calls(run)
    troubles = Paginator(asking_again.with_later(troubled), TROUBLES)
    askable = asking_again.estimate(asking_again.of_run(run)) if troubles.count else []
    return {
        "project": run.project,
        "run": run,
        "subject_run": getattr(run, "subject_run", None),
        "about": answer_runs.subject_run_of(run),
        "picture": progress.of(run),
        "paused": progress.paused_endpoints(run) if running else [],
        "resting": progress.resting_endpoints(run) if running else [],
        "shortages": progress.shortages(run) if running else [],
        "troubles": troubles.get_page(request.GET.get("page")),
        "again": estimates.total(askable),
        "instead_of": run.plan.get("again", []),
        "can_retry": run.status != Run.Status.CANCELLED
        and troubled.filter(status="failed").exists(),
    }
