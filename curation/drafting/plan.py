"""What is still to be drafted in a project, and the run that freezes it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from curation import audit, hints
from curation.drafting import applying, budget, calls, prompts, requests, targets
from curation.drafting.parsing import POLARITIES
from curation.endpoints import filled_roles
from curation.models import (
    Call,
    Draft,
    DraftRole,
    Endpoint,
    Item,
    ItemTag,
    Option,
    Project,
    Purpose,
    Run,
    RunCall,
    TaxonomyVersion,
)
from curation.refusals import Refused

ROLES = {
    Purpose.POSITIVE: DraftRole.POSITIVE,
    Purpose.NEGATIVE: DraftRole.NEGATIVE,
    Purpose.TAGS: DraftRole.TAGGER,
}
# What is asked for unless the endpoint's own fields say otherwise.
DEFAULTS: dict[str, dict[str, Any]] = {
    Purpose.POSITIVE: {"temperature": 0.7, "max_tokens": 1000, "seed": 0},
    Purpose.NEGATIVE: {"temperature": 0.7, "max_tokens": 1000, "seed": 0},
    Purpose.TAGS: {"temperature": 0, "max_tokens": 1000, "seed": 0},
}
SEVERE = 4
CHUNK = 500


class RolesMissing(Refused):
    """Nobody is named for a role that drafting needs."""


@dataclass
class Plan:
    """A frozen plan: the run, or none when nothing is left to draft."""

    run: Run | None = None
    planned: Counter[str] = field(default_factory=Counter)  # calls by purpose
    severe: int = 0  # items left without a negative draft because of a tag of severity 4
    left_over: int = 0  # drafts that came too late before, and were proposed now


@transaction.atomic
def plan(*, project: Project, by: User | None) -> Plan:
    """Freeze every draft the project still lacks into a run, and tell the workers.

    A reply that is saved or under way is not asked for again; a call that failed is.
    """
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    if not lacking(project).exists():
        return Plan()
    roles = drafters(project)
    made = Plan(severe=severe_items(project).count(), left_over=_apply_left_over(project))
    if not any(wanted_items(project, purpose, e).exists() for purpose, e in roles.items()):
        return made
    made.run = Run.objects.create(project=project, kind=Run.Kind.DRAFTING, by=by)
    for chunk in _chunks(open_items(project)):
        wanted = _calls(chunk, roles)
        attach(made.run, wanted)
        made.planned.update(call.purpose for call in wanted)
    audit.record(
        project=project,
        by=audit.ref(by),
        action="run.plan",
        subject=f"run:{made.run.pk}",
        calls=made.planned.total(),
    )
    hints.publish("curation.tasks.work", run_id=made.run.pk)
    return made


def drafters(project: Project) -> dict[Purpose, Endpoint]:
    """Return the endpoint of each purpose, or refuse naming the roles nobody fills."""
    filled = filled_roles(project)
    if missing := [role for role in ROLES.values() if role not in filled]:
        names = ", ".join(str(role.label) for role in missing)
        raise RolesMissing(
            _("No endpoint fills these roles yet: %(roles)s. Add one with its roles first.")
            % {"roles": names}
        )
    found = {purpose: filled[role] for purpose, role in ROLES.items()}
    budget.check_prices(project, found.values())
    return found


def open_items(project: Project) -> QuerySet[Item]:
    """Return the items that drafts can still reach: current, and not yet under review."""
    return Item.objects.current().filter(project=project, status__in=applying.OPEN_TO_DRAFTS)


def lacking(project: Project) -> QuerySet[Item]:
    """Return the open items that lack an option of a polarity, or were never drafted."""
    whole = Q(_has_option(Option.Polarity.POSITIVE)) & Q(_has_option(Option.Polarity.NEGATIVE))
    return open_items(project).exclude(whole & ~Q(status=Item.Status.NEW) & Q(_has_tag()))


def wanted_items(project: Project, purpose: Purpose, endpoint: Endpoint) -> QuerySet[Item]:
    """Return the items that still want a draft of this purpose from this endpoint."""
    items = open_items(project)
    if purpose == Purpose.TAGS:
        items = items.filter(Q(status=Item.Status.NEW) | ~_has_tag())
    else:
        items = items.exclude(_has_option(POLARITIES[purpose]))
    if purpose == Purpose.NEGATIVE:
        items = items.exclude(_is_severe())
    return items.exclude(_is_asked(purpose, endpoint))


def severe_items(project: Project) -> QuerySet[Item]:
    """Return the open items whose negative option models do not draft."""
    return open_items(project).filter(_is_severe()).exclude(_has_option(Option.Polarity.NEGATIVE))


def parameters_for(endpoint: Endpoint, defaults: dict[str, Any]) -> dict[str, Any]:
    """Return what is sent beside the messages; a null takes one of our fields away."""
    return {**defaults, **endpoint.extra_body}


def taxonomy_block(taxonomy: TaxonomyVersion, language: str) -> str:
    """Return one line a tag, `code | name | definition`, in the language of the item."""
    suffix = "zh" if language == "zh" else "en"
    rows = taxonomy.tags.values_list("code", f"name_{suffix}", f"definition_{suffix}")
    return "\n".join(
        " | ".join(" ".join(cell.replace("|", "/").split()) for cell in row) for row in rows
    )


def _has_option(polarity: Option.Polarity) -> Exists:
    return Exists(Option.objects.live().filter(item=OuterRef("pk"), polarity=polarity))


def _has_tag() -> Exists:
    return Exists(ItemTag.objects.filter(item=OuterRef("pk")))


def _is_severe() -> Q:
    tagged = ItemTag.objects.filter(item=OuterRef("pk"), tag__severity=SEVERE)
    return Q(main_tag__severity=SEVERE) | Q(Exists(tagged))


def _is_asked(purpose: Purpose, endpoint: Endpoint) -> Exists:
    """Say whether this very draft was answered, or is wanted by a run that goes on."""
    same = Call.objects.filter(
        item=OuterRef("pk"),
        purpose=purpose,
        endpoint=endpoint,
        model=endpoint.model,
        prompt__name=purpose,
        prompt__version=prompts.VERSIONS[purpose],
        parameters_hash=requests.digest(parameters_for(endpoint, DEFAULTS[purpose])),
    )
    under_way = RunCall.objects.filter(
        call=OuterRef("pk"), run__status__in=(Run.Status.RUNNING, Run.Status.PAUSED)
    )
    answered = Q(status__in=(Call.Status.DONE, Call.Status.REFUSED, Call.Status.UNUSABLE))
    return Exists(same.filter(answered | (~Q(status=Call.Status.FAILED) & Exists(under_way))))


def _calls(items: list[Item], roles: Mapping[Purpose, Endpoint]) -> list[Call]:
    """Return the calls these items want, item by item, so that items are complete early."""
    project, keys = items[0].project, [item.pk for item in items]
    wanted = {
        purpose: set(
            wanted_items(project, purpose, e).filter(pk__in=keys).values_list("pk", flat=True)
        )
        for purpose, e in roles.items()
    }
    return [
        _call(item, purpose, endpoint)
        for item in items
        for purpose, endpoint in roles.items()
        if item.pk in wanted[purpose]
    ]


def attach(run: Run, wanted: list[Call]) -> None:
    """Let the run want these calls, each stored once however many runs want it.

    Calls that failed before are made again.
    """
    Call.objects.bulk_create(wanted, ignore_conflicts=True)
    identities = {requests.identity(call) for call in wanted}
    stored = Call.objects.filter(
        item__in={call.item_id for call in wanted},
        purpose__in={call.purpose for call in wanted},
        prompt_hash__in={call.prompt_hash for call in wanted},
    ).defer("messages")
    ids = [call.pk for call in stored if requests.identity(call) in identities]
    RunCall.objects.bulk_create([RunCall(run=run, call_id=pk) for pk in ids])
    calls.plan_again(ids)


def _call(item: Item, purpose: Purpose, endpoint: Endpoint) -> Call:
    file, row = prompts.registered(purpose, item.language)
    slots = {"question": item.question}
    if purpose == Purpose.TAGS:
        slots["taxonomy"] = taxonomy_block(item.project.taxonomy, item.language)
    return new_call(
        endpoint=endpoint,
        purpose=purpose,
        target=targets.of_item(item),
        item=item,
        prompt=row,
        messages=file.fill(**slots),
        parameters=parameters_for(endpoint, DEFAULTS[purpose]),
    )


def new_call(
    *,
    endpoint: Endpoint,
    purpose: Purpose,
    target: str,
    item: Item,
    prompt: Any,
    messages: prompts.Messages,
    parameters: dict[str, Any],
) -> Call:
    """Return a call that is not saved yet, with the hashes that make its identity."""
    return Call(
        endpoint=endpoint,
        model=endpoint.model,
        purpose=purpose,
        target=target,
        item=item,
        prompt=prompt,
        messages=messages,
        parameters=parameters,
        parameters_hash=requests.digest(parameters),
        prompt_hash=requests.digest([prompt.checksum if prompt else "", messages]),
    )


def _apply_left_over(project: Project) -> int:
    late = Call.objects.filter(
        item__project=project,
        item__status__in=applying.OPEN_TO_DRAFTS,
        status=Call.Status.DONE,
        problem="too_late",
    )
    drafts = Draft.objects.filter(attempt__call__in=late, parsed__isnull=False)
    applied = applying.apply_left_over(drafts.select_related("item", "attempt__call__endpoint"))
    late.update(problem="")
    return applied


def _chunks(items: QuerySet[Item]) -> Iterator[list[Item]]:
    """Yield the items in pieces, walking by primary key so that memory stays flat."""
    after, items = 0, items.select_related("project__taxonomy").order_by("pk")
    while chunk := list(items.filter(pk__gt=after)[:CHUNK]):
        yield chunk
        after = chunk[-1].pk
