"""One seat: judging it, keeping drafts, giving it back, skipping it."""

from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render, resolve_url
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from annotation import judgements, leases, taking, work_drafts
from annotation.doors import for_seat, read_seat
from annotation.forms.work import (
    AnswerForm,
    ReviewForm,
    SkipForm,
    basis_in,
    grant_in,
    restored,
    typed_in,
)
from annotation.ids import as_id
from annotation.leases import Grant, LeaseLost
from annotation.models import Assignment, Decline, Judgement, Matter, WorkDraft, Worker
from annotation.sheets import Sheet
from annotation.taking import Changed, OtherContent
from annotation.words import in_words, texts_in
from curation.refusals import Refused

Form = ReviewForm | AnswerForm


@require_http_methods(["GET", "HEAD", "POST"])
@for_seat
def show_seat(request: HttpRequest, seat: Assignment, worker: Worker) -> HttpResponse:
    """Show the seat to its holder, or take their judgement and go on to the next."""
    if request.method == "POST":
        return _submit(request, seat, worker)
    return _shown(request, seat, worker)


def _shown(
    request: HttpRequest, seat: Assignment, worker: Worker, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    """Show the seat with what was typed on it; if it is lost, what was typed alone."""
    sheet, saved_at = _drafted(seat, worker)
    try:
        lease = leases.heartbeat(grant=Grant(seat.pk, seat.token), worker=worker)
    except LeaseLost:
        return _over(request, sheet, status=status)
    seat.lease_expires_at, seat.lease_is_over = lease.until, lease.is_over
    return _page(request, sheet, _form(sheet), status=status, saved_at=saved_at)


def _drafted(seat: Assignment, worker: Worker) -> tuple[Sheet, datetime | None]:
    """Return the seat with what the worker typed on it before, and when that was kept."""
    draft = work_drafts.of(seat=seat.pk, worker=worker)
    return (_sheet(seat, worker, draft), draft.saved_at) if draft else (Sheet(seat, worker), None)


def _sheet(seat: Assignment, worker: Worker, draft: WorkDraft) -> Sheet:
    return Sheet(seat, worker, draft.payload, draft.version, draft.aside or {})


def _form(sheet: Sheet) -> Form:
    """Return the form with what was typed before, still unchecked."""
    data = restored(sheet.typed)
    typed: dict[str, object] = {name: data.get(name) for name in data} | {
        "tags": data.getlist("tags")
    }
    typed.pop("guideline", None)
    kind = AnswerForm if sheet.seat.matter.answer_id else ReviewForm
    return kind(sheet, initial=typed)


def _submit(request: HttpRequest, seat: Assignment, worker: Worker) -> HttpResponse:
    sheet = Sheet(seat, worker)
    kind = AnswerForm if seat.matter.answer_id else ReviewForm
    form: Form = kind(sheet, request.POST)
    try:
        form.refuse_if_stale()
        if form.is_valid():
            judgement = _judged(form, worker)
            messages.success(request, in_words(judgement), extra_tags=f"undo-{judgement.pk}")
            return _onward(request, seat, worker)
    except (LeaseLost, Changed, OtherContent) as refused:
        grant = grant_in(request.POST.get("key", ""), seat.pk)
        if isinstance(refused, Changed) and taking.is_judged(grant):
            # A second click: the first one is what has changed the options.
            messages.info(request, _("You have judged this already."))
            return go(request, "work-campaign", seat.campaign_id)
        _keep(request, grant, worker)
        messages.error(request, str(refused))
        if request.headers.get("HX-Request"):
            return go(request, "seat", seat.pk)
        # What stands now beside what was typed: nothing of it is lost.
        return _shown(request, *read_seat(request, seat.pk), status=HTTPStatus.CONFLICT)
    except Refused as refused:
        form.tell(refused)
    return _page(request, sheet, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def page_ahead(request: HttpRequest, seat: Assignment, worker: Worker) -> HttpResponse:
    """Render a seat that nobody holds yet; its key and the end of its lease come with the lease."""
    sheet, saved_at = _drafted(seat, worker)
    return _page(request, sheet, _form(sheet), saved_at=saved_at)


def _onward(request: HttpRequest, seat: Assignment, worker: Worker) -> HttpResponse:
    """Go on to the next seat; a page that has fetched it ahead is told what it lacks."""
    ahead = as_id(request.POST.get("ahead", ""))
    if ahead is None:
        return go(request, "work-campaign", seat.campaign_id)
    try:
        # Whatever comes next: the page at hand has no say in which seat that is.
        found = leases.claim(worker=worker, campaign=seat.campaign)
    except leases.NoSeat:
        found = None
    if found is None or found.pk != ahead:
        return go(request, "work-campaign", seat.campaign_id)
    found.campaign = seat.campaign
    context = {"seat": found, "judged_today": Sheet(seat, worker).judged_today()}
    told = {
        "address": resolve_url("seat", found.pk),
        "key": f"{found.pk}.{found.token}",
        "parts": render_to_string("annotation/_granted.html", context, request),
    }
    return JsonResponse(told)


def _judged(form: Form, worker: Worker) -> Judgement:
    if isinstance(form, AnswerForm):
        return judgements.submit_answer(
            submission=form.submission(),
            worker=worker,
            outcome=form.cleaned_data["outcome"],
            tags=form.cleaned_data["tags"],
            reason=form.cleaned_data["reason"],
        )
    return judgements.submit_review(
        submission=form.submission(form.shown()),
        worker=worker,
        acts=form.acts(),
        tags=form.tag_codes(),
        unfit=form.cleaned_data["unfit"],
        note=form.cleaned_data["note"] if form.cleaned_data["unfit"] else "",
    )


def _page(
    request: HttpRequest,
    sheet: Sheet,
    form: Form,
    *,
    status: int = HTTPStatus.OK,
    saved_at: datetime | None = None,
) -> HttpResponse:
    context = {
        "project": sheet.campaign.project,
        "sheet": sheet,
        "form": form,
        "saved_at": saved_at,
        "aside": [text for text in texts_in(sheet.aside) if text not in texts_in(sheet.typed)],
        "reasons": Decline.Reason.choices,
    }
    name = "answer" if sheet.seat.matter.answer_id else "review"
    return render(request, f"annotation/seat_{name}.html", context, status=status)


def _over(request: HttpRequest, sheet: Sheet, *, status: int) -> HttpResponse:
    """Show what was typed on a seat that is no longer the person's."""
    seat, worker = sheet.seat, sheet.worker
    declines = Decline.objects.filter(matter=seat.matter_id, worker=worker)
    context = {
        "project": sheet.campaign.project,
        "sheet": sheet,
        "judged": Judgement.objects.standing().filter(seat=seat, worker=worker).exists(),
        "withdrawn": seat.matter.status == Matter.Status.WITHDRAWN,
        "involved": declines.filter(reason=Decline.Reason.CONFLICT).exists(),
        "skipped": declines.exists(),
        "texts": list(dict.fromkeys([*texts_in(sheet.typed), *texts_in(sheet.aside)])),
    }
    return render(request, "annotation/seat_over.html", context, status=status)


def go(request: HttpRequest, name: str, *args: object) -> HttpResponse:
    """Redirect, also when htmx asks."""
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(resolve_url(name, *args))
    return redirect(name, *args)


@require_POST
@for_seat
def save_draft(request: HttpRequest, seat: Assignment, worker: Worker) -> HttpResponse:
    """Keep what was typed so far; the page saves by itself, and by its button."""
    grant = grant_in(request.POST.get("key", ""), seat.pk)
    by_itself = bool(request.headers.get("HX-Request"))
    typed, basis = typed_in(request.POST), basis_in(request.POST.get("version", ""))
    draft = work_drafts.save(
        grant=grant, worker=worker, payload=typed, basis=basis, first=not by_itself
    )
    if not by_itself:
        return redirect("seat", seat.pk)
    context = _lease(seat, grant, worker) | {
        "saved_at": draft.saved_at,
        "sheet": Sheet(seat, worker, typed),
        "version": f"{draft.version}-{basis.page}" if basis else "",
        "is_aside": draft.payload != typed,
    }
    return render(request, "annotation/_saved.html", context)


def _keep(request: HttpRequest, grant: Grant, worker: Worker) -> None:
    """Keep what was typed when the work on it ends here."""
    typed, basis = typed_in(request.POST), basis_in(request.POST.get("version", ""))
    work_drafts.keep(grant=grant, worker=worker, payload=typed, basis=basis)


@require_POST
@for_seat
def give_back(request: HttpRequest, seat: Assignment, worker: Worker) -> HttpResponse:
    """Give the seat back unjudged; what was typed is kept."""
    grant = grant_in(request.POST.get("key", ""), seat.pk)
    _keep(request, grant, worker)
    leases.give_back(grant=grant, worker=worker)
    messages.success(request, _("Given back. What you typed is kept in case you return to it."))
    return go(request, "work")


@require_POST
@for_seat
def skip(request: HttpRequest, seat: Assignment, worker: Worker) -> HttpResponse:
    """Skip the matter for good; after a harm the person gets a pause instead of the next one."""
    form = SkipForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say why you skip this."))
    grant = grant_in(form.cleaned_data["key"], seat.pk)
    reason = form.cleaned_data["reason"]
    leases.skip(grant=grant, worker=worker, reason=reason)
    if reason == Decline.Reason.HARMS_ME:
        messages.success(
            request, _("Skipped. It will not come back to you, and nothing is held against you.")
        )
        return go(request, "work")
    messages.success(request, _("Skipped. It will not come back to you."))
    return go(request, "work-campaign", seat.campaign_id)


@require_POST
@for_seat
def heartbeat(request: HttpRequest, seat: Assignment, worker: Worker) -> HttpResponse:
    """Renew the lease while the page is open; tell at once when it is lost."""
    grant = grant_in(request.POST.get("key", ""), seat.pk)
    return render(request, "annotation/_lease.html", _lease(seat, grant, worker))


def _lease(seat: Assignment, grant: Grant, worker: Worker) -> dict[str, object]:
    """Renew the lease; return what the page says of it."""
    try:
        lease = leases.heartbeat(grant=grant, worker=worker)
    except LeaseLost:
        return {"seat": seat, "token": grant.token, "until": None}
    seat.lease_is_over = lease.is_over
    return {"seat": seat, "token": grant.token, "until": lease.until}
