"""When an item goes on to people: once drafting has nothing more to bring."""

import pytest

from curation.drafting import completing, plan
from curation.models import Attempt, Call, Item, Purpose
from tests import factories

NOW = "2026-11-21T00:00:00Z"
POSITIVE, NEGATIVE = completing.OPTIONS


@pytest.fixture
def item(project, drafter):
    found = factories.make_item(project)
    plan.plan(project=project, by=None)
    return found


def put(item, *, positive="planned", negative="planned", tags="planned", problem=""):
    for purpose, status in ((POSITIVE, positive), (NEGATIVE, negative), (Purpose.TAGS, tags)):
        calls = Call.objects.filter(item=item, purpose=purpose)
        calls.update(status=status, problem=problem if status == "failed" else "")


def attempted(item, purpose, *, outcome, problem):
    Attempt.objects.create(
        call=Call.objects.get(item=item, purpose=purpose),
        number=1,
        outcome=outcome,
        problem=problem,
        milliseconds=0,
        raw=b"",
        started_at=NOW,
    )


def settled(item):
    completing.settle([item.pk])
    item.refresh_from_db()
    return item.status


def test_an_item_with_both_options_is_drafted(item):
    factories.make_options(item)

    assert settled(item) == Item.Status.DRAFTED


def test_an_item_waits_while_an_option_may_come(item):
    factories.make_option(item, "positive")
    put(item, positive="done", tags="done")

    assert settled(item) == Item.Status.NEW


@pytest.mark.parametrize("ended", ["done", "refused", "unusable"])
def test_an_item_for_which_nothing_more_comes_is_left_to_people(item, ended):
    put(item, positive="done", negative=ended)

    assert settled(item) == Item.Status.DRAFTED


@pytest.mark.parametrize("status", ["planned", "batched", "responded", "failed"])
def test_a_call_that_may_still_bring_something_keeps_its_item(item, status):
    put(item, positive="done", negative=status, problem="timeout")

    assert settled(item) == Item.Status.NEW


def test_a_call_that_the_endpoint_does_not_take_is_over(item):
    put(item, positive="done", negative="failed", problem="rejected: HTTP 400")
    attempted(item, NEGATIVE, outcome="rejected", problem="rejected: HTTP 400")

    assert settled(item) == Item.Status.DRAFTED


def test_a_way_to_ask_that_was_not_taken_is_not_the_end(item):
    put(item, positive="done", negative="failed", problem="timeout")
    attempted(item, NEGATIVE, outcome="rejected", problem="no_structured: HTTP 400")

    assert settled(item) == Item.Status.NEW


def test_a_call_that_asks_what_has_changed_is_over(item):
    put(item, positive="done", negative="failed", problem="changed")

    assert settled(item) == Item.Status.DRAFTED


@pytest.mark.parametrize("status", ["in_review", "gold", "rejected"])
def test_an_item_that_people_have_is_left_alone(item, status):
    Item.objects.filter(pk=item.pk).update(status=status, status_reason="off topic")
    put(item, positive="done", negative="done")

    assert settled(item) == status


def test_many_items_are_settled_with_as_few_queries_as_one(
    project, drafter, django_assert_num_queries
):
    items = [factories.make_item(project) for _ in range(5)]
    for item in items:
        factories.make_options(item)

    with django_assert_num_queries(2):
        completing.settle(item.pk for item in items)

    assert set(Item.objects.values_list("status", flat=True)) == {Item.Status.DRAFTED}


def test_no_items_ask_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        completing.settle([])
