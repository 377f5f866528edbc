"""The list of items."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from curation import pages
from curation.doors import for_project
from curation.forms.items import ItemFilter
from curation.models import Item, Project
from curation.permissions import Act


@require_safe
@for_project(Act.CURATE)
def all_items(request: HttpRequest, project: Project) -> HttpResponse:
    """List the project's current items, filtered and a page at a time."""
    form = ItemFilter(request.GET, project=project)
    items = Item.objects.current().shown().filter(project=project)
    page = pages.page_of(
        form.applied_to(items.select_related("main_tag").with_live_options()),
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    context = {
        "project": project,
        "form": form,
        "listed": page,
        "filtered": any(form.cleaned_data.values()),
    }
    return render(request, "curation/items.html", context)
