"""What comes back for calls that went out in a file: kept and read like any other reply.

Result and error files may come in any order, in parts, and twice. Each piece of a file is kept
before it is read, so an import that is cut short goes on when the file is given again.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, BinaryIO

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import BinaryField, F, Func
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from curation import audit, hints
from curation.drafting import applying, batch_lines, budget, calls, runs, turns
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
MOST_FAULTS = 100  # lines that are named in a report; all are counted
FAULTS = {
    "too_long": gettext_lazy("the line is too long"),
    "not_json": gettext_lazy("no JSON"),
    "not_a_result": gettext_lazy("no result of a batch request"),
    "unknown": gettext_lazy("no call of this project"),
    "not_batched": gettext_lazy("a call that was never written into a batch file"),
    "too_often": gettext_lazy("a call that has as many attempts as it can have"),
    "duplicate": gettext_lazy("another line of this file was about the same call"),
}

NOBODYS = -1  # no lease has such a token
KEY = re.compile(r"[0-9a-f]{64}")
Before = dict[int, list[tuple[bytes, str]]]


@dataclass
class Taken:
    """What a file brought. `late` replies are kept, but their calls were answered before."""

    lines: int = 0
    replies: int = 0
    troubles: int = 0
    late: int = 0
    repeated: int = 0
    not_taken: Counter[str] = field(default_factory=Counter)
    faults: list[tuple[int, str]] = field(default_factory=list)  # line and code

    def refuse(self, result: Result, fault: str) -> None:
        self.not_taken[fault] += 1
        if len(self.faults) < MOST_FAULTS:
            self.faults.append((result.number, fault))

    @property
    def not_taken_in_all(self) -> int:
        return self.not_taken.total()

    def said(self) -> dict[str, Any]:
        """Return the report as plain values."""
        counts = {n: getattr(self, n) for n in ("lines", "replies", "troubles", "late", "repeated")}
        named = [{"line": line, "fault": fault} for line, fault in self.faults]
        return {**counts, "not_taken": dict(self.not_taken), "faults": named}


@dataclass(frozen=True)
class FromFile(Landed):
    """A result of a file: it costs the share of the price that its file was written for."""

    percent: int = 100

    def amount(self, endpoint: Endpoint) -> int | None:
        result, usage = self.result, self.result.usage
        if usage.input_tokens and usage.output_tokens is not None:
            return shared(budget.charged(endpoint, usage, at_worst=None), self.percent)
        if not isinstance(result, Reply):
            return None if endpoint.price is None else 0
        # At worst each byte is a token; the request of a call that was given back is not known.
        said = budget.cost(endpoint, input_tokens=0, output_tokens=len(result.raw))
        return self.claimed.call.reserved or shared(said, self.percent)


def take(*, project: Project, file: BinaryIO, by: User | None) -> Taken:
    """Bring a result or error file home; lines that are of no use are counted and named."""
    taken = Taken()
    seen: set[bytes] = set()
    for piece in _pieces(batch_lines.read(file)):
        applying.read(_keep(project, piece, taken, seen))
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
    return taken


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


@transaction.atomic
def _keep(project: Project, piece: list[Result], taken: Taken, seen: set[bytes]) -> list[int]:
    """Save what the lines brought; return the calls whose replies are to be read."""
    found = _called(project, {result.key for result in piece if not result.fault})
    before = _kept_before(found.values())
    landed: dict[int, list[FromFile]] = {}
    for result in piece:
        taken.lines += 1
        call, came = found.get(result.key), result.result
        fault = _fault(result, call, seen, before)
        if fault or call is None or came is None:
            taken.refuse(result, fault)
        elif _mark(came) in before[call.pk]:
            taken.repeated += 1
        else:
            _count(taken, call, came)
            landed.setdefault(call.endpoint_id, []).append(_landed(call, came))
    for mine in landed.values():
        calls.keep(mine, in_file=True)
    return [one.claimed.call.pk for mine in landed.values() for one in mine]


def _called(project: Project, keys: set[str]) -> dict[str, Call]:
    """Return the calls of these keys, locked in the order in which everybody locks them."""
    keys = {key for key in keys if KEY.fullmatch(key)}
    wanted = Call.objects.filter(key__in=keys, endpoint__project=project).order_by("pk")
    locked = wanted.select_for_update(of=("self",)).select_related("endpoint", "batch")
    return {call.key: call for call in locked.defer("messages")}


def _kept_before(found: Iterable[Call]) -> Before:
    """Return the marks of the attempts of each call."""
    marks: Before = {call.pk: [] for call in found}
    hashed = Func(F("raw"), function="sha256", output_field=BinaryField())
    attempts = Attempt.objects.filter(call__in=marks).annotate(digest=hashed)
    for call, digest, request_id in attempts.values_list("call_id", "digest", "request_id"):
        marks[call].append((bytes(digest), request_id))
    return marks


def _mark(came: Reply | Trouble) -> tuple[bytes, str]:
    """Return what tells a result of a call from its others."""
    return sha256(came.raw).digest(), came.request_id


def _fault(result: Result, call: Call | None, seen: set[bytes], before: Before) -> str:
    if result.fault:
        return result.fault
    if call is None:
        return "unknown"
    if call.batch is None:
        return "not_batched"
    key = bytes.fromhex(call.key)
    if key in seen:
        return "duplicate"
    seen.add(key)
    return "too_often" if len(before[call.pk]) >= turns.LAST_NUMBER else ""


def _count(taken: Taken, call: Call, came: Reply | Trouble) -> None:
    if not isinstance(came, Reply):
        taken.troubles += 1
    elif call.status in (Call.Status.BATCHED, Call.Status.PLANNED, Call.Status.FAILED):
        taken.replies += 1
    else:
        taken.late += 1


def _landed(call: Call, came: Reply | Trouble) -> FromFile:
    batch: BatchFile = call.batch  # type: ignore[assignment] # `_fault` asked for it
    asks_json = call.purpose in WORKS and WORKS[call.purpose].schema_of(call)
    request = Request(
        key=call.key,
        model=call.model,
        messages=[],
        fields={},
        structured=(call.structured or batch.structured) if asks_json else "",
    )
    # Where somebody else has the call in hand now, or nobody, this is not the result it waits for.
    token = call.lease_token if call.status == Call.Status.BATCHED else NOBODYS
    return FromFile(Claimed(call, token, request), came, batch.created_at, batch.price_percent)
