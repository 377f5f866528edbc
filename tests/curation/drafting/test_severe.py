"""No model drafts a negative option for an item that has a severe tag, whenever it is found."""

import json
import re

import pytest

from curation import severe_tags
from curation.drafting import engine, gaps, plan
from curation.models import Call, Draft, Item, Purpose
from tests import factories
from tests.endpoint import completion

NEGATIVE = {"purpose": Purpose.NEGATIVE}


@pytest.fixture
def law(project):
    return project.taxonomy.tags.get(code="law")


def reply(asked):
    """Answer well; the tagger finds the severe tag in everything."""
    nonce = re.search(r"<question-(\w+)>", asked.text)[1]
    if asked.purpose == "risk_tags":
        said = {"tags": [{"code": "law", "score": 0.9, "explanation": "It is."}]}
    else:
        said = {"option": f"A {asked.purpose[:8]} view on {asked.question[:8]}"}
    return completion(json.dumps({"nonce": nonce, **said})) | {"model": asked.body["model"]}


def worked(project, server, meanwhile=lambda: None):
    item = factories.make_item(project)
    server.reply = reply
    run = plan.plan(project=project, by=None).run
    meanwhile()
    engine.work(run_id=run.pk)
    run.refresh_from_db()
    item.refresh_from_db()
    return item, run


def test_a_negative_call_is_not_made_once_the_item_is_severe(project, drafter, server, law):
    item, run = worked(project, server, lambda: factories.make_item_tag(Item.objects.get(), law))

    call = Call.objects.get(**NEGATIVE)
    assert (call.status, call.problem, call.attempts.count()) == ("failed", "severe", 0)
    assert server.count("negative_option") == 0
    assert (run.status, item.status) == ("finished", Item.Status.DRAFTED)
    assert {option.polarity for option in item.options.live()} == {"positive"}


def test_a_negative_draft_that_comes_with_the_severe_tag_proposes_nothing(
    project, drafter, server, law, monkeypatch
):
    monkeypatch.setattr(engine, "GATHER", 0.5)  # all three replies are read together

    item, _run = worked(project, server)

    draft = Draft.objects.get(**NEGATIVE)
    assert (draft.parsed, draft.unusable_reason) == (None, "withheld: severe")
    assert not item.options.filter(polarity="negative").exists()
    assert (item.status, item.main_tag.code) == (Item.Status.DRAFTED, "care.body")


def test_a_negative_option_from_before_the_tag_was_found_is_taken_back(project, drafter, server):
    item = factories.make_item(project)
    server.reply = reply
    run = plan.plan(project=project, by=None).run
    Call.objects.filter(purpose=Purpose.TAGS).update(status="batched")
    engine.work(run_id=run.pk)
    assert item.options.live().filter(polarity="negative").exists()
    Call.objects.filter(purpose=Purpose.TAGS).update(status="planned")

    engine.work(run_id=run.pk)

    taken_back = item.options.get(polarity="negative")
    assert (taken_back.status, taken_back.decision_ref) == ("rejected", "rule:severe")


def test_where_a_curator_switched_the_tag_on_models_draft(project, drafter, server, law):
    severe_tags.switch(project=project, tag=law, on=True, by=None)

    item, _run = worked(project, server)

    assert item.options.live().filter(polarity="negative").exists()


def test_a_plan_leaves_out_what_is_severe_unless_it_is_switched_on(project, drafter, law):
    factories.make_item(project, main_tag=law)

    before = (
        gaps.wanted_items(project, Purpose.NEGATIVE).count(),
        gaps.severe_items(project).count(),
    )
    severe_tags.switch(project=project, tag=law, on=True, by=None)
    after = (
        gaps.wanted_items(project, Purpose.NEGATIVE).count(),
        gaps.severe_items(project).count(),
    )

    assert (before, after) == ((0, 1), (1, 0))
