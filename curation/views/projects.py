"""Making a project."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from curation import projects
from curation.forms.project import NewProjectForm


@require_http_methods(["GET", "HEAD", "POST"])
def new_project(request: HttpRequest) -> HttpResponse:
    """Let an operator make a project, of which they become the curator."""
    if not request.user.is_staff:
        raise Http404
    form = NewProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        project = projects.create(by=request.user, **form.cleaned_data)
        return redirect("overview", slug=project.slug)
    return render(request, "curation/new_project.html", {"form": form})
