"""Correcting an option on its item's page."""

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from annotation import corrections
from annotation.corrections import Overtaken
from annotation.doors import person
from annotation.forms.corrections import CorrectionForm
from annotation.views.project import Typed, item_page
from curation.doors import for_project
from curation.models import Item, Option, Project
from curation.permissions import Act
from curation.refusals import Refused, busy_is_refused


@require_POST
@for_project(Act.CURATE)
def correct(request: HttpRequest, project: Project, uid: uuid.UUID) -> HttpResponse:
    """Follow an option by the text typed; whatever is refused shows that text again."""
    item = get_object_or_404(project.items.shown(), uid=uid)
    form = CorrectionForm(request.POST)
    valid = form.is_valid()
    option = item.options.filter(pk=form.cleaned_data.get("option", 0)).first()
    if not valid:
        words = " ".join(error for errors in form.errors.values() for error in map(str, errors))
        return _again(request, item, form, option, words, HTTPStatus.UNPROCESSABLE_ENTITY)
    if option is None:
        raise Http404
    try:
        with busy_is_refused():
            corrections.correct(option=option, text=form.cleaned_data["text"], by=person(request))
    except Overtaken as overtaken:
        return _again(request, item, form, overtaken.now, str(overtaken), HTTPStatus.CONFLICT)
    except Refused as refused:
        return _again(request, item, form, option, str(refused), HTTPStatus.CONFLICT)
    messages.success(request, _("Corrected. Others sign the new text now."))
    return redirect("item", project.slug, uid)


def _again(
    request: HttpRequest,
    item: Item,
    form: CorrectionForm,
    option: Option | None,
    words: str,
    status: HTTPStatus,
) -> HttpResponse:
    text = str(form["text"].value() or "")
    return item_page(request, item, Typed(text, words, option), status=status)
