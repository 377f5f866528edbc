import json
import threading

import pytest
from django.db import OperationalError, connection

from curation import items
from curation.drafting import applying, engine, plan, requests
from curation.drafting.purposes import WORKS
from curation.models import Attempt, Call, Draft, Endpoint, Item, ItemTag, Option, Purpose
from tests import factories
from tests.endpoint import Fault, completion, said


def drafted(project, server, reply, **item):
    """Draft one item where every call is answered by what `reply(asked)` returns."""
    item = factories.make_item(project, **item)
    server.reply = reply
    run = plan.plan(project=project, by=None).run
    engine.work(run_id=run.pk)
    item.refresh_from_db()
    return item


def call_of(purpose):
    return Call.objects.get(purpose=purpose)


def saying(**value):
    return lambda asked: said(asked, **value)


def option(text):
    return saying(option=text)


def by_purpose(**replies):
    """Answer each purpose with a body, or with what a function makes of the request."""
    replies = {"risk_tags": saying(tags=[]), **replies}

    def reply(asked):
        answer = replies[asked.purpose]
        return answer(asked) if callable(answer) else answer

    return reply


PAIR = {
    "positive_option": option("Ask whose it is."),
    "negative_option": option("Finders keepers."),
}


def test_good_replies_become_options_and_the_item_is_drafted(project, drafter, server):
    item = drafted(project, server, by_purpose(**PAIR))

    assert item.status == Item.Status.DRAFTED
    found = {option.polarity: option for option in item.options.all()}
    assert found["positive"].text == "Ask whose it is."
    assert found["negative"].text == "Finders keepers."
    assert {o.author_ref for o in found.values()} == {"endpoint:quiet"}
    assert {o.origin for o in found.values()} == {"model"}
    assert found["positive"].draft.parsed == {"option": "Ask whose it is."}
    assert set(Call.objects.values_list("status", flat=True)) == {Call.Status.DONE}


def test_flags_of_a_draft_stand_on_its_option(project, drafter, server):
    pair = {**PAIR, "positive_option": option("I'm sorry, but I can't help with that.")}

    item = drafted(project, server, by_purpose(**pair))

    assert item.options.get(polarity="positive").flags == ["refusal"]


def test_a_negative_draft_that_is_more_than_a_stance_is_withheld(project, drafter, server):
    pair = {**PAIR, "negative_option": option("Sell it on www.example.com")}

    item = drafted(project, server, by_purpose(**pair))

    call = call_of(Purpose.NEGATIVE)
    assert (call.status, call.problem) == (Call.Status.UNUSABLE, "withheld: url")
    draft = Draft.objects.get(purpose=Purpose.NEGATIVE)
    assert (draft.parsed, draft.unusable_reason, draft.flags) == (None, "withheld: url", ["url"])
    assert not item.options.filter(polarity="negative").exists()
    assert item.status == Item.Status.DRAFTED


@pytest.mark.parametrize(
    ("reply", "status", "problem", "outcome", "times"),
    [
        (completion("Sure, here you go!"), "unusable", "not_json", "replied", 4),
        (
            completion('{"nonce": "", "options": 1}'),
            "unusable",
            "wrong_shape: option",
            "replied",
            3,
        ),
        (completion('{"nonce": "a", "option": "b"}'), "unusable", "wrong_nonce", "replied", 2),
        (completion(" "), "unusable", "empty", "replied", 2),
        (completion('{"opt', finish_reason="length"), "unusable", "truncated", "truncated", 2),
        (completion(None, refusal="I would rather not."), "refused", "refused", "refused", 1),
        (completion("", finish_reason="content_filter"), "refused", "filtered", "filtered", 1),
    ],
)
def test_a_reply_that_cannot_be_used_is_kept_and_leaves_the_item_to_people(
    project, drafter, server, reply, status, problem, outcome, times
):
    item = drafted(project, server, by_purpose(**{**PAIR, "negative_option": reply}))

    call = call_of(Purpose.NEGATIVE)
    assert (call.status, call.problem) == (status, problem)
    assert server.count("negative_option") == call.attempts.count() == times
    for attempt in call.attempts.all():
        assert (attempt.outcome, json.loads(bytes(attempt.raw))) == (outcome, reply)
    drafts = Draft.objects.filter(purpose=Purpose.NEGATIVE)
    assert list(drafts.values_list("unusable_reason", flat=True)) == [problem] * times
    assert item.status == Item.Status.DRAFTED


