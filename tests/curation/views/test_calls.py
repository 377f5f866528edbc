"""The page of one call."""

import json

import pytest
from django.utils import timezone

from curation.drafting import applying, engine, plan, requests, rereading
from curation.drafting.purposes import WORKS
from curation.models import Attempt, Call, Item
from curation.views import calls
from tests import factories
from tests.endpoint import Fault, completion, good_reply


@pytest.fixture
def drafted(project, drafter, server):
    """Draft an item, with what the model says to the negative option."""

    def draft(reply):
        factories.make_item(project, question="May I <b>taste</b> grapes?")
        server.reply = lambda asked: (
            reply if asked.purpose == "negative_option" else good_reply(asked)
        )
        engine.work(run_id=plan.plan(project=project, by=None).run.pk)
        return Call.objects.get(purpose="negative_option")

    return draft


def page_of(call):
    return f"/projects/everyday/calls/{call.pk}/"


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
def test_for_others_the_page_is_not_there(client, drafted, request, person):
    call = drafted(completion("Sure!"))
    client.force_login(request.getfixturevalue(person))

    assert client.get(page_of(call)).status_code == 404
    assert client.post(page_of(call)).status_code == 404


def test_what_was_asked_and_every_reply_as_it_came_are_shown_harmlessly(client, curator, drafted):
    call = drafted(completion("<script>alert(1)</script>"))
    client.force_login(curator)

    text = client.get(page_of(call)).text

    assert "May I &lt;b&gt;taste&lt;/b&gt; grapes?" in text
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text
    assert text.count('id="attempt-') == call.attempts.count() == 4
    assert "Read by strict-3: The reply is not JSON." in text
    assert "with its fault quoted" in text


def test_a_long_reply_is_cut(client, curator, drafted, monkeypatch):
    monkeypatch.setattr(calls, "SHOWN", 50)
    call = drafted(completion("x" * 1_000))
    client.force_login(curator)

    text = client.get(page_of(call)).text

    assert "Only its beginning is shown." in text
    assert "xxx" not in text


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00\x01", "a\u202eb".encode(), b""])
def test_any_bytes_can_be_shown(client, curator, drafted, raw):
    call = drafted(completion("Sure!"))
    Attempt.objects.create(
        call=call, number=9, outcome="unknown", milliseconds=1, raw=raw, started_at=timezone.now()
    )
    client.force_login(curator)

    assert client.get(page_of(call)).status_code == 200


def test_a_reply_is_read_again(client, curator, drafted, monkeypatch):
    call = drafted(completion("Sure!"))
    client.force_login(curator)
    assert "Read again" in client.get(page_of(call)).text
    nonce = requests.nonce_of(call.key)

    def read(call, attempt, plain=WORKS["negative_option"].read):
        attempt.content = json.dumps({"nonce": nonce, "option": "Nobody minds."})
        return plain(call, attempt)

    monkeypatch.setattr(WORKS["negative_option"], "read", read)
    monkeypatch.setattr(applying, "PARSER", "newer")
    monkeypatch.setattr(rereading, "PARSER", "newer")

    text = client.post(page_of(call), follow=True).text

    assert "The reply can be used now." in text
    assert "Read again" not in text
    assert call.item.options.filter(text="Nobody minds.").exists()


def test_what_was_read_already_is_refused_in_words(client, curator, drafted):
    call = drafted(completion("Sure!"))
    client.force_login(curator)

    address = page_of(call)
    client.post(address, headers={"Referer": f"http://testserver{address}"})

    assert "There is no reply that this version has not read already." in client.get(address).text


def test_what_has_changed_since_is_not_shown_as_asked(client, curator, drafted):
    call = drafted(completion("Sure!"))
    Item.objects.update(question="Another?")
    client.force_login(curator)

    assert "has changed since it was planned" in client.get(page_of(call)).text


def test_a_call_about_a_locked_item_is_not_there(client, curator, drafted):
    call = drafted(completion("Sure!"))
    Item.objects.update(status="locked")
    client.force_login(curator)

    assert client.get(page_of(call)).status_code == 404


def test_the_run_and_the_item_lead_to_what_brought_nothing(client, curator, drafted):
    call = drafted(completion("Sure!"))
    client.force_login(curator)

    run = client.get(f"/projects/everyday/runs/{call.runs.get().pk}/").text
    item = client.get(f"/projects/everyday/items/{call.item.uid}/").text

    assert page_of(call) in run
    assert page_of(call) in item


def test_trouble_is_told_with_its_status(client, curator, drafted, server):
    server.answers(*[Fault(400, {"error": {"message": "Not so."}})] * 3)
    call = drafted(completion("Sure!"))
    client.force_login(curator)

    text = client.get(page_of(call)).text

    assert "The endpoint does not take this request: HTTP 400." in text
    assert "Not so." in text


def test_one_reply_that_could_not_be_used_is_asked_for_anew(client, curator, drafted, server):
    call = drafted(completion("ERR"))
    server.reply = good_reply
    client.force_login(curator)
    assert "1 reply that could not be used is asked for anew" in client.get(page_of(call)).text

    answer = client.post(page_of(call), {"act": "again"}, follow=True)

    run = call.item.project.runs.first()
    assert answer.redirect_chain[-1][0] == f"/projects/everyday/runs/{run.pk}/"
    engine.work(run_id=run.pk)
    text = client.get(page_of(call)).text
    assert f'<a href="{page_of(run.calls.get())}">Call {run.calls.get().pk}</a>' in text
    assert 'value="again"' not in text


def test_a_reply_that_was_used_is_not_asked_for_anew(client, curator, drafted, server):
    call = drafted(good_reply)
    call = Call.objects.get(purpose="positive_option")
    client.force_login(curator)

    assert 'value="again"' not in client.get(page_of(call)).text
    client.post(page_of(call), {"act": "again"})
    assert call.item.project.runs.count() == 1


def test_a_call_that_waits_says_when_it_is_asked_again(client, curator, drafted):
    call = drafted(good_reply)
    client.force_login(curator)
    assert "Asked again at" not in client.get(page_of(call)).text

    Call.objects.filter(pk=call.pk).update(status="planned", not_before=timezone.now())

    assert "Asked again at" in client.get(page_of(call)).text


def test_what_is_odd_about_an_attempt_is_shown(client, curator, drafted):
    body = completion("Sure!", usage=(1, 20)) | {"system_fingerprint": "fp_7"}
    call = drafted(Fault(body=body, headers={"Sunset": "soon"}))
    client.force_login(curator)

    text = client.get(page_of(call)).text

    assert "its token count cannot be true" in text
    assert "fp_7" in text
    assert "sunset: soon" in text
