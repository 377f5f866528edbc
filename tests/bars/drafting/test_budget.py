"""Drafting bar 5: sixteen workers and one budget, while the endpoint counts tokens wrongly."""

import random
import threading
import time
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any

import psycopg
import pytest
from django.conf import settings

from curation import endpoints
from curation.drafting import asking, budget
from curation.models import Attempt, Budget, Call, DraftRole, Endpoint, Project, Run
from tests import factories
from tests import site as sites
from tests.bars.crew import OK, UNKNOWN, Client, entries, working
from tests.bars.drafting import stage
from tests.bars.drafting.sayings import LEFT_OUT
from tests.bars.drafting.scripted import GOOD, Step
from tests.bars.drafting.stage import Entry, Scripted
from tests.bars.faults import Function
from tests.bars.report import HANDFUL, SCALE, Finding, scaled, seed

PROCESSES, THREADS, DRAFTS = 8, 2, 480
SHARE = 0.4  # of what all calls cost at worst is the cap
QUIET = 3.0  # seconds without a request: nothing more is to be had under the cap
LONGEST = 240.0  # seconds
WAIT = 0.1  # seconds until the endpoint replies
# Micro-units for a million tokens, in and out, by lane.
PRICES = {
    DraftRole.POSITIVE: (1_000_000, 1_000_000),
    DraftRole.NEGATIVE: (500_000, 4_000_000),
    DraftRole.TAGGER: (3_000_000, 250_000),
}
TRUE = {"prompt_tokens": 400, "completion_tokens": 60}
BROKEN: list[Any] = [
    LEFT_OUT,
    None,
    {},
    {"prompt_tokens": 0, "completion_tokens": 0},
    {"prompt_tokens": -400, "completion_tokens": -60},
    {"prompt_tokens": "400", "completion_tokens": True},
    {"prompt_tokens": 10**15, "completion_tokens": 10**15},
    {"prompt_tokens": 400},
]
TINY = {"prompt_tokens": 1, "completion_tokens": 1}
DEARER = {"prompt_tokens": 90_000, "completion_tokens": 60}
RECKLESS = Function("curation.drafting.budget:reserve", "tests.bars.drafting.planted:reckless")


def spend(client: Client, *, runs: list[int]) -> None:
    """Work my run off, and look again and again while the budget is used up."""
    from curation.drafting import engine

    run = Run.objects.get(pk=runs[client.number])
    ends = time.monotonic() + LONGEST
    while run.status == Run.Status.RUNNING and time.monotonic() < ends:
        client.ask("work", lambda: {"again": engine.work(run_id=run.pk, seconds=2)})
        time.sleep(0.1)
        run.refresh_from_db()


class Sampler:
    """Looks every few milliseconds how much is spent and reserved."""

    LOOK = "SELECT spent + reserved - cap, spent + reserved FROM curation_budget"

    def __init__(self, database: str) -> None:
        self._database = database
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.looks, self.most, self.beyond = 0, 0, 0

    def _look(self) -> None:
        url = sites.named(settings.DATABASE_OWNER_URL, self._database)
        with psycopg.connect(url, autocommit=True) as connection:
            while not self._over.wait(0.005):
                over, held = connection.execute(self.LOOK).fetchone() or (0, 0)
                self.looks, self.most = self.looks + 1, max(self.most, held)
                self.beyond = max(self.beyond, over)

    def __enter__(self) -> "Sampler":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()


def hold(ground, scale, faults=(), *, processes=PROCESSES, threads=THREADS) -> Finding:
    found = Finding("budget", seed())
    workers = processes * threads
    folder: Path = ground.folder.parent / "endpoint"
    with stage.scripted(folder) as server:
        project, lanes = _made(server, random.Random(found.seed))
        items = scaled(DRAFTS / 3 / workers, scale, least=2)
        runs = [stage.planned(project, items) for _worker in range(workers)]
        cap = int(SHARE * _worst(project))
        Budget.objects.filter(project=project).update(cap=cap)
        plan = ground.plan(
            "tests.bars.drafting.test_budget:spend",
            processes=processes,
            threads=threads,
            seed=found.seed,
            faults=faults,
            runs=[run.pk for run in runs],
        )
        with Sampler(ground.name) as sampler, working(plan) as clients:
            _until_quiet(server)
            _check_blocked(found, server, lanes, cap)
            budget.set_cap(project=project, cap=10**12, by=None)
            while any(client.is_alive() for client in clients):
                _resume(project)
                time.sleep(0.2)
        check(found, server, entries(plan.folder), sampler, project)
    return found.told()


def _made(server: Scripted, dice: random.Random) -> tuple[Project, dict[str, tuple[int, int]]]:
    """Make a project with three lanes of different prices, and one of them now and then dearer."""
    project = factories.make_project()
    Budget.objects.create(project=project, cap=0)
    lanes = {}
    for role, price in PRICES.items():
        lane = f"lane-{role.value}"
        stage.make_endpoint(project, server.url(lane), (role,), concurrency=16, price=price)
        usages = [*BROKEN, TINY, *[TRUE] * 4]
        dice.shuffle(usages)
        usages = usages * 3 + [DEARER] if role == DraftRole.TAGGER else usages
        server.tell({lane: {"steps": [_step(usage) for usage in usages], "cycle": True}})
        lanes[lane] = price
    return project, lanes


