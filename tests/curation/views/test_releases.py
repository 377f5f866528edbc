"""Pages of releases: who sees them, what they say, and the bytes they give."""

import pytest
from django.db import connection, transaction
from django.urls import reverse

from curation import releases
from curation.models import Release
from tests import factories


@pytest.fixture
def signed_in(client, curator):
    client.force_login(curator)
    return client


@pytest.fixture
def release(project):
    factories.make_gold_item(project)
    return releases.freeze(project=project, by=None, quality={}, note="The first one.")


def url(name, *args):
    return reverse(name, args=["everyday", *args])


def test_an_empty_project_says_how_releases_come_about(signed_in, project):
    page = signed_in.get(url("releases")).text

    assert "No release yet" in page
    assert "Nothing is gold yet" in page
    assert "Freeze the release" not in page


def test_the_page_says_what_the_next_release_would_hold(signed_in, project):
    factories.make_gold_item(project)

    page = signed_in.get(url("releases")).text

    assert "Gold items now" in page
    assert "Freeze the release" in page


def test_a_release_is_frozen_by_the_form(signed_in, project):
    factories.make_gold_item(project)

    response = signed_in.post(url("freeze"), {"note": "With\r\ncare"}, follow=True)

    assert response.redirect_chain == [(url("release", 1), 302)]
    assert Release.objects.get().note == "With\ncare"
    assert "Release 1 is frozen" in response.text


@pytest.mark.parametrize("note", ["x" * 2_001, "a\0b"])
def test_a_note_that_cannot_be_kept_is_refused(signed_in, project, note):
    factories.make_gold_item(project)

    response = signed_in.post(url("freeze"), {"note": note})

    assert response.status_code in {400, 409}
    assert not Release.objects.exists()


def test_nothing_new_is_said_on_the_page_one_came_from(signed_in, release):
    response = signed_in.post(
        url("freeze"), headers={"Referer": f"http://testserver{url('releases')}"}, follow=True
    )

    assert "release 1 already holds exactly this" in response.text


def test_the_page_of_a_release_lists_its_files_with_their_hashes(signed_in, release):
    page = signed_in.get(url("release", 1)).text

    assert "The first one." in page
    for name in ("mcq.jsonl", "open.jsonl", "manifest.json", "SHA256SUMS"):
        assert url("release-file", 1, name) in page
    assert release.content_sha256 in page


def test_a_rehearsal_is_called_one(signed_in, project):
    project.rehearsal = True
    project.save()
    factories.make_gold_item(project)
    releases.freeze(project=project, by=None, quality={})

    assert "This release is a rehearsal" in signed_in.get(url("release", 1)).text


def test_verifying_says_that_all_is_well(signed_in, release):
    page = signed_in.get(url("release", 1), {"verify": "1"}).text

    assert "2 rows in 2 files are what was frozen" in page


def test_verifying_names_the_damage(signed_in, release):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE curation_releaserow SET line = line || ' '")

    page = signed_in.get(url("release", 1), {"verify": "1"}).text

    assert "This release is damaged." in page
    assert "mcq.jsonl, line 1" in page


def test_htmx_gets_the_result_alone(signed_in, release):
    page = signed_in.get(url("release", 1), {"verify": "1"}, headers={"HX-Request": "true"}).text

    assert page.strip().startswith('<div id="verification"')


def test_a_file_is_downloaded_once_and_then_known(signed_in, release):
    first = signed_in.get(url("release-file", 1, "mcq.jsonl"))

    again = signed_in.get(
        url("release-file", 1, "mcq.jsonl"), headers={"If-None-Match": first["ETag"]}
    )

    assert first.getvalue().count(b"\n") == 1
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("name", "args"),
    [("release", [2]), ("release-file", [1, "secrets.txt"]), ("release-file", [2, "mcq.jsonl"])],
)
def test_what_is_not_there_is_not_found(signed_in, release, name, args):
    assert signed_in.get(url(name, *args)).status_code == 404


@pytest.mark.parametrize(
    ("role", "reads", "freezes"),
    [
        ("curator", True, True),
        ("reader", True, False),
        ("reviewer", False, False),
        ("worker", False, False),
        ("stranger", False, False),
    ],
)
def test_curators_freeze_and_readers_read(client, request, release, role, reads, freezes):
    client.force_login(request.getfixturevalue(role))

    for name, args in (("releases", []), ("release", [1]), ("release-file", [1, "mcq.jsonl"])):
        assert client.get(url(name, *args)).status_code == (200 if reads else 404)
    assert client.post(url("freeze")).status_code == (409 if freezes else 404)


def test_a_reader_is_not_offered_to_freeze(client, reader, release):
    client.force_login(reader)

    assert url("freeze") not in client.get(url("releases")).text
