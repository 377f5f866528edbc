"""What comes back for calls that went out in a file: kept and read like any other reply.

Result and error files may come in any order, in parts, and twice. Each piece of a file is kept
before it is read, so an import that is cut short goes on when the file is given again.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, BinaryIO

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import BinaryField, F, Func, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curation import audit, hints
from curation.drafting import applying, batch_lines, budget, calls, runs, turns, usages
from curation.drafting.batch_lines import Result
from curation.drafting.batches import shared
from curation.drafting.calls import Claimed, Landed
from curation.drafting.purposes import WORKS
from curation.drafting.replies import Reply, Trouble
from curation.drafting.requests import Request
from curation.models import Attempt, BatchFile, Call, Endpoint, Project, Run
from curation.refusals import Refused

PIECE_LINES = 200
PIECE_BYTES = 4_000_000
LOCKS = 7_204  # our corner of PostgreSQL's advisory locks: one file of results a project
PATIENCE = 1_000  # lines of no use, besides two for each line that was ever written
_GIVEN_UP = gettext_lazy(
    "Reading stopped: %(n)s lines are of no use, so this is hardly a file of results of this "
    "project. What came before is kept."
)
MOST_FAULTS = 100  # lines that are named in a report; all are counted
FAULTS = {
    "too_long": gettext_lazy("the line is too long"),
    "not_json": gettext_lazy("not JSON"),
    "not_a_result": gettext_lazy("not the result of a batch request"),
    "unknown": gettext_lazy("no call of this project"),
    "not_batched": gettext_lazy("a call that was never written into a batch file"),
    "too_often": gettext_lazy("a call that has as many attempts as it can have"),
    "duplicate": gettext_lazy("another line of this file was about the same call"),
}

NOBODYS = -1  # no lease has such a token


@dataclass(frozen=True)
class Mark:
    """What tells a result of a call from its others: which file it answers, and what it says."""

    asked_at: datetime  # when the file was begun, which an attempt keeps as its start
    digest: bytes
    request_id: str


Before = dict[int, list[Mark]]
Seen = dict[tuple[bytes, int], bool]  # calls in files that a line was about; whether it replied


@dataclass
class Taken:
    """What a file brought. `late` replies are kept, but their calls were answered before."""

    lines: int = 0
    replies: int = 0
    troubles: int = 0
    late: int = 0
    repeated: int = 0
    empty: int = 0
    is_given_up: bool = False
    not_taken: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[int, str]] = field(default_factory=list)  # line and code
    of_runs: Counter[int] = field(default_factory=Counter)  # lines that were taken, by run

    def refuse(self, result: Result, fault: str) -> None:
        self.not_taken[fault] += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append((result.number, fault))

    @property
    def not_taken_in_all(self) -> int:
        return self.not_taken.total()

    @property
    def of_no_use(self) -> int:
        return self.empty + self.not_taken_in_all

    def said(self) -> dict[str, Any]:
        """Return the report as plain values."""
        counts = {n: getattr(self, n) for n in ("lines", "replies", "troubles", "late", "repeated")}
        named = [{"line": line, "fault": fault} for line, fault in self.faults]
        of_runs = {"of_runs": dict(self.of_runs)}
        return {**counts, **of_runs, "not_taken": dict(self.not_taken), "faults": named}


@dataclass(frozen=True)
class FromFile(Landed):
    """A result of a file: it costs the share of the price that its file was written for."""

    percent: int = 100

    def amount(self, endpoint: Endpoint) -> int | None:
        result, usage = self.result, self.result.usage
        if usage.input_tokens and usage.output_tokens is not None:
            usage = usages.at_least(self.claimed.request, result)
            return shared(budget.charged(endpoint, usage, at_worst=None), self.percent)
        if not isinstance(result, Reply):
            return None if endpoint.price is None else 0
        # At worst each byte is a token; the request of a call that was given back is not known.
        said = budget.cost(endpoint, input_tokens=0, output_tokens=len(result.raw))
        held = 0 if self.claimed.token == NOBODYS else self.claimed.call.reserved
        return held or shared(said, self.percent)


def take(*, project: Project, file: BinaryIO, by: User | None) -> Taken:
    """Bring a result or error file home; lines that are of no use are counted and named."""
    with _alone(project):
        taken = _taken(project, file)
    taken.faults.sort()
    if not taken.lines:
        raise Refused(_("The file holds no line."), field="file")
    audit.record(
        project=project,
        by=audit.ref(by),
        action="batch.import",
        subject=f"project:{project.slug}",
        lines=taken.lines,
        replies=taken.replies,
        troubles=taken.troubles,
    )
    _go_on(project)
    if taken.is_given_up:
        raise Refused(_GIVEN_UP % {"n": taken.of_no_use}, field="file")
    return taken


def _taken(project: Project, file: BinaryIO) -> Taken:
    """Take line after line, until too many were of no use: it is not our file then."""
    taken = Taken()
    seen: Seen = {}
    written = project.batch_files.aggregate(lines=Sum("lines"))["lines"] or 0
    for piece in _pieces(batch_lines.read(file)):
        lines = [result for result in piece if result.fault != batch_lines.EMPTY]
        taken.empty += len(piece) - len(lines)
        for part in _by_endpoint(project, lines):
            applying.read(_keep(project, part, taken, seen))
        if taken.of_no_use > PATIENCE + 2 * written:
            taken.is_given_up = True
            break
    return taken


@contextmanager
def _alone(project: Project) -> Iterator[None]:
    """Let one file be taken at a time, for each keeps a web worker or a terminal busy."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, project.pk])
        if not cursor.fetchone()[0]:
            raise Refused(_("Another file of results is being read right now."), field="file")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, project.pk])


