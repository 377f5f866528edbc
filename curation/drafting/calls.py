"""Calls from hand to hand: claimed under a lease, answered once, given back when a worker is lost.

Nothing here speaks to an endpoint. Every move is guarded by the row's lock, and by the token that
rises with each claim; times are the database's. Rows are locked in one order: endpoint, calls by
number, budget.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max, Q
from django.db.models.functions import Now

from curation.drafting import asking, budget, completing, lanes, moving, saving, turns, usages
from curation.drafting.purposes.base import Changed
from curation.drafting.replies import REPLIES, Outcome, Reply, Trouble
from curation.drafting.requests import Request
from curation.models import Attempt, Call, Endpoint, Item, Prompt

Status = Call.Status

CLAIM = """
WITH picked AS MATERIALIZED (
    SELECT c.id FROM curation_runcall w JOIN curation_call c ON c.id = w.call_id
    WHERE w.run_id = %(run)s AND w.call_id > %(after)s
      AND c.endpoint_id = %(endpoint)s AND c.status = 'planned'
      AND (c.not_before IS NULL OR c.not_before <= statement_timestamp())
      AND EXISTS (SELECT 1 FROM curation_run r WHERE r.id = %(run)s AND r.status = 'running')
    ORDER BY w.call_id LIMIT %(limit)s FOR UPDATE OF c SKIP LOCKED
)
UPDATE curation_call c
SET status = 'leased', lease_token = c.lease_token + 1,
    lease_expires_at = statement_timestamp() + %(seconds)s * interval '1 second'
FROM picked WHERE c.id = picked.id
RETURNING c.*
"""
# Everything before the first open call of the endpoint has ended.
FIRST_OPEN = """
SELECT id FROM curation_call WHERE endpoint_id = %s AND status IN ('planned', 'leased')
ORDER BY endpoint_id, id LIMIT 1
"""
# Looked up lane by lane, since a run may have very many calls to make and none that is due.
DUE = """
SELECT extract(epoch FROM
    min(greatest(d.at, e.resting_until, statement_timestamp())) - statement_timestamp())
