from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from curation import endpoints
from curation.drafting import pace, plan, progress
from curation.models import Attempt, Budget, Call, Endpoint
from tests import factories


@pytest.fixture
def run(project, drafter):
    """A run of 30 calls."""
    for _ in range(10):
        factories.make_item(project)
    return plan.plan(project=project, by=None).run


@pytest.fixture
def ended(run):
    """End some calls, the first so many seconds ago."""

    def end(number, *, seconds):
        for place, call in enumerate(run.calls.order_by("pk")[:number]):
            age = timedelta(seconds=seconds * (number - place) / number)
            Attempt.objects.create(
                call=call,
                number=1,
                outcome="replied",
                milliseconds=1,
                raw=b"",
                started_at=timezone.now() - age,
                created_at=Now() - age,
            )
            Call.objects.filter(pk=call.pk).update(status="done")

    return end


def test_what_is_left_takes_as_long_as_the_last_minutes_say(run, ended):
    ended(10, seconds=100)

    assert progress.of(run).seconds_left == pytest.approx(200, rel=0.1)


def test_few_calls_or_calls_of_long_ago_say_nothing(run, ended):
    ended(pace.LEAST - 1, seconds=10)
    assert progress.of(run).seconds_left is None


def test_a_pace_of_long_ago_is_none(run, ended, monkeypatch):
    ended(10, seconds=100)
    monkeypatch.setattr(pace, "MINUTES", timedelta(seconds=0.1))

    assert progress.of(run).seconds_left is None


def test_while_every_lane_is_paused_nobody_knows(run, ended, drafter):
    ended(10, seconds=100)

    endpoints.pause(endpoint_id=drafter.pk, reason=endpoints.BY_HAND)

    assert progress.of(run).seconds_left is None


def test_while_every_lane_rests_nobody_knows(run, ended, drafter):
    ended(10, seconds=100)

    Endpoint.objects.update(resting_until=Now() + timedelta(hours=1))

    assert progress.of(run).seconds_left is None


def test_calls_of_a_lane_that_is_held_are_left_out(run, ended, project):
    other = factories.make_endpoint(project, name="other", paused_reason="denied")
    Call.objects.filter(pk__in=run.calls.order_by("-pk")[:10]).update(endpoint=other)
    ended(10, seconds=100)

    assert progress.of(run).seconds_left == pytest.approx(100, rel=0.1)


def test_calls_in_files_are_left_out(run, ended):
    Call.objects.filter(pk__in=run.calls.order_by("-pk")[:20]).update(status="batched")
    ended(10, seconds=100)

    assert progress.of(run).seconds_left is None


def test_while_the_budget_blocks_nobody_knows(run, ended, project, drafter):
    factories.make_price(drafter, 1_000_000, 1_000_000)
    ended(10, seconds=100)
    Budget.objects.create(project=project, cap=10)

    assert progress.of(run).seconds_left is None


def test_a_run_that_does_not_run_has_no_end(run, ended):
    ended(10, seconds=100)
    run.status = "paused"

    assert progress.of(run).seconds_left is None
