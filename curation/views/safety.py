"""What a project lets models near, and items that are locked until a person decides."""

from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from curation import escalations, severe_tags
from curation.doors import for_project
from curation.forms.safety import ContactForm
from curation.models import Escalation, Project
from curation.permissions import Act
from curation.views.acting import who


@require_safe
@for_project(Act.CURATE)
def show_safety(request: HttpRequest, project: Project) -> HttpResponse:
    """Show the severe tags with their switches, and who decides on locked items."""
    return _page(request, project, ContactForm(project=project))


def _page(
    request: HttpRequest, project: Project, form: ContactForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    context = {
        "project": project,
        "tags": [(tag, severe_tags.items_under(project, tag)) for tag in severe_tags.of(project)],
        "form": form,
        "locked": len(escalations.of_project(project)),
        "may_decide": escalations.may_decide(request.user, project),
    }
    return render(request, "curation/safety.html", context, status=status)


@require_POST
@for_project(Act.CURATE)
def switch_tag(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Let models draft negative options under a severe tag, or no longer."""
    tag = get_object_or_404(severe_tags.of(project), pk=pk)
    on = request.POST.get("on") == "1"
    severe_tags.switch(project=project, tag=tag, on=on, by=who(request))
    words = (
        _("%(tag)s is switched on: models may draft negative options there.")
        if on
        else _("%(tag)s is switched off: people write the negative options there.")
    )
    messages.success(request, words % {"tag": tag.name})
    return redirect("safety", slug=project.slug)


@require_POST
@for_project(Act.CURATE)
def name_contact(request: HttpRequest, project: Project) -> HttpResponse:
    """Name the member who decides on locked items, or leave that to the curators."""
    form = ContactForm(request.POST, project=project)
    if not form.is_valid():
        return _page(request, project, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    user = form.cleaned_data["contact"]
    escalations.name_contact(project=project, user=user, by=who(request))
    messages.success(request, _("The contact is kept."))
    return redirect("safety", slug=project.slug)


@require_safe
@for_project(Act.WORK, Act.READ)
def show_locked(request: HttpRequest, project: Project) -> HttpResponse:
    """List the locked items by their ids for who decides on them; their texts are shown nowhere."""
    _refuse_others(request, project)
    context = {"project": project, "escalations": escalations.of_project(project)}
    return render(request, "curation/locked.html", context)


@require_POST
@for_project(Act.WORK, Act.READ)
def decide_locked(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Unlock an item, or keep it locked for good."""
    _refuse_others(request, project)
    escalation = get_object_or_404(Escalation, item__project=project, pk=pk)
    decision = request.POST.get("decision", "")
    escalations.decide(escalation=escalation, decision=decision, by=who(request))
    messages.success(
        request,
        _("Unlocked: the item goes on.")
        if decision == Escalation.Decision.FALSE_ALARM
        else _("The item stays locked."),
    )
    return redirect("locked", slug=project.slug)


def _refuse_others(request: HttpRequest, project: Project) -> None:
    if not escalations.may_decide(request.user, project):
        raise Http404
