import threading
import time

import pytest
from django.db import IntegrityError, OperationalError, connection

from curation import endpoints
from curation.drafting import calls, engine, plan
from curation.endpoints import Profile
from curation.models import Attempt, Budget, Call, Endpoint, Item, Option, Run
from tests import factories
from tests.endpoint import Fault, completion


def start(project, items=3):
    for _ in range(items):
        factories.make_item(project)
    return plan.plan(project=project, by=None).run


def work(run, **kwargs):
    again = engine.work(run_id=run.pk, **kwargs)
    run.refresh_from_db()
    return again


def test_a_run_is_worked_to_its_end(project, drafter, server):
    run = start(project)

    assert work(run) is False

    assert (run.status, run.finished_at is not None) == (Run.Status.FINISHED, True)
    assert Option.objects.count() == 6
    assert server.count() == Attempt.objects.count() == 9


def test_a_second_run_buys_nothing(project, drafter, server):
    work(start(project))

    assert plan.plan(project=project, by=None).run is None
    assert server.count() == 9


def test_work_on_a_finished_run_asks_nothing(project, drafter, server):
    run = start(project)
    work(run)

    assert work(run) is False
    assert server.count() == 9


def test_calls_fly_together_up_to_the_endpoints_limit(project, drafter, server):
    server.wait = 0.1
    Endpoint.objects.update(concurrency=5)

    work(start(project, items=5))

    assert server.most_in_flight == 5


def test_passing_trouble_is_waited_out(project, drafter, server, impatient):
    server.answers(Fault(500), Fault(429), Fault(200, b"<html>"), Fault(body=completion(" ")))
    run = start(project)

    work(run)

    assert run.status == Run.Status.FINISHED
    assert set(Call.objects.values_list("status", flat=True)) == {"done"}
    assert server.count() == Attempt.objects.count() == 13
    assert set(server.times_asked().values()) <= {1, 2, 3, 4, 5}


def test_a_call_is_not_repeated_before_the_time_the_endpoint_named(project, drafter, server):
    server.answers(Fault(429, headers={"Retry-After": "1"}))
    Endpoint.objects.update(concurrency=1)

    work(start(project, items=1))

    first, *_others = server.log
    again = [asked for asked in server.log if asked.key == first.key][1]
    assert 1 <= again.at - first.at < 3


def test_trouble_that_does_not_pass_fails_after_four_tries(
    project, drafter, server, impatient, settings
):
    settings.LLM_REST = 0.05  # the lane rests after the fifth, and then tries one at a time
    server.answers(*[Fault(500)] * 12)
    run = start(project, items=1)

    work(run)

    assert run.status == Run.Status.FINISHED
    assert set(Call.objects.values_list("status", "problem")) == {
        ("failed", "server_error: HTTP 500")
    }
    assert set(server.times_asked().values()) == {4}
    assert Item.objects.get().status == Item.Status.NEW


def test_a_wrong_key_stops_the_lane_within_the_calls_in_flight_and_resumes_without_loss(
    project, drafter, server
):
    Endpoint.objects.update(concurrency=2)
    server.answers(*[Fault(401)] * 50)
    run = start(project)

    assert work(run) is False

    assert server.count() <= 2
    assert (run.status, Call.objects.filter(status="planned").count()) == ("running", 9)
    server.script.clear()
    endpoints.resume(endpoint=Endpoint.objects.get(), by=None)
    work(run)
    assert run.status == Run.Status.FINISHED
    assert set(Call.objects.values_list("status", flat=True)) == {"done"}


def test_a_key_that_is_not_there_pauses_the_endpoint_without_a_call(project, drafter, server):
    Endpoint.objects.update(key_env="NOBODYS_API_KEY")
    run = start(project)

    assert work(run) is False

    assert Endpoint.objects.get().paused_reason == "no_key: NOBODYS_API_KEY"
    assert server.log == []


