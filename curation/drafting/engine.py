"""Work a run for a while: claim calls, ask in threads, keep and read what comes back.

Threads only speak HTTP. Everything that touches the database happens in the thread that called
`work`, so a worker process needs one connection however many calls are in flight; what came back
in the meantime is kept and read together, with few statements.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.models import Exists, OuterRef, Q

from curation import endpoints
from curation.drafting import applying, calls, plan, runs, tallies
from curation.drafting.calls import Claimed, Landed
from curation.drafting.client import Client
from curation.drafting.lanes import POLL, SOON
from curation.drafting.replies import Reply, Trouble
from curation.models import Call, Endpoint, Run
from curation.refusals import Refused

logger = logging.getLogger(__name__)

SLICE = 20.0  # seconds in which new calls are begun; the time limits of a task leave room for those
LAST_HOPE = 100.0  # seconds after which replies that nobody could save are given up
GATHER = 0.02  # seconds in which more replies may join those that are kept together
LOCKS = 7_201  # our corner of PostgreSQL's advisory locks: one worker process a run


def work(*, run_id: int, seconds: float = SLICE) -> bool:
    """Work the run and say whether another hint is worth sending.

    Any number of hints may arrive: one process works a run at a time, the others go away.
    """
    with _alone(run_id) as alone, ExitStack() as stack:
        if not alone or not _is_running(run_id):
            return False
        applying.read(calls.unread())
        shift = _Shift(run_id, stack, _lanes(run_id, stack))
        if shift.lanes:
            threads = sum(lane.endpoint.concurrency for lane in shift.lanes)
            shift.work(stack.enter_context(ThreadPoolExecutor(threads)), seconds)
        tallies.fold(run_id)
        if runs.finish(run_id) or shift.short:
            return False
    due = calls.due_in(run_id)
    return due is not None and due < SOON


@dataclass
class _Lane:
    """One endpoint while we work: its client, what is in flight there, and where to look next."""

    endpoint: Endpoint
    client: Client
    flying: dict[Future[Reply], tuple[Claimed, datetime]] = field(default_factory=dict)
    landed: list[Landed] = field(default_factory=list)  # not saved yet
    reached: int = 0
    empty_until: float = 0.0


@dataclass
class _Shift:
    run_id: int
    stack: ExitStack
    lanes: list[_Lane]
    short: bool = False  # of money, until something lands and gives some back
    shaken: bool = False  # the database failed us: begin nothing new, bring home what flies

    def work(self, pool: ThreadPoolExecutor, seconds: float) -> None:
        ends, renewed = time.monotonic() + seconds, time.monotonic()
        while True:
            if time.monotonic() < ends and not self.short and not self.shaken:
                self._steadily(self._fill, pool)
            if self._flying():
                self._land()
            elif self._unsaved():
                if time.monotonic() > ends + LAST_HOPE:
                    logger.error("The database is away: %s replies are lost", self._unsaved())
                    return
                time.sleep(POLL)
            elif not self._rest(ends):
                return
            self._save()
            if time.monotonic() - renewed > settings.LLM_LEASE / 3:
                self._steadily(calls.renew, self._held())
                renewed = time.monotonic()

    def _steadily(self, act: Callable[..., object], *args: object) -> bool:
        """Do it, and let no trouble of the database lose the replies that are on their way."""
        try:
            act(*args)
            return True
        except (DatabaseError, InterfaceError) as error:
            logger.warning("The database failed while calls were out: %s", type(error).__name__)
            self.shaken = True
            connection.close()
            return False

    def _fill(self, pool: ThreadPoolExecutor) -> None:
        for lane in self.lanes:
            free = lane.endpoint.concurrency - len(lane.flying)
            if free <= 0 or time.monotonic() < lane.empty_until:
                continue
            catch = calls.claim(
                run_id=self.run_id,
                endpoint_id=lane.endpoint.pk,
                limit=free,
                after=lane.reached,
                through=lane.endpoint.connection,
            )
            if catch.has_moved:
                self._follow(lane)
            self.short |= catch.out_of_budget
            lane.reached = catch.reached
            lane.empty_until = time.monotonic() + min(catch.later, POLL)
            for claimed in catch.claimed:
                future = pool.submit(lane.client.ask, claimed.request)
                lane.flying[future] = (claimed, datetime.now(UTC))

    def _follow(self, lane: _Lane) -> None:
        """Ask with the key, or at the address, that the endpoint was given meanwhile."""
        lane.endpoint = Endpoint.objects.get(pk=lane.endpoint.pk)
        try:
            lane.client = self.stack.enter_context(Client(lane.endpoint))
        except Trouble as trouble:
            endpoints.pause(endpoint_id=lane.endpoint.pk, reason=trouble.problem)

    def _land(self) -> None:
        """Take in what came back, all that is there by now."""
        wait(self._flying(), timeout=self._patience(), return_when=FIRST_COMPLETED)
        wait(self._flying(), timeout=GATHER)
        for lane in self.lanes:
            back = [future for future in lane.flying if future.done()]
            lane.landed += [
                Landed(claimed, _result(future), at)
                for future in back
                for claimed, at in [lane.flying.pop(future)]
            ]

    def _save(self) -> None:
        """Keep and read what landed; what cannot be kept now is kept later."""
        for lane in self.lanes:
            landed = lane.landed
            if not landed or not self._steadily(_keep, landed, self.shaken):
                continue
            lane.landed, self.short = [], False
            self._steadily(self._read, [one.claimed.call.pk for one in landed])

    def _unsaved(self) -> int:
        return sum(len(lane.landed) for lane in self.lanes)

    def _read(self, call_ids: Sequence[int]) -> None:
        if applying.read(call_ids):
            for lane in self.lanes:
                lane.empty_until = 0.0

    def _patience(self) -> float:
        """Return how long to wait for replies before a lane may have something to begin."""
        soonest = min((lane.empty_until for lane in self.lanes), default=0.0)
        return min(POLL, max(0.01, soonest - time.monotonic()))

    def _flying(self) -> list[Future[Reply]]:
        return [future for lane in self.lanes for future in lane.flying]

    def _held(self) -> list[Claimed]:
        flying = [claimed for lane in self.lanes for claimed, _at in lane.flying.values()]
        return flying + [one.claimed for lane in self.lanes for one in lane.landed]

    def _rest(self, ends: float) -> bool:
        """Wait for a call that is due soon; say whether there is one within our time."""
        stop = self.short or self.shaken
        due = None if stop else calls.due_in(self.run_id)
        if due is None or time.monotonic() + due >= ends:
            return False
        time.sleep(min(max(due, 0.05), POLL))
        return True


def _keep(landed: Sequence[Landed], shaken: bool) -> None:
    """Save what may have been paid for; when `shaken`, what is not saved already."""
    try:
        calls.keep(calls.unsaved(landed) if shaken else landed)
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError as error:
        if len(landed) == 1:  # its lease runs out, and it is booked as lost
            logger.error("A reply could not be kept: %s", type(error).__name__)
            return
        for one in landed:  # what one of them breaks must not cost the others
            _keep([one], shaken)


def _result(future: Future[Reply]) -> Reply | Trouble:
    try:
        return future.result()
    except Trouble as trouble:
        return trouble


def _lanes(run_id: int, stack: ExitStack) -> list[_Lane]:
    """Open a client for each endpoint of the run; one that must not be called is paused."""
    lanes = []
    for endpoint in endpoints_of(run_id):
        try:
            client = stack.enter_context(Client(endpoint))
        except Trouble as trouble:
            endpoints.pause(endpoint_id=endpoint.pk, reason=trouble.problem)
            continue
        lanes.append(_Lane(endpoint, client, reached=calls.first_open(endpoint.pk)))
    return lanes


def _is_running(run_id: int) -> bool:
    """Say whether there is a run to work; one that waits for its plan gets it first."""
    if Run.objects.filter(pk=run_id, status=Run.Status.PLANNING).exists():
        try:
            plan.fill(run_id)
        except Refused as refused:  # such as an endpoint that lost its price in the meantime
            logger.warning("Run %s cannot be planned: %s", run_id, refused)
            runs.give_up(run_id)
    return Run.objects.filter(pk=run_id, status=Run.Status.RUNNING).exists()


def endpoints_of(run_id: int) -> list[Endpoint]:
    """Return the endpoints that are not paused and have, or will have, a call of the run to make.

    The endpoint that checks pairs gets its calls while the others are made.
    """
    waiting = Call.objects.filter(endpoint=OuterRef("pk"), status__in=Call.OPEN)
    asks = Run.objects.values_list("plan", flat=True).get(pk=run_id).get("asks", [])
    frozen = Q(pk__in={ask["endpoint_id"] for ask in asks})
    found = Endpoint.objects.filter(paused_reason="", project__runs=run_id)
    return list(found.filter(Q(Exists(waiting)) | frozen))


@contextmanager
def _alone(run_id: int) -> Iterator[bool]:
    """Hold the run for this process, as far as its database session lives."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, run_id])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, run_id])
