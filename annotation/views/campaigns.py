"""Campaigns, for the curator."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotation import campaigns, enrolments, guidelines, matters, openings, overlap, progress
from annotation.doors import person
from annotation.forms.campaigns import GuidelineForm, NewCampaignForm, OverlapForm, TopUpForm
from annotation.models import Campaign, Guideline
from curation.doors import for_project
from curation.models import Project
from curation.permissions import Act
from curation.refusals import Refused


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def show_campaigns(request: HttpRequest, project: Project) -> HttpResponse:
    """Show the project's campaigns, and open a new one."""
    form = NewCampaignForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        review = form.cleaned_data["kind"] == Campaign.Kind.REVIEW
        open_it = campaigns.open_review if review else campaigns.open_answers
        try:
            campaign = open_it(
                project=project,
                name=form.cleaned_data["name"],
                by=person(request),
                numbers=form.numbers(),
                priority=form.cleaned_data["priority"],
            )
            return redirect("campaign", slug=project.slug, pk=campaign.pk)
        except Refused as refused:
            form.add_error(refused.field if refused.field in form.fields else None, str(refused))
    found = list(Campaign.objects.filter(project=project))
    for campaign in found:
        campaign.total, campaign.done = progress.totals(campaign)  # type: ignore[attr-defined]
    context = {
        "project": project,
        "found": found,
        "form": form,
        "items": openings.items_to_review(Campaign(project=project)).count(),
        "answers": openings.answers_to_judge(Campaign(project=project)).count(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "annotation/campaigns.html", context, status=status)


@require_safe
@for_project(Act.CURATE)
def show_campaign(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Show how far a campaign is, and what its workers did."""
    campaign = _campaign(project, pk)
    return _page(request, campaign, GuidelineForm.of(campaign.guideline))


def _campaign(project: Project, pk: int) -> Campaign:
    found = Campaign.objects.select_related("project", "guideline")
    return get_object_or_404(found, project=project, pk=pk)


def _page(
    request: HttpRequest, campaign: Campaign, form: GuidelineForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    versions = Guideline.objects.filter(
        project=campaign.project, name=campaign.guideline.name
    ).order_by("-number")
    context = {
        "project": campaign.project,
        "campaign": campaign,
        "progress": progress.of(campaign),
        "form": form,
        "overlap": OverlapForm.of(campaign),
        "sections": guidelines.sections(guidelines.read(campaign.guideline)),
        "versions": versions,
    }
    return render(request, "annotation/campaign.html", context, status=status)


@require_POST
@for_project(Act.CURATE)
def top_up(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Add what waits for people by now."""
    form = TopUpForm(request.POST)
    if not form.is_valid():
        raise Refused(_("A priority is a number from 0 to 9."))
    added = campaigns.top_up(
        campaign=_campaign(project, pk),
        by=person(request),
        priority=form.cleaned_data["priority"] or 0,
    )
    words = ngettext("%(n)s was added.", "%(n)s were added.", added) % {"n": added}
    messages.success(request, words if added else _("Nothing new waits for people."))
    return redirect("campaign", slug=project.slug, pk=pk)


@require_POST
@for_project(Act.CURATE)
def change_overlap(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Let more or fewer people judge each answer."""
    campaign, form = _campaign(project, pk), OverlapForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Choose a number of workers from 1 to 25."))
    changed = overlap.change(
        campaign=campaign,
        to=form.cleaned_data["overlap"],
        seen=form.cleaned_data["seen"],
        by=person(request),
    )
    messages.success(request, _words(changed))
    return redirect("campaign", slug=project.slug, pk=pk)


def _words(changed: overlap.Changed) -> str:
    said = []
    for number, words in (
        (
            changed.added,
            ngettext("%(n)s seat was added.", "%(n)s seats were added.", changed.added),
        ),
        (
            changed.cancelled,
            ngettext("%(n)s seat was cancelled.", "%(n)s seats were cancelled.", changed.cancelled),
        ),
        (
            changed.disputed,
            ngettext(
                "%(n)s is with the reviewers now.",
                "%(n)s are with the reviewers now.",
                changed.disputed,
            ),
        ),
    ):
        said += [words % {"n": number}] if number else []
    return " ".join(said) or _("No open answer needed a change.")


@require_POST
@for_project(Act.CURATE)
def pause(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Hand out no more seats."""
    campaigns.pause(campaign=_campaign(project, pk), by=person(request))
    return redirect("campaign", slug=project.slug, pk=pk)


@require_POST
@for_project(Act.CURATE)
def resume(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Hand out seats again."""
    campaigns.resume(campaign=_campaign(project, pk), by=person(request))
    return redirect("campaign", slug=project.slug, pk=pk)


@require_POST
@for_project(Act.CURATE)
def close(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """End the campaign for good."""
    campaigns.close(campaign=_campaign(project, pk), by=person(request))
    messages.success(request, _("Closed. What was open waits for another campaign."))
    return redirect("campaign", slug=project.slug, pk=pk)


@require_POST
@for_project(Act.CURATE)
def qualify(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Call a worker qualified for the campaign, or take that back."""
    campaign = _campaign(project, pk)
    worker = campaign.workers.filter(pseudonym=request.POST.get("worker", "")).first()
    if worker is None:
        raise Refused(_("This worker does not take part in the campaign."))
    enrolments.qualify(
        campaign=campaign,
        worker=worker,
        qualified=request.POST.get("qualified") == "yes",
        by=person(request),
    )
    return redirect("campaign", slug=project.slug, pk=pk)


@require_POST
@for_project(Act.CURATE)
def hand_over(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Give what nobody enrolled may take to the reviewers."""
    handed = matters.hand_over_stuck(campaign=_campaign(project, pk), by=person(request))
    words = ngettext(
        "%(n)s is with the reviewers now.", "%(n)s are with the reviewers now.", handed
    )
    messages.success(request, words % {"n": handed})
    return redirect("campaign", slug=project.slug, pk=pk)


@require_POST
@for_project(Act.CURATE)
def publish_guideline(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Publish the next version of the campaign's guideline; who was slower sees both texts."""
    campaign = _campaign(project, pk)
    form = GuidelineForm(request.POST)
    if form.is_valid():
        try:
            made = guidelines.publish(campaign=campaign, by=person(request), **form.cleaned_data)
        except guidelines.NotLatest as refused:
            messages.error(request, str(refused))
            return _page(request, _campaign(project, pk), _after(form), status=HTTPStatus.CONFLICT)
        messages.success(request, _("Version %(n)s is in force.") % {"n": made.number})
        return redirect("campaign", slug=project.slug, pk=pk)
    return _page(request, campaign, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _after(form: GuidelineForm) -> GuidelineForm:
    """Keep what was typed, to be published after the version that came in between."""
    came = Guideline.objects.get(pk=form.cleaned_data["follows"])
    latest = Guideline.objects.filter(project=came.project_id, name=came.name).order_by("-number")
    return GuidelineForm(initial=form.cleaned_data | {"follows": latest[0].pk})


# What can be done with one campaign, by the last part of its address.
ACTS = {
    "qualify": qualify,
    "top-up": top_up,
    "overlap": change_overlap,
    "pause": pause,
    "resume": resume,
    "close": close,
    "hand-over": hand_over,
    "guideline": publish_guideline,
}
