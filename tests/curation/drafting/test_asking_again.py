from dataclasses import replace

import pytest

from curation import endpoints
from curation.drafting import asking_again, budget, engine, plan, progress, runs
from curation.endpoints import Profile
from curation.models import Attempt, AuditEvent, Call, DraftRole, Item, Option, Run
from curation.refusals import Refused
from tests import factories
from tests.endpoint import completion, good_reply


def garbage(_asked):
    return completion("ERR ERR ERR")


@pytest.fixture
def broken(project, drafter, server):
    """A run in which the server said nothing that could be used; then it was mended."""
    for _ in range(2):
        factories.make_item(project)
    server.reply = garbage
    run = plan.plan(project=project, by=None).run
    engine.work(run_id=run.pk)
    server.reply = good_reply
    return Run.objects.get(pk=run.pk)


def again(run, by=None):
    return asking_again.ask(project=run.project, calls=run.calls.all(), by=by)


def test_every_reply_that_could_not_be_used_is_asked_for_anew_and_used(project, broken, curator):
    assert not plan.is_any_unmet(project, plan.asks_of(project, plan.drafters(project)))
    assert asking_again.of_run(broken).count() == 6

    run = again(broken, by=curator)
    engine.work(run_id=run.pk)

    run.refresh_from_db()
    assert (run.status, run.kind, run.by) == ("finished", "drafting", curator)
    assert progress.of(run).counts == {"done": 6}
    assert Option.objects.live().count() == 4
    assert set(Item.objects.values_list("status", flat=True)) == {"drafted"}
    assert AuditEvent.objects.filter(action="run.plan", subject_ref=f"run:{run.pk}").exists()


def test_the_old_reply_is_kept_and_the_new_one_is_paid_for_by_itself(broken):
    before = set(Attempt.objects.values_list("pk", "content"))
    old = set(broken.calls.values_list("key", flat=True))

    engine.work(run_id=again(broken).pk)

    assert before < set(Attempt.objects.values_list("pk", "content"))
    assert set(broken.calls.values_list("status", flat=True)) == {"unusable"}
    assert progress.of(broken).spent.attempts == len(before)
    fresh = Call.objects.filter(sample=1)
    assert fresh.count() == 6
    assert not old & set(fresh.values_list("key", flat=True))


def test_what_is_asked_again_is_asked_with_another_mark(broken, server):
    engine.work(run_id=again(broken).pk)

    marks = {(asked.purpose, asked.question, asked.nonce) for asked in server.log if asked.body}
    assert len(marks) == 12


def test_nobody_asks_twice_at_once(broken):
    again(broken)

    with pytest.raises(Refused):
        again(broken)
    assert Call.objects.filter(sample=1).count() == 6


def test_what_stayed_useless_may_be_asked_a_third_time(broken, server):
    server.reply = garbage
    second = again(broken)
    engine.work(run_id=second.pk)

    assert not asking_again.of_run(broken).exists()
    server.reply = good_reply
    engine.work(run_id=again(second).pk)

    assert set(Call.objects.filter(sample=2).values_list("status", flat=True)) == {"done"}
    assert not asking_again.of_drafting(broken.project).exists()


def test_what_a_cancelled_run_left_behind_is_asked_by_the_next_one(broken):
    second = again(broken)
    runs.cancel(run=second, by=None)

    third = again(second)
    engine.work(run_id=third.pk)

    assert list(third.calls.order_by("pk")) == list(second.calls.order_by("pk"))
    assert set(third.calls.values_list("status", flat=True)) == {"done"}


def test_one_call_alone_is_asked_again(broken):
    call = broken.calls.filter(purpose="positive_option").first()

    run = asking_again.ask(project=broken.project, calls=Call.objects.filter(pk=call.pk), by=None)
    engine.work(run_id=run.pk)

    assert run.calls.count() == 1
    assert call.item.options.live().get().polarity == "positive"
    assert list(asking_again.samples_of(call)) == list(run.calls.all())
    listed = asking_again.with_later(broken.calls.filter(pk=call.pk)).get()
    assert (listed.later, listed.later_status) == (run.calls.get().pk, "done")


def test_what_people_wrote_meanwhile_is_not_asked_for(broken, curator):
    item = broken.project.items.first()
    factories.make_option(item, polarity="positive")

    assert not asking_again.of_run(broken).filter(item=item, purpose="positive_option").exists()
    assert asking_again.of_run(broken).count() == 5


@pytest.mark.parametrize("status", ["in_review", "gold", "locked"])
def test_items_that_drafts_no_longer_reach_are_left_alone(broken, status):
    Item.objects.update(status=status)

    assert not asking_again.of_run(broken).exists()
    with pytest.raises(asking_again.NothingToAsk):
        again(broken)


def test_an_endpoint_that_asks_another_model_now_is_planned_for_and_not_asked_again(
    project, broken, drafter
):
    profile = replace(endpoints.profile_of(drafter), model="other-model")
    endpoints.update(endpoint=drafter, profile=profile, by=None)

    assert not asking_again.of_run(broken).exists()
    assert plan.is_any_unmet(project, plan.asks_of(project, plan.drafters(project)))


def test_samples_asked_again_change_nothing_about_what_a_plan_counts(project, broken, drafter):
    second = again(broken)
    runs.cancel(run=second, by=None)

    asks = plan.asks_of(project, plan.drafters(project))

    assert not plan.is_any_unmet(project, asks)
    assert not plan.unmet(project, asks)


def test_what_it_takes_is_estimated_where_a_price_is_known(project, broken, drafter):
    calls = asking_again.of_run(broken)
    assert {one.cost for one in asking_again.estimate(calls)} == {None}

    factories.make_price(drafter, 2_000_000, 8_000_000)

    found = asking_again.estimate(calls)
    assert [(one.purpose, one.calls) for one in found] == [
        *(("negative_option", 2), ("positive_option", 2), ("risk_tags", 2)),
    ]
    assert all(one.cost > 0 and one.tokens > 200 for one in found)


def test_a_budget_that_could_not_guard_it_refuses_it(project, broken):
    budget.set_cap(project=project, cap=1_000_000, by=None)

    with pytest.raises(Refused, match="price"):
        again(broken)
    assert Run.objects.count() == 1


def test_a_refusal_is_a_result_and_is_not_asked_again(project, drafter, server):
    factories.make_item(project)
    server.reply = lambda asked: completion("", refusal="I cannot help with that.")
    run = plan.plan(project=project, by=None).run
    engine.work(run_id=run.pk)

    assert set(run.calls.values_list("status", flat=True)) == {"refused"}
    assert not asking_again.of_run(run).exists()


def test_the_check_of_a_pair_that_is_asked_again_follows(project, drafter, server):
    other = endpoints.add(
        project=project,
        name="second",
        profile=Profile(base_url=server.base_url, model="other-model"),
        by=None,
    )
    endpoints.assign(endpoint=other, roles=[DraftRole.CHECKER], by=None)
    factories.make_item(project)
    server.reply = garbage
    run = plan.plan(project=project, by=None).run
    engine.work(run_id=run.pk)
    server.reply = good_reply

    engine.work(run_id=again(run).pk)

    assert Call.objects.get(purpose="option_check").status == "done"
