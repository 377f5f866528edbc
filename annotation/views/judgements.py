"""What I judged, for me to read."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from annotation import second_opinions, undoing, workers
from annotation.doors import person
from annotation.models import Judgement
from annotation.words import outcome_words
from curation.models import Item
from curation.permissions import Act, may

PAGE = 30


@require_safe
def show_mine(request: HttpRequest) -> HttpResponse:
    """Show the person's own judgements, the latest first; nothing of what other people said."""
    worker = workers.of(person(request))
    mine = (
        Judgement.objects.standing()
        .filter(worker=worker)
        .exclude(matter__item__status=Item.Status.LOCKED)
        .select_related("matter__campaign__project", "matter__item")
        .prefetch_related("acts__option", "acts__made", "acts__written_text", "written_texts")
        .order_by("-id")
    )
    page = Paginator(mine, PAGE).get_page(request.GET.get("page"))
    checks = second_opinions.after(list(page))
    for judgement in page:
        judgement.checks = checks.get(judgement.pk, [])  # type: ignore[attr-defined]
        judgement.said = outcome_words(judgement.outcome, judgement.matter.item)  # type: ignore[attr-defined]
    last = page.object_list[0] if page.number == 1 and page.object_list else None
    can_undo = last is not None and not undoing.may_undo(judgement=last, worker=worker)
    context = {"page": page, "worker": worker, "undo": last if can_undo else None}
    return render(request, "annotation/my_judgements.html", context)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the person's last judgement, and go to its seat to judge anew."""
    worker = workers.of(person(request))
    judgement = (
        Judgement.objects.select_related("matter__campaign__project")
        .filter(pk=pk, worker=worker)
        .first()
    )
    if judgement is None or not may(request.user, Act.WORK, judgement.matter.campaign.project):
        raise Http404
    try:
        grant = undoing.undo(judgement=judgement, worker=worker)
    except undoing.CannotUndo as refused:
        messages.error(request, str(refused))
        return redirect("work-campaign", judgement.matter.campaign_id)
    messages.info(request, _("Taken back. What you had said is filled in: change it and submit."))
    return redirect("seat", grant.seat)
