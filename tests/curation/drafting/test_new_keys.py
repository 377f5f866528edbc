"""A key or an address that is changed while a run is under way."""

import threading

import pytest
from django.db import connection
from django.utils import timezone

from curation import endpoints
from curation.drafting import calls, engine, plan
from curation.drafting.calls import Landed
from curation.drafting.replies import Outcome, Trouble
from curation.models import Call, Endpoint, Run
from tests import factories
from tests.endpoint import Fault, good_reply

OLD, NEW = "old-key-0123456789", "new-key-0123456789"
DENIED = Trouble(Outcome.DENIED, "denied: HTTP 401", stops_lane=True)


@pytest.fixture
def run(project, drafter):
    give(drafter, OLD)
    for _ in range(4):
        factories.make_item(project)
    return plan.plan(project=project, by=None).run


def give(endpoint, key):
    profile = endpoints.profile_of(endpoint)
    endpoints.update(endpoint=endpoint, profile=profile, key=key, by=None)


def claim(run, **kw):
    return calls.claim(run_id=run.pk, endpoint_id=Endpoint.objects.get().pk, limit=2, **kw)


def test_nothing_is_claimed_through_a_connection_of_before(run):
    before = Endpoint.objects.get().connection
    assert len(claim(run, through=before).claimed) == 2

    give(Endpoint.objects.get(), NEW)

    catch = claim(run, through=before)
    assert (catch.claimed, catch.has_moved) == ([], True)
    assert len(claim(run, through=Endpoint.objects.get().connection).claimed) == 2


def test_a_late_no_to_the_old_key_does_not_stop_the_new_one(run):
    [claimed, _other] = claim(run).claimed
    give(Endpoint.objects.get(), NEW)

    calls.keep([Landed(claimed, DENIED, timezone.now())])

    assert Endpoint.objects.get().paused_reason == ""
    assert Call.objects.get(pk=claimed.call.pk).status == "planned"


def test_a_no_to_the_key_of_today_stops_the_lane(run):
    [claimed, _other] = claim(run).claimed

    calls.keep([Landed(claimed, DENIED, timezone.now())])

    assert Endpoint.objects.get().paused_reason == "denied: HTTP 401"


@pytest.mark.django_db(transaction=True)
def test_a_worker_at_work_goes_on_with_the_new_key(run, server):
    def locked(asked):
        right = asked.headers["authorization"] == f"Bearer {NEW}"
        return good_reply(asked) if right else Fault(401, {"error": {}})

    def rescue():
        while not Endpoint.objects.exclude(paused_reason="").exists():
            pass
        give(Endpoint.objects.get(), NEW)
        connection.close()

    server.reply = locked
    thread = threading.Thread(target=rescue)
    thread.start()
    engine.work(run_id=run.pk)
    thread.join()
    engine.work(run_id=run.pk)

    assert Run.objects.get(pk=run.pk).status == "finished"
    assert server.count() <= 12 + 8  # the calls in flight when the key was wrong