FROM curation_run r
JOIN curation_endpoint e ON e.project_id = r.project_id AND e.paused_reason = ''
CROSS JOIN LATERAL (
    (SELECT statement_timestamp() AS at
    FROM curation_call c JOIN curation_runcall w ON w.call_id = c.id AND w.run_id = r.id
    WHERE c.endpoint_id = e.id AND c.status = 'planned' AND c.not_before IS NULL LIMIT 1)
    UNION ALL
    (SELECT c.not_before
    FROM curation_call c JOIN curation_runcall w ON w.call_id = c.id AND w.run_id = r.id
    WHERE c.endpoint_id = e.id AND c.status = 'planned' AND c.not_before IS NOT NULL
    ORDER BY c.not_before LIMIT 1)
) d
WHERE r.id = %(run)s AND r.status = 'running'
"""
HOLD = """
UPDATE curation_call c SET reserved = n.reserved
FROM unnest(%s::bigint[], %s::bigint[]) AS n (id, reserved) WHERE c.id = n.id
"""


@dataclass(frozen=True)
class Claimed:
    """A call in our hands: nobody else asks it while the lease with this token holds."""

    call: Call
    token: int
    request: Request


@dataclass(frozen=True)
class Landed:
    """What came back for a call in our hands, and when it was asked."""

    claimed: Claimed
    result: Reply | Trouble
    started_at: datetime

    def amount(self, endpoint: Endpoint) -> int | None:
        """Return what it cost: a reply by its usage, what is unknown at its worst."""
        result, request = self.result, self.claimed.request
        at_worst = budget.worst_case(endpoint, request)
        usage = usages.at_least(request, result)
        unknown = result.outcome == Outcome.UNKNOWN
        if isinstance(result, Reply) or unknown or usage.input_tokens:
            return budget.charged(endpoint, usage, at_worst=at_worst)
        return None if at_worst is None else 0


@dataclass(frozen=True)
class Catch:
    """What a claim brought.

    `reached` is where the next search goes on, and `later` for how many seconds the lane has
    nothing to begin. An endpoint that has moved wants to be asked with its new key or address.
    """

    claimed: list[Claimed] = field(default_factory=list)
    reached: int = 0
    out_of_budget: bool = False
    later: float = 0.0
    has_moved: bool = False


@transaction.atomic
def claim(
    *,
    run_id: int,
    endpoint_id: int,
    limit: int,
    after: int = 0,
    through: dict[str, object] | None = None,
) -> Catch:
    """Take up to `limit` calls of a running run that are due, the oldest first.

    All workers together never hold more of an endpoint's calls than its concurrency, begin none
    faster than its rate, nor any while it is paused or rests, or `through` another connection than
    it has now.
    """
    endpoint = lanes.locked(endpoint_id)
    if endpoint is None:
        return Catch(later=lanes.SOON)
    if through is not None and through != endpoint.connection:
        return Catch(reached=after, has_moved=True)
    now: datetime = endpoint.now  # type: ignore[attr-defined]
    give_back_lost(Q(endpoint=endpoint))
    busy = Call.objects.filter(endpoint=endpoint, status=Status.LEASED).count()
    allowed, later = lanes.allowed(endpoint, now=now, busy=busy)
    if min(limit, allowed) <= 0:
        return Catch(reached=after, later=later)
    limit = min(limit, allowed)
    taken = _taken(run_id, endpoint_id, limit, after)
    found = asked(taken, endpoint)
    costs = [budget.worst_case(endpoint, request) for _call, request in found]
    fitting = budget.reserve(endpoint.project_id, costs)
    over = [call.pk for call, _request in found[fitting:]]
    if over:
        Call.objects.filter(pk__in=over).update(status=Status.PLANNED, lease_expires_at=None)
    claimed = [Claimed(call, call.lease_token, request) for call, request in found[:fitting]]
    _hold(claimed, costs)
    lanes.begun(endpoint, now=now, number=len(claimed))
    completing.settle(call.item_id for call in taken if call.status == Status.FAILED)
    reached = over[0] - 1 if over else taken[-1].pk if len(taken) == limit else 0
    later = lanes.POLL if len(taken) < limit else 0.0
    return Catch(claimed, reached, bool(over), later)


def first_open(endpoint_id: int) -> int:
    """Return the number before which every call of the endpoint has ended."""
    with connection.cursor() as cursor:
        cursor.execute(FIRST_OPEN, [endpoint_id])
        found = cursor.fetchone()
    return found[0] - 1 if found else 0


def renew(held: Iterable[Claimed]) -> None:
    """Say that their worker still lives."""
    mine = Q(pk__in=[])
    for claimed in held:
        mine |= Q(pk=claimed.call.pk, lease_token=claimed.token)
    Call.objects.filter(mine, status=Status.LEASED).update(
        lease_expires_at=Now() + timedelta(seconds=settings.LLM_LEASE)
    )


@transaction.atomic
def keep(landed: Sequence[Landed], *, in_file: bool = False) -> None:
    """Save what came back from an endpoint before anything reads it, and move the calls on.

    A reply whose lease was lost is kept and paid for all the same; it answers the call if nothing
    else has, or if the try that is out for it fails. What came `in_file` says nothing about the
    lane.
    """
    if not landed:
        return
    endpoint = landed[0].claimed.call.endpoint
    rows = _locked(one.claimed.call.pk for one in landed)
    numbers, answered = _numbers(rows), _answered(landed)
    attempts, moves, moved, amounts, held, dearer = [], [], set(), 0, 0, False
    for one in landed:
        call = rows[one.claimed.call.pk]
        mine = call.status in Call.OUT and call.lease_token == one.claimed.token
        amount = one.amount(endpoint)
        numbers[call.pk] = number = numbers.get(call.pk, 0) + 1
        attempts.append(saving.attempt(one, call=call, number=number, amount=amount))
        amounts += amount or 0
        dearer |= bool(mine and call.reserved and amount and amount > call.reserved)
        unanswered = call.status in (Status.PLANNED, Status.BATCHED, Status.FAILED)
        if call.pk not in moved and (mine or (unanswered and isinstance(one.result, Reply))):
            moved.add(call.pk)  # of two replies that came together the first one counts
            held += call.reserved
            step = _next(call, one, number)
            if call.pk in answered:
                step = replace(step, status=Status.RESPONDED, wait=None, fields={})
            moves.append((call, step))
    Attempt.objects.bulk_create(attempts)
    moving.move(moves)
    steps = [step for _call, step in moves]
    if dearer:
        steps.append(turns.Next(Status.RESPONDED, pause="dearer"))
    if in_file:
        landed, steps = [], [step for step in steps if step.pause == "dearer"]
    lanes.heard(endpoint, landed, steps)
    # Last, as in a claim.
    budget.settle(endpoint.project_id, reserved=held, amount=amounts)
    completing.settle(call.item_id for call, step in moves if step.status == Status.FAILED)


@transaction.atomic
def give_back_lost(which: Q | None = None) -> int:
    """Take calls back from workers that stopped renewing; return how many there were."""
    lost = list(
        Call.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("endpoint", "item", "prompt")
        .filter(which or Q(), status=Status.LEASED, lease_expires_at__lt=Now())
        .order_by("pk")
    )
    said = asking.last_said(lost)
    for call in lost:
        trouble = Trouble(Outcome.UNKNOWN, "worker_lost", again=True)
        request = _request(call, call.endpoint, said.get(call.pk, ""))
        began = call.lease_expires_at or datetime.now(UTC)
        if request is None:
            _count_unknown(call, trouble, began)
            continue
        keep([Landed(Claimed(call, call.lease_token, request), trouble, began)])
    return len(lost)


def _count_unknown(call: Call, trouble: Trouble, began: datetime) -> None:
    """Book a call that was asked and must not be asked again: what was held for it is spent."""
    Attempt.objects.create(
        call=call,
        number=_numbers([call.pk]).get(call.pk, 0) + 1,
        turn=turns.turn_of(call, number=1),
        structured=call.structured,
        outcome=trouble.outcome,
        problem=trouble.problem,
        cost=call.reserved,
        milliseconds=0,
        started_at=began,
    )
    budget.settle(call.endpoint.project_id, reserved=call.reserved, amount=call.reserved)
    completing.settle([call.item_id])


def unsaved(landed: Sequence[Landed]) -> list[Landed]:
    """Return what no attempt was saved for, where nobody knows whether saving came to its end."""
    saved = set(
        Attempt.objects.filter(
            call__in=[one.claimed.call.pk for one in landed],
            started_at__in=[one.started_at for one in landed],
        ).values_list("call_id", "started_at")
    )
    return [one for one in landed if (one.claimed.call.pk, one.started_at) not in saved]


def due_in(run_id: int) -> float | None:
    """Return the seconds until a call of the run may be made; None when there is none to wait for.

    Calls of paused endpoints, and of runs that do not run, are not waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"run": run_id})
        [wait] = cursor.fetchone()
    return None if wait is None else float(wait)