def _go_on(project: Project) -> None:
    """End runs that are done now, and let workers ask what has to be asked again."""
    for run in Run.objects.filter(project=project, status=Run.Status.RUNNING):
        if not runs.finish(run.pk):
            hints.publish("curation.tasks.work", run_id=run.pk)


def _pieces(results: Iterable[Result]) -> Iterator[list[Result]]:
    piece: list[Result] = []
    size = 0
    for result in results:
        piece.append(result)
        size += len(result.result.raw) if result.result else 0
        if len(piece) >= PIECE_LINES or size >= PIECE_BYTES:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def _by_endpoint(project: Project, piece: Sequence[Result]) -> list[list[Result]]:
    """Split a piece so that no transaction holds two endpoints, or one of them and the budget."""
    keys = {result.key for result in piece if result.key}
    if not keys:
        return [list(piece)] if piece else []
    calls_of = Call.objects.filter(key__in=keys, endpoint__project=project)
    endpoints = dict(calls_of.values_list("key", "endpoint_id"))
    parts: dict[int | None, list[Result]] = {}
    for result in piece:
        parts.setdefault(endpoints.get(result.key), []).append(result)
    return list(parts.values())


@transaction.atomic
def _keep(project: Project, piece: list[Result], taken: Taken, seen: Seen) -> list[int]:
    """Save what the lines brought; return the calls whose replies are to be read."""
    found = _called(project, {result.key for result in piece if not result.fault})
    files = BatchFile.objects.filter(project=project).in_bulk({r.file for r in piece if r.file})
    before = _kept_before(found.values())
    landed: list[FromFile] = []
    for result in piece:
        taken.lines += 1
        call, came = found.get(result.key), result.result
        file = _file(result, call, files)
        fault = _fault(result, call, file, seen, before)
        if fault or call is None or came is None or file is None:
            taken.refuse(result, fault)
            continue
        taken.of_runs[file.run_id] += 1
        if _is_known(came, result, file, before[call.pk]):
            taken.repeated += 1
        else:
            _count(taken, call, came)
            landed.append(_landed(call, came, file))
    # Of two lines about a call the first one counts, and a reply more than trouble.
    calls.keep(sorted(landed, key=lambda one: isinstance(one.result, Trouble)), in_file=True)
    return [one.claimed.call.pk for one in landed]


def _called(project: Project, keys: set[str]) -> dict[str, Call]:
    """Return the calls of these keys, locked in the order in which everybody locks them."""
    keys.discard("")
    if not keys:
        return {}
    wanted = Call.objects.filter(key__in=keys, endpoint__project=project).order_by("pk")
    locked = wanted.select_for_update(of=("self",)).select_related("endpoint", "batch")
    return {call.key: call for call in locked.defer("messages")}


def _file(result: Result, call: Call | None, files: dict[int, BatchFile]) -> BatchFile | None:
    """Return the file that a line answers: the call's last one, or an earlier one."""
    if call is None or call.batch is None or result.file in (None, call.batch_id):
        return call.batch if call else None
    file = files.get(result.file)
    may_hold = file and file.endpoint_id == call.endpoint_id and file.pk < call.batch.pk
    return file if may_hold else None


def _kept_before(found: Iterable[Call]) -> Before:
    """Return the marks of the attempts of each call."""
    marks: Before = {call.pk: [] for call in found}
    hashed = Func(F("raw"), function="sha256", output_field=BinaryField())
    attempts = Attempt.objects.filter(call__in=marks).annotate(digest=hashed)
    names = ("call_id", "started_at", "digest", "request_id")
    for call, asked_at, digest, request_id in attempts.values_list(*names):
        marks[call].append(Mark(asked_at, bytes(digest), request_id))
    return marks


def _is_known(
    came: Reply | Trouble, result: Result, file: BatchFile, before: Iterable[Mark]
) -> bool:
    """Say whether a result was kept before. Without its file, that is told by what it says."""
    mark = Mark(file.created_at, sha256(came.raw).digest(), came.request_id)
    if result.file is not None:
        return mark in before
    said = (mark.digest, mark.request_id)
    return any((one.digest, one.request_id) == said for one in before)


def _fault(
    result: Result, call: Call | None, file: BatchFile | None, seen: Seen, before: Before
) -> str:
    if result.fault:
        return result.fault
    if call is None:
        return "unknown"
    if file is None:
        return "not_batched"
    name, replies = (bytes.fromhex(call.key), file.pk), isinstance(result.result, Reply)
    if name in seen and (seen[name] or not replies):
        return "duplicate"
    seen[name] = replies
    return "too_often" if len(before[call.pk]) >= turns.LAST_NUMBER else ""


def _count(taken: Taken, call: Call, came: Reply | Trouble) -> None:
    if not isinstance(came, Reply):
        taken.troubles += 1
    elif call.status in (Call.Status.BATCHED, Call.Status.PLANNED, Call.Status.FAILED):
        taken.replies += 1
    else:
        taken.late += 1


def _landed(call: Call, came: Reply | Trouble, file: BatchFile) -> FromFile:
    asks_json = call.purpose in WORKS and WORKS[call.purpose].schema_of(call)
    request = Request(
        key=call.key,
        model=call.model,
        messages=[],
        fields={},
        structured=(call.structured or file.structured) if asks_json else "",
    )
    # Where the call is in hand elsewhere by now, or nowhere, this is not what it waits for.
    waits = call.status == Call.Status.BATCHED and call.batch_id == file.pk
    token = call.lease_token if waits else NOBODYS
    return FromFile(Claimed(call, token, request), came, file.created_at, file.price_percent)
