"""What I judged, for me to read."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotation import workers
from annotation.doors import person
from annotation.models import Judgement
from annotation.words import outcome_words

PAGE = 30


@require_safe
def show_mine(request: HttpRequest) -> HttpResponse:
    """Show the person's own judgements, the latest first; nothing of what others said."""
    worker = workers.of(person(request))
    mine = (
        Judgement.objects.standing()
        .filter(worker=worker)
        .select_related("matter__campaign__project", "matter__item")
        .prefetch_related("acts__option", "acts__made", "acts__written_text", "written_texts")
        .order_by("-id")
    )
    page = Paginator(mine, PAGE).get_page(request.GET.get("page"))
    for judgement in page:
        judgement.said = outcome_words(judgement.outcome, judgement.matter.item)  # type: ignore[attr-defined]
    return render(request, "annotation/my_judgements.html", {"page": page, "worker": worker})
