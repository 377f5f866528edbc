"""Batch files by commands alone, as a script would."""

import json

import pytest
from django.core.management import CommandError, call_command

from curation.drafting import plan
from curation.models import Call
from tests import factories
from tests.curation.drafting.batching import requests_in, result


@pytest.fixture
def command(capsys):
    """Run a command; give its exit code, its object from stdout, and what it said on stderr."""

    def run(name, *words):
        try:
            call_command(name, *map(str, words), "--json")
            code = 0
        except SystemExit as stopped:
            code = stopped.code
        except CommandError as wrong:
            code = wrong.returncode
        said = capsys.readouterr()
        return code, json.loads(said.out) if said.out else None, said.err

    return run


@pytest.fixture
def run(project, drafter):
    factories.make_item(project)
    return plan.plan(project=project, by=None).run


def written(lines, path):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_run_goes_out_in_a_file_and_comes_home_in_two(run, command, tmp_path):
    code, out, err = command("export_batch", "everyday", "--run", run.pk, "--to", tmp_path / "out")

    assert (code, [file["lines"] for file in out["files"]]) == (0, [3])
    assert "3 requests" in err
    first, *others = requests_in(tmp_path / "out")
    parts = [
        written([result(first)], tmp_path / "a.jsonl"),
        written([*map(result, others), {"odd": 1}], tmp_path / "b.jsonl"),
    ]
    code, said, err = command("import_batch", "everyday", *parts)
    assert (code, [file["replies"] for file in said["files"]]) == (0, [1, 2])
    assert said["files"][1]["faults"] == [{"line": 3, "fault": "not_a_result"}]
    assert "line 3: not the result of a batch request" in err
    assert set(Call.objects.values_list("status", flat=True)) == {"done"}


def test_the_price_of_batches_is_said_when_they_are_written(run, command, tmp_path):
    words = ("everyday", "--run", run.pk, "--to", tmp_path, "--price-percent", 50)

    assert command("export_batch", *words)[0] == 0
    assert run.batch_files.get().price_percent == 50


def test_what_did_not_come_is_given_back(run, command, tmp_path):
    command("export_batch", "everyday", "--run", run.pk, "--to", tmp_path)

    code, said, err = command("give_back_batch", "everyday", "--run", run.pk)

    assert (code, said["given_back"]) == (0, 3)
    assert "planned again" in err
    assert command("give_back_batch", "everyday", "--run", run.pk)[0] == 1


def test_what_cannot_be_is_refused_in_words(run, command, tmp_path):
    other = factories.make_project("other")
    foreign = ("everyday", "--run", run.pk, "--to", tmp_path, "--endpoint", "nobody")

    assert "no endpoint" in command("export_batch", *foreign)[2]
    said = command("export_batch", other.slug, "--run", run.pk, "--to", tmp_path)
    assert (said[0], "no run" in said[2]) == (1, True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_there_is_wrong_use(run, command, tmp_path):
    assert command("import_batch", "everyday", tmp_path / "none.jsonl")[0] == 2
    (tmp_path / "file").write_text("")
    assert command("export_batch", "everyday", "--run", run.pk, "--to", tmp_path / "file")[0] == 2


def test_a_draft_that_waits_says_that_files_are_out(project, run, command, tmp_path):
    command("export_batch", "everyday", "--run", run.pk, "--to", tmp_path)

    code, _said, err = command("draft", "everyday", "--wait")

    assert code == 1
    assert "3 calls are in batch files" in err
