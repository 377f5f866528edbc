"""The taxonomy of a project: the version in use, the others, and the draft of the next one."""

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from curation import tag_words, taxonomies, taxonomy_drafts, taxonomy_use, unknown_codes
from curation.doors import for_project
from curation.forms.taxonomy import NewTagForm, SeenForm
from curation.models import Project, TaxonomyDraft
from curation.permissions import Act
from curation.refusals import Refused, busy_is_refused
from curation.taxonomy_drafts import Overtaken, in_order, seen_of, standing
from curation.views.acting import who


@require_GET
@for_project(Act.CURATE)
def show_taxonomy(request: HttpRequest, project: Project) -> HttpResponse:
    """Show the tags in use, and which versions there are."""
    context = {
        "project": project,
        "tags": project.taxonomy.tags.all(),
        "versions": taxonomies.open_to(project),
        "draft": standing(project),
        "unknown": unknown_codes.of_project(project),
    }
    return render(request, "curation/taxonomy.html", context)


@require_POST
@for_project(Act.CURATE)
def use_version(request: HttpRequest, project: Project) -> HttpResponse:
    """Let the project use another version."""
    given = request.POST.get("number", "")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    version = taxonomy_use.use(project=project, number=number, by=who(request))
    messages.success(request, _("Version %(n)s is in use.") % {"n": version.number})
    return redirect("taxonomy", project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def show_draft(request: HttpRequest, project: Project) -> HttpResponse:
    """Show the draft, tag by tag; begin it, add a tag, publish it or throw it away."""
    if "begin" in request.POST:
        taxonomy_drafts.begin(project=project, by=who(request))
        return redirect("taxonomy-draft", project.slug)
    draft = standing(project)
    if draft is None:
        return redirect("taxonomy", project.slug)
    if request.method != "POST":
        return _page(request, draft)
    if {"publish", "discard"} & set(request.POST):
        return _end(request, project, draft)
    return _add(request, project, draft)


def _end(request: HttpRequest, project: Project, draft: TaxonomyDraft) -> HttpResponse:
    form = SeenForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["seen"][0]))
        return _page(request, draft, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    given = {"project": project, "seen": form.cleaned_data["seen"], "by": who(request)}
    try:
        if "discard" in request.POST:
            taxonomy_drafts.discard(**given)
            messages.success(request, _("The draft was thrown away."))
        else:
            made = taxonomy_drafts.publish(**given)
            said = _("Version %(n)s is published. The project uses it once you say so.")
            messages.success(request, said % {"n": made.number})
    except Overtaken as overtaken:
        messages.error(request, str(overtaken))
        return _page(request, standing(project) or draft, status=HTTPStatus.CONFLICT)
    return redirect("taxonomy", project.slug)


def _add(request: HttpRequest, project: Project, draft: TaxonomyDraft) -> HttpResponse:
    form = NewTagForm(request.POST, tags=in_order(draft))
    try:
        if form.is_valid():
            place = {"parent": form.cleaned_data["parent"], "name": form.cleaned_data["code"]}
            with busy_is_refused():
                made = taxonomy_drafts.add(
                    project=project, words=form.words(), by=who(request), **place
                )
            messages.success(request, _("“%(code)s” was added.") % {"code": made.code})
            return redirect("taxonomy-draft", project.slug)
    except Refused as refused:
        form.add_error(refused.field or None, str(refused))
    return _page(request, draft, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)


def _page(
    request: HttpRequest,
    draft: TaxonomyDraft,
    form: NewTagForm | None = None,
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    tags = in_order(draft)
    before = {tag.code: tag_words.of(tag) for tag in draft.follows.tags.all()}
    changed = {tag.pk for tag in tags if before.get(tag.code) != tag_words.of(tag)}
    context = {
        "project": draft.project,
        "draft": draft,
        "tags": tags,
        "changed": changed,
        "seen": seen_of(draft),
        "form": form or NewTagForm(tags=tags),
    }
    return render(request, "curation/taxonomy_draft.html", context, status=status)