def test_one_paused_lane_does_not_hold_up_the_others(project, drafter, server):
    broken = endpoints.add(
        project=project,
        name="broken",
        profile=Profile(base_url=server.base_url, model="m", key_env="NOBODYS_API_KEY"),
        by=None,
    )
    endpoints.assign(endpoint=broken, roles=["risk_tags"], by=None)
    run = start(project)

    work(run)

    assert Option.objects.count() == 6
    assert set(Item.objects.values_list("status", flat=True)) == {"drafted"}
    assert Call.objects.filter(status="planned", endpoint=broken).count() == 3


def test_a_host_taken_off_the_list_gets_no_connection(project, drafter, server, settings):
    run = start(project)
    settings.LLM_ALLOWED_HOSTS = ["models.example"]

    work(run)

    assert server.log == []
    assert Endpoint.objects.get().paused_reason == "not_allowed"


def test_a_paused_run_is_left_alone(project, drafter, server):
    run = start(project)
    Run.objects.update(status=Run.Status.PAUSED)

    assert work(run) is False
    assert server.log == []


def test_a_budget_is_never_exceeded_and_the_run_goes_on_when_it_rises(project, drafter, server):
    factories.make_price(drafter, 1_000_000, 1_000_000)
    budget = Budget.objects.create(project=project, cap=3_500)
    run = start(project)

    assert work(run) is False

    budget.refresh_from_db()
    assert run.status == Run.Status.RUNNING
    assert 3 * 120 < budget.spent <= 3_500  # it went on as money came back
    assert budget.reserved == 0
    Budget.objects.update(cap=1_000_000)
    work(run)
    assert run.status == Run.Status.FINISHED
    budget.refresh_from_db()
    assert budget.spent == 9 * 120


def test_time_that_is_up_begins_no_call_and_asks_for_another_hint(project, drafter, server):
    run = start(project)

    assert work(run, seconds=0) is True
    assert server.log == []


def test_a_reply_that_nobody_read_is_read_first(project, drafter, server, monkeypatch):
    run = start(project, items=1)
    monkeypatch.setattr(engine.applying, "read", lambda pk: None)
    work(run)
    assert set(Call.objects.values_list("status", flat=True)) == {"responded"}
    monkeypatch.undo()

    work(run)

    assert run.status == Run.Status.FINISHED
    assert server.count() == 3


def test_what_the_database_refuses_of_one_reply_costs_no_other(
    project, drafter, server, monkeypatch
):
    keep = calls.keep

    def refused(landed):
        if any(one.claimed.call.purpose == "risk_tags" for one in landed):
            raise IntegrityError("no")
        keep(landed)

    monkeypatch.setattr(engine.calls, "keep", refused)
    monkeypatch.setattr(engine.connection, "close", lambda: None)
    run = start(project, items=1)

    work(run, seconds=2)

    assert Attempt.objects.count() == 2
    assert Call.objects.get(status="leased").purpose == "risk_tags"


def test_a_reply_is_saved_even_if_the_database_hiccups(project, drafter, server, monkeypatch):
    keep, failures = calls.keep, iter([OperationalError("gone"), None])

    def hiccup(*args, **kwargs):
        if error := next(failures, None):
            raise error
        return keep(*args, **kwargs)

    monkeypatch.setattr(engine.calls, "keep", hiccup)
    monkeypatch.setattr(engine.connection, "close", lambda: None)

    work(start(project, items=1))

    assert Attempt.objects.count() == server.count() == 3


def test_replies_wait_in_the_worker_while_the_database_is_away(
    project, drafter, server, monkeypatch
):
    keep, back = calls.keep, time.monotonic() + 3

    def away(landed):
        if time.monotonic() < back:
            raise OperationalError("away")
        return keep(landed)

    monkeypatch.setattr(engine.calls, "keep", away)
    monkeypatch.setattr(engine.connection, "close", lambda: None)

    work(start(project, items=1), seconds=0.5)

    assert Attempt.objects.count() == server.count() == 3


