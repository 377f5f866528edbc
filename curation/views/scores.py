"""Scores of the subjects over a release."""

import json
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from curation import scores
from curation.doors import for_project
from curation.forms.scores import ScoresForm
from curation.models import Project
from curation.permissions import Act
from curation.score_pictures import SubjectScore, subject_scores


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.READ)
def show_scores(request: HttpRequest, project: Project) -> HttpResponse:
    """Show the newest scores as asked; a POST computes them."""
    form = ScoresForm(project, request.POST if request.method == "POST" else request.GET)
    if request.method == "POST" and form.is_valid():
        _score(request, project, form.cleaned_data)
        return redirect(f"{reverse('scores', args=[project.slug])}?{urlencode(form.cleaned_data)}")
    found = _found(project, form)
    return render(
        request,
        "curation/scores.html",
        {
            "project": project,
            "form": form,
            "asked": form.cleaned_data if form.is_valid() else {},
            "subjects": found,
            "scored": [subject for subject in found if subject.run],
            "panels": [
                {"name": subject.name, "groups": subject.groups} for subject in found if subject.run
            ],
            "unscored": ", ".join(subject.name for subject in found if not subject.run),
            "query": urlencode(form.cleaned_data) if form.is_valid() else "",
        },
    )


@require_safe
@for_project(Act.READ)
def give_scores(request: HttpRequest, project: Project) -> HttpResponse:
    """Give the newest scores as asked as one JSON file."""
    form = ScoresForm(project, request.GET)
    if not form.is_valid():
        raise Http404
    body = {
        "project": project.slug,
        "rehearsal": project.rehearsal,
        "verdicts": form.cleaned_data["verdicts"],
        "grouped_by": form.cleaned_data["by"],
        "scores": [
            {"input_sha256": subject.run.input_sha256, **subject.run.result}
            for subject in _found(project, form)
            if subject.run
        ],
    }
    response = HttpResponse(
        json.dumps(body, ensure_ascii=False, indent=2), content_type="application/json"
    )
    name = f"{project.slug}-{form.cleaned_data['release']}-scores.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _found(project: Project, form: ScoresForm) -> list[SubjectScore]:
    if not form.is_valid():
        return []
    asked = form.cleaned_data
    return subject_scores(
        project.releases.get(number=asked["release"]),
        policy=asked["policy"],
        by=asked["by"],
        verdicts_of=asked["verdicts"],
    )


def _score(request: HttpRequest, project: Project, asked: dict[str, str]) -> None:
    release = project.releases.get(number=asked["release"])
    for run in scores.runs_over(release):
        try:
            scores.score(
                release=release,
                subject_run=run,
                policy=asked["policy"],
                by=asked["by"],
                verdicts_of=asked["verdicts"],
                allow_missing="allow_missing" in request.POST,
            )
        except scores.NotScorable as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, _("%(name)s is scored.") % {"name": run.subject.name})
