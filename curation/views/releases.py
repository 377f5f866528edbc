"""Releases: the list, one of them, its files."""

import json
from collections.abc import Mapping

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from curation import downloads, previews, release_files, releases
from curation.doors import for_project
from curation.forms.releases import FreezeForm
from curation.models import Project
from curation.permissions import MAY, Act
from curation.score_pictures import group_names
from scoring.reports import By


@require_safe
@for_project(Act.READ)
def list_releases(request: HttpRequest, project: Project) -> HttpResponse:
    """List the releases; show who may freeze what the next one would hold."""
    freezes = request.role in MAY[Act.RELEASE]  # type: ignore[attr-defined]
    return render(
        request,
        "curation/releases.html",
        {
            "project": project,
            "releases": project.releases.select_related("parent"),
            "form": FreezeForm() if freezes else None,
            "preview": previews.preview(project) if freezes else None,
        },
    )


@require_safe
@for_project(Act.READ)
def show_release(request: HttpRequest, project: Project, number: int) -> HttpResponse:
    """Show a release; with `?verify` every hash is computed again."""
    release = get_object_or_404(project.releases.select_related("parent"), number=number)
    counts = release.counts
    context = {
        "project": project,
        "release": release,
        "manifest": json.loads(release.manifest),
        "dimensions": _named(counts["by_dimension"], group_names(project, By.DIMENSION)),
        "languages": _named(counts["by_language"], group_names(project, By.LANGUAGE)),
        "files": release_files.files(release),
        "verification": releases.verify(release) if "verify" in request.GET else None,
    }
    fragment = "curation/_verification.html" if request.headers.get("HX-Request") else ""
    return render(request, fragment or "curation/release.html", context)


def _named(counts: Mapping[str, int], names: Mapping[str, str]) -> list[tuple[str, int]]:
    # In the order of the names: jsonb keeps none.
    unnamed = {code: code for code in sorted(counts.keys() - names.keys())}
    return [(name, counts[code]) for code, name in {**names, **unnamed}.items() if code in counts]


@require_safe
@for_project(Act.READ)
def show_file(request: HttpRequest, project: Project, number: int, name: str) -> HttpResponseBase:
    """Give a file of a release, to the byte as exported."""
    release = get_object_or_404(project.releases, number=number)
    file = release_files.file(release, name)
    if file is None:
        raise Http404
    return downloads.download(request, file)