def _step(usage: Any) -> Step:
    return {**GOOD, "name": "usage", "usage": usage, "wait": WAIT}


def _worst(project: Project) -> int:
    """Return what all calls of the project cost at worst, about: those of a role are alike."""
    total = 0
    for endpoint in project.endpoints.all():
        calls = Call.objects.filter(endpoint=endpoint).select_related("endpoint", "item", "prompt")
        first = calls[0]
        total += calls.count() * (budget.worst_case(endpoint, asking.built(first, endpoint)) or 0)
    return total


def _until_quiet(server: Scripted) -> None:
    ends, asked, since = time.monotonic() + LONGEST, -1, time.monotonic()
    while time.monotonic() - since < QUIET or not asked:
        assert time.monotonic() < ends, "the budget is never used up"
        now = len(server.entries("asked"))
        if now != asked:
            asked, since = now, time.monotonic()
        time.sleep(0.2)


def _resume(project: Project) -> None:
    for endpoint in Endpoint.objects.filter(project=project).exclude(paused_reason=""):
        endpoints.resume(endpoint=endpoint, by=None)


def _check_blocked(found: Finding, server: Scripted, lanes: dict, cap: int) -> None:
    """Hold what the endpoint was asked for against the cap, while it was all there was."""
    log = server.entries()
    most = most_at_once(log, lanes)
    left = Call.objects.exclude(status__in=Call.ENDED).count()
    found.blame("beyond the cap", [most - cap] if most > cap else [])
    found.blame("never used up", [] if left else ["no call was left when the money was gone"])
    found.figures |= {
        "cap": cap,
        "most_by_the_endpoint": most,
        "asked_under_the_cap": sum(e["kind"] == "asked" for e in log),
        "left_waiting": left,
    }


def most_at_once(log: list[Entry], lanes: dict[str, tuple[int, int]]) -> int:
    """Return the most that requests so far may have cost at any time, by the endpoint's log.

    A request counts at its worst until it is answered, then by its usage where that can be true,
    and by the least that was sent where it is too small.
    """
    total, most = 0, 0
    worst: dict[tuple[str, int], int] = {}
    least: dict[tuple[str, int], int] = {}
    for entry in log:
        price, number = lanes[entry["lane"]], (entry["key"], entry["number"])
        if entry["kind"] == "asked":
            worst[number] = _cost(price, entry["size"], entry["most_tokens"])
            least[number] = entry["fewest_tokens"]
            total += worst[number]
            most = max(most, total)
        elif entry["kind"] == "answers" and entry["usage"] in (TRUE, TINY, DEARER):
            usage = entry["usage"]
            sent = max(usage["prompt_tokens"], least[number])
            true = _cost(price, sent, usage["completion_tokens"])
            total -= worst[number] - min(true, worst[number])
    return most


def _cost(price: tuple[int, int], tokens_in: int, tokens_out: int) -> int:
    return -(-(tokens_in * price[0] + tokens_out * price[1]) // 1_000_000)


def check(
    found: Finding, server: Scripted, log: list[Entry], sampler: Sampler, project: Project
) -> None:
    asked = Counter(e["key"] for e in server.entries("asked"))
    saved = Attempt.objects.filter(call__endpoint__project=project)
    kept = Counter(saved.filter(outcome="replied").values_list("call__key", flat=True))
    book = Budget.objects.get(project=project)
    cost = budget.spent(project)
    open_calls = Call.objects.exclude(status=Call.Status.DONE).values_list("key", "status")

    found.blame("spent beyond the cap", [sampler.beyond] if sampler.beyond > 0 else [])
    found.blame("paid and not saved", [key for key in asked if kept[key] != asked[key]])
    found.blame("paid twice", [key for key, times in asked.items() if times > 1])
    found.blame("not done", open_calls)
    found.blame("errors", [e for e in log if e["kind"] == UNKNOWN])
    if (book.spent + book.overrun, book.reserved) != (cost, 0):
        found.blame("wrongly booked", [(book.spent, book.overrun, book.reserved, cost)])
    found.figures |= {
        "workers": len({e["client"] for e in log if e["kind"] == OK}),
        "calls": len(asked),
        "samples": sampler.looks,
        "spent": book.spent,
        "overrun": book.overrun,
    }


def test_a_handful_of_calls_stays_under_the_cap(ground):
    found = hold(ground, HANDFUL, processes=2, threads=2)

    assert found.wrong == {}


@pytest.mark.slow
def test_sixteen_workers_never_begin_a_call_beyond_the_cap(ground):
    found = hold(ground, SCALE)

    assert found.wrong == {}


@pytest.mark.slow
def test_a_budget_that_is_read_and_then_written_is_seen(ground):
    found = hold(ground, SCALE * 0.3, faults=(RECKLESS,))

    assert "beyond the cap" in found.wrong
