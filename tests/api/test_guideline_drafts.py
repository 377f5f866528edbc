"""The draft of a guideline over the API: saved by who has seen what stands."""

import pytest

from annotation.models import GuidelineDraft
from tests.annotation import acting

pytestmark = pytest.mark.django_db
TEXTS = {"text_en": "Be kind.", "text_zh": "善待他人。"}


@pytest.fixture
def campaign(project):
    return acting.open_review(project)


@pytest.fixture
def url(campaign):
    return f"/api/v1/projects/everyday/campaigns/{campaign.pk}/guideline-draft/"


def put(client, url, etag, **changes):
    return client.put(
        url, TEXTS | changes, content_type="application/json", headers={"If-Match": etag}
    )


def test_before_a_draft_is_begun_the_guideline_in_force_is_shown(asked, url, campaign):
    response = asked.get(url)

    found = response.json()
    assert response.headers["ETag"] == found["etag"]
    assert (found["version"], found["follows"], found["saved_at"]) == (0, 1, None)
    assert found["text_en"] == campaign.guideline.text_en


def test_a_draft_is_begun_saved_again_and_thrown_away(asked, url):
    first = put(asked, url, asked.get(url).headers["ETag"], text_zh="")
    second = put(asked, url, first.headers["ETag"])

    assert (first.json()["version"], second.json()["version"]) == (1, 2)
    assert asked.get(url).json() == second.json()
    gone = asked.delete(url, headers={"If-Match": second.headers["ETag"]})
    assert gone.status_code == 204
    assert not GuidelineDraft.objects.exists()


def test_who_was_slower_is_told_both_texts(asked, url):
    seen = asked.get(url).headers["ETag"]
    put(asked, url, seen, text_en="The faster text.")

    response = put(asked, url, seen, text_en="The slower text.")

    told = response.json()
    assert response.status_code == told["status"] == 412
    assert told["yours"]["text_en"] == "The slower text."
    assert told["now"]["text_en"] == "The faster text."
    assert put(asked, url, told["now"]["etag"], text_en="The slower text.").status_code == 200


def test_nobody_throws_away_what_they_have_not_read(asked, url):
    seen = asked.get(url).headers["ETag"]
    put(asked, url, seen)

    response = asked.delete(url, headers={"If-Match": seen})

    assert (response.status_code, response.json()["now"]["version"]) == (412, 1)
    assert GuidelineDraft.objects.exists()


def test_nobody_saves_without_saying_what_they_saw(asked, url):
    assert asked.put(url, TEXTS, content_type="application/json").status_code == 428
    assert asked.delete(url).status_code == 428


def test_a_tag_that_was_never_given_out_is_stale(asked, url):
    assert put(asked, url, '"7.7.7"').status_code == 412
    assert put(asked, url, '"anything"').status_code == 412


@pytest.mark.parametrize(
    "changes", [{"text_en": None}, {"text_zh": "x" * 20_001}, {"other": ""}, {"text_en": ["x"]}]
)
def test_both_texts_are_expected(asked, url, changes):
    assert put(asked, url, asked.get(url).headers["ETag"], **changes).status_code == 400