def test_a_cut_off_reply_that_is_whole_by_luck_is_taken(project, drafter, server):
    def lucky(asked):
        body = said(asked, option="Finders keepers.")
        body["choices"][0]["finish_reason"] = "length"
        return body

    item = drafted(project, server, by_purpose(**{**PAIR, "negative_option": lucky}))

    assert server.count("negative_option") == 1
    assert item.options.filter(polarity="negative").exists()


def test_two_drafts_that_say_the_same_are_not_both_proposed(project, drafter, server):
    same = {**PAIR, "negative_option": option("  ask whose it is. ")}

    item = drafted(project, server, by_purpose(**same))

    assert item.options.count() == 1
    problems = {c.problem for c in Call.objects.filter(status=Call.Status.UNUSABLE)}
    assert problems == {"same_text"}
    assert item.status == Item.Status.DRAFTED


def test_tags_are_proposed_with_score_and_explanation(project, drafter, server):
    tags = [
        {"code": "care", "score": 0.4, "explanation": "It is about care."},
        {"code": "care.mind", "score": 0.9, "explanation": "It is about the mind."},
        {"code": "made.up", "score": 0.9, "explanation": "It is not there."},
    ]

    item = drafted(
        project,
        server,
        by_purpose(**PAIR, risk_tags=saying(tags=tags)),
        main_tag=None,
    )

    found = ItemTag.objects.filter(item=item)
    assert {(t.tag.code, t.score, t.origin) for t in found} == {
        ("care", 0.4, "model"),
        ("care.mind", 0.9, "model"),
    }
    assert not found.filter(accepted=True).exists()
    draft = Draft.objects.get(purpose=Purpose.TAGS)
    assert draft.flags == ["unknown_tag"]
    assert len(draft.parsed["tags"]) == 3
    assert item.main_tag.code == "care.mind"


def test_a_main_tag_that_is_there_stays(project, drafter, server):
    tags = [{"code": "care.mind", "score": 0.9, "explanation": ""}]

    item = drafted(project, server, by_purpose(**PAIR, risk_tags=saying(tags=tags)))

    assert item.main_tag.code == "care.body"


def test_an_item_whose_tags_alone_came_waits_for_its_options(project, drafter, server):
    Endpoint.objects.update(concurrency=1)
    server.answers(*[Fault(503, headers={"Retry-After": "600"})] * 2)

    item = drafted(project, server, by_purpose(**PAIR))

    assert call_of(Purpose.TAGS).status == Call.Status.DONE
    assert Call.objects.filter(status=Call.Status.PLANNED).count() == 2
    assert item.status == Item.Status.NEW


def test_a_draft_for_an_item_under_review_is_kept_and_changes_nothing(project, drafter, server):
    item = factories.make_item(project)
    run = plan.plan(project=project, by=None).run
    items.move(item=item, to=Item.Status.IN_REVIEW)

    engine.work(run_id=run.pk)

    assert Draft.objects.filter(parsed__isnull=False).count() == 3
    assert not Option.objects.exists()
    assert not ItemTag.objects.exists()
    assert set(Call.objects.values_list("status", "problem")) == {("done", "too_late")}


def test_what_breaks_the_reader_is_given_up_and_not_read_for_ever(
    project, drafter, server, monkeypatch
):
    def broken(*args, **kwargs):
        raise RuntimeError("no words of a reply in here")

    monkeypatch.setattr(WORKS[Purpose.POSITIVE], "read", broken)

    item = drafted(project, server, by_purpose(**PAIR))

    call = call_of(Purpose.POSITIVE)
    assert (call.status, call.problem) == (Call.Status.UNUSABLE, "fault: RuntimeError")
    assert call_of(Purpose.NEGATIVE).status == Call.Status.DONE
    assert item.status == Item.Status.DRAFTED


