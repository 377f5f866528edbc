"""Replies that could not be used are asked for anew, when whatever broke them has been mended.

The old reply stays what it is. What takes its place is another call, the next *sample* of the same
question to the same model, in a run of its own: kept, read and paid for by itself.
"""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from curation.drafting import asking, budget, estimates, gaps, plan, requests, wanting
from curation.drafting.purposes import WORKS
from curation.drafting.purposes.base import Changed
from curation.drafting.purposes.tags import taxonomy_block
from curation.models import Call, Endpoint, Item, Project, Prompt, Purpose, Run, RunCall
from curation.refusals import Refused

Status = Call.Status

# What makes one call another sample of the same question.
SAME = ("item", "purpose", "target", "endpoint", "model", "prompt", "about", "parameters")
ABOUT_OPTIONS = 90  # tokens of a reply whose purpose names no other number


class NothingToAsk(Refused):
    """No reply of those named is still needed, and missing."""


def askable(project: Project, calls: QuerySet[Call] | None = None) -> QuerySet[Call]:
    """Return the calls that need a human, where another reply could still be used.

    That is: the latest sample, of a model its endpoint still asks, for what its item still lacks.
    A sample that was left behind when its run was cancelled counts as well: no plan finds it.
    """
    wanted = Q(purpose__in=set(WORKS) - set(plan.DRAFTED))
    for purpose in plan.DRAFTED:
        wanted |= Q(purpose=purpose, item__in=gaps.wanted_items(project, purpose).order_by())
    going_on = Run.objects.filter(calls=OuterRef("pk"), status__in=wanting.GOING_ON)
    left_behind = Q(sample__gt=0, status__in=(Status.PLANNED, Status.FAILED)) & ~Exists(going_on)
    mine = (Call.objects.all() if calls is None else calls).filter(
        Q(status=Status.UNUSABLE) | left_behind,
        wanted,
        endpoint__project=project,
        model=F("endpoint__model"),
    )
    return mine.exclude(item__status=Item.Status.LOCKED).exclude(Exists(_later()))


def of_run(run: Run) -> QuerySet[Call]:
    """Return the calls of a run that may be asked again."""
    return askable(run.project, Call.objects.filter(run_calls__run=run))


def of_drafting(project: Project) -> QuerySet[Call]:
    """Return the drafts and checks of the project that may be asked for again."""
    drafting = Call.objects.filter(purpose__in=[*plan.DRAFTED, Purpose.CHECK])
    return askable(project, drafting)


def runs_of(calls: QuerySet[Call]) -> QuerySet[Run]:
    """Return the runs that wanted these calls, the latest first, each with how many as `number`."""
    wanting_them = Run.objects.filter(calls__in=calls.order_by().values("pk"))
    return wanting_them.annotate(number=Count("pk")).order_by("-pk")


def with_later(calls: QuerySet[Call]) -> QuerySet[Call]:
    """Add the call that was asked in place of each as `later`, and as `later_status`."""
    latest = _later().order_by("-sample")
    return calls.annotate(
        later=Subquery(latest.values("pk")[:1]), later_status=Subquery(latest.values("status")[:1])
    )


def samples_of(call: Call) -> QuerySet[Call]:
    """Return the other samples of a call, the first one first."""
    same = {name: getattr(call, name) for name in SAME}
    return Call.objects.filter(**same).exclude(pk=call.pk).order_by("sample")


def estimate(calls: QuerySet[Call]) -> list[estimates.Estimate]:
    """Return about what asking them again takes, one for each purpose and endpoint."""
    rows = calls.order_by("purpose", "endpoint").values_list(
        "purpose", "endpoint", "item__language", "prompt", "about__taxonomy"
    )
    counted = rows.annotate(number=Count("pk"), length=Sum(Length("item__question")))
    endpoints = Endpoint.objects.in_bulk({row[1] for row in counted})
    prompts = Prompt.objects.in_bulk({row[3] for row in counted if row[3]})
    found = []
    for (purpose, endpoint), mine in groupby(counted, key=lambda row: row[:2]):
        number, sent = 0, 0.0
        for _p, _e, language, prompt, taxonomy, n, length in mine:
            around = len(prompts[prompt].text) if prompt else 0
            around += len(taxonomy_block(taxonomy, language)) if taxonomy else 0
            sent += (n * around + length) / estimates.CHARACTERS_A_TOKEN[language]
            number += n
        found.append(_estimate(Purpose(purpose), endpoints[endpoint], number, round(sent)))
    return found


@transaction.atomic
def ask(*, project: Project, calls: QuerySet[Call], by: User | None) -> Run:
    """Start a run that asks anew for these calls, as far as they are `askable`."""
    # Of two that ask at once the second finds nothing left.
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    beside = ("item__project", "endpoint", "prompt")
    found = list(askable(project, calls).select_related(*beside).order_by("pk"))
    fresh = [again for again in _fresh(found) if again is not None]
    if not fresh:
        raise NothingToAsk(_("There is no reply here that is still needed and could be asked for."))
    budget.check_prices(project, {call.endpoint for call in fresh})
    run = _run(project, found, by)
    for at in range(0, len(fresh), wanting.CHUNK):
        plan.attach(run, fresh[at : at + wanting.CHUNK])
    plan.tell(run, by=by, number=len(fresh))
    return run


def _later() -> QuerySet[Call]:
    same = {name: OuterRef(name) for name in SAME if name != "prompt"}
    prompt = Q(prompt=OuterRef("prompt")) | Q(prompt=None)  # subjects' calls have none
    return Call.objects.filter(prompt, sample__gt=OuterRef("sample"), **same)


def _fresh(calls: list[Call]) -> Iterable[Call | None]:
    """Return for each call what is asked in its place; None where its texts have changed."""
    for at in range(0, len(calls), wanting.CHUNK):
        piece = calls[at : at + wanting.CHUNK]
        asking.prepare(piece)
        for call in piece:
            yield _next_sample(call) if call.status == Status.UNUSABLE else call


def _next_sample(call: Call) -> Call | None:
    assert call.prompt is not None  # noqa: S101 - all purposes in WORKS have one
    try:
        slots = WORKS[call.purpose].slots(call)
    except Changed:
        return None
    filled = requests.filled_hash(call.prompt.checksum, slots)
    if asking.key_of(call, filled) != call.key:
        return None
    again = Call(sample=call.sample + 1, **{name: getattr(call, name) for name in SAME})
    again.key = asking.key_of(again, filled)
    return again


def _run(project: Project, calls: list[Call], by: User | None) -> Run:
    """Begin a run with what the runs of these calls froze."""
    wanted = RunCall.objects.filter(call__in=calls).order_by("run").values("run")
    before = list(Run.objects.filter(pk__in=wanted).order_by("pk"))
    asks: list[dict[str, Any]] = []
    for ask in (ask for run in before for ask in run.plan.get("asks", [])):
        if ask not in asks:
            asks.append(ask)
    latest = before[-1]
    kept = {name: value for name, value in latest.plan.items() if name == "subject_run"}
    frozen = {"asks": asks, "again": [run.pk for run in before], **kept}
    return Run.objects.create(project=project, kind=latest.kind, by=by, plan=frozen)


def _estimate(purpose: Purpose, endpoint: Endpoint, number: int, sent: int) -> estimates.Estimate:
    written = number * estimates.OUTPUT_TOKENS.get(purpose, ABOUT_OPTIONS)
    return estimates.Estimate(
        purpose=purpose,
        label=str(purpose.label),
        endpoint=endpoint,
        calls=number,
        tokens=sent + written,
        cost=budget.cost(endpoint, input_tokens=sent, output_tokens=written),
    )
