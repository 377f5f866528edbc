"""An Idempotency-Key stands for one request of one worker, for a week."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from annotation.models import Judgement
from api import tasks
from api.models import UsedKey
from config.celery import app
from tests.annotation import acting
from tests.api import crowd

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "7f3c"}


@pytest.fixture
def campaign(project, ann):
    acting.make_answers(project, count=2)
    return acting.open_answers(project)


@pytest.fixture
def seat(api, campaign):
    return crowd.claim(api, campaign).json()


def test_the_same_key_and_body_give_the_same_answer(api, seat):
    body = crowd.verdict_on(seat)

    first, second = (crowd.submit(api, seat, body, headers=KEY) for _ in range(2))

    assert first.status_code == second.status_code == 200
    assert first.content == second.content
    assert Judgement.objects.count() == 1


def test_the_same_key_with_another_body_is_refused(api, seat):
    crowd.submit(api, seat, crowd.verdict_on(seat), headers=KEY)

    response = crowd.submit(api, seat, crowd.verdict_on(seat, pasted=True), headers=KEY)

    assert (response.status_code, response.json()["type"]) == (409, "urn:touchstone:other-content")


def test_the_same_key_for_another_seat_is_refused_and_its_work_is_kept(api, campaign, seat):
    crowd.submit(api, seat, crowd.verdict_on(seat), headers=KEY)
    other = crowd.claim(api, campaign).json()

    response = crowd.submit(api, other, crowd.verdict_on(other, reason="Hm."), headers=KEY)

    assert (response.status_code, response.json()["type"]) == (409, "urn:touchstone:other-content")
    assert response.json()["draft"]["work"]["reason"] == "Hm."
    assert Judgement.objects.count() == 1


def test_the_keys_of_two_workers_do_not_meet(bearer, api, campaign, seat):
    bea = bearer(crowd.colleague(campaign).user, "work")
    crowd.submit(api, seat, crowd.verdict_on(seat), headers=KEY)
    hers = crowd.claim(bea, campaign).json()

    assert crowd.submit(bea, hers, crowd.verdict_on(hers), headers=KEY).status_code == 200


def test_a_new_token_of_the_same_person_meets_the_same_keys(bearer, ann, api, seat):
    body = crowd.verdict_on(seat)
    first = crowd.submit(api, seat, body, headers=KEY)

    assert crowd.submit(bearer(ann.user, "work"), seat, body, headers=KEY).content == first.content


def test_a_refusal_uses_up_no_key_and_keeps_the_work(api, seat):
    refused = crowd.submit(api, seat, crowd.verdict_on(seat, tags=["no.such"]), headers=KEY)

    assert refused.status_code == 409
    assert refused.json()["draft"]["work"]["tags"] == ["no.such"]
    assert not UsedKey.objects.exists()
    assert crowd.submit(api, seat, crowd.verdict_on(seat), headers=KEY).status_code == 200


@pytest.mark.parametrize("key", ["a b", "x" * 201, "é", "a\tb"])
def test_a_key_that_cannot_be_kept_is_refused(api, seat, key):
    headers = {"Idempotency-Key": key.encode().decode("latin-1")}

    assert crowd.submit(api, seat, crowd.verdict_on(seat), headers=headers).status_code == 400
    assert not Judgement.objects.exists()


def test_old_keys_are_forgotten_and_the_judgement_still_answers(api, seat):
    body = crowd.verdict_on(seat)
    first = crowd.submit(api, seat, body, headers=KEY)
    crowd.submit(api, seat, body, headers={"Idempotency-Key": "younger"})
    UsedKey.objects.filter(key="7f3c").update(made_at=timezone.now() - timedelta(days=8))

    tasks.sweep()

    assert [used.key for used in UsedKey.objects.all()] == ["younger"]
    assert crowd.submit(api, seat, body, headers=KEY).content == first.content


def test_the_sweep_is_sent_by_the_clock():
    sent = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert tasks.sweep.name in sent
    assert tasks.sweep.name in app.tasks


@pytest.mark.parametrize("change", [{}, {"key": "other", "request_sha256": "x"}])
def test_the_table_holds_each_key_once_with_its_hash(ann, change):
    UsedKey.objects.create(worker=ann, key="k", request_sha256="a" * 64)

    with pytest.raises(IntegrityError):
        UsedKey.objects.create(**{"worker": ann, "key": "k", "request_sha256": "a" * 64} | change)