def unread(limit: int = 1000) -> list[int]:
    """Return calls whose reply is saved and not yet read, the oldest first."""
    replied = Call.objects.filter(status=Status.RESPONDED)
    return list(replied.order_by("pk").values_list("pk", flat=True)[:limit])


def plan_again(which: Q) -> int:
    """Let failed calls be made once more, unless they were tried very often; return how many."""
    failed = Call.objects.filter(which, status=Status.FAILED)
    worth_it = failed.annotate(made=Count("attempts", distinct=True)).filter(
        made__lte=turns.LAST_NUMBER - turns.MOST_TRIES
    )
    # The status once more: one that was answered in the meantime must not be bought again.
    return Call.objects.filter(pk__in=worth_it.values("pk"), status=Status.FAILED).update(
        status=Status.PLANNED, tries=0, not_before=None, problem=""
    )


def _taken(run_id: int, endpoint_id: int, limit: int, after: int) -> list[Call]:
    values = {
        "run": run_id,
        "endpoint": endpoint_id,
        "limit": limit,
        "after": after,
        "seconds": settings.LLM_LEASE,
    }
    return sorted(Call.objects.raw(CLAIM, values), key=lambda call: call.pk)


def asked(taken: list[Call], endpoint: Endpoint) -> list[tuple[Call, Request]]:
    """Put the requests of calls in our hands together; one that must not be asked now fails."""
    items = Item.objects.in_bulk({call.item_id for call in taken})
    pinned = Prompt.objects.in_bulk({call.prompt_id for call in taken if call.prompt_id})
    said = asking.last_said(taken)
    found: list[tuple[Call, Request]] = []
    for call in taken:
        call.endpoint, call.item = endpoint, items[call.item_id]
        if call.prompt_id:
            call.prompt = pinned[call.prompt_id]
    asking.prepare(taken)
    for call in taken:
        request = _request(call, endpoint, said.get(call.pk, ""))
        if request is not None:
            found.append((call, request))
    return found


def _request(call: Call, endpoint: Endpoint, said: str) -> Request | None:
    try:
        return asking.built(call, endpoint, said=said)
    except Changed as why:
        moving.move([(call, turns.Next(Status.FAILED, fields={"problem": why.problem}))])
        return None


def _hold(claimed: list[Claimed], costs: list[int | None]) -> None:
    for one, cost in zip(claimed, costs, strict=False):
        one.call.reserved = cost or 0
    if any(one.call.reserved for one in claimed):
        with connection.cursor() as cursor:
            held = [one.call.reserved for one in claimed]
            cursor.execute(HOLD, [[one.call.pk for one in claimed], held])


def _locked(pks: Iterable[int]) -> dict[int, Call]:
    calls = Call.objects.select_for_update().filter(pk__in=set(pks)).order_by("pk")
    return {call.pk: call for call in calls.defer("messages")}


def _numbers(rows: Iterable[int]) -> dict[int, int]:
    """Return the number of the last attempt of each call that has one."""
    found = Attempt.objects.filter(call__in=list(rows)).values_list("call_id")
    return dict(found.annotate(last=Max("number")).order_by())


def _answered(landed: Iterable[Landed]) -> set[int]:
    """Return the calls in trouble whose earlier try brought a reply after all, not read yet."""
    again = [
        one.claimed.call.pk
        for one in landed
        if isinstance(one.result, Trouble) and one.claimed.token > 1
    ]
    if not again:
        return set()
    saved = Attempt.objects.filter(call__in=again, outcome__in=REPLIES, drafts=None)
    return set(saved.values_list("call_id", flat=True))


def _next(call: Call, one: Landed, number: int) -> turns.Next:
    if isinstance(one.result, Reply):
        return turns.Next(Status.RESPONDED)
    return turns.after_trouble(
        call,
        one.result,
        asked=one.claimed.request.structured,
        room=number < turns.LAST_NUMBER,
    )
