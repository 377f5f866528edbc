"""Saved replies that could not be used are read again, with the parser of today; nothing is asked.

A parser reads a reply once, so the same again changes nothing, and what was cut short goes on.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from curation import audit
from curation.drafting import applying, checking, completing, moving
from curation.drafting.purposes import WORKS
from curation.drafting.reading import PARSER
from curation.drafting.turns import Next
from curation.models import Attempt, Call, Draft, Project
from curation.refusals import Refused

Status = Call.Status

PIECE = 200
WITHOUT_USE = (Status.UNUSABLE, Status.FAILED)


@dataclass
class Reread:
    """What reading again brought, in calls and replies."""

    calls: int = 0  # that brought nothing usable before
    replies: int = 0  # that this parser had not read yet
    usable: int = 0  # calls that brought something now
    before: Counter[str] = field(default_factory=Counter)  # calls by the code of their problem
    after: Counter[str] = field(default_factory=Counter)


class ReadAlready(Refused):
    """The parser of today has read every reply of the call."""


def everything(
    *, project: Project, by: User | None, run: int | None = None, purposes: Sequence[str] = ()
) -> Reread:
    """Read all replies of the project again that brought nothing usable; in pieces."""
    found = Reread()
    for piece in _pieces(_without_use(project, run, purposes)):
        _again(piece, found)
    audit.record(
        project=project,
        by=audit.ref(by),
        action="reply.reread",
        subject=f"project:{project.slug}",
        calls=found.calls,
        usable=found.usable,
    )
    return found


def one(*, call: Call, by: User | None) -> bool:
    """Read the replies of one call again, and say whether they can be used now."""
    found = Reread()
    _again([call.pk], found)
    if not found.replies and not found.usable:
        raise ReadAlready(_("There is no reply that this version has not read already."))
    audit.record(
        project=call.item.project,
        by=audit.ref(by),
        action="reply.reread",
        subject=f"call:{call.pk}",
        usable=found.usable,
    )
    return bool(found.usable)


def _without_use(project: Project, run: int | None, purposes: Sequence[str]) -> QuerySet[Call]:
    calls = Call.objects.filter(
        Exists(Attempt.objects.filter(call=OuterRef("pk"), outcome__in=applying.REPLIES)),
        endpoint__project=project,
        status__in=WITHOUT_USE,
        purpose__in=purposes or list(WORKS),
    )
    return calls.filter(run_calls__run=run) if run else calls


def _pieces(calls: QuerySet[Call]) -> Iterator[list[int]]:
    last = 0
    while piece := list(
        calls.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:PIECE]
    ):
        yield piece
        last = piece[-1]


@transaction.atomic
def _again(call_ids: Sequence[int], found: Reread) -> None:
    locked = Call.objects.select_for_update(of=("self",)).select_related("endpoint").order_by("pk")
    calls = list(locked.filter(pk__in=call_ids, status__in=WITHOUT_USE, purpose__in=WORKS))
    items = applying.locked_items(call.item_id for call in calls)
    for call in calls:
        call.item = items[call.item_id]
    found.calls += len(calls)
    found.before.update(_code(call.problem) for call in calls)
    unread = _unread(calls)
    found.replies += sum(map(len, unread.values()))
    steps = _read(calls, unread) | _left_over([call for call in calls if not unread[call.pk]])
    used = [call for call in calls if call.pk in steps]
    moving.move([(call, Next(Status.RESPONDED)) for call in used])
    moving.move([(call, steps[call.pk]) for call in used])
    found.usable += len(used)
    found.after.update(_code(call.problem) for call in calls if call.pk not in steps)
    completing.settle(call.item_id for call in used)
    checking.follow(used)


def _unread(calls: Sequence[Call]) -> dict[int, list[Attempt]]:
    """Return the replies of each call that this parser has not read, the last one at the end."""
    read = Draft.objects.filter(attempt=OuterRef("pk"), parser=PARSER)
    attempts = Attempt.objects.filter(~Exists(read), call__in=calls, outcome__in=applying.REPLIES)
    unread: dict[int, list[Attempt]] = {call.pk: [] for call in calls}
    for attempt in attempts.defer("raw").order_by("number"):
        unread[attempt.call_id].append(attempt)
    return unread


def _read(calls: Sequence[Call], unread: dict[int, list[Attempt]]) -> dict[int, Next]:
    """Read replies from the last one of each call on; return where those go that can be used."""
    steps: dict[int, Next] = {}
    left = {pk: list(attempts) for pk, attempts in unread.items()}
    while mine := [call for call in calls if left[call.pk] and call.pk not in steps]:
        latest = {call.pk: left[call.pk].pop() for call in mine}
        read, problems = applying.drafted(mine, latest)
        for call, step in read:
            problem = problems.get(call.pk, "")
            if step.status == Status.DONE and problem != "same_text":
                steps[call.pk] = Next(Status.DONE, fields={"problem": problem})
    return steps


def _left_over(calls: Sequence[Call]) -> dict[int, Next]:
    """Propose what was read before and could not be, such as a text another option had."""
    drafts = Draft.objects.filter(Q(parsed__isnull=False), attempt__call__in=calls)
    beside = drafts.select_related("item__project", "attempt__call__endpoint")
    done = [draft.attempt.call_id for draft in beside if applying.apply_left_over([draft])]
    return dict.fromkeys(done, Next(Status.DONE))


def _code(problem: str) -> str:
    return problem.partition(":")[0]
