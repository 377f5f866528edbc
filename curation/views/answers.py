"""The answers of a subject run, with what critics and judges said of them."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from curation import answer_opinions, pages
from curation.doors import for_project
from curation.drafting import answer_runs
from curation.forms.answers import AnswerFilter
from curation.models import Item, Project, Purpose, Run, SubjectRun, Verdict
from curation.permissions import Act
from curation.views.acting import who

LATEST = 5
PURPOSES = {"critique": Purpose.CRITIQUE, "judge": Purpose.JUDGE}


@require_safe
@for_project(Act.CURATE)
def show_answers(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """List the answers of a subject run, filtered and a page at a time."""
    subject_run = _subject_run(project, pk)
    form = AnswerFilter(request.GET)
    people = Verdict.objects.standing().settled()
    answers = subject_run.answers.exclude(item__status=Item.Status.LOCKED)
    listed = pages.page_of(
        form.applied_to(answers)
        .select_related("item__main_tag")
        .prefetch_related(Prefetch("verdicts", people, to_attr="by_people")),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=20,
    )
    opinions = answer_opinions.of_answers(listed.rows)
    context = {
        "project": project,
        "subject_run": subject_run,
        "form": form,
        "filtered": any(form.cleaned_data.values()),
        "listed": listed,
        "rows": [(answer, opinions.get(answer.pk, [])) for answer in listed.rows],
        "pictures": [
            (name, answer_runs.picture(subject_run, purpose)) for name, purpose in PURPOSES.items()
        ],
        "runs": Run.objects.filter(project=project, plan__subject_run=pk)[:LATEST],
    }
    return render(request, "curation/answers.html", context)


@require_POST
@for_project(Act.CURATE)
def ask_about(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Let the critic or the judge look at every answer that it has not seen."""
    subject_run = _subject_run(project, pk)
    purpose = PURPOSES.get(request.POST.get("act", ""))
    if purpose is None:
        return redirect("answers", slug=project.slug, pk=pk)
    run = answer_runs.start(subject_run=subject_run, purpose=purpose, by=who(request))
    if run:
        return redirect("run", slug=project.slug, pk=run.pk)
    messages.info(request, _("Every answer was asked about already."))
    return redirect("answers", slug=project.slug, pk=pk)


def _subject_run(project: Project, pk: int) -> SubjectRun:
    found = SubjectRun.objects.select_related("subject", "release__project__taxonomy", "run")
    return get_object_or_404(found, pk=pk, release__project=project)
