"""Calls from hand to hand: claimed under a lease, answered once, given back when a worker is lost.

Nothing here speaks to an endpoint. Every move is guarded by the row's lock, and by the token that
rises with each claim; times are the database's.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Now

from curation import endpoints
from curation.drafting import applying, budget, requests
from curation.drafting.replies import Outcome, Reply, Trouble
from curation.models import Attempt, Call, Endpoint, Run

Status = Call.Status

MOST_TRIES = 4
FIRST_WAIT = 2.0  # seconds; doubles with each try, and chance takes up to half of it away
LONGEST_WAIT = 60.0
LAST_NUMBER = 100  # attempts that one call can have

CLAIM = """
WITH picked AS MATERIALIZED (
    SELECT c.id FROM curation_call c
    WHERE c.endpoint_id = %(endpoint)s AND c.status = 'planned'
      AND (c.not_before IS NULL OR c.not_before <= statement_timestamp())
      AND EXISTS (
        SELECT 1 FROM curation_runcall w JOIN curation_run r ON r.id = w.run_id
        WHERE w.call_id = c.id AND w.run_id = %(run)s AND r.status = 'running')
    ORDER BY c.id LIMIT %(limit)s FOR UPDATE OF c SKIP LOCKED
)
UPDATE curation_call c
SET status = 'leased', lease_token = c.lease_token + 1,
    lease_expires_at = statement_timestamp() + %(seconds)s * interval '1 second'
