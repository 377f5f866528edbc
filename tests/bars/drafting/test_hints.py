"""Drafting bar 4: every hint is delivered five times, by four workers: nothing is bought twice."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from curation.models import Attempt, Call, Draft, Run
from tests import factories
from tests.bars.drafting import stage
from tests.bars.drafting.stage import Entry
from tests.bars.report import HANDFUL, SCALE, Finding, scaled, seed, twice
from tests.workers import Workers, until, working

DRAFTS, RUNS, WORKERS, COPIES = 500, 4, 4, 5
WAIT = 0.05  # seconds until the endpoint replies
LONGEST = 300.0  # seconds
APP = "tests.bars.drafting.planted_app"
HERE = "tests.bars.drafting.planted"
FIVE_TIMES = ("curation.hints:_send", f"{HERE}:five_times")
TOGETHER = ("curation.drafting.engine:_alone", f"{HERE}:never_alone")
UNCLAIMED = ("curation.drafting.calls:CLAIM", f"{HERE}:LOOKED_AT")
TASK = re.compile(r"Task curation\.tasks\.work\[.*?\] received")


def hold(folder: Path, scale: float, *faults, workers_wanted: int = WORKERS) -> Finding:
    found = Finding("hints", seed())
    environment = {"SWEEP_EVERY": "3600", "LOG_LEVEL": "INFO"}
    environment["BARS_PLANTED"] = json.dumps([FIVE_TIMES, *faults])
    with (
        stage.scripted(folder / "endpoint") as server,
        working(folder / "workers", **environment) as workers,
    ):
        server.tell({"lane": {"then": {"name": "good", "wait": WAIT}}})
        runs = [_planned(server, scale) for _run in range(RUNS)]
        for _worker in range(workers_wanted):
            workers.start(app=APP)
        for _copy in range(COPIES):
            for run in runs:
                workers.hint("work", run_id=run.pk)
        finished = Run.objects.filter(status=Run.Status.FINISHED)
        until(lambda: _swept(workers) or finished.count() == RUNS, seconds=LONGEST, log=workers.log)
        until(workers.idle, seconds=LONGEST, log=workers.log)
        check(found, server.entries("asked"))
        found.figures["hints_taken"] = len(TASK.findall(workers.log.read_text()))
    return found.told()


def _planned(server: stage.Scripted, scale: float) -> Run:
    project = factories.make_project()
    stage.make_endpoint(project, server.url("lane"), concurrency=8)
    return stage.planned(project, scaled(DRAFTS / 3 / RUNS, scale, least=3))


def _swept(workers: Workers) -> bool:
    """Send the copies of a sweep while none waits."""
    if not any(workers.queue.iterdir()):
        workers.hint("sweep", times=COPIES)
    return False


def check(found: Finding, asked: list[Entry]) -> None:
    calls = dict(Call.objects.values_list("key", "status"))
    paid = Counter(e["key"] for e in asked)
    drafts = Draft.objects.filter(parsed__isnull=False).values_list("attempt__call", flat=True)

    found.blame("paid twice", [key for key, times in paid.items() if times > 1])
    found.blame("not done", [key for key, status in calls.items() if status != Call.Status.DONE])
    found.blame("applied twice", twice(drafts))
    found.blame("not counted", [1] if Attempt.objects.count() != len(asked) else [])
    found.figures |= {"calls": len(calls), "requests": len(asked), "drafts": len(drafts)}


@pytest.mark.django_db(transaction=True)
def test_a_handful_of_hints_told_five_times_buys_nothing_twice(tmp_path):
    found = hold(tmp_path, HANDFUL, workers_wanted=2)

    assert found.wrong == {}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_hints_told_five_times_to_four_workers_buy_nothing_twice(tmp_path):
    found = hold(tmp_path, SCALE)

    assert found.wrong == {}
    assert found.figures["hints_taken"] >= RUNS * COPIES


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_claims_alone_keep_workers_of_one_run_from_buying_twice(tmp_path):
    found = hold(tmp_path, SCALE * 0.2, TOGETHER)

    assert found.wrong == {}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_calls_that_are_asked_without_a_claim_are_seen(tmp_path):
    found = hold(tmp_path, SCALE * 0.05, TOGETHER, UNCLAIMED)

    assert "paid twice" in found.wrong
