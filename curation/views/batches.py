"""The batch files of a run: written, fetched, brought home, given back."""

from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from curation.doors import for_project
from curation.drafting import batch_results, batches, progress
from curation.forms.batches import BatchForm, ResultsForm
from curation.models import BatchFile, Project, Run
from curation.permissions import Act
from curation.refusals import Refused
from curation.uploads import too_large
from curation.views.acting import who

# As much as a page writes while somebody waits for it; the command writes whole files.
MOST_LINES = 10_000


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def show_batches(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Show the batch files of a run; POST writes one, takes results or gives back what is out."""
    run = get_object_or_404(project.runs, pk=pk)
    if request.method == "POST" and (act := ACTS.get(request.POST.get("act", ""))):
        return act(request, run)
    return _answer(request, run)


@require_safe
@for_project(Act.CURATE)
def give_batch_file(
    request: HttpRequest, project: Project, pk: int, number: int
) -> HttpResponseBase:
    """Give a file as it was written, piece by piece."""
    file = get_object_or_404(project.batch_files.exclude(sha256=""), run=pk, number=number)
    if not _path(file).is_file():
        raise Refused(_("This file was written by a command, elsewhere."))
    if batches.holds_locked(file):
        raise Refused(
            _("Something in this file is locked now. Give its calls back and write it anew.")
        )
    return FileResponse(
        _path(file).open("rb"),
        as_attachment=True,
        filename=file.name,
        content_type="application/x-ndjson",
    )


def _export(request: HttpRequest, run: Run) -> HttpResponse:
    form = BatchForm(request.POST, run=run)
    if not form.is_valid():
        return _answer(request, run, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    [file] = batches.export(
        run=run, folder=_folder(), by=who(request), most_lines=MOST_LINES, most_files=1,
        **form.cleaned_data,
    )  # fmt: skip
    words = ngettext(
        "The file is written: one request.", "The file is written: %(n)s requests.", file.lines
    )
    messages.success(request, words % {"n": file.lines})
    return redirect("batches", slug=run.project.slug, pk=run.pk)


def _import(request: HttpRequest, run: Run) -> HttpResponse:
    form = ResultsForm(request.POST, request.FILES, too_large=too_large(request))
    if not form.is_valid():
        return _answer(request, run, results=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    file = form.cleaned_data["file"].file
    taken = batch_results.take(project=run.project, file=file, by=who(request))
    run.refresh_from_db()
    return _answer(request, run, taken=taken)


def _give_back(request: HttpRequest, run: Run) -> HttpResponse:
    number = batches.give_back(run=run, by=who(request))
    messages.success(request, _("%(n)s calls are planned again.") % {"n": number})
    return redirect("batches", slug=run.project.slug, pk=run.pk)


ACTS: dict[str, Callable[[HttpRequest, Run], HttpResponse]] = {
    "export": _export,
    "import": _import,
    "give-back": _give_back,
}


def _answer(
    request: HttpRequest,
    run: Run,
    *,
    form: BatchForm | None = None,
    results: ResultsForm | None = None,
    taken: batch_results.Taken | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    lanes = batches.waiting(run)
    files = run.batch_files.exclude(sha256="").select_related("project", "endpoint")
    context = {
        "project": run.project,
        "run": run,
        "files": [(file, _path(file).is_file()) for file in files],
        "waiting": lanes,
        "out": progress.in_files(run),
        "goes_on": run.status in batches.GOING_ON,
        "form": form or BatchForm(run=run, initial={"endpoint": lanes[0][0] if lanes else None}),
        "results": results or ResultsForm(),
        "taken": taken,
        "faults": _worded(taken),
        "other_runs": sorted((pk, n) for pk, n in taken.of_runs.items() if pk != run.pk)
        if taken
        else [],
        "most_lines": MOST_LINES,
    }
    return render(request, "curation/batches.html", context, status=status)


def _worded(taken: batch_results.Taken | None) -> list[tuple[int, object]]:
    found = taken.faults if taken else []
    return [(line, batch_results.FAULTS[fault]) for line, fault in found]


def _folder() -> Path:
    return Path(settings.DATA) / "batches"


def _path(file: BatchFile) -> Path:
    return _folder() / file.name
