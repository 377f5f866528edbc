"""Disputes: what waits for a reviewer, and deciding on it."""

from http import HTTPStatus

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotation import adjudication, evidence, recusals, witnesses, workers
from annotation.doors import person
from annotation.evidence import Evidence
from annotation.forms.disputes import DisputeFilter
from annotation.forms.settling import (
    SendBackForm,
    SettleAnswerForm,
    SettleReviewForm,
    UnfitForm,
)
from annotation.models import Matter, Worker
from annotation.sheets import is_severe
from annotation.words import outcome_words, why_words
from curation import answer_opinions, known_tags, pair_checks
from curation.answer_opinions import Opinion
from curation.doors import for_project
from curation.models import Project
from curation.permissions import Act
from curation.refusals import Refused

PAGE = 30


@require_safe
@for_project(Act.REVIEW)
def show_disputes(request: HttpRequest, project: Project) -> HttpResponse:
    """List what waits for a reviewer, the oldest first; or what was settled, the latest first."""
    form = DisputeFilter(request.GET or None, project=project)
    found = form.applied_to(Matter.objects.shown().filter(campaign__project=project))
    rows = recusals.asked(found.with_severity(), _me(request))
    page = Paginator(rows.select_related("item", "campaign"), PAGE).get_page(
        request.GET.get("page")
    )
    for matter in page:
        matter.severe = is_severe(matter)  # type: ignore[attr-defined]
        matter.why = why_words(matter)  # type: ignore[attr-defined]
        matter.not_mine = recusals.words(matter)  # type: ignore[attr-defined]
    context = {"project": project, "page": page, "form": form, "settled": form.asks_for_settled()}
    return render(request, "annotation/disputes.html", context)


def _me(request: HttpRequest) -> Worker:
    """Return me as a worker, read once a request."""
    known: dict[str, Worker] = request.__dict__
    if "worker" not in known:
        known["worker"] = workers.of(person(request))
    return known["worker"]


def _matter(request: HttpRequest, project: Project, pk: int) -> Matter:
    """Return the matter; it does not exist for a reviewer who takes part and may yet judge it."""
    me = _me(request)
    shown = Matter.objects.shown().with_severity().filter(campaign__project=project)
    found = evidence.for_whom(recusals.asked(shown, me), me).select_related(
        "campaign", "campaign_item", "item__main_tag", "answer"
    )
    matter = get_object_or_404(found, pk=pk)
    matter.campaign.project = project
    if evidence.would_sway(matter, me):
        raise Http404
    return matter


@require_safe
@for_project(Act.REVIEW)
def show_matter(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Show everything said of a matter, with the forms to decide on it for who may.

    Who has read it is not asked to judge it any more.
    """
    matter = _matter(request, project, pk)
    witnesses.read(matter=matter, by=_me(request))
    return _page(request, matter)


def _page(
    request: HttpRequest, matter: Matter, form: forms.Form | None = None, *, status: int = 200
) -> HttpResponse:
    found = evidence.of(matter)
    given = {type(form): form} if form else {}
    settle = SettleAnswerForm if matter.answer_id else SettleReviewForm
    context = {
        "project": matter.campaign.project,
        "matter": matter,
        "evidence": found,
        "checks": pair_checks.of_items([matter.item_id]).get(matter.item_id, []),
        "opinions": _opinions(matter),
        "severe": is_severe(matter),
        "of_options": matter.answer_id is None,
        "why": why_words(matter),
        "why_not": recusals.words(matter),
        "settle": given.get(settle) or _settle_form(matter, found),
        "unfit": given.get(UnfitForm) or UnfitForm(auto_id="unfit_%s"),
        "send_back": given.get(SendBackForm) or SendBackForm(),
    }
    return render(request, "annotation/matter.html", context, status=status)


def _opinions(matter: Matter) -> list[Opinion]:
    """Return what critics and judges said of the answer."""
    if matter.answer is None:
        return []
    return answer_opinions.of_answers([matter.answer]).get(matter.answer.pk, [])


def _settle_form(
    matter: Matter, found: Evidence, request: HttpRequest | None = None
) -> SettleAnswerForm | SettleReviewForm:
    tags = known_tags.of_version(matter.campaign.project.taxonomy_id)
    data = request.POST if request else None
    if matter.answer_id is not None:
        return SettleAnswerForm(data, item=matter.item, tags=tags)
    first = {"main_tag": matter.item.main_tag.code if matter.item.main_tag else ""}
    return SettleReviewForm(data, evidence=found, tags=tags, initial=first)


@require_POST
@for_project(Act.REVIEW)
def settle(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Settle a disputed matter."""
    matter = _matter(request, project, pk)
    form = _settle_form(matter, evidence.of(matter), request)
    if not form.is_valid():
        return _page(request, matter, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        if isinstance(form, SettleAnswerForm):
            _settle_answer(request, matter, form)
        else:
            _settle_review(request, matter, form)
    except adjudication.AlreadySettled as refused:
        messages.error(request, str(refused))
        return redirect("matter", slug=project.slug, pk=pk)
    except Refused as refused:
        form.tell(refused)
        return _page(request, matter, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect("disputes", slug=project.slug)


def _settle_answer(request: HttpRequest, matter: Matter, form: SettleAnswerForm) -> None:
    said = form.cleaned_data
    adjudication.settle_answer(
        matter=matter,
        by=_me(request),
        outcome=said["outcome"],
        tags=said["tags"],
        reason=said["reason"],
        contested=said["contested"],
    )
    words = outcome_words(said["outcome"], matter.item)
    messages.success(request, _("Settled: %(outcome)s.") % {"outcome": words})


def _settle_review(request: HttpRequest, matter: Matter, form: SettleReviewForm) -> None:
    adjudication.settle_review(
        matter=matter,
        by=_me(request),
        takes=form.chosen(),
        tags=form.tag_codes(),
        reason=form.cleaned_data["reason"],
        contested=form.cleaned_data["contested"],
    )
    matter.item.refresh_from_db()
    if matter.item.status == matter.item.Status.GOLD:
        messages.success(request, _("Settled: the item is gold."))
    else:
        messages.success(request, _("Settled: a worker is asked to sign the text you wrote."))


@require_POST
@for_project(Act.REVIEW)
def reject_item(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Take the item out of the set because its question is unfit."""
    matter = _matter(request, project, pk)
    form = UnfitForm(request.POST, auto_id="unfit_%s")
    if not form.is_valid():
        return _page(request, matter, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    adjudication.settle_unfit(matter=matter, by=_me(request), **form.cleaned_data)
    messages.success(request, _("Settled: the item has left the set."))
    return redirect("disputes", slug=project.slug)


@require_POST
@for_project(Act.REVIEW)
def send_back(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Give an item back to workers with a note, or put an answer to one more worker."""
    matter, me = _matter(request, project, pk), _me(request)
    if matter.answer_id is not None:
        adjudication.ask_another(matter=matter, by=me)
        messages.success(request, _("One more worker is asked."))
        return redirect("disputes", slug=project.slug)
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return _page(request, matter, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    adjudication.send_back(matter=matter, by=me, note=form.cleaned_data["note"])
    messages.success(request, _("Sent back: the next worker reads your note."))
    return redirect("disputes", slug=project.slug)
