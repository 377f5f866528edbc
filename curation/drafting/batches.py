"""Files of requests: calls of a run that somebody takes to the endpoint instead of us.

A call in a file is `batched`, with its worst case reserved in the budget, so that no worker asks
it as well. It stays so until its result is brought back (`batch_results`) or it is given back.
"""

import hashlib
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from curation import audit, hints
from curation.drafting import batch_ids, budget, calls, completing, moving
from curation.drafting.turns import Next
from curation.models import BatchFile, Call, Endpoint, Item, Project, Run
from curation.refusals import Refused

Status = Call.Status

GOING_ON = (Run.Status.RUNNING, Run.Status.PAUSED)
URL = "/v1/chat/completions"
MOST_LINES = 50_000
LARGEST_FILE = 200_000_000  # bytes
PIECE = 500  # calls that are written or given back together
LOCKS = 7_202  # our corner of PostgreSQL's advisory locks: one process writes files of a run
PUT = """
UPDATE curation_call c
SET batch_id = %s, lease_token = c.lease_token + 1, reserved = n.reserved
FROM unnest(%s::bigint[], %s::bigint[]) AS n (id, reserved) WHERE c.id = n.id
"""


def export(
    *,
    run: Run,
    folder: Path,
    by: User | None,
    endpoint: Endpoint | None = None,
    price_percent: int = 100,
    most_lines: int = MOST_LINES,
    most_files: int | None = None,
) -> list[BatchFile]:
    """Write the calls of a run that wait into files, each to one endpoint; return the files.

    A file appears under its name when it is whole. What an export that was cut short had taken is
    given back first.
    """
    if run.status not in GOING_ON:
        raise Refused(_("Only a run that goes on, or is paused, has calls to write into a file."))
    if not 0 <= price_percent <= 100:
        raise Refused(_("Give the price of batch files as 0 to 100 percent."))
    made: list[BatchFile] = []
    with _alone(run):
        _take_back(run.project, Q(batch__run=run, batch__sha256=""))
        lanes = [endpoint] if endpoint else _waiting_for(run)
        budget.check_prices(run.project, lanes)
        for lane in lanes:
            while most_files is None or len(made) < most_files:
                file = _begin(run, lane, price_percent, by)
                if not _written(file, folder / file.name, most_lines):
                    break
                made.append(file)
    if not made:
        raise Refused(_nothing(run, lanes))
    return made


def give_back(*, run: Run, by: User | None) -> int:
    """Plan the calls of a run again whose results did not come; return how many there were."""
    with _alone(run):
        number = _take_back(run.project, Q(run_calls__run=run))
    if not number:
        raise Refused(_("No call of this run is in a batch file."))
    audit.record(
        project=run.project,
        by=audit.ref(by),
        action="batch.give_back",
        subject=f"run:{run.pk}",
        calls=number,
    )
    hints.publish("curation.tasks.work", run_id=run.pk)
    return number


def holds_locked(file: BatchFile) -> bool:
    """Say whether a request in the file is about an item that was locked since."""
    mine = Call.objects.filter(run_calls__run=file.run_id, endpoint=file.endpoint_id)
    # Its call may be in another file by now, or in none.
    since = Q(batch=file) | Q(item__escalations__created_at__gt=file.created_at)
    return mine.filter(since, item__status=Item.Status.LOCKED).exists()


def withdraw(run: Run) -> None:
    """Free the calls and the money in the files of a run that is given up."""
    with _alone(run):
        _take_back(run.project, Q(batch__run=run))


def waiting(run: Run) -> list[tuple[Endpoint, int]]:
    """Return the endpoints that calls of the run wait for, each with how many."""
    lanes = _waiting_for(run)
    found = _planned(run).filter(endpoint__in=lanes).values_list("endpoint").order_by()
    numbers = dict(found.annotate(n=Count("pk")))
    return [(lane, numbers.get(lane.pk, 0)) for lane in lanes]


def _planned(run: Run) -> QuerySet[Call]:
    return Call.objects.filter(run_calls__run=run, status=Status.PLANNED)


def _waiting_for(run: Run) -> list[Endpoint]:
    wanted = Exists(_planned(run).filter(endpoint=OuterRef("pk")))
    return list(Endpoint.objects.filter(wanted, project=run.project).order_by("pk"))


def _begin(run: Run, endpoint: Endpoint, price_percent: int, by: User | None) -> BatchFile:
    last = run.batch_files.aggregate(last=Max("number"))["last"] or 0
    return BatchFile.objects.create(
        project=run.project,
        run=run,
        endpoint=endpoint,
        number=last + 1,
        structured=endpoint.mode,
        price_percent=price_percent,
        by_ref=audit.ref(by),
    )


