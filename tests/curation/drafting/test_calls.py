import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from curation.drafting import calls, plan
from curation.drafting.calls import Landed
from curation.drafting.replies import Outcome, Trouble, Usage
from curation.models import Attempt, Call, Endpoint, Item, Run
from tests import factories
from tests.curation.drafting.hands import NOW, claim, expire, keep, reply


@pytest.fixture
def run(project, drafter):
    for _ in range(4):
        factories.make_item(project)
    return plan.plan(project=project, by=None).run


def test_a_claimed_call_is_leased_with_a_token_and_claimed_once(run):
    first, second = claim(run, 2)

    assert {c.pk for c in (first.call, second.call)} == set(
        Call.objects.filter(status=Call.Status.LEASED, lease_token=1).values_list("pk", flat=True)
    )
    assert not {first.call.pk, second.call.pk} & {c.call.pk for c in claim(run, 8)}


def test_no_more_are_claimed_than_the_endpoint_takes_at_once(run):
    assert len(claim(run, 64)) == 8
    assert claim(run, 64) == []


@pytest.mark.parametrize("status", ["paused", "cancelled"])
def test_calls_of_a_run_that_does_not_run_are_not_claimed(run, status):
    Run.objects.update(status=status)

    assert claim(run) == []


def test_calls_of_a_paused_endpoint_are_not_claimed(run):
    Endpoint.objects.update(paused_reason="denied")

    assert claim(run) == []


def test_a_call_is_not_claimed_before_its_time(run):
    Call.objects.update(not_before=Now() + timedelta(seconds=60))
    assert claim(run) == []
    assert 55 < calls.due_in(run.pk) <= 60

    Call.objects.update(not_before=Now())
    assert calls.due_in(run.pk) == 0
    assert len(claim(run)) == 1


def test_a_reply_is_saved_before_anybody_reads_it(run):
    [claimed] = claim(run)

    call = keep(claimed, reply(model="quiet-2", usage=Usage(10, 5), request_id="r-1"))

    assert (call.status, call.lease_expires_at) == (Call.Status.RESPONDED, None)
    attempt = Attempt.objects.get()
    assert (bytes(attempt.raw), attempt.model_returned, attempt.request_id) == (
        b"{}",
        "quiet-2",
        "r-1",
    )
    assert (attempt.number, attempt.input_tokens, attempt.output_tokens) == (1, 10, 5)
    assert (attempt.started_at, attempt.cost) == (NOW, None)


def test_trouble_that_may_pass_is_tried_again_up_to_four_times(run):
    seen = []
    for _ in range(4):
        [claimed] = claim(run)
        call = keep(claimed, Trouble(Outcome.SERVER_ERROR, "server_error: HTTP 500", again=True))
        seen.append((call.status, call.tries))
        Call.objects.filter(pk=call.pk).update(not_before=None)

    assert seen == [("planned", 1), ("planned", 2), ("planned", 3), ("failed", 4)]
    assert [a.number for a in call.attempts.order_by("number")] == [1, 2, 3, 4]
    assert call.problem == "server_error: HTTP 500"


def test_what_the_endpoint_asks_to_wait_is_obeyed(run):
    [claimed] = claim(run)

    call = keep(
        claimed, Trouble(Outcome.RATE_LIMITED, "rate_limited", again=True, retry_after=3600)
    )

    assert call.not_before is not None
    wait = Call.objects.filter(pk=call.pk, not_before__gt=Now() + timedelta(seconds=3590))
    assert wait.exists()


def test_trouble_that_will_not_pass_ends_the_call_at_once(run):
    [claimed] = claim(run)

    call = keep(claimed, Trouble(Outcome.REJECTED, "rejected: HTTP 400"))

    assert (call.status, call.tries) == (Call.Status.FAILED, 1)


def test_a_wrong_key_pauses_the_endpoint_and_leaves_the_call_planned(run):
    first, second = claim(run, 2)

    call = keep(first, Trouble(Outcome.DENIED, "denied: HTTP 401", stops_lane=True))
    keep(second, Trouble(Outcome.DENIED, "denied: HTTP 403", stops_lane=True))

    assert (call.status, call.tries) == (Call.Status.PLANNED, 0)
    assert Endpoint.objects.get().paused_reason == "denied: HTTP 401"
    assert claim(run) == []
    assert calls.due_in(run.pk) is None


def test_calls_of_a_lost_worker_come_back_and_count_as_perhaps_paid(run):
    [claimed] = claim(run)
    expire(claimed)

    assert calls.give_back_lost() == 1

    call = Call.objects.get(pk=claimed.call.pk)
    assert (call.status, call.tries, call.problem) == (Call.Status.PLANNED, 1, "worker_lost")
    assert Attempt.objects.get().outcome == Outcome.UNKNOWN
    assert calls.give_back_lost() == 0


def test_a_claim_takes_calls_of_lost_workers_back_by_itself(run):
    held = claim(run, 8)
    assert claim(run) == []
    expire(*held)

    assert len(claim(run, 8)) == 4  # those that were never claimed; the others wait a moment


def test_a_worker_that_says_it_lives_keeps_its_calls(run):
    held = claim(run, 2)
    expire(*held)

    calls.renew(held)

    assert calls.give_back_lost() == 0


def test_nobody_renews_a_lease_that_another_holds(run):
    [old] = claim(run)
    expire(old)
    calls.give_back_lost()
    Call.objects.update(not_before=None)
    [new] = claim(run)
    assert new.call.pk == old.call.pk
    expire(new)

    calls.renew([old])

    assert calls.give_back_lost() == 1