def test_what_was_saved_when_the_connection_broke_is_not_saved_twice(
    project, drafter, server, monkeypatch
):
    keep, broken = calls.keep, iter([True])

    def half(landed):
        keep(landed)
        if next(broken, False):
            raise OperationalError("gone after the commit")

    monkeypatch.setattr(engine.calls, "keep", half)
    monkeypatch.setattr(engine.connection, "close", lambda: None)

    work(start(project, items=1))

    assert Attempt.objects.count() == server.count() == 3


def test_a_database_that_fails_a_claim_loses_no_reply_on_its_way(
    project, drafter, server, monkeypatch
):
    claim, tries = calls.claim, iter([False])

    def failing(**kwargs):
        if next(tries, True):
            raise OperationalError("gone")
        return claim(**kwargs)

    monkeypatch.setattr(engine.calls, "claim", failing)
    monkeypatch.setattr(engine.connection, "close", lambda: None)
    Endpoint.objects.update(concurrency=2)
    run = start(project, items=2)

    assert work(run) is True

    assert Attempt.objects.count() == server.count() == 2
    assert Call.objects.filter(status="done").count() == 2
    assert not Call.objects.filter(status="leased").exists()


def test_a_reply_that_could_not_be_read_now_is_left_to_the_sweep(
    project, drafter, server, monkeypatch
):
    def busy(call_ids):
        if call_ids:
            raise OperationalError("lock timeout")

    monkeypatch.setattr(engine.applying, "read", busy)
    monkeypatch.setattr(engine.connection, "close", lambda: None)
    run = start(project, items=1)

    work(run)

    assert Call.objects.filter(status="responded").count() == server.count() == 3


def test_a_question_that_changed_since_it_was_planned_is_not_asked(project, drafter, server):
    run = start(project, items=2)
    changed = Item.objects.order_by("pk").first()
    Item.objects.filter(pk=changed.pk).update(question="May I not?")

    work(run)

    assert run.status == Run.Status.FINISHED
    assert server.count() == 3
    assert "May I not?" not in {asked.question for asked in server.log}
    assert set(changed.calls.values_list("status", "problem")) == {("failed", "changed")}


def test_leases_are_renewed_while_calls_are_long(project, drafter, server, settings):
    settings.LLM_LEASE = 1
    server.wait = 2.5

    work(start(project, items=1))

    assert server.count() == 3
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"replied"}


@pytest.mark.django_db(transaction=True)
def test_five_workers_at_once_buy_nothing_twice(project, drafter, server):
    server.wait = 0.05
    run = start(project, items=6)

    def worker():
        engine.work(run_id=run.pk)
        connection.close()

    threads = [threading.Thread(target=worker) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    run.refresh_from_db()
    assert run.status == Run.Status.FINISHED
    assert server.count() == 18
    assert set(server.times_asked().values()) == {1}


def test_an_endpoint_that_recovers_is_worked_to_the_end(
    project, drafter, server, impatient, settings
):
    settings.LLM_REST = 0.3
    server.answers(*[Fault(500)] * 8)
    run = start(project, items=4)

    work(run)

    assert run.status == Run.Status.FINISHED
    assert set(Call.objects.values_list("status", flat=True)) == {"done"}
    assert server.count() == Attempt.objects.count() == 12 + 8
    assert Endpoint.objects.get().rest_reason == ""


@pytest.mark.django_db(transaction=True)
def test_a_pause_stops_new_calls_at_once(project, drafter, server):
    server.wait = 0.2
    Endpoint.objects.update(concurrency=2)
    run = start(project, items=6)

    def worker():
        engine.work(run_id=run.pk)
        connection.close()

    thread = threading.Thread(target=worker)
    thread.start()
    while server.count() < 2:
        time.sleep(0.01)
    Run.objects.update(status=Run.Status.PAUSED)
    thread.join()

    assert server.count() <= 4
    assert Attempt.objects.count() == server.count()
