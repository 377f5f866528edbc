"""Freezing a release."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotation import gold
from curation.doors import for_project
from curation.models import Project
from curation.permissions import Act


@require_POST
@for_project(Act.RELEASE)
def freeze(request: HttpRequest, project: Project) -> HttpResponse:
    """Freeze what is gold now, and show the release."""
    # Browsers send a line end of a text area as two characters.
    note = request.POST.get("note", "").replace("\r\n", "\n").strip()
    release = gold.freeze(project=project, by=cast(User, request.user), note=note)
    messages.success(request, _("Release %(number)s is frozen.") % {"number": release.number})
    return redirect("release", slug=project.slug, number=release.number)
