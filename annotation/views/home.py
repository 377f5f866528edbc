"""The first page: what waits for me, and my projects."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from curation import projects
from curation.forms.project import NewProjectForm
from curation.models import Membership


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Show the person's projects with their role, and the work that waits for them."""
    memberships = (
        Membership.objects.filter(user=request.user)
        .select_related("project")
        .order_by("project__name")
    )
    return render(
        request,
        "annotation/home.html",
        {"memberships": memberships},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_project(request: HttpRequest) -> HttpResponse:
    """Let an operator make a project, of which they become the curator."""
    if not request.user.is_staff:
        raise Http404
    form = NewProjectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        project = projects.create(by=request.user, **form.cleaned_data)
        return redirect("overview", slug=project.slug)
    return render(request, "annotation/new_project.html", {"form": form})