def _written(file: BatchFile, path: Path, most_lines: int) -> bool:
    """Write a file as far as calls and money go, and say whether anything is in it."""
    part = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    after, more = 0, True
    with part.open("wb") as out:
        while more and file.lines < most_lines:
            limit = min(PIECE, most_lines - file.lines)
            after, more = _add_piece(file, out, digest, after=after, limit=limit)
        out.flush()
        os.fsync(out.fileno())
    if not file.lines:
        part.unlink()
        file.delete()
        return False
    file.sha256 = digest.hexdigest()
    file.save(update_fields=["sha256", "lines", "size"])
    part.replace(path)
    audit.record(
        project=file.project,
        by=file.by_ref,
        action="batch.export",
        subject=f"run:{file.run_id}",
        number=file.number,
        lines=file.lines,
    )
    return True


@transaction.atomic
def _add_piece(
    file: BatchFile, out: BinaryIO, digest: Any, *, after: int, limit: int
) -> tuple[int, bool]:
    """Move the next calls into the file; return the last one looked at, and whether to go on.

    Whoever reserves money holds the endpoint, as in a claim.
    """
    Endpoint.objects.select_for_update(no_key=True).get(pk=file.endpoint_id)
    found = _planned(file.run).filter(endpoint=file.endpoint, pk__gt=after).order_by("pk")
    taken = list(found.select_for_update(of=("self",), skip_locked=True)[:limit])
    moving.move([(call, Next(Status.BATCHED)) for call in taken])
    asked = calls.asked(taken, file.endpoint)
    lines = [_line(batch_ids.made(call.key, file.pk), request.body()) for call, request in asked]
    room = _fitting(lines, LARGEST_FILE - file.size)
    worst = [
        shared(budget.worst_case(file.endpoint, request), file.price_percent)
        for _call, request in asked[:room]
    ]
    fits = budget.reserve(file.project_id, worst)
    moving.move([(call, Next(Status.PLANNED)) for call, _request in asked[fits:]])
    _hold(file, [call for call, _request in asked[:fits]], worst)
    for line in lines[:fits]:
        out.write(line)
        digest.update(line)
    file.lines, file.size = file.lines + fits, file.size + sum(map(len, lines[:fits]))
    completing.settle(call.item_id for call in taken if call.status == Status.FAILED)
    more = len(taken) == limit and fits == len(asked)
    return (taken[-1].pk if taken else after), more


def _hold(file: BatchFile, mine: Sequence[Call], worst: Sequence[int | None]) -> None:
    held = [amount or 0 for _call, amount in zip(mine, worst, strict=False)]
    with connection.cursor() as cursor:
        cursor.execute(PUT, [file.pk, [call.pk for call in mine], held])


def shared(amount: int | None, percent: int) -> int | None:
    """Return that share of an amount, rounded up; None stays unknown."""
    return None if amount is None else -(-amount * percent // 100)


def _line(custom_id: str, body: dict[str, Any]) -> bytes:
    request = {"custom_id": custom_id, "method": "POST", "url": URL, "body": body}
    return json.dumps(request, ensure_ascii=False).encode() + b"\n"


def _fitting(lines: Sequence[bytes], room: int) -> int:
    for place, line in enumerate(lines):
        room -= len(line)
        if room < 0:
            return place
    return len(lines)


def _take_back(project: Project, which: Q) -> int:
    """Plan batched calls again, piece by piece, and free what was reserved for them."""
    number = 0
    while piece := _piece_back(project, which):
        number += piece
    return number


@transaction.atomic
def _piece_back(project: Project, which: Q) -> int:
    batched = Call.objects.filter(which, status=Status.BATCHED, endpoint__project=project)
    found = list(batched.select_for_update(of=("self",)).order_by("pk")[:PIECE])
    held = sum(call.reserved for call in found)
    moving.move([(call, Next(Status.PLANNED)) for call in found])
    if held:
        budget.settle(project.pk, reserved=held, amount=0)
    return len(found)


def _nothing(run: Run, lanes: Sequence[Endpoint]) -> str:
    if _planned(run).filter(endpoint__in=lanes).exists():
        return _("The budget has no room for another call: raise it first.")
    return _("No call of this run waits to be asked.")


@contextmanager
def _alone(run: Run) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, run.pk])
        if not cursor.fetchone()[0]:
            raise Refused(_("Files of this run are being written right now."))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, run.pk])
