"""The export folder: whole or not at all, and the same bytes wherever it is written."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection, transaction

from curation import release_files, releases
from curation.refusals import Refused
from tests import factories

ROOT = Path(__file__).resolve().parents[2]


def bytes_of(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def release(project):
    for number in range(3):
        factories.make_gold_item(
            project, question=f"我可以借 {number} 号邻居的梯子吗？", language="zh"
        )
    return releases.freeze(project=project, by=None, quality={})


def test_the_folder_holds_the_files_of_the_contract(release, tmp_path):
    release_files.export(release=release, to=tmp_path / "out")

    assert list(bytes_of(tmp_path / "out")) == [
        "SHA256SUMS",
        "manifest.json",
        "mcq.jsonl",
        "open.jsonl",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_sha256sum_confirms_every_file(release, tmp_path):
    release_files.export(release=release, to=tmp_path)

    checked = subprocess.run(
        ["sha256sum", "-c", "--strict", "SHA256SUMS"], cwd=tmp_path, capture_output=True, text=True
    )

    assert checked.returncode == 0, checked.stderr
    assert checked.stdout == "manifest.json: OK\nmcq.jsonl: OK\nopen.jsonl: OK\n"


def test_sizes_and_hashes_of_the_manifest_are_those_of_the_files(release, tmp_path):
    release_files.export(release=release, to=tmp_path)

    written = bytes_of(tmp_path)
    for file in json.loads(written["manifest.json"])["files"]:
        assert len(written[file["name"]]) == file["bytes"]
        assert written[file["name"]].count(b"\n") == file["rows"] == 3


def test_lines_end_in_one_newline_and_hold_text_as_utf_8(release, tmp_path):
    release_files.export(release=release, to=tmp_path)

    content = (tmp_path / "mcq.jsonl").read_bytes()

    assert content.endswith(b"}\n")
    assert b"\r" not in content
    assert "邻居".encode() in content
    assert not content.startswith(b"\xef\xbb\xbf")


def test_a_folder_with_something_else_is_refused_and_left_alone(release, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(Refused, match="not empty"):
        release_files.export(release=release, to=tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_damaged_folder_of_this_release_is_made_whole_again(release, tmp_path):
    release_files.export(release=release, to=tmp_path)
    whole = bytes_of(tmp_path)
    (tmp_path / "mcq.jsonl").write_text("half a fi")
    (tmp_path / "notes.txt").write_text("mine")

    release_files.export(release=release, to=tmp_path)

    assert bytes_of(tmp_path) == {**whole, "notes.txt": b"mine"}


def test_a_damaged_release_is_not_exported(release, tmp_path):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE curation_releaserow SET line = line || ' ' WHERE position = 2")

    with pytest.raises(releases.Damaged, match="line 2"):
        release_files.export(release=release, to=tmp_path / "out")

    assert not (tmp_path / "out").exists()


def test_a_place_that_cannot_be_written_is_refused(release, tmp_path):
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(Refused):
        release_files.export(release=release, to=tmp_path / "file")
    with pytest.raises(Refused, match="cannot be written"):
        release_files.export(release=release, to=tmp_path / "file" / "below")


@pytest.fixture
def elsewhere(transactional_db):
    """Run a command in a process with other hash seed, locale, time zone and language."""
    to = connection.get_connection_params()
    host = quote(to.get("host", ""), safe="")
    login = quote(to.get("user", "")) + (f":{quote(to['password'])}" if "password" in to else "")
    url = f"postgresql://{login}@/{to['dbname']}?host={host}&port={to.get('port', 5432)}"

    def run(*words, **environment):
        return subprocess.run(
            [sys.executable, "manage.py", *map(str, words)],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url, "DATABASE_OWNER_URL": url, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


@pytest.mark.parametrize(
    "surroundings",
    [
        {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Asia/Shanghai", "PYTHONUTF8": "0"},
        {"PYTHONHASHSEED": "4242", "LC_ALL": "C.UTF-8", "TIME_ZONE": "America/Lima"},
    ],
)
def test_an_export_has_the_same_bytes_elsewhere(elsewhere, release, tmp_path, surroundings):
    here, there = tmp_path / "here", tmp_path / "there"
    release_files.export(release=release, to=here)

    exported = elsewhere(
        "export_release", release.project.slug, 1, "--to", there, "--json", **surroundings
    )

    assert exported.returncode == 0, exported.stderr
    assert bytes_of(there) == bytes_of(here)
    assert json.loads(exported.stdout)["release"] == str(release)


def test_the_same_gold_has_the_same_content_elsewhere(elsewhere, release):
    frozen = elsewhere("freeze_release", release.project.slug, PYTHONHASHSEED="99", LC_ALL="C")

    # Only an equal hash of the content is recognised as nothing new.
    assert frozen.returncode == 1
    assert "release 1 already holds exactly this" in frozen.stderr
