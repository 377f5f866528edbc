"""The draft of a taxonomy over the API: begun, published, thrown away and used."""

import pytest

from curation import taxonomy_drafts
from curation.models import TaxonomyDraft
from tests.curation.test_taxonomy_drafts import add

pytestmark = pytest.mark.django_db
URL = "/api/v1/projects/everyday/taxonomy-draft/"
USE = "/api/v1/projects/everyday/taxonomy/use"


@pytest.fixture
def draft(project):
    return taxonomy_drafts.begin(project=project, by=None)


def post(client, url, body=None, **headers):
    return client.post(url, body or {}, content_type="application/json", headers=headers)


def test_a_draft_is_begun_read_and_thrown_away(asked, project):
    assert asked.get(URL).status_code == 404

    begun = post(asked, URL)

    found = begun.json()
    assert (begun.status_code, begun.headers["ETag"]) == (201, found["etag"])
    assert found["follows"] == {"name": project.taxonomy.name, "number": 1}
    assert [tag["code"] for tag in found["tags"]] == ["care", "care.body", "care.mind", "law"]
    assert asked.get(URL).json() == found
    assert post(asked, URL).status_code == 409
    assert asked.delete(URL, headers={"If-Match": found["etag"]}).status_code == 204
    assert not TaxonomyDraft.objects.exists()


def test_a_draft_is_published_and_used(asked, project, draft):
    add(project)
    etag = asked.get(URL).headers["ETag"]

    made = post(asked, f"{URL}publish", **{"If-Match": etag})

    assert (made.status_code, made.json()["number"]) == (201, 2)
    used = post(asked, USE, {"number": 2})
    assert (used.status_code, used.json()) == (200, made.json())
    project.refresh_from_db()
    assert project.taxonomy.number == 2


def test_nobody_ends_what_they_have_not_read(asked, project, draft):
    etag = asked.get(URL).headers["ETag"]
    add(project)

    for answer in (
        post(asked, f"{URL}publish", **{"If-Match": etag}),
        asked.delete(URL, headers={"If-Match": etag}),
    ):
        told = answer.json()
        assert (answer.status_code, told["type"]) == (412, "urn:touchstone:overtaken")
        assert "care.pets" in [tag["code"] for tag in told["now"]["tags"]]

    assert post(asked, f"{URL}publish").status_code == 428
    assert asked.delete(URL).status_code == 428
    assert TaxonomyDraft.objects.exists()


def test_where_there_is_no_draft_nothing_is_ended(asked, project):
    assert asked.delete(URL, headers={"If-Match": '"1.1"'}).status_code == 404
    assert post(asked, f"{URL}publish", **{"If-Match": '"1.1"'}).status_code == 404


def test_a_draft_that_changes_nothing_is_not_published(asked, draft):
    etag = asked.get(URL).headers["ETag"]

    assert post(asked, f"{URL}publish", **{"If-Match": etag}).status_code == 409


@pytest.mark.parametrize(
    ("body", "status"),
    [({"number": 7}, 409), ({"number": "2"}, 400), ({}, 400), ({"number": 1, "x": 1}, 400)],
)
def test_a_version_that_is_not_there_is_refused(asked, project, body, status):
    assert post(asked, USE, body).status_code == status
