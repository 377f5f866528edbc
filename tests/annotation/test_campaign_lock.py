"""Who changes a campaign waits for those at work in it, and for nobody who comes later."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from annotation import campaigns, enrolments, guidelines, leases, matters, taking
from annotation.models import Campaign, Judgement
from curation.refusals import Refused
from tests.annotation import acting

pytestmark = pytest.mark.django_db(transaction=True)

WAITING = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'"""


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def campaign(project, ann):
    acting.make_answers(project, count=2)
    return acting.open_answers(project)


def fresh(campaign):
    return Campaign.objects.get(pk=campaign.pk)


def pause(campaign):
    return campaigns.pause(campaign=fresh(campaign), by=None)


def close(campaign):
    return campaigns.close(campaign=fresh(campaign), by=None)


def publish(campaign):
    now = campaign.guideline
    texts = {"text_en": f"{now.text_en}\n\nOne more line.", "text_zh": f"{now.text_zh}\n\n再一行。"}
    return guidelines.publish(campaign=fresh(campaign), follows=now.pk, by=None, **texts)


@contextmanager
def at_work(matter):
    """Somebody submits on the matter, and takes their time until the block ends."""
    begun, end = threading.Event(), threading.Event()

    def work():
        try:
            with transaction.atomic():
                matters.locked(matter.pk)
                begun.set()
                assert end.wait(20)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work)
        assert begun.wait(10)
        try:
            yield
        finally:
            end.set()
            working.result(20)


def wait_for_waiting(number):
    for _look in range(500):
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0] >= number:
                return
        threading.Event().wait(0.01)
    raise AssertionError(f"not {number} waited")


def run(pool, act, *args, order=None):
    def acted():
        try:
            return act(*args)
        except Refused as refused:
            return refused
        finally:
            if order is not None:
                order.append(act)
            connection.close()

    return pool.submit(acted)


@pytest.mark.parametrize("change", [pause, publish, close])
def test_who_submits_later_waits_behind_who_wants_the_campaign_alone(campaign, ann, change):
    seat = leases.claim(worker=ann, campaign=campaign)
    if change is close:
        acting.expire(seat)
    order = []

    def submit():
        return acting.judge(ann, seat, "good")

    with ThreadPoolExecutor(2) as pool:
        with at_work(campaign.matters.exclude(pk=seat.matter_id).get()):
            changing = run(pool, change, campaign, order=order)
            wait_for_waiting(1)
            submitting = run(pool, submit, order=order)
            wait_for_waiting(2)
        said, changed = submitting.result(20), changing.result(20)

    assert order == [change, submit]
    assert not isinstance(changed, Refused)
    # The submit reads what the change has left, though it asked before.
    expected = {pause: Judgement, publish: taking.Changed, close: leases.LeaseLost}[change]
    assert isinstance(said, expected)


def test_those_at_work_do_not_wait_for_each_other(campaign, ann):
    seat = leases.claim(worker=ann, campaign=campaign)

    with at_work(campaign.matters.exclude(pk=seat.matter_id).get()):
        acting.judge(ann, seat, "good")

    assert Judgement.objects.count() == 1


def test_who_comes_while_a_campaign_is_closed_finds_it_closed(campaign, project):
    bob = acting.make_worker(project)

    with ThreadPoolExecutor(2) as pool:
        with at_work(campaign.matters.first()):
            closing = run(pool, close, campaign)
            wait_for_waiting(1)
            coming = run(pool, lambda: enrolments.enrol(campaign=campaign, worker=bob))
            wait_for_waiting(2)
        came, closed = coming.result(20), closing.result(20)

    assert closed.status == "closed"
    assert isinstance(came, Refused)
    assert not bob.enrolments.exists()
