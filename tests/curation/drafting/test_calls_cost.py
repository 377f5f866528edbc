"""What calls in flight hold of a budget, and what they cost in the end."""

import threading
import time

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from curation.drafting import budget as budgets
from curation.drafting import calls, plan, usages
from curation.drafting.calls import Landed
from curation.drafting.replies import Outcome, Trouble, Usage
from curation.models import Attempt, Budget, Call, Endpoint, Item
from curation.refusals import Refused
from tests import factories
from tests.curation.drafting.hands import NOW, claim, expire, keep, reply


@pytest.fixture
def run(project, drafter):
    for _ in range(4):
        factories.make_item(project)
    return plan.plan(project=project, by=None).run


@pytest.fixture
def priced(run):
    factories.make_price(Endpoint.objects.get(), 1_000_000, 2_000_000)  # 1 and 2 a token


def budget_of(project, cap):
    return Budget.objects.create(project=project, cap=cap)


def test_the_worst_case_is_held_while_a_call_is_in_flight(run, project, priced):
    budget = budget_of(project, 1_000_000)

    [claimed] = claim(run)

    budget.refresh_from_db()
    assert budget.reserved == claimed.call.reserved == claimed.request.size() + 2 * 1000


def test_no_call_is_claimed_beyond_the_cap(run, project, priced):
    [first] = claim(run)
    keep(first, reply(usage=Usage(1, 1)))
    budget = budget_of(project, 9000)

    catch = calls.claim(run_id=run.pk, endpoint_id=Endpoint.objects.get().pk, limit=8)

    budget.refresh_from_db()
    assert catch.out_of_budget
    assert len(catch.claimed) == Call.objects.filter(status="leased").count() == 2
    assert 0 < budget.reserved <= 9000


def test_a_reply_gives_the_reservation_back_and_books_what_it_cost(run, project, priced):
    budget = budget_of(project, 100_000)
    [claimed] = claim(run)

    call = keep(claimed, reply(usage=Usage(100, 20)))

    budget.refresh_from_db()
    assert (budget.reserved, budget.spent, budget.overrun) == (0, 140, 0)
    assert (Attempt.objects.get().cost, call.reserved) == (140, 0)


@pytest.mark.parametrize("usage", [Usage(None, None), Usage(0, 0), Usage(10, None)])
def test_a_reply_without_believable_usage_costs_its_worst_case(run, project, priced, usage):
    budget = budget_of(project, 100_000)
    [claimed] = claim(run)

    keep(claimed, reply(usage=usage))

    budget.refresh_from_db()
    assert budget.spent == claimed.call.reserved


def test_a_reply_that_tells_too_little_costs_what_it_must_have_been(run, project, priced):
    budget = budget_of(project, 100_000)
    [claimed] = claim(run)
    sent = usages.fewest(m["content"] for m in claimed.request.messages)

    keep(claimed, reply(usage=Usage(1, 20)))

    budget.refresh_from_db()
    attempt = Attempt.objects.get()
    assert budget.spent == attempt.cost == sent + 2 * 20 > 100
    assert (attempt.input_tokens, attempt.flags) == (1, ["odd_usage"])


def test_a_dearer_reply_is_kept_and_its_overrun_written_down(run, project, priced):
    budget = budget_of(project, 5000)
    [claimed] = claim(run)

    call = keep(claimed, reply(usage=Usage(4000, 3000)))

    budget.refresh_from_db()
    assert call.status == Call.Status.RESPONDED
    assert (budget.spent, budget.overrun, budget.reserved) == (5000, 5000, 0)
    assert Endpoint.objects.get().paused_reason == "dearer"
    assert claim(run) == []


def test_after_an_overrun_nothing_more_is_bought_until_the_cap_rises(run, project, priced):
    budget = budget_of(project, 5000)
    [claimed] = claim(run)
    keep(claimed, reply(usage=Usage(4000, 3000)))
    Endpoint.objects.update(paused_reason="")

    assert calls.claim(run_id=run.pk, endpoint_id=Endpoint.objects.get().pk, limit=1).out_of_budget

    Budget.objects.filter(pk=budget.pk).update(cap=100_000)
    assert len(claim(run)) == 1


def test_a_reply_within_its_worst_case_does_not_stop_the_lane(run, project, priced):
    budget_of(project, 100_000)
    [claimed] = claim(run)

    keep(claimed, reply(usage=Usage(claimed.request.size(), 1000)))

    assert Endpoint.objects.get().paused_reason == ""


