"""Drafting bar 2: workers are killed with calls in flight. Nothing is lost, nothing made twice."""

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from curation.drafting import runs
from curation.models import Attempt, Call, Draft, Option, Run
from tests import factories
from tests.bars.drafting import stage
from tests.bars.drafting.stage import Entry
from tests.bars.report import HANDFUL, SCALE, Finding, scaled, seed, twice
from tests.workers import Workers, working

DRAFTS, KILLS, RUNS, WORKERS, FLYING = 500, 20, 4, 2, 2
SPREAD = 0.7  # of the drafts are asked for when the last kill is due
WHOLE = 0.25  # of the kills take a worker with all its children
CONNECTED = "01"  # in the words of /proc/net/tcp
WAIT = 0.4  # seconds until the endpoint replies
SWEEPS = 1.0  # seconds between two sweeps, which the bar sends
LONGEST = 150.0  # seconds
HERE = "tests.bars.drafting.planted"
SOON = ("curation.drafting.turns:FIRST_WAIT", f"{HERE}:SOON")
FORGETFUL = ("curation.drafting.calls:give_back_lost", f"{HERE}:forgetful")
IMPATIENT = ("curation.drafting.calls:give_back_lost", f"{HERE}:impatient")


def hold(
    folder: Path, scale: float, *faults, kills: int | None = None, wait: float = WAIT
) -> Finding:
    found = Finding("lost_workers", seed())
    kills = scaled(KILLS, scale, least=2) if kills is None else kills
    environment = {"LLM_LEASE": "4", "SWEEP_EVERY": "3600"}
    environment["BARS_PLANTED"] = json.dumps([SOON, *faults])
    with (
        stage.scripted(folder / "endpoint") as server,
        working(folder / "workers", **environment) as workers,
    ):
        planned = [_planned(server, lane, scale, wait) for lane in range(RUNS)]
        for _worker in range(WORKERS):
            workers.start(app="tests.bars.drafting.planted_app")
        for run in planned:
            workers.hint("work", run_id=run.pk)
        dice = random.Random(found.seed)
        lost = [_kill(workers, server, dice, number / kills) for number in range(kills)]
        _until(workers, lambda: not _going_on())
        again = _again(workers)
        check(found, server.entries("asked"), sum(lost))
    found.blame("too late to kill", [number for number, calls in enumerate(lost) if not calls])
    found.figures |= {"kills": kills, "calls_lost_at_most": sum(lost), "asked_for_again": again}
    return found.told()


def _planned(server: stage.Scripted, lane: int, scale: float, wait: float) -> Run:
    project = factories.make_project()
    stage.make_endpoint(project, server.url(f"lane-{lane}"), concurrency=FLYING)
    server.tell({f"lane-{lane}": {"then": {"name": "good", "wait": wait}}})
    return stage.planned(project, scaled(DRAFTS / 3 / RUNS, scale, least=3))


def _kill(workers: Workers, server: stage.Scripted, dice: random.Random, when: float) -> int:
    """Kill one that asks, or its worker with all children; return how many calls may be lost.

    `when` is a share of the time in which kills are spread over the drafts.
    """
    wanted = SPREAD * when * Call.objects.count()
    _until(workers, lambda: len({e["key"] for e in server.entries("asked")}) >= wanted)
    time.sleep(dice.uniform(0, WAIT))
    busy: list[tuple[subprocess.Popen, int]] = []
    _until(workers, lambda: busy.extend(_busy(workers, server)) or busy or not _going_on())
    if not busy:
        return 0
    worker, child = dice.choice(busy)
    if dice.random() >= WHOLE:
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        return FLYING
    lost = FLYING * len(_children(worker.pid))
    workers.kill(worker)
    workers.start(app="tests.bars.drafting.planted_app")
    return lost


