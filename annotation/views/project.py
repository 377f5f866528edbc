"""A project as a whole, and an item with its whole history."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from annotation import history, overview
from curation.doors import for_project
from curation.models import Call, Item, Project
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
        },
    )


@require_safe
@for_project(Act.CURATE)
def show_item(request: HttpRequest, project: Project, uid: uuid.UUID) -> HttpResponse:
    """Show an item: what stands now, and everything that led there."""
    item = get_object_or_404(
        project.items.select_related("main_tag", "source", "import_file", "superseded_by"), uid=uid
    )
    twins = (
        Item.objects.filter(project=project, twin_group=item.twin_group).exclude(pk=item.pk)
        if item.twin_group
        else Item.objects.none()
    )
    return render(
        request,
        "annotation/item.html",
        {
            "project": project,
            "item": item,
            "twins": twins,
            "options": item.options.live().order_by("-polarity", "id"),
            "tags": item.item_tags.select_related("tag").order_by("-accepted", "tag__position"),
            "calls_in_trouble": item.calls.filter(
                status__in=[Call.Status.UNUSABLE, Call.Status.REFUSED, Call.Status.FAILED]
            ),
            "events": history.of_item(item),
        },
    )
