"""Replies that come after their lease was lost, while the call is asked once more."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models.functions import Now

from curation.drafting import applying, calls, plan
from curation.drafting.calls import Landed
from curation.drafting.replies import Outcome, Reply, Trouble
from curation.drafting.requests import nonce_of
from curation.models import Attempt, Call, Endpoint, Option
from tests import factories

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def run(project, drafter):
    factories.make_item(project)
    return plan.plan(project=project, by=None).run


def claim(run):
    endpoint = Endpoint.objects.get()
    return calls.claim(run_id=run.pk, endpoint_id=endpoint.pk, limit=1).claimed[0]


def claimed_twice(run):
    """Return both claims of one call, whose first lease was lost."""
    first = claim(run)
    Call.objects.filter(pk=first.call.pk).update(lease_expires_at=Now() - timedelta(seconds=1))
    calls.give_back_lost()
    Call.objects.update(not_before=None)
    second = claim(run)
    assert (first.call.pk, second.token) == (second.call.pk, first.token + 1)
    return first, second


def reply(claimed, words):
    said = f'{{"nonce": "{nonce_of(claimed.call.key)}", "option": "{words}"}}'
    return Reply(outcome=Outcome.REPLIED, raw=b"{}", content=said)


def keep(claimed, result):
    calls.keep([Landed(claimed, result, NOW)])
    return Call.objects.get(pk=claimed.call.pk)


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(Outcome.SERVER_ERROR, "server_error: HTTP 500", again=True),
        Trouble(Outcome.REJECTED, "rejected: HTTP 400"),
        Trouble(Outcome.DENIED, "denied: HTTP 401", stops_lane=True),
    ],
)
def test_a_late_reply_answers_the_call_when_the_try_that_is_out_fails(run, trouble):
    first, second = claimed_twice(run)

    assert keep(first, reply(first, "Ask them first.")).status == Call.Status.LEASED
    answered = keep(second, trouble)
    applying.read([answered.pk])

    assert answered.status == Call.Status.RESPONDED
    assert Call.objects.get(pk=answered.pk).status == Call.Status.DONE
    assert Option.objects.get().text == "Ask them first."
    assert bool(Endpoint.objects.get().paused_reason) == trouble.stops_lane


def test_a_reply_that_was_read_does_not_answer_the_next_turn(run):
    first = claim(run)
    keep(first, Reply(outcome=Outcome.REPLIED, raw=b"{}", content="not JSON"))
    applying.read([first.call.pk])
    second = claim(run)

    asked_again = keep(second, Trouble(Outcome.SERVER_ERROR, "server_error", again=True))

    assert (second.call.pk, second.token) == (first.call.pk, 2)
    assert asked_again.status == Call.Status.PLANNED
    assert Attempt.objects.filter(call=first.call).count() == 2


def test_a_call_that_comes_back_between_two_looks_is_due_now(run, monkeypatch):
    def none_awake(self):
        return False

    monkeypatch.setattr("django.db.models.QuerySet.exists", none_awake)

    assert calls.due_in(run.pk) == 0


def test_of_two_replies_that_wait_the_one_that_was_saved_first_is_read(run):
    first, second = claimed_twice(run)
    keep(first, reply(first, "Ask them first."))
    keep(second, reply(second, "Wait for them."))

    applying.read([first.call.pk])

    assert Option.objects.get().text == "Ask them first."
