"""One tag of a taxonomy's draft over the API: saved by who has seen what stands."""

import pytest

from curation import taxonomy_drafts
from curation.taxonomy_drafts import seen_of, standing

pytestmark = pytest.mark.django_db
TAGS = "/api/v1/projects/everyday/taxonomy-draft/tags/"
LAW = f"{TAGS}law/"
WORDS = {
    "name_en": "Law",
    "name_zh": "法律",
    "definition_en": "",
    "definition_zh": "",
    "aliases": ["Legal"],
    "severity": 0,
}
NEW = WORDS | {"parent": "care", "code": "pets"}


@pytest.fixture(autouse=True)
def draft(project):
    return taxonomy_drafts.begin(project=project, by=None)


def put(client, etag, url=LAW, **changes):
    body = WORDS | changes
    return client.put(url, body, content_type="application/json", headers={"If-Match": etag})


def post(client, **changes):
    return client.post(TAGS, NEW | changes, content_type="application/json")


def etag_at(client, url=LAW):
    return client.get(url).headers["ETag"]


def test_a_tag_is_saved(asked):
    saved = put(asked, etag_at(asked))

    found = saved.json()
    assert (saved.status_code, saved.headers["ETag"]) == (200, found["etag"])
    assert found.items() >= (WORDS | {"version": 2, "fresh": False, "parent": ""}).items()
    assert asked.get(LAW).json() == found


def test_who_was_slower_is_told_both_texts(asked):
    etag = etag_at(asked)
    put(asked, etag, name_en="Faster")

    answer = put(asked, etag, name_en="Slower")

    told = answer.json()
    assert (answer.status_code, told["type"]) == (412, "urn:touchstone:overtaken")
    assert (told["yours"]["name_en"], told["now"]["name_en"]) == ("Slower", "Faster")
    assert put(asked, told["now"]["etag"], name_en="Slower").status_code == 200


def test_the_etag_of_another_tag_saves_nothing(asked):
    assert put(asked, etag_at(asked, f"{TAGS}care/")).status_code == 412
    assert put(asked, '"anything"').status_code == 412


def test_nobody_saves_without_saying_what_they_saw(asked):
    assert asked.put(LAW, WORDS, content_type="application/json").status_code == 428
    assert asked.delete(LAW).status_code == 428


def test_a_tag_is_added_and_taken_out_again(asked):
    made = post(asked)

    found = made.json()
    assert (made.status_code, found["code"], found["fresh"]) == (201, "care.pets", True)
    url = f"{TAGS}care.pets/"
    assert etag_at(asked, url) == found["etag"]
    assert asked.delete(url, headers={"If-Match": found["etag"]}).status_code == 204
    assert asked.get(url).status_code == 404


def test_a_published_tag_is_not_taken_out(asked):
    assert asked.delete(LAW, headers={"If-Match": etag_at(asked)}).status_code == 409


@pytest.mark.parametrize(
    ("changes", "field"), [({"code": "body"}, "code"), ({"parent": "love"}, "parent")]
)
def test_what_cannot_be_added_is_refused_at_its_field(asked, changes, field):
    answer = post(asked, **changes)

    assert answer.status_code == 409
    assert answer.json()["errors"][0]["pointer"] == f"#/{field}"


@pytest.mark.parametrize(
    "changes",
    [
        {"name_en": ""},
        {"name_zh": "x" * 121},
        {"definition_en": "a\0b"},
        {"aliases": "Legal"},
        {"aliases": ["x" * 121]},
        {"aliases": [str(n) for n in range(51)]},
        {"severity": 5},
        {"severity": "1"},
        {"code": "x"},
    ],
)
def test_words_that_are_no_good_are_refused(asked, changes):
    assert put(asked, etag_at(asked), **changes).status_code == 400


def test_without_a_draft_there_are_no_tags(asked, project):
    taxonomy_drafts.discard(project=project, seen=seen_of(standing(project)), by=None)

    assert asked.get(LAW).status_code == 404
    assert post(asked).status_code == 404
