"""Subjects on their page."""

import pytest

from curation import releases
from curation.drafting import engine
from curation.models import Run, Subject, SubjectRun
from tests import factories

ADDRESS = "/projects/everyday/subjects/"
NEW = {"name": "quiet-s", "temperature": "0", "max_tokens": "256"}


@pytest.fixture
def signed_in(client, curator):
    client.force_login(curator)
    return client


@pytest.fixture
def release(project):
    factories.make_gold_item(project)
    return releases.freeze(project=project, by=None, quality={})


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
def test_for_others_the_page_is_not_there(client, drafter, request, person):
    client.force_login(request.getfixturevalue(person))

    assert client.get(ADDRESS).status_code == 404
    assert client.post(ADDRESS, NEW | {"endpoint": drafter.pk}).status_code == 404
    assert not Subject.objects.exists()


def test_an_empty_page_says_what_to_do(signed_in, project):
    assert "Name the endpoint of the model to be tested first" in signed_in.get(ADDRESS).text


def test_a_subject_is_named_and_runs_over_a_release(signed_in, drafter, release, server):
    signed_in.post(ADDRESS, NEW | {"endpoint": drafter.pk})
    subject = Subject.objects.get()

    answer = signed_in.post(f"{ADDRESS}{subject.pk}/run/", {"release": release.pk})

    run = Run.objects.get()
    assert answer["Location"] == f"/projects/everyday/runs/{run.pk}/"
    assert subject.decoding == {"temperature": 0, "max_tokens": 256, "seed": 0}
    engine.work(run_id=run.pk)
    page = signed_in.get(ADDRESS).text
    assert "3 of 3" in page
    assert "quiet-s answers release 1" in signed_in.get(answer["Location"]).text


def test_a_subject_before_any_release_waits_for_one(signed_in, drafter):
    signed_in.post(ADDRESS, NEW | {"endpoint": drafter.pk})

    assert "Freeze a release first" in signed_in.get(ADDRESS).text


def test_an_uploaded_subject_is_shown_without_a_start(signed_in, drafter, release):
    factories.make_subject_run(release, "elsewhere")

    page = signed_in.get(ADDRESS).text

    assert "elsewhere" in page
    assert "Start a run" not in page


def test_a_model_that_takes_no_temperature_is_sent_none(signed_in, drafter, release, server):
    signed_in.post(ADDRESS, NEW | {"endpoint": drafter.pk, "temperature": ""})
    subject = Subject.objects.get()
    signed_in.post(f"{ADDRESS}{subject.pk}/run/", {"release": release.pk})

    engine.work(run_id=Run.objects.get().pk)

    assert all("temperature" not in asked.body for asked in server.log)


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"name": "two words"}, {"temperature": "9"}, {"max_tokens": "0"}]
)
def test_what_is_wrong_is_said_beside_its_field(signed_in, drafter, change):
    answer = signed_in.post(ADDRESS, {**NEW, "endpoint": drafter.pk, **change})

    assert answer.status_code == 200
    assert not Subject.objects.exists()


def test_an_endpoint_of_another_project_cannot_be_chosen(signed_in, drafter):
    signed_in.post(ADDRESS, NEW | {"endpoint": factories.make_endpoint().pk})

    assert not Subject.objects.exists()


def test_a_release_of_another_project_cannot_be_chosen(signed_in, drafter, release):
    signed_in.post(ADDRESS, NEW | {"endpoint": drafter.pk})
    subject, other = Subject.objects.get(), factories.make_release()

    signed_in.post(f"{ADDRESS}{subject.pk}/run/", {"release": other.pk})

    assert not SubjectRun.objects.exists()
