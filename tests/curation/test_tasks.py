"""Hints drive real worker processes over a broker of files; rows are the truth."""

import pytest

from curation import tasks
from curation.drafting import plan
from curation.models import Attempt, Call, Draft, Endpoint, Item, Option, Run
from tests import factories
from tests.workers import until, working


def start(project, items):
    for _ in range(items):
        factories.make_item(project)
    return plan.plan(project=project, by=None).run


def is_finished(run):
    return lambda: Run.objects.filter(pk=run.pk, status=Run.Status.FINISHED).exists()


@pytest.fixture
def workers(transactional_db, tmp_path):
    with working(tmp_path, LLM_LEASE="3", SWEEP_EVERY="1") as workers:
        yield workers


def test_a_hint_repeated_five_times_to_two_workers_buys_nothing_twice(
    project, drafter, server, workers
):
    server.wait = 0.02
    run = start(project, 20)
    workers.start()
    workers.start()

    workers.hint("work", times=5, run_id=run.pk)
    until(is_finished(run), log=workers.log)
    workers.hint("work", times=5, run_id=run.pk)
    workers.hint("sweep", times=5)
    until(workers.idle, log=workers.log)

    assert server.count() == Attempt.objects.count() == 60
    assert set(server.times_asked().values()) == {1}
    assert (Draft.objects.count(), Option.objects.count()) == (60, 40)
    assert set(Item.objects.values_list("status", flat=True)) == {Item.Status.DRAFTED}


def test_a_worker_killed_in_the_middle_loses_nothing_and_buys_at_most_what_was_in_flight(
    project, drafter, server, workers
):
    server.wait = 0.3
    Endpoint.objects.update(concurrency=4)
    run = start(project, 20)
    first = workers.start()
    workers.hint("work", run_id=run.pk)
    until(lambda: 10 <= Attempt.objects.count() < server.count(), log=workers.log)

    workers.kill(first)
    workers.start(beat=True)  # nobody hints: beat's sweep must find the run
    until(is_finished(run), seconds=90, log=workers.log)

    assert set(Call.objects.values_list("status", flat=True)) == {Call.Status.DONE}
    assert Option.objects.count() == 40
    assert server.count() <= 60 + 4
    assert server.count() <= Attempt.objects.count() <= 60 + 4
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"replied", "unknown"}


@pytest.mark.django_db
def test_a_task_calls_once_and_hints_again_while_work_remains(monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.hints, "publish", lambda name, **ids: sent.append((name, ids)))
    monkeypatch.setattr(tasks.engine, "work", lambda run_id: run_id == 7)
    monkeypatch.setattr(tasks.runs, "sweep", lambda: [3, 4])

    tasks.work(run_id=7)
    tasks.work(run_id=8)
    tasks.sweep()

    assert sent == [("curation.tasks.work", {"run_id": pk}) for pk in (7, 3, 4)]
