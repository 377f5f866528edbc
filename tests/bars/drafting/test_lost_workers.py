"""Drafting bar 2: workers are killed with calls in flight. Nothing is lost, nothing made twice."""

import json
import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from curation.models import Attempt, Call, Draft, Option, Run
from tests import factories
from tests.bars.drafting import stage
from tests.bars.drafting.stage import Entry
from tests.bars.report import HANDFUL, SCALE, Finding, scaled, seed, twice
from tests.workers import Workers, working

DRAFTS, KILLS, RUNS, WORKERS, FLYING = 500, 20, 4, 2, 2
WAIT = 0.25  # seconds until the endpoint replies
SWEEPS = 1.0  # seconds between two sweeps, which the bar sends
LONGEST = 300.0  # seconds
HERE = "tests.bars.drafting.planted"
SOON = ("curation.drafting.turns:FIRST_WAIT", f"{HERE}:SOON")
FORGETFUL = ("curation.drafting.calls:give_back_lost", f"{HERE}:forgetful")
IMPATIENT = ("curation.drafting.calls:give_back_lost", f"{HERE}:impatient")


def hold(folder: Path, scale: float, *faults, kills: int | None = None) -> Finding:
    found = Finding("lost_workers", seed())
    kills = scaled(KILLS, scale, least=2) if kills is None else kills
    environment = {"LLM_LEASE": "4", "SWEEP_EVERY": "3600"}
    environment["BARS_PLANTED"] = json.dumps([SOON, *faults])
    with (
        stage.scripted(folder / "endpoint") as server,
        working(folder / "workers", **environment) as workers,
    ):
        runs = [_planned(server, lane, scale) for lane in range(RUNS)]
        for _worker in range(WORKERS):
            workers.start(app="tests.bars.drafting.planted_app")
        for run in runs:
            workers.hint("work", run_id=run.pk)
        lost = _kill(workers, server, random.Random(found.seed), kills, runs)
        _until_finished(workers, runs)
        check(found, server.entries("asked"), lost)
    found.figures |= {"kills": kills, "calls_lost_at_most": lost}
    return found.told()


def _planned(server: stage.Scripted, lane: int, scale: float) -> Run:
    project = factories.make_project()
    stage.make_endpoint(project, server.url(f"lane-{lane}"), concurrency=FLYING)
    server.tell({f"lane-{lane}": {"then": {"name": "good", "wait": WAIT}}})
    return stage.planned(project, scaled(DRAFTS / 3 / RUNS, scale, least=3))


def _kill(
    workers: Workers, server: stage.Scripted, dice: random.Random, kills: int, runs: list[Run]
) -> int:
    """Kill workers or single children of theirs, spread over the drafts.

    Return how many calls may have been in flight there, all kills together.
    """
    total, lost = Call.objects.count(), 0
    for number in range(kills):
        _until_asked(workers, server, total * (number + 1) // (kills + 2), runs)
        time.sleep(dice.uniform(0, WAIT))
        worker = dice.choice(workers.running)
        children = _children(worker.pid)
        if not children or dice.random() < 0.25:
            workers.kill(worker)
            workers.start(app="tests.bars.drafting.planted_app")
            lost += max(1, len(children)) * FLYING
        else:
            with suppress(ProcessLookupError):
                os.kill(dice.choice(children), signal.SIGKILL)
            lost += FLYING
    return lost


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _until_asked(workers: Workers, server: stage.Scripted, number: int, runs: list[Run]) -> None:
    _until(workers, runs, lambda: len({e["key"] for e in server.entries("asked")}) >= number)


def _until_finished(workers: Workers, runs: list[Run]) -> None:
    finished = Run.objects.filter(pk__in=[run.pk for run in runs], status=Run.Status.FINISHED)
    _until(workers, runs, lambda: finished.count() == len(runs))


def _until(workers: Workers, runs: list[Run], condition) -> None:
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
    found = hold(tmp_path, SCALE * 0.2, IMPATIENT, kills=2)

    assert "paid too often" in found.wrong
