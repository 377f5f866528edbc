"""Subjects: the models being tested, and their runs over releases."""

from django.contrib import messages
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from curation import subjects
from curation.doors import for_project
from curation.forms.subject import StartForm, SubjectForm
from curation.models import Call, Project, SubjectRun
from curation.permissions import Act
from curation.refusals import Refused
from curation.views.acting import who


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def all_subjects(request: HttpRequest, project: Project) -> HttpResponse:
    """List the subjects with their runs; POST names a new one."""
    form = SubjectForm(request.POST or None, project=project)
    if request.method == "POST" and form.is_valid() and _added(request, project, form):
        return redirect("subjects", slug=project.slug)
    ended = Count("run__run_calls", filter=Q(run__run_calls__call__status__in=Call.ENDED))
    past = SubjectRun.objects.select_related("release", "run").order_by("-pk")
    past = past.annotate(calls=Count("run__run_calls"), ended=ended)
    context = {
        "project": project,
        "form": form,
        "start": StartForm(project=project),
        "has_endpoints": project.endpoints.exists(),
        "has_releases": project.releases.exists(),
        "subjects": project.subjects.order_by("name")
        .select_related("endpoint")
        .prefetch_related(Prefetch("subject_runs", past, to_attr="past")),
    }
    return render(request, "curation/subjects.html", context)


@require_POST
@for_project(Act.CURATE)
def start_run(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Let a subject answer a release."""
    subject = get_object_or_404(project.subjects, pk=pk)
    form = StartForm(request.POST, project=project)
    if not form.is_valid():
        raise Refused(_("Choose a release."))
    release = form.cleaned_data["release"]
    made = subjects.start_run(subject=subject, release=release, by=who(request))
    return redirect("run", slug=project.slug, pk=made.run_id)


def _added(request: HttpRequest, project: Project, form: SubjectForm) -> bool:
    try:
        subjects.add(
            project=project,
            name=form.cleaned_data["name"],
            endpoint=form.cleaned_data["endpoint"],
            decoding=form.decoding(),
            by=who(request),
        )
    except Refused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return False
    messages.success(request, _("The subject is there. Start a run over a release."))
    return True