def test_what_came_back_together_is_booked_together(run, project, priced):
    budget = budget_of(project, 100_000)
    first, second, third = claim(run, 3)

    calls.keep(
        [
            Landed(first, reply(usage=Usage(100, 20)), NOW),
            Landed(second, Trouble(Outcome.UNREACHABLE, "unreachable", again=True), NOW),
            Landed(third, Trouble(Outcome.UNKNOWN, "timeout", again=True), NOW),
        ]
    )

    budget.refresh_from_db()
    assert (budget.reserved, budget.spent) == (0, 140 + third.call.reserved)
    assert [a.cost for a in Attempt.objects.order_by("pk")] == [140, 0, third.call.reserved]


def test_a_call_that_never_arrived_costs_nothing(run, project, priced):
    budget = budget_of(project, 100_000)
    [claimed] = claim(run)

    keep(claimed, Trouble(Outcome.UNREACHABLE, "unreachable", again=True))

    budget.refresh_from_db()
    assert (budget.reserved, budget.spent) == (0, 0)


def test_a_lost_call_is_booked_at_its_worst(run, project, priced):
    budget = budget_of(project, 100_000)
    [claimed] = claim(run)
    expire(claimed)

    calls.give_back_lost()

    budget.refresh_from_db()
    assert (budget.reserved, budget.spent) == (0, claimed.call.reserved)


def test_with_a_budget_a_call_without_a_price_is_never_made(run, project):
    budget_of(project, 100_000)

    catch = calls.claim(run_id=run.pk, endpoint_id=Endpoint.objects.get().pk, limit=8)

    assert (catch.claimed, catch.out_of_budget) == ([], True)
    assert not Call.objects.filter(status=Call.Status.LEASED).exists()


def test_what_was_paid_beyond_the_cap_counts_when_it_rises(run, project, priced):
    budget = budget_of(project, 5000)
    [claimed] = claim(run)
    keep(claimed, reply(usage=Usage(4000, 3000)))
    Endpoint.objects.update(paused_reason="")

    budgets.set_cap(project=project, cap=10_000, by=None)  # what was paid, and no more

    budget.refresh_from_db()
    assert budget.left == 0
    assert claim(run) == []


def test_a_cap_counts_the_calls_that_are_out_when_it_is_set(run, project, priced):
    out = claim(run, 2)
    each = out[0].call.reserved

    budgets.set_cap(project=project, cap=2 * each + 500, by=None)

    assert Budget.objects.get().reserved == held() > each
    assert claim(run, 2) == []
    for one in out:
        keep(one, reply(usage=Usage(10, 1)))
    assert Budget.objects.get().reserved == held() == 0


def test_a_cap_below_what_is_out_is_refused(run, project, priced):
    [claimed] = claim(run)

    with pytest.raises(Refused, match="already spent or reserved"):
        budgets.set_cap(project=project, cap=claimed.call.reserved - 1, by=None)

    assert not Budget.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_cap_waits_for_the_replies_that_are_just_being_kept(run, project, priced):
    first, second = claim(run, 2)
    setting = threading.Thread(target=lambda: (set_cap(project), connection.close()))

    with transaction.atomic():
        keep(first, reply(usage=Usage(10, 1)))
        setting.start()
        time.sleep(0.5)
        assert setting.is_alive()
    setting.join()

    assert Budget.objects.get().reserved == held() == second.call.reserved


def set_cap(project):
    budgets.set_cap(project=project, cap=100_000, by=None)


def held():
    """Return what the calls that are out may cost, by the calls themselves."""
    return Call.objects.filter(status="leased").aggregate(all=Sum("reserved"))["all"] or 0


def test_a_lost_call_that_must_not_be_asked_again_is_booked_and_lets_its_item_go_on(
    run, project, priced
):
    budget = budget_of(project, 100_000)
    [claimed] = claim(run)
    Item.objects.filter(pk=claimed.call.item_id).update(question="Another one?")
    expire(claimed)

    calls.give_back_lost()

    attempt, call = Attempt.objects.get(), Call.objects.get(pk=claimed.call.pk)
    budget.refresh_from_db()
    assert (call.status, call.problem) == ("failed", "changed")
    assert (attempt.outcome, attempt.problem) == ("unknown", "worker_lost")
    assert attempt.cost == budget.spent == claimed.call.reserved
    assert budget.reserved == 0
