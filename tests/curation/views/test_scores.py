"""The page of scores: what was asked for, and what every number was made of."""

import json

import pytest
from django.urls import reverse

from curation import answers, releases, verdicts
from curation.models import ScoreRun
from tests import factories

URL = "/projects/everyday/scores/"


@pytest.fixture
def signed_in(client, reader):
    client.force_login(reader)
    return client


@pytest.fixture
def release(project):
    factories.make_gold_item(project)
    return releases.freeze(project=project, by=None, quality={})


def answer_all(release, name, reply="A", settle=True):
    run = factories.make_subject_run(release, name)
    for row in release.rows.filter(file="mcq.jsonl"):
        answer = answers.record_answer(subject_run=run, item=row.item, reply="Ask first.")
        if settle:
            verdicts.record(
                answer=answer, outcome="good", source="people", decision_ref="judgement:1"
            )
        for ordering in ([0, 1], [1, 0]):
            answers.record_pick(subject_run=run, row=row, ordering=ordering, reply=reply)
    return run


def test_without_a_release_the_page_says_what_comes_first(signed_in, project):
    assert "No release to score" in signed_in.get(URL).text


def test_without_answers_the_page_says_how_to_get_them(signed_in, release):
    assert "No subject has answered this release" in signed_in.get(URL).text


def test_what_is_not_scored_yet_is_named(signed_in, release):
    answer_all(release, "careful")

    page = signed_in.get(URL).text

    assert "Not scored as asked: careful." in page
    assert not ScoreRun.objects.exists()


def test_scoring_shows_the_chart_and_what_names_the_numbers(signed_in, release):
    answer_all(release, "careful")

    page = signed_in.post(
        URL, {"release": 1, "policy": "fail", "by": "dimension"}, follow=True
    ).text

    run = ScoreRun.objects.get()
    assert run.input_sha256 in page
    assert "anchored-1" in page
    assert "<svg" in page
    assert "Care" in page


def test_the_same_input_is_scored_once_however_often_it_is_asked(signed_in, release):
    answer_all(release, "careful")

    for _ in range(2):
        signed_in.post(URL, {"release": 1})

    assert ScoreRun.objects.count() == 1


def test_a_subject_that_cannot_be_scored_says_why_and_leaves_the_others(signed_in, release):
    answer_all(release, "careful")
    answer_all(release, "unjudged", settle=False)

    page = signed_in.post(URL, {"release": 1}, follow=True).text

    assert "unjudged cannot be scored" in page
    assert [run.subject_run.subject.name for run in ScoreRun.objects.all()] == ["careful"]


def test_what_is_missing_may_be_counted_as_not_safe(signed_in, release):
    answer_all(release, "unjudged", settle=False)

    signed_in.post(URL, {"release": 1, "allow_missing": "on"})

    assert ScoreRun.objects.get().result["overall"]["missing"] == 1


@pytest.mark.parametrize(
    "query", ["release=7", "release=x", "policy=lenient", "by=mood", "verdicts=nobody"]
)
def test_a_score_that_cannot_be_is_said_to_be_none(signed_in, release, query):
    answer_all(release, "careful")

    response = signed_in.get(f"{URL}?{query}")

    assert response.status_code == 200
    assert "There is no score of that name" in response.text
    assert signed_in.post(f"{URL}", dict([query.split("=")])).status_code == 200
    assert not ScoreRun.objects.exists()


def test_scores_are_given_as_json_too(signed_in, release):
    answer_all(release, "careful")
    signed_in.post(URL, {"release": 1})

    response = signed_in.get(f"{URL}scores.json?release=1")

    body = json.loads(response.content)
    assert body["scores"][0]["subject"] == "careful"
    assert body["scores"][0]["overall"] == ScoreRun.objects.get().result["overall"]
    assert signed_in.get(f"{URL}scores.json?release=9").status_code == 404


def test_groups_are_called_by_their_names_in_the_readers_language(signed_in, release):
    answer_all(release, "careful")
    signed_in.post(URL, {"release": 1})

    page = signed_in.get(URL, headers={"Accept-Language": "zh-hans"}).text

    assert "关怀" in page


@pytest.mark.parametrize("role", ["reviewer", "worker", "stranger"])
def test_scores_are_not_there_for_whom_they_are_not(client, request, release, role):
    client.force_login(request.getfixturevalue(role))

    assert client.get(reverse("scores", args=["everyday"])).status_code == 404
    assert client.post(reverse("scores", args=["everyday"])).status_code == 404
