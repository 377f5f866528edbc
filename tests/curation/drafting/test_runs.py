import threading
import time
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now

from curation.drafting import budget, calls, plan, runs
from curation.drafting.calls import Landed
from curation.drafting.replies import Outcome, Trouble
from curation.drafting.runs import WrongStep
from curation.models import AuditEvent, Call, Run
from curation.refusals import Refused
from tests import factories
from tests.curation.drafting.hands import NOW, claim, keep, reply


@pytest.fixture
def run(project, drafter):
    factories.make_item(project)
    return plan.plan(project=project, by=None).run


def end_all(status="done"):
    Call.objects.update(status=status)


def test_a_run_is_paused_and_goes_on(run, curator):
    runs.pause(run=run, by=curator)
    runs.resume(run=run, by=curator)

    run.refresh_from_db()
    assert run.status == Run.Status.RUNNING
    assert list(
        AuditEvent.objects.filter(action__startswith="run.").values_list("action", flat=True)
    ) == [
        *("run.plan", "run.paused", "run.running"),
    ]


def test_a_run_that_goes_on_is_announced_to_the_workers(
    run, monkeypatch, django_capture_on_commit_callbacks
):
    sent = []
    monkeypatch.setattr("curation.hints._send", lambda name, ids: sent.append((name, ids)))
    runs.pause(run=run, by=None)

    with django_capture_on_commit_callbacks(execute=True):
        runs.resume(run=run, by=None)

    assert sent == [("curation.tasks.work", {"run_id": run.pk})]


def test_a_cancelled_run_stays_cancelled(run):
    runs.cancel(run=run, by=None)

    for step in (runs.pause, runs.resume, runs.cancel, runs.retry_failed):
        with pytest.raises(WrongStep):
            step(run=run, by=None)


def test_of_two_who_move_a_run_one_is_told(run):
    same = Run.objects.get(pk=run.pk)
    runs.pause(run=run, by=None)

    with pytest.raises(WrongStep, match="Somebody else"):
        runs.cancel(run=same, by=None)


def test_a_run_ends_when_its_last_call_has_ended(run):
    assert not runs.finish(run.pk)
    end_all()

    assert runs.finish(run.pk)
    assert not runs.finish(run.pk)
    run.refresh_from_db()
    assert run.finished_at is not None


def test_a_paused_run_does_not_end_by_itself(run):
    runs.pause(run=run, by=None)
    end_all()

    assert not runs.finish(run.pk)


def test_failed_calls_of_a_finished_run_are_tried_again(run):
    end_all("failed")
    runs.finish(run.pk)
    run.refresh_from_db()

    assert runs.retry_failed(run=run, by=None) == 3

    run.refresh_from_db()
    assert run.status == Run.Status.RUNNING
    assert set(Call.objects.values_list("status", flat=True)) == {"planned"}


def test_there_is_nothing_to_try_again_in_a_run_without_failures(run):
    end_all()

    with pytest.raises(Refused, match="No call"):
        runs.retry_failed(run=run, by=None)


def test_a_sweep_names_the_runs_that_have_something_to_do_now(run, project):
    assert runs.sweep() == [run.pk]

    Call.objects.update(not_before=Now() + timedelta(seconds=60))
    assert runs.sweep() == []


def test_a_sweep_ends_what_is_done(run):
    end_all()

    assert runs.sweep() == []

    run.refresh_from_db()
    assert run.status == Run.Status.FINISHED


def test_a_sweep_frees_the_calls_of_a_lost_worker(run):
    Call.objects.update(
        status="leased", lease_token=1, lease_expires_at=Now() - timedelta(seconds=1)
    )

    runs.sweep()

    assert set(Call.objects.values_list("status", "problem")) == {("planned", "worker_lost")}


def test_a_run_that_ended_meanwhile_goes_on_when_its_failed_calls_are_tried_again(run):
    end_all("failed")
    seen_before = Run.objects.get(pk=run.pk)
    assert runs.finish(run.pk)

    again = runs.retry_failed(run=seen_before, by=None)

    run.refresh_from_db()
    assert again == Call.objects.filter(status="planned").count() > 0
    assert run.status == Run.Status.RUNNING


@pytest.mark.django_db(transaction=True)
def test_trying_again_and_a_late_reply_to_the_same_call_wait_for_each_other(run, monkeypatch):
    [claimed] = claim(run)
    assert keep(claimed, Trouble(Outcome.REJECTED, "rejected: HTTP 400")).status == "failed"
    settle, said = budget.settle, []

    def try_again():
        try:
            runs.retry_failed(run=Run.objects.get(pk=run.pk), by=None)
        except Refused as refused:
            said.append(str(refused))
        finally:
            connection.close()

    curator = threading.Thread(target=try_again)

    def slow(*args, **kwargs):
        settle(*args, **kwargs)
        curator.start()
        time.sleep(0.5)

    monkeypatch.setattr(budget, "settle", slow)

    calls.keep([Landed(claimed, reply(), NOW)])
    curator.join()

    assert "No call of this run failed" in said[0]
    assert Call.objects.get(pk=claimed.call.pk).status == "responded"
