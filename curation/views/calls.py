"""One call: what was asked, what came back each time, and another look at the replies."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import F, Func, QuerySet, Value
from django.db.models.functions import Length
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from curation.doors import for_project
from curation.drafting import asking, asking_again, estimates, rereading
from curation.drafting.purposes import WORKS
from curation.drafting.purposes.base import Changed
from curation.models import Attempt, Call, Draft, Item, Project
from curation.permissions import Act
from curation.views.acting import who

SHOWN = 16_000  # bytes of a raw reply
LATEST = 20  # attempts


@dataclass(frozen=True)
class Shown:
    """An attempt with as much of its raw reply as a page holds, and what parsers made of it."""

    attempt: Attempt
    raw: str
    size: int
    drafts: list[Draft]

    @property
    def is_cut(self) -> bool:
        return self.size > SHOWN


@require_http_methods(["GET", "HEAD", "POST"])
@for_project(Act.CURATE)
def show_call(request: HttpRequest, project: Project, pk: int) -> HttpResponse:
    """Show a call; POST reads its replies again, or asks anew.

    What a locked item is about stays unseen.
    """
    calls = Call.objects.filter(endpoint__project=project).exclude(item__status=Item.Status.LOCKED)
    call = get_object_or_404(calls.select_related("endpoint", "item__project", "prompt"), pk=pk)
    alone = Call.objects.filter(pk=call.pk)
    if request.method == "POST" and request.POST.get("act") == "again":
        run = asking_again.ask(project=project, calls=alone, by=who(request))
        messages.success(request, _("This run asks for that reply anew."))
        return redirect("run", slug=project.slug, pk=run.pk)
    if request.method == "POST":
        _read_again(request, call)
        return redirect("call", slug=project.slug, pk=call.pk)
    context = {
        "project": project,
        "call": call,
        "asked_at": call.not_before if call.status == Call.Status.PLANNED else None,
        "asked": _asked(call),
        "attempts": _attempts(call),
        "runs": project.runs.filter(calls=call).order_by("-pk"),
        "samples": asking_again.samples_of(call),
        "again": estimates.total(asking_again.estimate(asking_again.askable(project, alone))),
        "can_reread": call.status in rereading.WITHOUT_USE and call.purpose in WORKS,
    }
    return render(request, "curation/call.html", context)


def _read_again(request: HttpRequest, call: Call) -> None:
    if rereading.one(call=call, by=who(request)):
        messages.success(request, _("The reply can be used now."))
    else:
        messages.info(request, _("The reply was read again, and still cannot be used."))


def _asked(call: Call) -> list[dict[str, str]]:
    """Return the messages of the first turn; none where they can no longer be put together."""
    call.fault = ""
    try:
        return asking.built(call, call.endpoint).messages
    except (Changed, KeyError):  # a call of before may lack a parameter
        return []


def _attempts(call: Call) -> list[Shown]:
    attempts = _with_raw(call.attempts.prefetch_related("drafts"))
    return [
        Shown(
            attempt,
            bytes(attempt.head).decode(errors="replace").replace("\0", "\ufffd"),
            attempt.size,
            sorted(attempt.drafts.all(), key=lambda draft: draft.pk),
        )
        for attempt in attempts.order_by("-number")[:LATEST]
    ]


def _with_raw(attempts: QuerySet[Attempt]) -> QuerySet[Any]:
    """Add the beginning of each raw reply; the whole of it stays in the database."""
    head = Func(F("raw"), Value(1), Value(SHOWN), function="substring")
    return attempts.defer("raw", "content").annotate(
        head=Func(head, template="%(expressions)s", output_field=Attempt._meta.get_field("raw")),
        size=Length("raw"),
    )
