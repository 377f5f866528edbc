import logging

import pytest
from django.db import transaction

from curation import hints


@pytest.fixture
def sent(monkeypatch):
    sent = []
    monkeypatch.setattr(
        "celery.current_app.send_task", lambda name, kwargs: sent.append((name, kwargs))
    )
    return sent


@pytest.mark.django_db(transaction=True)
def test_a_hint_leaves_only_when_the_transaction_is_committed(sent):
    with transaction.atomic():
        hints.publish("curation.tasks.work", run_id=7)
        assert sent == []

    assert sent == [("curation.tasks.work", {"run_id": 7})]


@pytest.mark.django_db(transaction=True)
def test_a_hint_of_what_was_rolled_back_never_leaves(sent):
    with transaction.atomic():
        hints.publish("curation.tasks.work", run_id=7)
        transaction.set_rollback(True)

    assert sent == []


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_breaks_nothing(monkeypatch, caplog):
    def down(name, kwargs):
        raise ConnectionRefusedError("redis://:password@broker")

    monkeypatch.setattr("celery.current_app.send_task", down)

    with caplog.at_level(logging.WARNING):
        hints.publish("curation.tasks.work", run_id=7)

    assert "ConnectionRefusedError" in caplog.text
    assert "password" not in caplog.text