def test_reading_twice_applies_once(project, drafter, server):
    drafted(project, server, by_purpose(**PAIR))

    applying.read(list(Call.objects.values_list("pk", flat=True)))

    assert (Draft.objects.count(), Option.objects.count()) == (3, 2)


@pytest.mark.django_db(transaction=True)
def test_replies_of_one_item_read_at_the_same_moment_still_move_it_on(project, drafter):
    items_ = [factories.make_item(project) for _ in range(6)]
    plan.plan(project=project, by=None)
    for call in Call.objects.filter(purpose__in=(Purpose.POSITIVE, Purpose.NEGATIVE)):
        Attempt.objects.create(
            call=call,
            number=1,
            outcome="replied",
            milliseconds=1,
            raw=b"",
            started_at=call.created_at,
            content=json.dumps(
                {"nonce": requests.nonce_of(call.key), "option": f"A {call.purpose} view."}
            ),
        )
        Call.objects.filter(pk=call.pk).update(status=Call.Status.RESPONDED)
    together = threading.Barrier(2)

    def read(purpose):
        for item in items_:
            pk = Call.objects.get(item=item, purpose=purpose).pk
            together.wait()
            applying.read([pk])
        connection.close()

    threads = [
        threading.Thread(target=read, args=[p]) for p in ("positive_option", "negative_option")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(Item.objects.values_list("status", flat=True)) == {Item.Status.DRAFTED}


def test_a_reply_is_not_given_up_because_the_database_was_busy(project, drafter, monkeypatch):
    factories.make_item(project)
    plan.plan(project=project, by=None)
    call = call_of(Purpose.POSITIVE)
    Call.objects.filter(pk=call.pk).update(status="responded")

    def busy(*args):
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(applying, "_read", busy)
    with pytest.raises(OperationalError):
        applying.read([call.pk])

    call.refresh_from_db()
    assert call.status == Call.Status.RESPONDED


def test_a_reply_of_another_model_is_flagged_and_taken(project, drafter, server):
    by_others = by_purpose(**PAIR)

    item = drafted(project, server, lambda asked: by_others(asked) | {"model": "loud-model"})

    assert [option.flags for option in item.options.all()] == [["other_model"]] * 2
    assert set(Attempt.objects.values_list("model_returned", flat=True)) == {"loud-model"}


def test_an_endpoint_can_leave_replies_of_other_models_to_people(project, drafter, server):
    Endpoint.objects.update(holds_other_models=True)
    by_others = by_purpose(**PAIR)

    item = drafted(project, server, lambda asked: by_others(asked) | {"model": "loud-model"})

    assert set(Call.objects.values_list("status", "problem")) == {("unusable", "other_model")}
    assert server.count() == 3
    assert not Option.objects.exists()
    assert item.status == Item.Status.DRAFTED


def test_a_reply_that_names_no_model_is_no_other_models(project, drafter, server):
    Endpoint.objects.update(holds_other_models=True)
    by_nobody = by_purpose(**PAIR)

    item = drafted(project, server, lambda asked: by_nobody(asked) | {"model": None})

    assert [option.flags for option in item.options.all()] == [[], []]


def test_one_reply_that_breaks_the_reader_does_not_hold_up_those_beside_it(
    project, drafter, server, monkeypatch
):
    read = WORKS[Purpose.POSITIVE].read

    def broken(call, attempt):
        if call.item_id == odd.pk:
            raise RuntimeError
        return read(call, attempt)

    odd = factories.make_item(project)
    monkeypatch.setattr(WORKS[Purpose.POSITIVE], "read", broken)

    drafted(project, server, by_purpose(**PAIR))

    assert Call.objects.filter(status=Call.Status.DONE).count() == 5
    assert Call.objects.get(status=Call.Status.UNUSABLE).item == odd