def _again(workers: Workers) -> int:
    """Do what a person does about calls that lost four workers one after the other."""
    failed = Run.objects.filter(calls__status=Call.Status.FAILED).distinct()
    again = sum(runs.retry_failed(run=run, by=None) for run in failed)
    _until(workers, lambda: not _going_on())
    return again


def _going_on() -> bool:
    return Run.objects.filter(status=Run.Status.RUNNING).exists()


def _busy(workers: Workers, server: stage.Scripted) -> list[tuple[subprocess.Popen, int]]:
    """Return the worker processes that ask right now, each with its parent."""
    return [
        (w, child) for w in workers.running for child in _children(w.pid) if _asks(child, server)
    ]


def _children(pid: int) -> list[int]:
    """Return the children of a process; each of its threads may have some."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(OSError):
            found += [int(child) for child in (thread / "children").read_text().split()]
    return found


def _asks(pid: int, server: stage.Scripted) -> bool:
    """Say whether the process has a connection to the endpoint, by the kernel's word."""
    with suppress(OSError):
        mine = {os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir()}
        for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
            _number, _local, remote, state, *_rest, inode = line.split()[:10]
            there = remote.endswith(f":{server.port:04X}") and state == CONNECTED
            if there and f"socket:[{inode}]" in mine:
                return True
    return False


def _until(workers: Workers, condition) -> None:
    """Wait, and send sweeps meanwhile, as beat does."""
    ends, swept = time.monotonic() + LONGEST, 0.0
    while not condition():
        assert time.monotonic() < ends, f"stands still\n{workers.log.read_text()[-3000:]}"
        if time.monotonic() - swept > SWEEPS and len(list(workers.queue.iterdir())) < 20:
            workers.hint("sweep")
            swept = time.monotonic()
        time.sleep(0.05)


def check(found: Finding, asked: list[Entry], lost: int) -> None:
    calls = dict(Call.objects.values_list("key", "status"))
    paid = Counter(e["key"] for e in asked)
    counted = Counter(Attempt.objects.values_list("call__key", flat=True))
    drafts = Draft.objects.filter(parsed__isnull=False)
    options = Option.objects.live().values_list("item", "polarity")

    found.blame("not done", [key for key, status in calls.items() if status != Call.Status.DONE])
    found.blame("paid too often", [len(asked)] if len(asked) > len(calls) + lost else [])
    found.blame("not counted", [key for key, times in paid.items() if counted[key] < times])
    made_up = sum(counted.values()) - len(asked)
    found.blame("counted too often", [made_up] if made_up > lost else [])
    found.blame("never asked", calls.keys() - paid.keys())
    found.blame("applied twice", twice(drafts.values_list("attempt__call", flat=True)))
    found.blame("proposed twice", twice(options))
    found.blame("no draft", calls.keys() - set(drafts.values_list("attempt__call__key", flat=True)))
    found.blame("held", Call.objects.exclude(reserved=0).values_list("key", flat=True))
    found.figures |= {
        "calls": len(calls),
        "requests": len(asked),
        "attempts": sum(counted.values()),
        "worker_lost": Attempt.objects.filter(problem="worker_lost").count(),
        "options": len(options),
    }


@pytest.mark.django_db(transaction=True)
def test_a_handful_of_drafts_survives_kills(tmp_path):
    found = hold(tmp_path, HANDFUL)

    assert found.wrong == {}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_drafts_survive_kills_and_are_paid_for_once(tmp_path):
    found = hold(tmp_path, SCALE)

    assert found.wrong == {}
    assert found.figures["worker_lost"] > 0, "no kill ever met a call in flight"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_calls_that_are_given_back_without_a_word_are_seen(tmp_path):
    found = hold(tmp_path, SCALE * 0.2, FORGETFUL, kills=8)

    assert "not counted" in found.wrong


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_calls_that_are_taken_from_the_living_are_seen(tmp_path):
    found = hold(tmp_path, SCALE * 0.2, IMPATIENT, kills=0, wait=1.5)

    assert "counted too often" in found.wrong
