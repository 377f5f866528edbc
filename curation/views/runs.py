"""One run: live progress, what went wrong, and what can be done about it."""

from collections.abc import Callable

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from curation.doors import for_project
from curation.drafting import answer_runs, progress, runs
from curation.models import Project, Run
from curation.permissions import Act
from curation.views.acting import who

TROUBLES = 25
ACTS: dict[str, Callable[..., object]] = {
    "pause": runs.pause,
    "resume": runs.resume,
    "cancel": runs.cancel,
    "retry": runs.retry_failed,
}


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def show_run(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Show a run; POST pauses, resumes, cancels it or tries failed calls again."""
    run = get_object_or_404(project.runs, pk=pk)
    if request.method == "POST":
        if act := ACTS.get(request.POST.get("act", "")):
            act(run=run, by=who(request))
        return redirect("run", slug=project.slug, pk=run.pk)
    live = request.headers.get("HX-Request")
    return render(request, f"curation/{'_run' if live else 'run'}.html", _picture(request, run))


def _picture(request: HttpRequest, run: Run) -> dict[str, object]:
    running = run.status == Run.Status.RUNNING
    troubles = Paginator(progress.troubled_calls(run), TROUBLES)
    return {
        "project": run.project,
        "run": run,
        "subject_run": getattr(run, "subject_run", None),
        "about": answer_runs.subject_run_of(run),
        "picture": progress.of(run),
        "paused": progress.paused_endpoints(run) if running else [],
        "shortages": progress.shortages(run) if running else [],
        "troubles": troubles.get_page(request.GET.get("page")),
        "can_retry": run.status != Run.Status.CANCELLED
        and progress.troubled_calls(run).filter(status="failed").exists(),
    }
