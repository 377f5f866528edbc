"""The page of a run: progress, failures, and what can be done."""

from datetime import timedelta

import pytest
from django.utils import timezone

from curation import endpoints
from curation.drafting import batches, engine, plan, progress
from curation.models import Call, Endpoint, Run
from tests import factories
from tests.endpoint import Fault, completion, good_reply


@pytest.fixture
def run(project, drafter):
    factories.make_item(project, external_id="q-known")
    return plan.plan(project=project, by=None).run


@pytest.fixture
def page(client, curator, run):
    client.force_login(curator)
    return f"/projects/everyday/runs/{run.pk}/"


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
def test_for_others_the_page_is_not_there(client, page, request, person):
    client.force_login(request.getfixturevalue(person))

    assert client.get(page).status_code == 404
    assert client.post(page, {"act": "cancel"}).status_code == 404
    assert Run.objects.get().status == "running"


def test_a_run_of_another_project_is_not_there(client, page):
    other = Run.objects.create(project=factories.make_project(), kind="drafting")

    assert client.get(f"/projects/everyday/runs/{other.pk}/").status_code == 404


def test_a_running_run_asks_for_news_and_a_finished_one_does_not(client, page, run):
    assert 'hx-trigger="every 2s"' in client.get(page).text

    engine.work(run_id=run.pk)

    done = client.get(page).text
    assert "hx-trigger" not in done
    assert "3 of 3" in done


def test_the_news_are_the_fragment_alone(client, page, run):
    answer = client.get(page, headers={"HX-Request": "true"})

    assert answer.text.strip().startswith(f'<section id="run-{run.pk}"')


def test_failures_are_listed_with_their_reason_and_their_item(client, page, run, server, project):
    server.reply = lambda asked: completion("Of course!")
    engine.work(run_id=run.pk)

    text = client.get(page).text

    item = project.items.get()
    assert "The reply is not JSON." in text
    assert f"/projects/everyday/items/{item.uid}/" in text
    assert "q-known" in text


def test_a_run_is_paused_resumed_and_cancelled(client, page):
    seen = []
    for act in ("pause", "resume", "cancel"):
        client.post(page, {"act": act})
        seen.append(Run.objects.get().status)

    assert seen == ["paused", "running", "cancelled"]


def test_failed_calls_are_tried_again(client, page, run, server, impatient):
    server.answers(*[Fault(400)] * 3)
    engine.work(run_id=run.pk)
    assert "Try failed calls again" in client.get(page).text

    client.post(page, {"act": "retry"})
    engine.work(run_id=run.pk)

    assert set(Call.objects.values_list("status", flat=True)) == {"done"}


def test_a_step_that_cannot_be_is_refused_in_words(client, page):
    client.post(page, {"act": "cancel"})

    answer = client.post(page, {"act": "resume"}, headers={"Referer": f"http://testserver{page}"})

    assert answer.status_code == 302
    assert "cannot become" in client.get(page).text


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (["pause"], "The run is paused."),
        (["pause", "resume"], "The run goes on."),
        (["cancel"], "The run is cancelled."),
        (["pause", "pause"], "The run is already paused."),
        (["resume"], "The run is already running."),
        (["cancel", "cancel"], "The run is already cancelled."),
    ],
)
def test_each_step_is_answered_and_a_second_press_does_no_harm(client, page, steps, words):
    for step in steps[:-1]:
        client.post(page, {"act": step})

    text = client.post(page, {"act": steps[-1]}, follow=True).text

    assert words in text
    assert "cannot become" not in text


def test_a_run_is_cancelled_after_a_second_look(client, page):
    text = client.get(page).text

    before, _name, after = text.partition('name="act" value="cancel"')
    assert before.rindex("<details") > before.rindex("</details>")
    assert "For good." in before
    assert after


def test_what_a_cancelled_run_left_is_not_asked(client, page):
    assert "Not asked" not in client.get(page).text

    client.post(page, {"act": "cancel"})

    text = client.get(page).text
    assert "Not asked" in text
    assert "Waiting" not in text


def test_calls_in_files_are_in_the_table(client, page, run, tmp_path):
    batches.export(run=run, folder=tmp_path, by=None)

    line = progress.of(run).lines[0]
    assert (line.total, line.in_files, line.waiting) == (1, 1, 0)
    assert '<td class="num" data-label="In files">1</td>' in client.get(page).text


def test_replies_that_could_not_be_used_are_asked_for_anew(client, page, run, server, drafter):
    factories.make_price(drafter, 150_000, 600_000)
    server.reply = lambda asked: completion("ERR")
    engine.work(run_id=run.pk)
    server.reply = good_reply
    text = client.get(page).text
    assert "3 replies that could not be used are asked for anew: about" in text
    assert "USD" in text.partition("asked for anew")[2]

    answer = client.post(page, {"act": "again"}, follow=True)

    again = Run.objects.latest("pk")
    assert answer.redirect_chain[-1][0] == f"/projects/everyday/runs/{again.pk}/"
    assert f"This run asks anew for what run {run.pk} lacks." in answer.text
    engine.work(run_id=again.pk)
    assert set(again.calls.values_list("status", flat=True)) == {"done"}
    old = client.get(page).text
    assert old.count("asked anew: done") == 3
    assert 'value="again"' not in old
    assert f'<a href="{page}">' in client.get(answer.redirect_chain[-1][0]).text


def test_asking_again_twice_is_refused_in_words(client, page, run, server):
    server.reply = lambda asked: completion("ERR")
    engine.work(run_id=run.pk)
    client.post(page, {"act": "again"})

    client.post(page, {"act": "again"}, headers={"Referer": f"http://testserver{page}"})

    assert "There is no reply here that is still needed" in client.get(page).text
    assert Run.objects.count() == 2


def test_an_unknown_act_changes_nothing(client, page):
    assert client.post(page, {"act": "explode"}).status_code == 302
    assert Run.objects.get().status == "running"


def test_what_a_run_waits_for_is_a_banner(client, page, drafter):
    endpoints.pause(endpoint_id=drafter.pk, reason="denied: HTTP 403")

    assert (
        "quiet is paused: The endpoint does not accept the key: HTTP 403." in client.get(page).text
    )


@pytest.mark.parametrize("number", ["0", "999", "x"])
def test_a_page_of_failures_that_is_not_there_does_no_harm(client, page, number):
    assert client.get(page, {"page": number}).status_code == 200


def test_an_endpoint_that_rests_is_a_banner_with_its_time(client, page, drafter):
    later = timezone.now() + timedelta(minutes=3)
    Endpoint.objects.filter(pk=drafter.pk).update(resting_until=later, rest_reason="rate_limited")

    for address in (page, "/projects/everyday/drafting/", "/projects/everyday/"):
        text = client.get(address).text

        assert "quiet rests until <time datetime=" in text
        assert "The endpoint asks to slow down." in text
