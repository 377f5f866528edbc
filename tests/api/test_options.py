"""Options over the API: corrected by who has seen what stands."""

import pytest

from annotation import corrections, leases
from tests import factories
from tests.annotation import acting

pytestmark = pytest.mark.django_db
URL = "/api/v1/projects/everyday/items/"
TEXT = {"text": "Ask him first, and wait."}


@pytest.fixture
def item(project):
    return acting.drafted_item(project)


@pytest.fixture
def option(item):
    return item.options.get(polarity="positive")


def patch(client, option, body=TEXT, **headers):
    place = f"{URL}{option.item.uid}/options/{option.pk}/"
    return client.patch(place, body, content_type="application/json", headers=headers)


def test_what_an_item_shows_can_be_corrected(asked, item):
    shown = asked.get(f"{URL}{item.uid}/").json()["options"][0]

    response = asked.patch(
        f"{URL}{item.uid}/options/{shown['id']}/",
        TEXT,
        content_type="application/json",
        headers={"If-Match": shown["etag"]},
    )

    made = response.json()
    assert response.status_code == 200
    assert (made["text"], made["status"], made["origin"]) == (TEXT["text"], "proposed", "reviewer")
    assert response.headers["ETag"] == made["etag"] != shown["etag"]
    assert asked.get(f"{URL}{item.uid}/").json()["options"][-1] == made


def test_one_option_is_read_with_its_etag(asked, option):
    response = asked.get(f"{URL}{option.item.uid}/options/{option.pk}/")

    assert response.headers["ETag"] == response.json()["etag"] == f'"{option.pk}"'


def test_who_was_slower_is_told_both_texts(asked, option, curator):
    made = corrections.correct(option=option, text="The faster text.", by=curator)

    response = patch(asked, option, **{"If-Match": f'"{option.pk}"'})

    told = response.json()
    assert response.status_code == told["status"] == 412
    assert told["type"] == "urn:touchstone:overtaken"
    assert told["yours"] == TEXT
    assert (told["now"]["text"], told["now"]["etag"]) == ("The faster text.", f'"{made.pk}"')
    assert patch(asked, made, **{"If-Match": told["now"]["etag"]}).status_code == 200


def test_an_etag_of_another_text_is_stale(asked, option):
    response = patch(asked, option, **{"If-Match": '"1"'})

    assert response.status_code == 412
    assert response.json()["now"]["text"] == option.text


def test_nothing_stands_where_an_option_was_rejected(asked, option):
    type(option).objects.filter(pk=option.pk).update(
        status="rejected", decided_at="2026-01-01T00:00Z", decision_ref="judgement:1"
    )

    told = patch(asked, option, **{"If-Match": f'"{option.pk}"'})

    assert (told.status_code, told.json()["now"]) == (412, None)


def test_nobody_edits_without_saying_what_they_saw(asked, option):
    response = patch(asked, option)

    assert response.status_code == 428
    assert "If-Match" in response.json()["detail"]


@pytest.mark.parametrize("tag", ["1", "*", 'W/"1"', '"1", "2"', '"é"', ""])
def test_one_strong_etag_is_expected(asked, option, tag):
    assert patch(asked, option, **{"If-Match": tag}).status_code == 400


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 1}, {"text": "x" * 4_001}, [], "x"])
def test_a_text_is_expected(asked, option, body):
    assert patch(asked, option, body, **{"If-Match": f'"{option.pk}"'}).status_code == 400


def test_what_somebody_works_on_is_refused(asked, project, option):
    leases.claim(worker=acting.make_worker(project), campaign=acting.open_review(project))

    response = patch(asked, option, **{"If-Match": f'"{option.pk}"'})

    assert (response.status_code, response.json()["type"]) == (409, "urn:touchstone:in-hand")


def test_an_option_of_another_item_is_not_there(asked, item):
    other = factories.make_options(factories.make_item(item.project))[0]

    response = asked.get(f"{URL}{item.uid}/options/{other.pk}/")

    assert response.status_code == 404
    assert asked.get(f"{URL}{item.uid}/options/{10**30}/").status_code == 404
