"""Endpoints of a project: name them, change them, give them roles, try them out."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from curation import endpoints, prices
from curation.doors import for_project
from curation.drafting.probe import probe
from curation.forms.endpoint import FoundForm, KnownEndpointForm, NewEndpointForm, PriceForm
from curation.models import Endpoint, Project
from curation.permissions import Act
from curation.refusals import Refused
from curation.views.acting import who


@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def all_endpoints(request: HttpRequest, project: Project) -> HttpResponse:
    """List the endpoints; POST names a new one."""
    form = NewEndpointForm(request.POST or None)
    posted = request.method == "POST" and form.is_valid()
    if posted and (endpoint := _added(request, project, form)):
        return redirect("endpoint", slug=project.slug, pk=endpoint.pk)
    listed = project.endpoints.order_by("name").prefetch_related("role_assignments")
    context = {"project": project, "form": form, "endpoints": listed}
    return render(request, "curation/endpoints.html", context)


@sensitive_post_parameters("key")
@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def one_endpoint(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Show an endpoint; POST changes it."""
    endpoint = get_object_or_404(project.endpoints, pk=pk)
    form = KnownEndpointForm(request.POST or None, endpoint=endpoint)
    if request.method == "POST" and form.is_valid() and _changed(request, endpoint, form):
        return redirect("endpoint", slug=project.slug, pk=pk)
    return _page(request, endpoint, form=form)


@require_POST
@for_project(Act.CURATE)
def test_endpoint(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Ask a few small things for real and show what came back."""
    endpoint = get_object_or_404(project.endpoints, pk=pk)
    found = probe(endpoint)
    if request.headers.get("HX-Request"):
        context = {"project": project, "endpoint": endpoint, "found": found}
        return render(request, "curation/_probe.html", context)
    return _page(request, endpoint, found=found)


@require_POST
@for_project(Act.CURATE)
def adopt_profile(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Take over what a test found out about the model."""
    endpoint = get_object_or_404(project.endpoints, pk=pk)
    form = FoundForm(request.POST)
    if form.is_valid():
        profile = replace(endpoints.profile_of(endpoint), **form.cleaned_data)
        endpoints.update(endpoint=endpoint, profile=profile, by=who(request))
        messages.success(request, _("Saved."))
    return redirect("endpoint", slug=project.slug, pk=pk)


@require_POST
@for_project(Act.CURATE)
def resume_endpoint(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Ask an endpoint that is paused, or rests, again."""
    endpoint = get_object_or_404(project.endpoints, pk=pk)
    if endpoints.resume(endpoint=endpoint, by=who(request)):
        messages.success(request, _("It is asked again."))
    else:
        messages.info(request, _("It was neither paused nor at rest."))
    return redirect("endpoint", slug=project.slug, pk=pk)


@require_POST
@for_project(Act.CURATE)
def pause_endpoint(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Ask an endpoint nothing until a person resumes it."""
    endpoint = get_object_or_404(project.endpoints, pk=pk)
    if endpoints.pause(endpoint_id=endpoint.pk, reason=endpoints.BY_HAND, by=who(request)):
        messages.success(request, _("It is paused: nothing more is asked here."))
    else:
        messages.info(request, _("It is paused already."))
    return redirect("endpoint", slug=project.slug, pk=pk)


@require_POST
@for_project(Act.CURATE)
def forget_found(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Ask in the way the profile says again."""
    endpoint = get_object_or_404(project.endpoints, pk=pk)
    if endpoints.forget_found(endpoint=endpoint, by=who(request)):
        messages.success(request, _("It is asked in the way its profile says again."))
    else:
        messages.info(request, _("It was asked in the way its profile says."))
    return redirect("endpoint", slug=project.slug, pk=pk)


@require_POST
@for_project(Act.CURATE)
def say_price(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Add a price to the table."""
    endpoint = get_object_or_404(project.endpoints, pk=pk)
    form = PriceForm(request.POST)
    if not form.is_valid():
        return _page(request, endpoint, price_form=form)
    said = form.cleaned_data
    prices.say(endpoint=endpoint, since=said["since"], costs=said["costs"], by=who(request))
    messages.success(request, _("Saved."))
    return redirect("endpoint", slug=project.slug, pk=pk)


def _page(request: HttpRequest, endpoint: Endpoint, **context: object) -> HttpResponse:
    table = list(endpoint.prices.order_by("-since", "-pk"))
    usual = {
        "project": endpoint.project,
        "endpoint": endpoint,
        "form": context.get("form") or KnownEndpointForm(endpoint=endpoint),
        "price_form": PriceForm(),
        "prices": table,
    }
    return render(request, "curation/endpoint.html", usual | context)


@sensitive_variables("form")
def _changed(request: HttpRequest, endpoint: Endpoint, form: KnownEndpointForm) -> bool:
    values, by = form.cleaned_data, who(request)
    try:
        endpoints.update(endpoint=endpoint, profile=values["profile"], key=form.new_key(), by=by)
    except Refused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return False
    endpoints.assign(endpoint=endpoint, roles=values["roles"], by=by)
    messages.success(request, _("Saved."))
    return True


@sensitive_variables("form", "values")
def _added(request: HttpRequest, project: Project, form: NewEndpointForm) -> Endpoint | None:
    values, by = form.cleaned_data, who(request)
    try:
        endpoint = endpoints.add(
            project=project,
            name=values["name"],
            profile=values["profile"],
            key=form.new_key(),
            by=by,
        )
    except Refused as refusal:
        form.add_error(refusal.field or None, str(refusal))
        return None
    endpoints.assign(endpoint=endpoint, roles=values["roles"], by=by)
    if values["costs"]:
        prices.say(endpoint=endpoint, since=None, costs=values["costs"], by=by)
    messages.success(request, _("The endpoint is there. Test it before you start a run."))
    if endpoint.model.startswith(endpoints.REHEARSAL):
        messages.warning(request, _("Its model is a script: the project is marked a rehearsal."))
    return endpoint
