"""What became of drafts, and what they cost."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation import economics
from curation.doors import for_project
from curation.models import Project
from curation.permissions import Act


@require_safe
@for_project(Act.CURATE)
def show_economics(request: HttpRequest, project: Project) -> HttpResponse:
    """Show how much of what models drafted people took, and what it cost in money and time."""
    by_tag = request.GET.get("by") == "tag"
    picture = economics.picture(project, by_tag=by_tag)
    context = {"project": project, "picture": picture, "by_tag": by_tag}
    return render(request, "annotation/economics.html", context)