def test_a_late_reply_answers_a_call_that_nobody_asked_again(run):
    [claimed] = claim(run)
    expire(claimed)
    calls.give_back_lost()

    call = keep(claimed, reply())

    assert call.status == Call.Status.RESPONDED
    assert call.attempts.count() == 2


def test_a_late_reply_is_kept_beside_the_one_that_is_under_way(run):
    [late] = claim(run)
    expire(late)
    calls.give_back_lost()
    Call.objects.update(not_before=None)
    [current] = claim(run)

    call = keep(late, reply(content="late"))
    assert (call.status, call.lease_token) == (Call.Status.LEASED, current.token)

    call = keep(current, reply())
    assert call.status == Call.Status.RESPONDED
    assert set(call.attempts.values_list("content", flat=True)) == {"", "late", reply().content}


def test_late_trouble_changes_nothing(run):
    [claimed] = claim(run)
    keep(claimed, reply())

    call = keep(claimed, Trouble(Outcome.UNKNOWN, "timeout", again=True))

    assert call.status == Call.Status.RESPONDED


def test_failed_calls_can_be_planned_again_but_not_for_ever(run):
    often, seldom = Call.objects.order_by("pk")[:2]
    Call.objects.filter(pk__in=[often.pk, seldom.pk]).update(status=Call.Status.FAILED, tries=4)
    for number in range(1, 98):
        Attempt.objects.create(
            call=often, number=number, outcome="unknown", milliseconds=0, raw=b"", started_at=NOW
        )

    assert calls.plan_again(Q(pk__in=[often.pk, seldom.pk])) == 1
    seldom.refresh_from_db()
    assert (seldom.status, seldom.tries) == (Call.Status.PLANNED, 0)


def test_a_call_the_endpoint_does_not_take_leaves_the_item_to_people(run):
    item = Item.objects.order_by("pk").first()
    for claimed in claim(run, 3):
        keep(claimed, Trouble(Outcome.REJECTED, "rejected: HTTP 400"))

    item.refresh_from_db()
    assert item.status == Item.Status.DRAFTED


def test_a_call_that_may_be_tried_again_keeps_the_item_waiting(run):
    item = Item.objects.order_by("pk").first()
    Call.objects.update(tries=3)
    for claimed in claim(run, 3):
        keep(claimed, Trouble(Outcome.SERVER_ERROR, "server_error", again=True))

    item.refresh_from_db()
    assert item.status == Item.Status.NEW


def test_a_question_that_changed_is_not_asked_as_it_was_planned(run):
    item = Item.objects.order_by("pk").first()
    Item.objects.filter(pk=item.pk).update(question="May I not?")

    claimed = claim(run, 8)

    changed = Call.objects.filter(item=item)
    assert set(changed.values_list("status", "problem")) == {("failed", "changed")}
    assert item.pk not in {c.call.item_id for c in claimed}
    assert not Attempt.objects.exists()
    item.refresh_from_db()
    assert item.status == Item.Status.DRAFTED


def test_two_late_replies_to_one_call_are_both_kept_and_one_answers_it(run):
    [first] = claim(run)
    expire(first)
    calls.give_back_lost()
    Call.objects.update(not_before=None)
    [second] = claim(run)
    assert second.call.pk == first.call.pk
    expire(second)
    calls.give_back_lost()

    calls.keep([Landed(first, reply(content="1"), NOW), Landed(second, reply(content="2"), NOW)])

    call = Call.objects.get(pk=first.call.pk)
    assert call.status == Call.Status.RESPONDED
    kept = call.attempts.order_by("number").values_list("outcome", "content")
    assert list(kept)[2:] == [("replied", "1"), ("replied", "2")]


def test_what_came_back_together_is_kept_with_as_few_queries_as_one(
    run, django_assert_max_num_queries
):
    landed = [Landed(claimed, reply(), NOW) for claimed in claim(run, 8)]

    with django_assert_max_num_queries(12):
        calls.keep(landed)

    assert Call.objects.filter(status=Call.Status.RESPONDED).count() == 8


def test_a_claim_goes_on_where_the_last_one_ended(run):
    endpoint = Endpoint.objects.get()
    oldest = list(Call.objects.order_by("pk").values_list("pk", flat=True))

    catch = calls.claim(run_id=run.pk, endpoint_id=endpoint.pk, limit=3)
    assert ([c.call.pk for c in catch.claimed], catch.reached) == (oldest[:3], oldest[2])

    catch = calls.claim(run_id=run.pk, endpoint_id=endpoint.pk, limit=2, after=catch.reached)
    assert [c.call.pk for c in catch.claimed] == oldest[3:5]

    catch = calls.claim(run_id=run.pk, endpoint_id=endpoint.pk, limit=3, after=oldest[-2])
    assert ([c.call.pk for c in catch.claimed], catch.reached) == ([oldest[-1]], 0)


@pytest.mark.django_db(transaction=True)
def test_many_workers_claim_each_call_once_and_never_more_than_the_endpoint_takes(project, drafter):
    for _ in range(4):
        factories.make_item(project)
    run = plan.plan(project=project, by=None).run
    won, together = [], threading.Barrier(6)

    def work():
        together.wait()
        won.extend(claim(run, 3))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == len({c.call.pk for c in won}) == 8
