"""The next version of a guideline, written by curators."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotation import guideline_drafts
from annotation.doors import person
from annotation.forms.guidelines import DraftForm
from annotation.guideline_drafts import Overtaken
from annotation.models import Campaign, GuidelineDraft
from curation.doors import for_project
from curation.models import Project
from curation.permissions import Act
from curation.refusals import Refused, busy_is_refused


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def show_draft(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Show the draft; save, publish or discard it. Who was slower sees both texts."""
    campaign = get_object_or_404(Campaign.objects.select_related("project"), project=project, pk=pk)
    if request.method != "POST":
        draft = guideline_drafts.standing(campaign)
        return _page(request, draft, DraftForm.of(draft))
    form = DraftForm(request.POST)
    if not form.is_valid():
        return _refused(request, campaign, form)
    try:
        with busy_is_refused():
            messages.success(request, _do(request, campaign, form))
    except Overtaken as overtaken:
        messages.error(request, str(overtaken))
        typed = "discard" not in request.POST
        form = form.upon(overtaken.now) if typed else DraftForm.of(overtaken.now)
        return _page(request, overtaken.now, form, status=HTTPStatus.CONFLICT)
    except Refused as refused:
        form.add_error(refused.field or None, str(refused))
        return _refused(request, campaign, form)
    return redirect("campaign" if "publish" in request.POST else "campaign-draft", project.slug, pk)


def _do(request: HttpRequest, campaign: Campaign, form: DraftForm) -> str:
    """Do what the button says, and return the words for it."""
    given: dict[str, Any] = {"campaign": campaign, "by": person(request)}
    if "discard" in request.POST:
        guideline_drafts.discard(seen=form.cleaned_data["seen"], **given)
        return _("The draft was thrown away.")
    if "publish" in request.POST:
        made = guideline_drafts.publish(**form.cleaned_data, **given)
        return _("Version %(n)s is in force.") % {"n": made.number}
    guideline_drafts.save(**form.cleaned_data, **given)
    return _("The draft is saved.")


def _refused(request: HttpRequest, campaign: Campaign, form: DraftForm) -> HttpResponse:
    draft = guideline_drafts.standing(campaign)
    return _page(request, draft, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _page(
    request: HttpRequest, draft: GuidelineDraft, form: DraftForm, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    overtaken = status == HTTPStatus.CONFLICT
    mine = {name: form[name].value() for name in ("text_en", "text_zh")}
    context = {
        "project": draft.campaign.project,
        "campaign": draft.campaign,
        "draft": draft,
        "form": form,
        "overtaken": overtaken,
        # What saving would do to the other's text, or what the draft changes in what is in force.
        "old": draft if overtaken else draft.campaign.guideline,
        "new": mine if overtaken else draft,
    }
    return render(request, "annotation/guideline_draft.html", context, status=status)
