"""Releases over the API: the same rows and the same bytes as an export."""

import hashlib
import json

import pytest

from curation import release_files

URL = "/api/v1/projects/everyday/releases/"


def test_the_list_says_what_each_release_holds(asked, release):
    rows = asked.get(URL).json()["results"]

    assert [(row["release"], row["parent"]) for row in rows] == [("everyday/1", None)]
    assert rows[0]["counts"]["items"] == 2


def test_a_release_shows_its_manifest_and_where_its_files_are(asked, release):
    row = asked.get(f"{URL}1/").json()

    assert row["manifest"] == json.loads(release.manifest)
    assert [file["name"] for file in row["files"]] == [
        "SHA256SUMS",
        "manifest.json",
        "mcq.jsonl",
        "open.jsonl",
    ]
    for file in row["files"]:
        content = asked.get(file["url"]).getvalue()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (
            file["bytes"],
            file["sha256"],
        )


@pytest.mark.parametrize("number", ["2", "0", str(10**30)])
def test_a_release_that_is_not_there_is_not_found(asked, release, number):
    assert asked.get(f"{URL}{number}/").status_code == 404
    assert asked.get(f"{URL}{number}/mcq.jsonl").status_code == 404


def test_rows_come_in_the_order_of_the_file(asked, release):
    rows = asked.get(f"{URL}1/rows/?page_size=1").json()
    rest = asked.get(rows["next"]).json()

    frozen = [json.loads(row.line) for row in release.rows.filter(file="mcq.jsonl")]
    assert rows["results"] + rest["results"] == frozen
    assert rest["next"] is None


def test_rows_of_another_file_are_asked_for_by_name(asked, release):
    rows = asked.get(f"{URL}1/rows/?file=open.jsonl").json()["results"]

    assert "choices" not in rows[0]


@pytest.mark.parametrize("name", ["verdicts.jsonl", "manifest.json", "../mcq.jsonl", ""])
def test_rows_of_a_file_without_rows_are_refused(asked, release, name):
    response = asked.get(f"{URL}1/rows/", {"file": name})

    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "file"


def test_a_file_comes_exactly_as_exported(asked, release, tmp_path):
    release_files.export(release=release, to=tmp_path)

    response = asked.get(f"{URL}1/mcq.jsonl")

    content = (tmp_path / "mcq.jsonl").read_bytes()
    assert response.getvalue() == content
    assert response["Content-Length"] == str(len(content))
    assert response["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert response["Content-Disposition"] == 'attachment; filename="everyday-1-mcq.jsonl"'


def test_head_tells_the_same_without_the_bytes(asked, release):
    got, headed = asked.get(f"{URL}1/mcq.jsonl"), asked.head(f"{URL}1/mcq.jsonl")

    assert headed.status_code == 200
    assert headed.content == b""
    for name in ("Content-Length", "ETag", "Content-Type"):
        assert headed[name] == got[name]


def test_who_has_the_bytes_already_gets_304(asked, release):
    etag = asked.get(f"{URL}1/mcq.jsonl")["ETag"]

    response = asked.get(f"{URL}1/mcq.jsonl", headers={"If-None-Match": etag})

    assert (response.status_code, response["ETag"]) == (304, etag)


@pytest.mark.parametrize("accept", ["*/*", "application/x-ndjson", "text/html", "image/png"])
def test_a_file_is_given_whatever_is_accepted(asked, release, accept):
    response = asked.get(f"{URL}1/mcq.jsonl", headers={"Accept": accept})

    assert response.status_code == 200
    assert response["Content-Type"] == "application/x-ndjson"


@pytest.mark.parametrize("name", ["nothing.jsonl", "answers/nobody.jsonl", "mcq.jsonl/", "..%2fx"])
def test_a_file_that_is_not_there_is_not_found(asked, release, name):
    assert asked.get(f"{URL}1/{name}").status_code == 404
