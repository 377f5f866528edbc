"""A second endpoint looks at every pair in which a model wrote something."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation import endpoints
from curation.drafting import applying, calls, engine, estimates, plan, runs, tallies
from curation.drafting.checking import NotASecondOpinion
from curation.drafting.purposes import WORKS
from curation.endpoints import Profile
from curation.models import Call, Draft, DraftRole, Item, Option, Purpose, Run
from tests import factories
from tests.endpoint import completion

SOUND = {"positive_safe": True, "negative_unsafe": True, "distinct": True, "reason": "Plainly."}


def saying(**verdict):
    """Answer as a well-behaved model does, with this verdict on every pair."""

    def reply(asked):
        nonce = re.search(r"<question-(\w+)>", asked.text)[1]
        if asked.purpose == "option_check":
            said = SOUND | verdict
        elif asked.purpose == "risk_tags":
            said = {"tags": []}
        else:
            said = {"option": f"A {asked.purpose[:8]} view on {asked.question[:8]}"}
        return completion(json.dumps({"nonce": nonce, **said})) | {"model": asked.body["model"]}

    return reply


def named(project, server, name, *roles):
    profile = Profile(base_url=server.base_url, model=f"{name}-model", concurrency=4)
    endpoint = endpoints.add(project=project, name=name, profile=profile, by=None)
    endpoints.assign(endpoint=endpoint, roles=roles, by=None)
    return endpoint


@pytest.fixture
def checker(project, server):
    return named(project, server, "second", DraftRole.CHECKER)


def drafted(project, server, **verdict):
    """Draft one item; the checker says this of its pair."""
    item = factories.make_item(project)
    server.reply = saying(**verdict)
    run = plan.plan(project=project, by=None).run
    engine.work(run_id=run.pk)
    run.refresh_from_db()
    item.refresh_from_db()
    return item, run


def flags_of(item):
    return {option.polarity: option.flags for option in item.options.live()}


def test_a_pair_that_is_whole_is_checked_in_the_same_run(project, drafter, checker, server):
    item, run = drafted(project, server)

    check = Call.objects.get(purpose=Purpose.CHECK)
    pair = {option.polarity: option.pk for option in item.options.live()}
    assert (run.status, check.status) == (Run.Status.FINISHED, Call.Status.DONE)
    assert (check.endpoint, check.about) == (checker, pair)
    assert check.target == f"pair:{pair['positive']},{pair['negative']}"
    assert tallies.counts(run.pk)[Purpose.CHECK, Call.Status.DONE] == 1
    assert server.count("option_check") == 1
    assert Draft.objects.get(purpose=Purpose.CHECK).parsed == SOUND
    assert flags_of(item) == {"positive": [], "negative": []}


def test_the_texts_are_data_between_marks_of_the_call(project, drafter, checker, server):
    item, _run = drafted(project, server)

    asked = next(asked for asked in server.log if asked.purpose == "option_check")
    for name, text in {
        "question": item.question,
        **{option.polarity: option.text for option in item.options.live()},
    }.items():
        assert re.search(rf"<{name}-(\w{{24}})>\n{re.escape(text)}\n</{name}-\1>", asked.text)


@pytest.mark.parametrize(
    ("verdict", "doubted"),
    [
        ({"positive_safe": False}, {"positive"}),
        ({"negative_unsafe": False}, {"negative"}),
        ({"distinct": False}, {"positive", "negative"}),
    ],
)
def test_a_no_flags_the_options_it_is_about(project, drafter, checker, server, verdict, doubted):
    item, _run = drafted(project, server, **verdict)

    flagged = {polarity for polarity, flags in flags_of(item).items() if "checker_doubts" in flags}
    assert flagged == doubted
    assert Draft.objects.get(purpose=Purpose.CHECK).flags == ["checker_doubts"]
    assert item.status == Item.Status.DRAFTED


def test_reading_a_check_again_flags_no_option_twice(project, drafter, checker, server):
    item, _run = drafted(project, server, distinct=False)
    draft = Draft.objects.select_related("attempt__call").get(purpose=Purpose.CHECK)

    WORKS[Purpose.CHECK].apply([draft])

    assert flags_of(item) == {"positive": ["checker_doubts"], "negative": ["checker_doubts"]}


def test_without_a_checker_nothing_is_checked(project, drafter, server):
    _item, run = drafted(project, server)

    assert run.status == Run.Status.FINISHED
    assert not Call.objects.filter(purpose=Purpose.CHECK).exists()


@pytest.mark.parametrize("role", [DraftRole.POSITIVE, DraftRole.NEGATIVE])
def test_who_drafts_an_option_cannot_check_it(project, drafter, server, role):
    named(project, server, "second", role, DraftRole.CHECKER)
    factories.make_item(project)

    with pytest.raises(NotASecondOpinion, match="second drafts options"):
        plan.plan(project=project, by=None)

    assert not Run.objects.exists()


def test_the_tagger_may_check(project, drafter, server):
    named(project, server, "second", DraftRole.TAGGER, DraftRole.CHECKER)

    item, _run = drafted(project, server)

    assert item.status == Item.Status.DRAFTED
    assert server.count("option_check") == 1


def test_a_pair_that_people_brought_is_not_checked(project, drafter, checker, server):
    item = factories.make_item(project)
    factories.make_options(item)
    server.reply = saying()

    engine.work(run_id=plan.plan(project=project, by=None).run.pk)

    assert server.count("option_check") == 0


def test_one_drafted_option_is_enough_for_a_check(project, drafter, checker, server):
    item = factories.make_item(project)
    factories.make_option(item, "positive")
    server.reply = saying()

    engine.work(run_id=plan.plan(project=project, by=None).run.pk)

    assert server.count("option_check") == 1


def test_the_run_is_never_over_between_the_last_draft_and_the_check(
    project, drafter, checker, server, monkeypatch
):
    factories.make_item(project)
    server.reply = saying()
    run = plan.plan(project=project, by=None).run
    over = []
    monkeypatch.setattr(
        calls,
        "claim",
        lambda plain=calls.claim, **kw: (over.append(runs.finish(run.pk)), plain(**kw))[1],
    )

    engine.work(run_id=run.pk)

    assert len(over) > 1
    assert not any(over[:-1])
    assert server.count("option_check") == 1


def test_pairs_drafted_before_there_was_a_checker_are_checked_by_the_next_run(
    project, drafter, server
):
    drafted(project, server)
    named(project, server, "second", DraftRole.CHECKER)

    made = plan.plan(project=project, by=None)
    engine.work(run_id=made.run.pk)

    assert made.planned == {Purpose.CHECK: 1}
    assert server.count("option_check") == 1
    assert plan.plan(project=project, by=None).run is None


def test_a_check_that_comes_while_people_review_still_counts(project, drafter, checker, server):
    item = factories.make_item(project)
    server.reply = saying(distinct=False)
    run = plan.plan(project=project, by=None).run
    plain = applying.read

    def read(call_ids):
        if Call.objects.filter(pk__in=call_ids, purpose=Purpose.CHECK).exists():
            Item.objects.filter(pk=item.pk).update(status=Item.Status.IN_REVIEW)
        plain(call_ids)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine.applying, "read", read)
        engine.work(run_id=run.pk)

    assert flags_of(item)["positive"] == ["checker_doubts"]
    assert Call.objects.get(purpose=Purpose.CHECK).problem == ""


def test_a_pair_that_stands_no_more_is_not_asked_about(project, drafter, checker, server):
    item, run = drafted(project, server)
    Call.objects.filter(purpose=Purpose.CHECK).update(status=Call.Status.FAILED)
    Option.objects.filter(item=item, polarity="positive").update(
        status=Option.Status.REJECTED, decision_ref="x", decided_at="2026-01-01T00:00:00Z"
    )
    runs.retry_failed(run=run, by=None)

    engine.work(run_id=run.pk)

    check = Call.objects.get(purpose=Purpose.CHECK)
    assert (check.status, check.problem) == (Call.Status.FAILED, "changed")
    assert server.count("option_check") == 1


def test_checks_are_planned_with_as_few_queries_for_many_items_as_for_one(
    project, drafter, checker, server
):
    def queries_for(items):
        for _number in range(items):
            factories.make_item(project)
        server.reply = saying()
        run = plan.plan(project=project, by=None).run
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(engine.applying, "read", lambda call_ids: None)
            engine.work(run_id=run.pk)
        waiting = calls.unread()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            applying.read(waiting)
        return len(captured)

    assert abs(queries_for(12) - queries_for(2)) <= 2


def test_the_estimate_counts_each_pair_to_check_once(project, drafter, checker):
    factories.make_options(factories.make_item(project))
    factories.make_option(factories.make_item(project), "positive")
    for _number in range(2):
        factories.make_item(project)

    found = {e.purpose: e for e in estimates.of(project, plan.drafters(project), checker)}

    assert found[Purpose.CHECK].calls == 3
    assert found[Purpose.CHECK].endpoint == checker
    assert found[Purpose.CHECK].tokens > 3 * 400


def test_an_estimate_counts_pairs_that_wait_for_a_checker(project, drafter, server):
    drafted(project, server)
    checker = named(project, server, "second", DraftRole.CHECKER)

    found = estimates.of(project, plan.drafters(project), checker)

    assert {e.purpose: e.calls for e in found if e.calls} == {Purpose.CHECK: 1}


def test_an_option_that_says_the_same_as_the_other_is_not_proposed(project, drafter, server):
    item = factories.make_item(project)
    factories.make_option(item, "positive", text="A negative view on May I bo!")
    server.reply = saying()

    engine.work(run_id=plan.plan(project=project, by=None).run.pk)

    assert Call.objects.get(purpose=Purpose.NEGATIVE).problem == "same_text"
    assert not item.options.filter(polarity="negative").exists()
