"""Pairs of options that are whole go to the option checker: another endpoint than wrote them."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from curation.drafting import asking, prompts, requests, targets
from curation.drafting.purposes import WORKS
from curation.drafting.purposes.check import POLARITIES
from curation.endpoints import filled_roles
from curation.models import (
    Call,
    DraftRole,
    Endpoint,
    Item,
    Option,
    Project,
    Prompt,
    Purpose,
    Run,
    RunCall,
)
from curation.refusals import Refused

Status = Call.Status
OPTIONS = (Purpose.POSITIVE, Purpose.NEGATIVE)
GOING_ON = (Run.Status.RUNNING, Run.Status.PAUSED)
CHUNK = 1_000  # items whose checks are planned together


class NotASecondOpinion(Refused):
    """The endpoint that checks the pairs is one that drafts them."""


def checker(project: Project) -> Endpoint | None:
    """Return who checks the pairs of the project; refuse one that drafts them too."""
    filled = filled_roles(project)
    found = filled.get(DraftRole.CHECKER)
    if found and found in (filled.get(DraftRole.POSITIVE), filled.get(DraftRole.NEGATIVE)):
        raise NotASecondOpinion(
            _("%(name)s drafts options, so it cannot check them: let another endpoint do that.")
            % {"name": found.name}
        )
    return found


def asks_of(project: Project, endpoint: Endpoint) -> list[dict[str, Any]]:
    """Return how a pair is put to the checker, in each language."""
    parameters = requests.parameters_for(endpoint, dict(WORKS[Purpose.CHECK].defaults))
    return [
        {
            "purpose": Purpose.CHECK.value,
            "language": language,
            "endpoint_id": endpoint.pk,
            "model": endpoint.model,
            "checksum": prompts.registered(Purpose.CHECK, language)[1].checksum,
            "parameters": parameters,
        }
        for language in project.languages
    ]


def unchecked(items: QuerySet[Item]) -> QuerySet[Item]:
    """Return those of the items that have a pair with a model's option that nobody checks."""
    live = Option.objects.live().filter(item=OuterRef("pk"))
    checks = Call.objects.filter(item=OuterRef("pk"), purpose=Purpose.CHECK)
    ended = Q(status__in=(Status.DONE, Status.REFUSED, Status.UNUSABLE))
    under_way = ~Q(status=Status.FAILED) & Q(runs__status__in=GOING_ON)
    return items.filter(
        *(Exists(live.filter(polarity=polarity)) for polarity in POLARITIES),
        Exists(live.filter(origin=Option.Origin.MODEL)),
        ~Exists(checks.filter(ended | under_way)),
    )


def attach_unchecked(run: Run, items: QuerySet[Item]) -> None:
    """Let the run want a check of every pair that nobody checks."""
    found = unchecked(items).order_by("pk").values_list("pk", flat=True)
    numbers = list(found.iterator())
    for at in range(0, len(numbers), CHUNK):
        _attach(run, Item.objects.in_bulk(numbers[at : at + CHUNK]))


def follow(read: Iterable[Call]) -> bool:
    """Let the runs of these calls want a check of each pair that is whole now; say if any did.

    In the transaction in which the last draft of the pair ends, so that no run ends in between.
    """
    ended = [call for call in read if call.purpose in OPTIONS and call.status == Status.DONE]
    if not ended:
        return False
    wanting = RunCall.objects.filter(
        call__in=[call.pk for call in ended],
        run__status__in=GOING_ON,
        run__plan__asks__contains=[{"purpose": Purpose.CHECK.value}],
    )
    items = {call.pk: call.item for call in ended}
    runs: dict[Run, dict[int, Item]] = {}
    for row in wanting.select_related("run"):
        item = items[row.call_id]
        runs.setdefault(row.run, {})[item.pk] = item
    return sum(_attach(run, whole) for run, whole in runs.items()) > 0  # each of them


def _attach(run: Run, items: Mapping[int, Item]) -> bool:
    asks = {ask["language"]: ask for ask in run.plan["asks"] if ask["purpose"] == Purpose.CHECK}
    by_checksum = Prompt.objects.in_bulk(
        {ask["checksum"] for ask in asks.values()}, field_name="checksum"
    )
    wanted = [
        _call(items[pk], pair, asks[items[pk].language], by_checksum)
        for pk, pair in _pairs(items).items()
        if items[pk].language in asks
    ]
    if not wanted:
        return False
    Call.objects.bulk_create(wanted, ignore_conflicts=True)
    stored = Call.objects.filter(key__in=[call.key for call in wanted]).order_by("pk")
    RunCall.objects.bulk_create(
        [RunCall(run=run, call_id=pk) for pk in stored.values_list("pk", flat=True)],
        ignore_conflicts=True,
    )
    return True


def _pairs(items: Iterable[int]) -> dict[int, dict[str, Option]]:
    """Return the pair of each item that has one in which a model wrote something."""
    found: dict[int, dict[str, Option]] = {}
    for option in Option.objects.live().filter(item__in=list(items)).order_by("pk"):
        found.setdefault(option.item_id, {}).setdefault(option.polarity, option)
    return {
        pk: pair
        for pk, pair in found.items()
        if len(pair) == len(POLARITIES)
        and any(option.origin == Option.Origin.MODEL for option in pair.values())
    }


def _call(
    item: Item, pair: dict[str, Option], ask: dict[str, Any], prompt_of: Mapping[str, Prompt]
) -> Call:
    call = Call(
        endpoint_id=ask["endpoint_id"],
        model=ask["model"],
        purpose=Purpose.CHECK,
        target=targets.of_pair(pair["positive"].pk, pair["negative"].pk),
        item=item,
        prompt=prompt_of[ask["checksum"]],
        about={polarity: option.pk for polarity, option in pair.items()},
        parameters=ask["parameters"],
    )
    call.__dict__["pair"] = pair
    slots = WORKS[Purpose.CHECK].slots(call)
    call.key = asking.key_of(call, requests.filled_hash(ask["checksum"], slots))
    return call
