"""A project as a whole, and an item with its whole history."""

import uuid
from dataclasses import dataclass
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from annotation import corrections, history, overview, witnesses, workers
from annotation.doors import person
from annotation.forms.corrections import CorrectionForm
from curation import endpoints, pair_checks, provenance
from curation.doors import for_project
from curation.models import Call, Item, Option, Project
from curation.permissions import Act


@require_safe
@for_project(Act.CURATE)
def show_overview(request: HttpRequest, project: Project) -> HttpResponse:
    """Show where the project stands and what to do next."""
    picture = overview.picture(project)
    return render(
        request,
        "annotation/overview.html",
        {
            "project": project,
            "overview": picture,
            "next_steps": overview.next_steps(project, picture),
            "paused": endpoints.missed(project),
            "resting": endpoints.resting(project),
        },
    )


@dataclass(frozen=True)
class Typed:
    """A correction that was not taken: the text, why not, and the option that stands now."""

    text: str
    words: str
    option: Option | None


@require_safe
@for_project(Act.CURATE)
def show_item(request: HttpRequest, project: Project, uid: uuid.UUID) -> HttpResponse:
    """Show an item: what stands now, and everything that led there."""
    return item_page(request, get_object_or_404(project.items.shown(), uid=uid))


def item_page(
    request: HttpRequest, item: Item, typed: Typed | None = None, *, status: int = HTTPStatus.OK
) -> HttpResponse:
    """Return the page of an item, with what somebody typed if it could not be taken.

    Who is judging it sees nobody's opinion; who has seen one is not asked to judge it any more.
    """
    beside = ("project", "main_tag", "source", "import_file", "superseded_by")
    item = Item.objects.select_related(*beside).get(pk=item.pk)
    me = workers.of(person(request))
    judging = witnesses.holds(item=item, worker=me)
    if not judging:
        witnesses.read_history(item=item, by=me)
    twins = (
        item.project.items.shown().filter(twin_group=item.twin_group).exclude(pk=item.pk)
        if item.twin_group
        else Item.objects.none()
    )
    context = {
        "project": item.project,
        "item": item,
        "twins": twins,
        "options": _with_forms(item),
        "typed": typed,
        "again": CorrectionForm.of(typed.option, typed.text) if typed and typed.option else None,
        "tags": item.item_tags.select_related("tag").order_by("-accepted", "tag__position"),
        "calls_in_trouble": item.calls.filter(
            status__in=[Call.Status.UNUSABLE, Call.Status.REFUSED, Call.Status.FAILED]
        ),
        "judging": judging,
        "checks": [] if judging else pair_checks.of_items([item.pk]).get(item.pk, []),
        "events": history.of_item(item, opinions=not judging),
    }
    return render(request, "annotation/item.html", context, status=status)


def _with_forms(item: Item) -> list[tuple[Option, str, CorrectionForm | None]]:
    """Return the live options, where each comes from, and the form that corrects it if any can."""
    fixed = bool(corrections.why_not(item))
    origins = provenance.of_item(item)
    live = item.options.live().order_by("-polarity", "id")
    return [
        (option, origins[option.pk], None if fixed else CorrectionForm.of(option))
        for option in live
    ]
