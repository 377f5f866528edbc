"""A reply that may hold sexual content about children; the words here are mild and clinical."""

import json
import re

import pytest

from curation import escalations
from curation.drafting import engine, plan, suspecting
from curation.models import Attempt, Call, Draft, Escalation, Item, Option, Purpose
from tests import factories
from tests.endpoint import completion

SUSPECTED = "It is about sexual content with a child."


def saying(ascii=False, tags=(), **texts):
    def reply(asked):
        nonce = re.search(r"<question-(\w+)>", asked.text)[1]
        if asked.purpose == "risk_tags":
            said = {"tags": [{"code": c, "score": 0.9, "explanation": ""} for c in tags]}
        else:
            said = {"option": texts.get(asked.purpose, f"A {asked.purpose[:8]} view.")}
        content = json.dumps({"nonce": nonce, **said}, ensure_ascii=ascii)
        return completion(content) | {"model": asked.body["model"]}

    return reply


def worked(project, server, reply, **item):
    item = factories.make_item(project, **item)
    server.reply = reply
    run = plan.plan(project=project, by=None).run
    engine.work(run_id=run.pk)
    run.refresh_from_db()
    item.refresh_from_db()
    return item, run


@pytest.mark.parametrize(
    ("text", "ascii"), [(SUSPECTED, False), ("这是关于儿童色情的内容。", True)]
)
def test_a_suspected_draft_proposes_nothing_and_locks_its_item(
    project, drafter, server, text, ascii
):
    item, run = worked(project, server, saying(ascii, positive_option=text))

    draft = Draft.objects.get(purpose=Purpose.POSITIVE)
    assert (draft.parsed, draft.unusable_reason) == (None, "suspected")
    assert item.status == Item.Status.LOCKED
    assert Escalation.objects.get().found == "draft"
    assert not Option.objects.filter(polarity="positive").exists()
    assert run.status == "finished"


def test_a_tag_of_the_taxonomys_own_locks_the_item(project, drafter, server):
    factories.make_tag(project.taxonomy, "grave", aliases=["csae"])

    item, _run = worked(project, server, saying(tags=["grave"]))

    assert item.status == Item.Status.LOCKED
    assert Escalation.objects.get().found == "tag"


def test_nothing_of_a_locked_item_is_sent(project, drafter, server):
    item = factories.make_item(project)
    server.reply = saying()
    run = plan.plan(project=project, by=None).run
    escalations.lock([item.pk], found=Escalation.Found.QUESTION)

    engine.work(run_id=run.pk)

    assert server.log == []
    assert set(Call.objects.values_list("status", "problem")) == {("failed", "locked")}
    run.refresh_from_db()
    assert run.status == "finished"


def test_after_a_false_alarm_the_item_is_drafted_and_what_its_drafts_say_is_no_news(
    project, drafter, server, curator
):
    item = factories.make_item(project)
    server.reply = saying(positive_option=SUSPECTED)
    first = plan.plan(project=project, by=None).run
    escalations.lock([item.pk], found=Escalation.Found.QUESTION)
    engine.work(run_id=first.pk)
    assert plan.plan(project=project, by=None).run is None
    decision = Escalation.Decision.FALSE_ALARM
    escalations.decide(escalation=item.escalations.get(), decision=decision, by=curator)

    engine.work(run_id=plan.plan(project=project, by=None).run.pk)

    item.refresh_from_db()
    assert item.status == Item.Status.DRAFTED
    assert item.options.live().count() == 2


@pytest.mark.parametrize(
    ("purpose", "withheld"), [(Purpose.EXPANSION, True), (Purpose.CRITIQUE, False)]
)
def test_what_is_asked_anew_beside_gold_is_watched_and_what_is_said_of_gold_is_not(
    project, purpose, withheld
):
    call = Call(pk=7, item=factories.make_gold_item(project), purpose=purpose)

    found = suspecting.in_replies([call], {7: Attempt(content=SUSPECTED)})

    assert (7 in found) == withheld
    assert not Escalation.objects.exists()
