from curation.drafting import asking, engine, estimates, plan
from curation.models import Call
from tests import factories


def test_an_estimate_counts_calls_and_prices_tokens(project, drafter):
    factories.make_price(drafter, 1_000_000, 1_000_000)
    for language in ("en", "zh"):
        factories.make_item(project, language=language)

    found = estimates.of(project, dict.fromkeys(plan.ROLES, drafter))

    assert [estimate.calls for estimate in found] == [2, 2, 2]
    assert all(estimate.cost == estimate.tokens > 500 for estimate in found)
    assert estimates.total_cost(found) == sum(estimate.tokens for estimate in found)


def test_an_estimate_is_not_far_from_what_a_model_of_four_letters_a_token_counts(project, drafter):
    factories.make_item(project)
    [positive, *_others] = estimates.of(project, plan.drafters(project))
    plan.plan(project=project, by=None)
    calls = Call.objects.select_related("endpoint", "item", "prompt")
    call = calls.get(purpose=positive.purpose)

    letters = sum(len(m["content"]) for m in asking.built(call, call.endpoint).messages)

    assert letters / 5 < positive.tokens < letters / 2


def test_without_a_price_the_total_is_not_known(project, drafter):
    factories.make_item(project)

    assert estimates.total_cost(estimates.of(project, plan.drafters(project))) is None


def test_what_is_drafted_is_no_longer_counted(project, drafter, server):
    factories.make_item(project)
    engine.work(run_id=plan.plan(project=project, by=None).run.pk)

    assert [e.calls for e in estimates.of(project, plan.drafters(project))] == [0, 0, 0]
