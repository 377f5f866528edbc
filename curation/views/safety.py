"""What a project lets models near: tags of severity 4, each with a switch."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from curation import severe_tags
from curation.doors import for_project
from curation.models import Project
from curation.permissions import Act
from curation.views.acting import who


@require_safe
@for_project(Act.CURATE)
def show_safety(request: HttpRequest, project: Project) -> HttpResponse:
    """Show the severe tags with their switches."""
    tags = [(tag, severe_tags.items_under(project, tag)) for tag in severe_tags.of(project)]
    return render(request, "curation/safety.html", {"project": project, "tags": tags})


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
