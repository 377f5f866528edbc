import json

import pytest

from curation.drafting import applying, engine, plan, rereading
from curation.drafting.purposes import WORKS
from curation.models import Attempt, Call, Draft, Item, Option, Purpose
from curation.refusals import Refused
from tests import factories
from tests.endpoint import Fault, completion, good_reply, said


def sure(asked):
    """A reply that says what is wanted, with words around it that no parser of ours takes off."""
    value = json.dumps({"nonce": asked.nonce, "option": f"A {asked.purpose} stance."})
    return completion(f"Sure! {value} Good luck!")


def unusable(asked):
    return good_reply(asked) if asked.purpose == "risk_tags" else sure(asked)


@pytest.fixture
def run(project, drafter, server):
    """A run whose options came with words around them."""
    for _ in range(2):
        factories.make_item(project)
    server.reply = unusable
    run = plan.plan(project=project, by=None).run
    engine.work(run_id=run.pk)
    return run


@pytest.fixture
def newer(monkeypatch):
    """Adopt a parser that looks for an object in a reply."""

    def wise(work):
        read = work.read

        def find(call, attempt):
            text = attempt.content
            attempt.content = text[text.find("{") : text.rfind("}") + 1]
            return read(call, attempt)

        return find

    def adopt():
        monkeypatch.setattr(applying, "PARSER", "wise-3")
        monkeypatch.setattr(rereading, "PARSER", "wise-3")
        for purpose in (Purpose.POSITIVE, Purpose.NEGATIVE):
            monkeypatch.setattr(WORKS[purpose], "read", wise(WORKS[purpose]))

    return adopt


def again(project, **which):
    return rereading.everything(project=project, by=None, **which)


def test_a_newer_parser_uses_what_the_old_one_could_not_and_nothing_is_asked(
    project, run, server, newer
):
    asked = server.count()
    newer()

    found = again(project)

    assert (found.calls, found.usable) == (4, 4)
    assert dict(found.before) == {"not_json": 4}
    assert dict(found.after) == {}
    assert set(Call.objects.values_list("status", flat=True)) == {"done"}
    assert Option.objects.count() == 4
    assert set(Option.objects.values_list("draft__parser", flat=True)) == {"wise-3"}
    assert server.count() == asked == Attempt.objects.count()


def test_the_same_again_changes_nothing(project, run, newer):
    newer()
    again(project)
    drafts = Draft.objects.count()

    found = again(project)

    assert (found.calls, found.replies, Draft.objects.count()) == (0, 0, drafts)


def test_the_parser_that_read_a_reply_does_not_read_it_twice(project, run):
    drafts = Draft.objects.count()

    found = again(project)

    assert (found.calls, found.replies, found.usable) == (4, 0, 0)
    assert dict(found.after) == {"not_json": 4}
    assert Draft.objects.count() == drafts


def test_an_earlier_reply_is_used_where_the_last_one_cannot_be(project, drafter, server, newer):
    factories.make_item(project)
    server.reply = lambda asked: (
        sure(asked)
        if asked.mode == "json_schema" and "_option" in asked.purpose
        else good_reply(asked)
        if asked.purpose == "risk_tags"
        else completion("No idea.")
    )
    run = plan.plan(project=project, by=None).run
    engine.work(run_id=run.pk)
    newer()
    assert Call.objects.filter(status="unusable").count() == 2

    assert again(project).usable == 2

    assert set(Option.objects.values_list("draft__attempt__number", flat=True)) == {1}


def test_only_what_is_named_is_read(project, run, newer):
    newer()

    assert again(project, purposes=["positive_option"]).calls == 2
    assert again(project, run=run.pk + 1).calls == 0
    assert again(project, run=run.pk).calls == 2


def test_it_goes_on_where_it_was_cut_short(project, run, newer, monkeypatch):
    newer()
    monkeypatch.setattr(rereading, "PIECE", 1)
    work, pieces = rereading._again, iter([True, True])

    def cut(*given):
        if not next(pieces, False):
            raise KeyboardInterrupt
        work(*given)

    monkeypatch.setattr(rereading, "_again", cut)
    with pytest.raises(KeyboardInterrupt):
        again(project)
    monkeypatch.setattr(rereading, "_again", work)
    assert Call.objects.filter(status="unusable").count() == 2

    assert again(project).usable == 2


def test_a_reply_that_broke_the_reader_is_read_when_it_is_mended(
    project, drafter, server, monkeypatch
):
    def broken(call, attempt):
        raise RuntimeError

    factories.make_item(project)
    monkeypatch.setattr(WORKS[Purpose.POSITIVE], "read", broken)
    engine.work(run_id=plan.plan(project=project, by=None).run.pk)
    monkeypatch.undo()
    call = Call.objects.get(status="unusable")
    assert call.problem == "fault: RuntimeError"

    assert rereading.one(call=call, by=None) is True

    call.refresh_from_db()
    assert (call.status, call.problem) == ("done", "")


def test_what_failed_after_a_reply_is_read_too(project, drafter, server, newer, impatient):
    item = factories.make_item(project)
    server.reply = lambda asked: (
        good_reply(asked) if asked.purpose != "negative_option" else sure(asked)
    )
    run = plan.plan(project=project, by=None).run
    engine.work(run_id=run.pk)
    newer()
    Call.objects.filter(purpose="negative_option").update(status="failed", problem="server_error")

    assert again(project).usable == 1
    assert item.options.count() == 2


def test_a_text_that_another_option_had_is_proposed_once_it_is_free(project, drafter, server):
    factories.make_item(project)
    server.reply = lambda asked: (
        said(asked, option="The same.") if "_option" in asked.purpose else good_reply(asked)
    )
    engine.work(run_id=plan.plan(project=project, by=None).run.pk)
    call = Call.objects.get(status="unusable")
    with pytest.raises(Refused, match="no reply"):
        rereading.one(call=call, by=None)
    Option.objects.update(status="rejected", decision_ref="x:1", decided_at=call.created_at)
    Item.objects.update(status="drafted")

    assert rereading.one(call=call, by=None) is True
    assert Option.objects.live().get().draft.attempt.call == call


def test_a_call_that_is_done_is_left_alone(project, drafter, server, newer):
    factories.make_item(project)
    engine.work(run_id=plan.plan(project=project, by=None).run.pk)
    newer()

    with pytest.raises(rereading.ReadAlready):
        rereading.one(call=Call.objects.first(), by=None)


def test_a_server_error_is_no_reply_to_read(project, drafter, server, impatient):
    factories.make_item(project)
    server.answers(*[Fault(400)] * 3)
    engine.work(run_id=plan.plan(project=project, by=None).run.pk)

    assert again(project).calls == 0
