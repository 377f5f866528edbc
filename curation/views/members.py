"""The people of a project and their roles."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from curation import people, projects
from curation.doors import for_project
from curation.forms.members import MemberForm
from curation.models import Project, Role
from curation.permissions import Act
from curation.refusals import Refused
from curation.views.acting import who


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def all_members(request: HttpRequest, project: Project) -> HttpResponse:
    """List the members; POST adds one."""
    form = MemberForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _added(request, project, form):
        return redirect("members", slug=project.slug)
    members = project.memberships.select_related("user").order_by("user__username")
    context = {"project": project, "form": form, "members": members, "roles": Role.choices}
    return render(request, "curation/members.html", context, status=422 if form.errors else 200)


@require_POST
@for_project(Act.CURATE)
def one_member(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Change a member's role, or take them out of the project."""
    member = get_object_or_404(project.memberships.select_related("user"), pk=pk)
    if request.POST.get("act") == "remove":
        projects.remove_member(project=project, user=member.user, by=who(request))
        messages.success(request, _("%(user)s has left the project.") % {"user": member.user})
    else:
        role = request.POST.get("role", "")
        projects.add_member(project=project, user=member.user, role=role, by=who(request))
        messages.success(request, _("The role of %(user)s was changed.") % {"user": member.user})
    return redirect("members", slug=project.slug)


def _added(request: HttpRequest, project: Project, form: MemberForm) -> bool:
    said = form.cleaned_data
    try:
        user = people.named(said["username"])
        projects.add_member(project=project, user=user, role=said["role"], by=who(request))
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    messages.success(request, _("%(user)s is a member now.") % {"user": user})
    return True
