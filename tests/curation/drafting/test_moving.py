import pytest
from django.db.models.functions import Now

from curation.drafting import moving, plan
from curation.drafting.turns import Next
from curation.models import Call
from tests import factories

Status = Call.Status


@pytest.fixture
def call(project, drafter):
    factories.make_item(project)
    plan.plan(project=project, by=None)
    return Call.objects.order_by("pk").first()


def put(call, status):
    lease = {"lease_expires_at": Now(), "lease_token": 1} if status == Status.LEASED else {}
    Call.objects.filter(pk=call.pk).update(status=status, reserved=5, **lease)
    return Call.objects.get(pk=call.pk)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (before, after)
        for before in Status
        for after in Status  # calls are leased by a claim alone
        if after in Call.NEXT[before] and after != Status.LEASED
    ],
)
def test_a_call_goes_where_its_life_leads_and_leaves_its_lease_behind(call, before, after):
    moving.move([(put(call, before), Next(after, fields={"problem": "why"}))])

    call.refresh_from_db()
    assert (call.status, call.problem) == (after, "why")
    assert (call.lease_expires_at, call.reserved, call.not_before) == (None, 0, None)


@pytest.mark.parametrize(
    ("before", "after"),
    [(before, after) for before in Status for after in Status if after not in Call.NEXT[before]],
)
def test_a_step_that_its_life_does_not_know_is_a_fault_and_moves_nothing(call, before, after):
    other = Call.objects.order_by("pk").last()

    with pytest.raises(ValueError, match=f"from {before} to {after}"):
        moving.move([(other, Next(Status.RESPONDED)), (put(call, before), Next(after))])

    assert Call.objects.get(pk=call.pk).status == before
    assert Call.objects.get(pk=other.pk).status == Status.PLANNED


def test_many_calls_move_with_one_statement_each_its_own_way(call, django_assert_num_queries):
    first, second, third = Call.objects.order_by("pk")
    Call.objects.update(problem="old", tries=2)
    again = Next(
        Status.PLANNED,
        wait=60.0,
        fields={"structured": "prompt", "max_tokens": 4000, "fault": "not_json", "tries": 1},
    )
    failed = put(first, Status.FAILED)

    with django_assert_num_queries(1):
        moving.move([(failed, again), (second, Next(Status.RESPONDED))])

    failed.refresh_from_db()
    assert (failed.status, failed.structured, failed.max_tokens) == ("planned", "prompt", 4000)
    assert (failed.fault, failed.tries, failed.problem) == ("not_json", 1, "")
    wait = Call.objects.annotate(now=Now()).get(pk=failed.pk)
    assert 55 < (wait.not_before - wait.now).total_seconds() <= 60
    second.refresh_from_db()
    assert (second.status, second.not_before) == ("responded", None)
    third.refresh_from_db()
    assert (third.status, third.problem) == ("planned", "old")


def test_nobody_to_move_asks_nothing(call, django_assert_num_queries):
    with django_assert_num_queries(0):
        moving.move([])
