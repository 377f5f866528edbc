"""Endpoints of a project: name them, change them, give them roles, try them out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from curation import endpoints
from curation.doors import for_project
from curation.drafting.probe import probe
from curation.forms.endpoint import EndpointForm, KnownEndpointForm
from curation.models import Project
from curation.permissions import Act
from curation.refusals import Refused
from curation.views.acting import who


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def all_endpoints(request: HttpRequest, project: Project) -> HttpResponse:
    """List the endpoints; POST names a new one."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _added(request, project, form):
        return redirect("endpoints", slug=project.slug)
    listed = project.endpoints.order_by("name").prefetch_related("role_assignments")
    context = {"project": project, "form": form, "endpoints": listed}
    return render(request, "curation/endpoints.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def one_endpoint(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Show an endpoint; POST changes it."""
    endpoint = get_object_or_404(project.endpoints, pk=pk)
    form = KnownEndpointForm(request.POST or None, endpoint=endpoint)
    if request.method == "POST" and form.is_valid():
        by = who(request)
        endpoints.update(endpoint=endpoint, profile=form.cleaned_data["profile"], by=by)
        endpoints.assign(endpoint=endpoint, roles=form.chosen_roles(), by=by)
        messages.success(request, _("Saved."))
        return redirect("endpoint", slug=project.slug, pk=pk)
    context = {"project": project, "endpoint": endpoint, "form": form}
    return render(request, "curation/endpoint.html", context)


@require_POST
@for_project(Act.CURATE)
def test_endpoint(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Make one tiny real call and show what came back."""
    endpoint = get_object_or_404(project.endpoints, pk=pk)
    context = {"project": project, "endpoint": endpoint, "found": probe(endpoint)}
    if request.headers.get("HX-Request"):
        return render(request, "curation/_probe.html", context)
    form = KnownEndpointForm(endpoint=endpoint)
    return render(request, "curation/endpoint.html", context | {"form": form})


@require_POST
@for_project(Act.CURATE)
def resume_endpoint(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Ask a paused endpoint again."""
    endpoint = get_object_or_404(project.endpoints, pk=pk)
    endpoints.resume(endpoint=endpoint, by=who(request))
    return redirect("endpoint", slug=project.slug, pk=pk)


def _added(request: HttpRequest, project: Project, form: EndpointForm) -> bool:
    values, by = form.cleaned_data, who(request)
    try:
        endpoint = endpoints.add(
            project=project, name=values["name"], profile=values["profile"], by=by
        )
    except Refused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return False
    endpoints.assign(endpoint=endpoint, roles=values["roles"], by=by)
    messages.success(request, _("The endpoint is there. Test it before you start a run."))
    if endpoint.model.startswith(endpoints.REHEARSAL):
        messages.warning(request, _("Its model is a script: the project is marked a rehearsal."))
    return True
