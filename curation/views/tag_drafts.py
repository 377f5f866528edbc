"""One tag of a taxonomy's draft. Who was slower sees both texts."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from curation import tag_words, taxonomy_drafts
from curation.doors import for_project
from curation.forms.taxonomy import TagForm, as_lines
from curation.models import Project, RiskTag, TagDraft
from curation.permissions import Act
from curation.refusals import Refused, busy_is_refused
from curation.taxonomy_drafts import NoDraft, Overtaken, Seen, tag_standing
from curation.views.acting import who

LANGUAGES = {"name_en": "en", "definition_en": "en", "name_zh": "zh", "definition_zh": "zh"}
FIELDS = ("name_en", "name_zh", "definition_en", "definition_zh", "aliases", "severity")


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def show_tag(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Show a tag of the draft; save it, or take it out again."""
    tag = tag_standing(project, pk)
    if request.method != "POST":
        return _page(request, project, _there(tag), TagForm.of(_there(tag)))
    form = TagForm(request.POST)
    if not form.is_valid():
        return _page(request, project, _there(tag), form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        with busy_is_refused():
            messages.success(request, _do(request, project, pk, form))
    except (Overtaken, NoDraft) as overtaken:
        messages.error(request, str(overtaken))
        return _overtaken(request, project, pk, form)
    except Refused as refused:
        form.add_error(refused.field or None, str(refused))
        return _page(request, project, tag, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return redirect("taxonomy-draft", project.slug)


def _there(tag: TagDraft | None) -> TagDraft:
    if tag is None:
        raise Http404
    return tag


def _do(request: HttpRequest, project: Project, pk: int, form: TagForm) -> str:
    """Do what the button says, and return the words for it."""
    seen = Seen(pk, form.cleaned_data["version"])
    if "remove" in request.POST:
        taxonomy_drafts.remove(project=project, seen=seen, by=who(request))
        return _("The tag was taken out of the draft.")
    saved = taxonomy_drafts.save(project=project, seen=seen, words=form.words(), by=who(request))
    return _("“%(code)s” is saved in the draft.") % {"code": saved.code}


def _overtaken(request: HttpRequest, project: Project, pk: int, form: TagForm) -> HttpResponse:
    """Show what was typed, also where there is nothing any more to save it over."""
    now = tag_standing(project, pk)
    form = form.upon(now) if now else form
    return _page(request, project, now, form, status=HTTPStatus.CONFLICT)


def _page(
    request: HttpRequest,
    project: Project,
    tag: TagDraft | None,
    form: TagForm,
    *,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    overtaken = status == HTTPStatus.CONFLICT
    context: dict[str, Any] = {
        "project": project,
        "tag": tag,
        "form": form,
        "overtaken": overtaken,
        "changes": _changes(form, tag, overtaken) if tag else [],
    }
    return render(request, "curation/tag_draft.html", context, status=status)


def _changes(form: TagForm, tag: TagDraft, overtaken: bool) -> list[dict[str, str]]:
    """Say what saving would do to the other's text, or what the draft changes in what is published.

    Fields that stay as they are are left out.
    """
    stands = as_lines(tag_words.of(tag))
    old, new = stands, {name: str(form[name].value() or "") for name in FIELDS}
    if not overtaken:
        published = RiskTag.objects.filter(version=tag.draft.follows_id, code=tag.code).first()
        old, new = as_lines(tag_words.of(published)) if published else stands, stands
    return [
        {
            "label": str(form[name].label),
            "lang": LANGUAGES.get(name, ""),
            "old": old[name],
            "new": new[name],
        }
        for name in FIELDS
        if old[name] != new[name]
    ]
