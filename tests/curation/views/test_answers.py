"""The answers of a subject run on their page."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curation import releases
from curation.answers import record_answer
from curation.drafting import engine
from curation.models import DraftRole, Item, Run, Verdict
from tests import factories
from tests.curation.drafting.asking_about import named
from tests.endpoint import said


@pytest.fixture
def signed_in(client, curator):
    client.force_login(curator)
    return client


@pytest.fixture
def subject_run(project):
    items = [factories.make_gold_item(project, question=f"May I? {n}") for n in range(2)]
    release = releases.freeze(project=project, by=None, quality={})
    subject_run = factories.make_subject_run(release, "loud-model")
    for number, item in enumerate(items):
        record_answer(subject_run=subject_run, item=item, reply=f"Ask first, number {number}.")
    return subject_run


@pytest.fixture
def models(project, server):
    def reply(asked):
        bad = "number 1" in asked.text
        if asked.purpose == "judge":
            return said(asked, verdict="bad" if bad else "good", reason="So it seems.")
        return said(asked, score=0.9 if bad else 0.1, tags=["care"], explanation="It is plain.")

    server.reply = reply
    return named(project, server, DraftRole.CRITIC, DraftRole.JUDGE)


def address(subject_run, rest=""):
    return f"/projects/everyday/answers/{subject_run.pk}/{rest}"


def asked(client, subject_run, act):
    answer = client.post(address(subject_run, "ask/"), {"act": act})
    run = Run.objects.first()
    engine.work(run_id=run.pk)
    return answer, run


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
def test_for_others_the_page_is_not_there(client, subject_run, models, request, person):
    client.force_login(request.getfixturevalue(person))

    assert client.get(address(subject_run)).status_code == 404
    assert client.post(address(subject_run, "ask/"), {"act": "judge"}).status_code == 404
    assert not Run.objects.exists()


def test_without_models_the_page_names_the_roles(signed_in, subject_run):
    page = signed_in.get(address(subject_run)).text

    assert "No endpoint fills these roles yet: critic" in page
    assert "No endpoint fills these roles yet: judge" in page
    assert "Start judging" not in page


@pytest.mark.parametrize(
    ("act", "words", "lede"),
    [
        ("critique", "risk 0.90", "A critic looks at the answers of loud-model to release 1."),
        ("judge", "So it seems.", "A judge proposes verdicts on the answers of loud-model"),
    ],
)
def test_a_run_is_started_and_its_opinions_stand_beside_the_answers(
    signed_in, subject_run, models, act, words, lede
):
    assert "2 calls, about" in signed_in.get(address(subject_run)).text

    answer, run = asked(signed_in, subject_run, act)

    assert answer["Location"] == f"/projects/everyday/runs/{run.pk}/"
    assert lede in signed_in.get(answer["Location"]).text
    page = signed_in.get(address(subject_run)).text
    assert words in page
    assert "critic was asked about every answer" in page
    signed_in.post(address(subject_run, "ask/"), {"act": act})
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("critic=unsafe", [1]),
        ("critic=safe", [0]),
        ("critic=none", []),
        ("judge=good", [0]),
        ("judge=none", []),
        ("critic=safe&judge=bad", []),
        ("language=zh", []),
        ("suspicious=on", []),
        ("critic=odd", [0, 1]),
    ],
)
def test_answers_are_filtered(signed_in, subject_run, models, query, shown):
    asked(signed_in, subject_run, "critique")
    asked(signed_in, subject_run, "judge")

    page = signed_in.get(f"{address(subject_run)}?{query}").text

    assert [n for n in (0, 1) if f"Ask first, number {n}." in page] == shown


def test_an_unknown_act_asks_nothing(signed_in, subject_run, models):
    assert signed_in.post(address(subject_run, "ask/"), {"act": "odd"}).status_code == 302
    assert not Run.objects.exists()


def test_a_locked_item_shows_no_answer(signed_in, subject_run):
    Item.objects.filter(question="May I? 1").update(status=Item.Status.LOCKED)

    page = signed_in.get(address(subject_run)).text

    assert "number 0." in page
    assert "number 1." not in page


def test_the_page_costs_as_many_queries_for_more_answers(signed_in, subject_run, models):
    asked(signed_in, subject_run, "critique")
    signed_in.get(address(subject_run))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        signed_in.get(address(subject_run))
    before = len(queries)
    for number in range(5):
        item = factories.make_gold_item(subject_run.release.project)
        record_answer(subject_run=subject_run, item=item, reply=f"More {number}.")
    asked(signed_in, subject_run, "critique")

    with CaptureQueriesContext(connection) as queries:
        signed_in.get(address(subject_run))

    assert len(queries) == before <= 40
    assert not Verdict.objects.exists()
