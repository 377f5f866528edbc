import threading

import pytest
from django.db import connection

from curation import endpoints
from curation.drafting import engine, plan, progress, tallies
from curation.models import Budget, Call, Endpoint, Run
from tests import factories
from tests.endpoint import completion


@pytest.fixture
def run(project, drafter):
    factories.make_price(drafter, 1_000_000, 1_000_000)
    for _ in range(2):
        factories.make_item(project)
    return plan.plan(project=project, by=None).run


def test_a_fresh_run_has_everything_before_it(run):
    picture = progress.of(run)

    assert (picture.total, picture.ended, picture.spent.attempts) == (6, 0, 0)
    assert [(line.label, line.total, line.waiting) for line in picture.lines] == [
        ("positive option", 2, 2),
        ("negative option", 2, 2),
        ("risk tags", 2, 2),
    ]
    assert picture.seconds_left is None


def test_a_worked_run_says_what_it_used(run, server):
    engine.work(run_id=run.pk)

    picture = progress.of(run)

    assert (picture.ended, picture.counts["done"]) == (6, 6)
    assert picture.spent == tallies.Used(6, 600, 120, 720)


def test_a_picture_counts_no_calls(run, server, django_assert_num_queries):
    engine.work(run_id=run.pk)
    run.refresh_from_db()

    with django_assert_num_queries(2):
        progress.of(run)


def test_a_batched_call_is_neither_waiting_nor_in_flight(run):
    Call.objects.filter(purpose="risk_tags").update(status="batched")

    line = progress.of(run).lines[-1]

    assert (line.total, line.waiting, line.in_flight, line.done) == (2, 0, 0, 0)


def test_the_cost_of_calls_without_a_price_is_not_known(project, drafter):
    factories.make_item(project)
    run = plan.plan(project=project, by=None).run
    engine.work(run_id=run.pk)

    assert progress.of(run).spent.cost is None


def test_calls_in_trouble_are_listed(run, server):
    server.reply = lambda asked: completion("no")
    engine.work(run_id=run.pk)

    assert progress.troubled_calls(run).count() == 6
    assert sum(line.troubled for line in progress.of(run).lines) == 6


def test_a_paused_endpoint_blocks_a_run_in_words(run):
    endpoints.pause(endpoint_id=Endpoint.objects.get().pk, reason="denied: HTTP 401")

    assert progress.blocks(run) == [
        "quiet is paused: The endpoint does not accept the key: HTTP 401."
    ]


def test_a_used_up_budget_blocks_a_run_in_words(run, project):
    Budget.objects.create(project=project, cap=10)

    assert progress.blocks(run) == ["The budget is used up: raise it, and the run goes on."]


def test_nothing_blocks_a_run_that_can_go_on(run, project):
    Budget.objects.create(project=project, cap=10**9)

    assert progress.blocks(run) == []


def test_waiting_ends_when_only_a_person_can_help(run):
    endpoints.pause(endpoint_id=Endpoint.objects.get().pk, reason="no_key: QUIET_API_KEY")
    said = []

    stuck = progress.wait_for(run, say=said.append)

    assert len(stuck) == 1
    assert "QUIET_API_KEY" in stuck[0]


@pytest.mark.parametrize(
    ("status", "stuck"), [("paused", ["paused"]), ("cancelled", ["cancelled"])]
)
def test_waiting_ends_when_the_run_no_longer_runs(run, status, stuck):
    Run.objects.update(status=status)

    assert progress.wait_for(run, say=lambda words: None) == stuck


def test_waiting_suspects_a_missing_worker(run, monkeypatch):
    monkeypatch.setattr(progress, "IS_ANYONE_THERE", 0)
    monkeypatch.setattr(progress, "SAY_EVERY", 0)
    monkeypatch.setattr(progress, "POLL", 0.01)
    said = []

    def say(words):
        said.append(words)
        if "worker" in words:
            Run.objects.update(status="cancelled")

    progress.wait_for(run, say=say)

    assert any("Is a worker running?" in words for words in said)


@pytest.mark.django_db(transaction=True)
def test_waiting_follows_a_run_to_its_end(run, server):
    said = []

    def worker():
        engine.work(run_id=run.pk)
        connection.close()

    thread = threading.Thread(target=worker)
    thread.start()
    stuck = progress.wait_for(run, say=said.append)
    thread.join()

    assert stuck == []
    assert said[-1] == f"run {run.pk}: finished, 6 of 6"
    assert progress.result(run) == {
        **{"run": run.pk, "status": "finished", "calls": 6, "ended": 6, "attempts": 6},
        **{"by_status": {"done": 6}, "input_tokens": 600, "output_tokens": 120},
        "cost_micro": 720,
    }
    assert Call.objects.count() == 6


def test_a_price_that_is_not_known_is_what_a_run_with_a_budget_lacks(project, drafter):
    factories.make_item(project)
    run = plan.plan(project=project, by=None).run
    Budget.objects.create(project=project, cap=1_000_000)

    [words] = progress.blocks(run)

    assert "price of quiet is not known" in words
    factories.make_price(drafter, 1, 1)
    assert progress.blocks(run) == []
