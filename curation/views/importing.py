"""The page that brings in files of questions."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from curation.doors import for_project
from curation.forms.importing import ImportForm
from curation.importing.questions import import_questions
from curation.importing.report import Report, RowsRefused
from curation.models import Project
from curation.permissions import Act
from curation.refusals import Refused
from curation.uploads import too_large
from curation.views.acting import who

LISTED = 20  # earlier imports


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def import_page(request: HttpRequest, project: Project) -> HttpResponse:
    """Show the form; POST checks or imports a file and shows the report."""
    if request.method != "POST":
        return _answer(request, project, ImportForm(project=project))
    form = ImportForm(request.POST, request.FILES, project=project, too_large=too_large(request))
    report = _imported(request, project, form) if form.is_valid() else None
    if report and not (report.error_count or report.dry_run or request.headers.get("HX-Request")):
        messages.success(request, report.summary)
        return redirect("items", slug=project.slug)
    return _answer(request, project, form, report)


def _imported(request: HttpRequest, project: Project, form: ImportForm) -> Report | None:
    said = form.cleaned_data
    try:
        return import_questions(
            project=project,
            file=said["file"].file,
            name=said["file"].name,
            by=who(request),
            format=said["format"],
            language=said["language"] or None,
            provenance=form.provenance(),
            dry_run=request.POST.get("act") != "import",
        )
    except RowsRefused as refusal:
        return refusal.report
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else "file", str(refusal))
        return None


def _answer(
    request: HttpRequest, project: Project, form: ImportForm, report: Report | None = None
) -> HttpResponse:
    refused = form.is_bound and (report is None or report.error_count)
    earlier = project.import_files.select_related("source").order_by("-pk")[:LISTED]
    context = {"project": project, "form": form, "report": report, "earlier": earlier}
    htmx = request.headers.get("HX-Request")
    name = "curation/_import_report.html" if htmx else "curation/import.html"
    status = HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK
    return render(request, name, context, status=status)