FROM picked WHERE c.id = picked.id
RETURNING c.*
"""


@dataclass(frozen=True)
class Claimed:
    """A call in our hands: nobody else asks it while the lease with this token holds."""

    call: Call
    token: int
    request: requests.Request


@dataclass(frozen=True)
class Catch:
    """What a claim brought, and whether money kept it from bringing more."""

    claimed: list[Claimed]
    out_of_budget: bool = False


@transaction.atomic
def claim(*, run_id: int, endpoint_id: int, limit: int) -> Catch:
    """Take up to `limit` calls of a running run that are due.

    All workers together never hold more of an endpoint's calls than its concurrency, nor any
    while it is paused.
    """
    lane = Endpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id, paused_reason="")
    endpoint = lane.first()
    if endpoint is None:
        return Catch([])
    give_back_lost(Q(endpoint=endpoint))
    busy = Call.objects.filter(endpoint=endpoint, status=Status.LEASED).count()
    limit = min(limit, endpoint.concurrency - busy)
    if limit <= 0:
        return Catch([])
    values = {
        "run": run_id,
        "endpoint": endpoint_id,
        "limit": limit,
        "seconds": settings.LLM_LEASE,
    }
    calls = sorted(Call.objects.raw(CLAIM, values), key=lambda call: call.pk)
    asked = {call.pk: requests.build(call, endpoint) for call in calls}
    costs = [(c, budget.worst_case(endpoint, c, size=asked[c.pk].size())) for c in calls]
    fitting = budget.reserve(endpoint.project_id, costs)
    over = [call.pk for call in calls if call not in fitting]
    Call.objects.filter(pk__in=over).update(status=Status.PLANNED, lease_expires_at=None)
    return Catch([Claimed(c, c.lease_token, asked[c.pk]) for c in fitting], bool(over))


def renew(held: Iterable[Claimed]) -> None:
    """Say that their worker still lives."""
    mine = Q(pk__in=[])
    for claimed in held:
        mine |= Q(pk=claimed.call.pk, lease_token=claimed.token)
    Call.objects.filter(mine, status=Status.LEASED).update(
        lease_expires_at=Now() + timedelta(seconds=settings.LLM_LEASE)
    )


@transaction.atomic
def keep(claimed: Claimed, result: Reply | Trouble, *, started_at: datetime) -> None:
    """Save what came back before anything reads it, and move the call on.

    A reply whose lease was lost is kept and paid for all the same; it answers the call if nothing
    else has.
    """
    call = _locked(claimed.call.pk)
    mine = call.status == Status.LEASED and call.lease_token == claimed.token
    unanswered = call.status in (Status.PLANNED, Status.FAILED)
    amount = _amount(call, claimed.request, result)
    _note(call, result, amount, started_at)
    if mine or (unanswered and isinstance(result, Reply)):
        _move_on(call, result)
    # Last, as in a claim: whoever locks both an endpoint and a budget does it in this order.
    budget.settle(
        call.endpoint.project_id, reserved=call.reserved if mine else 0, amount=amount or 0
    )


@transaction.atomic
def give_back_lost(which: Q | None = None) -> int:
    """Take calls back from workers that stopped renewing; return how many there were."""
    lost = list(
        Call.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("endpoint")
        .filter(which or Q(), status=Status.LEASED, lease_expires_at__lt=Now())
    )
    for call in lost:
        trouble = Trouble(Outcome.UNKNOWN, "worker_lost", again=True)
        amount = _amount(call, requests.build(call, call.endpoint), trouble)
        _note(call, trouble, amount, call.lease_expires_at or datetime.now(UTC))
        _move_on(call, trouble)
        budget.settle(call.endpoint.project_id, reserved=call.reserved, amount=amount or 0)
    return len(lost)


def due_in(run_id: int) -> float | None:
    """Return the seconds until a call of the run may be made; None when there is none to wait for.

    Calls of paused endpoints, and of runs that do not run, are not waited for.
    """
    waiting = Call.objects.filter(
        status=Status.PLANNED,
        run_calls__run=run_id,
        run_calls__run__status=Run.Status.RUNNING,
        endpoint__paused_reason="",
    )
    if waiting.filter(Q(not_before=None) | Q(not_before__lte=Now())).exists():
        return 0.0
    first = waiting.annotate(wait=F("not_before") - Now()).order_by("not_before").first()
    return first.wait.total_seconds() if first else None


def unread() -> Iterable[int]:
    """Return calls whose reply is saved and not yet read, the oldest first."""
    replied = Call.objects.filter(status=Status.RESPONDED)
    return list(replied.order_by("pk").values_list("pk", flat=True)[:1000])


def plan_again(call_ids: Iterable[int]) -> int:
    """Let failed calls be made once more, unless they were tried very often; return how many."""
    failed = Call.objects.filter(pk__in=call_ids, status=Status.FAILED)
    worth_it = failed.annotate(made=Count("attempts")).filter(made__lte=LAST_NUMBER - MOST_TRIES)
    return Call.objects.filter(pk__in=worth_it.values("pk")).update(
        status=Status.PLANNED, tries=0, not_before=None, problem=""
    )


def _locked(pk: int) -> Call:
    calls = Call.objects.select_for_update(of=("self",)).select_related("endpoint")
    return calls.get(pk=pk)


def _move_on(call: Call, result: Reply | Trouble) -> None:
    blank = isinstance(result, Reply) and _is_blank(call, result)
    if isinstance(result, Reply) and not (blank and call.tries == 0):
        _to(call, Status.RESPONDED)
        return
    tries, room = call.tries + 1, call.attempts.count() < LAST_NUMBER
    if isinstance(result, Trouble) and result.stops_lane and room:
        endpoints.pause(endpoint_id=call.endpoint_id, reason=result.problem)
        _to(call, Status.PLANNED)
        return
    problem = result.problem if isinstance(result, Trouble) else "empty"
    again = blank or (isinstance(result, Trouble) and result.again)
    if again and room and tries < MOST_TRIES:
        wait = _wait(tries, result.retry_after if isinstance(result, Trouble) else None)
        _to(
            call,
            Status.PLANNED,
            tries=tries,
            problem=problem,
            not_before=Now() + timedelta(seconds=wait),
        )
        return
    _to(call, Status.FAILED, tries=tries, problem=problem)
    applying.settle_item(call.item_id)


def _is_blank(call: Call, reply: Reply) -> bool:
    """Say whether a draft came back empty. An empty answer of a subject is data."""
    drafting = call.purpose in applying.DRAFTING
    return drafting and reply.outcome == Outcome.REPLIED and not reply.content.strip()


def _wait(tries: int, retry_after: float | None) -> float:
    if retry_after is not None:
        return retry_after
    longest = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1))
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, guards no secret


def _to(call: Call, status: Status, **fields: object) -> None:
    call.status = status
    Call.objects.filter(pk=call.pk).update(
        status=status, lease_expires_at=None, reserved=0, **{"problem": "", **fields}
    )


def _amount(call: Call, request: requests.Request, result: Reply | Trouble) -> int | None:
    """Return what an attempt cost: a reply by its usage, what is unknown at its worst."""
    at_worst = budget.worst_case(call.endpoint, call, size=request.size())
    if isinstance(result, Reply) or result.outcome == Outcome.UNKNOWN or result.usage.input_tokens:
        return budget.charged(call.endpoint, result.usage, at_worst=at_worst)
    return None if at_worst is None else 0


def _note(call: Call, result: Reply | Trouble, amount: int | None, started_at: datetime) -> Attempt:
    """Write down one HTTP try, with the bytes as they came."""
    reply = result if isinstance(result, Reply) else None
    return Attempt.objects.create(
        call=call,
        number=call.attempts.count() + 1,
        outcome=result.outcome,
        http_status=result.http_status,
        request_id=result.request_id,
        model_returned=reply.model if reply else "",
        finish_reason=reply.finish_reason if reply else "",
        input_tokens=result.usage.input_tokens,
        output_tokens=result.usage.output_tokens,
        cost=amount,
        milliseconds=result.milliseconds,
        raw=result.raw,
        content=reply.content if reply else "",
        problem=result.problem if isinstance(result, Trouble) else "",
        started_at=started_at,
    )
