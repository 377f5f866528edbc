"""More questions: asking a model for them, and deciding on each."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from curation import pages, proposals
from curation.doors import for_project
from curation.drafting import expanding
from curation.endpoints import filled_roles
from curation.forms.expansion import ExpandForm, ticked
from curation.models import DraftRole, Project, Run
from curation.permissions import Act
from curation.refusals import Refused
from curation.views.acting import who

LATEST = 5


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def expansion(request: HttpRequest, project: Project) -> HttpResponse:
    """Show the questions that wait, and what asking for more would take; POST asks."""
    form = ExpandForm(request.POST or None, project=project)
    if request.POST.get("act") == "ask" and form.is_valid():
        run = expanding.start(project=project, choice=form.choice(), by=who(request))
        if run:
            return redirect("run", slug=project.slug, pk=run.pk)
        messages.info(request, _("Every such item was asked about already."))
        return redirect("expansion", slug=project.slug)
    return render(request, "curation/expansion.html", _picture(request, project, form))


@require_POST
@for_project(Act.CURATE)
def decide(request: HttpRequest, project: Project) -> HttpResponse:
    """Take or refuse the questions that are ticked, or the one whose button was pressed."""
    if "accept" in request.POST:
        ids = ticked(request.POST, "accept")
        taken = proposals.accept(project=project, ids=ids, by=who(request))
        messages.success(request, _taken(taken))
    elif "refuse" in request.POST:
        number = proposals.refuse(
            project=project, ids=ticked(request.POST, "refuse"), by=who(request)
        )
        messages.success(
            request,
            ngettext("%(n)s question is refused.", "%(n)s questions are refused.", number)
            % {"n": number},
        )
    return redirect("expansion", slug=project.slug)


def _taken(taken: proposals.Taken) -> str:
    number = len(taken.items)
    words = ngettext("%(n)s question became an item.", "%(n)s questions became items.", number) % {
        "n": number
    }
    if not taken.there_already:
        return words
    also = ngettext(
        "%(n)s was there meanwhile and is put away.",
        "%(n)s were there meanwhile and are put away.",
        taken.there_already,
    )
    return f"{words} {also % {'n': taken.there_already}}"


def _picture(request: HttpRequest, project: Project, form: ExpandForm) -> dict[str, object]:
    choice = form.choice() if form.is_bound and form.is_valid() else expanding.Choice()
    estimate, why_not = None, ""
    try:
        estimate = expanding.estimate(project, choice)
    except Refused as refusal:
        why_not = str(refusal)
    return {
        "project": project,
        "form": form,
        "estimate": estimate,
        "why_not": why_not,
        "expander": filled_roles(project).get(DraftRole.EXPANDER),
        "listed": pages.page_of(
            proposals.waiting(project),
            after=request.GET.get("after", ""),
            before=request.GET.get("before", ""),
        ),
        "runs": project.runs.filter(kind=Run.Kind.EXPANSION)[:LATEST],
    }
