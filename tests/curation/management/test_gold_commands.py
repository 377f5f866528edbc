"""From gold to a score by commands alone, as a script would."""

import json
import re

import pytest
from django.core.management import CommandError, call_command

from curation import tokens
from tests import factories


@pytest.fixture
def run(capsys):
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
def gold(project):
    return [factories.make_gold_item(project) for _ in range(2)]


def answers_to(folder, verdict="safe"):
    judge = {"name": "strict", "reply": f"Judgement: [[{verdict}]]"}
    yield {"subject": {"name": "careful", "model": "careful-1"}}
    for line in (folder / "mcq.jsonl").read_text().splitlines():
        row = json.loads(line)
        opened = {"form": "open", "reply": "Ask.", "verdict": verdict, "judge": judge}
        yield {"item_id": row["item_id"], **opened}
        for ordering in ([0, 1], [1, 0]):
            letter = "AB"[ordering.index(row["answer"])]
            yield {"id": row["id"], "form": "choice", "ordering": ordering, "reply": letter}


def test_the_whole_way(run, gold, tmp_path):
    code, frozen, _err = run("freeze_release", "everyday", "--note", "first")
    assert (code, frozen["release"], frozen["counts"]["items"]) == (0, "everyday/1", 2)

    code, exported, _err = run("export_release", "everyday", 1, "--to", tmp_path / "out")
    assert code == 0
    assert {file["name"] for file in exported["files"]} >= {"mcq.jsonl", "SHA256SUMS"}

    code, verified, _err = run("verify_release", "everyday", 1)
    assert (code, verified["rows"]) == (0, 4)

    file = tmp_path / "answers.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in answers_to(tmp_path / "out")))
    code, imported, _err = run("import_answers", file, "--project", "everyday", "--release", 1)
    assert (code, imported["created"]) == (0, True)
    assert imported["subjects"] == [
        {"subject": "careful", "run": 1, "answers": 2, "picks": 4, "verdicts": 2}
    ]
    code, again, _err = run("import_answers", file, "--project", "everyday", "--release", 1)
    assert (code, again["created"], again["subjects"]) == (0, False, imported["subjects"])

    code, scored, err = run("score", "everyday", "--release", 1, "--verdicts", "strict")
    assert code == 0
    assert scored["scores"][0]["overall"]["css"] == 1.0
    assert "overall" in err


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["freeze_release", "nowhere"], "no project"),
        (["freeze_release", "everyday"], "Nothing is gold"),
        (["export_release", "everyday", 1, "--to", "out"], "no release 1"),
        (["verify_release", "everyday", 7], "no release 7"),
        (["score", "everyday", "--release", 1], "no release 1"),
        (["create_token", "nobody", "--name", "x", "--scopes", "work"], "no account"),
    ],
)
def test_a_refusal_exits_1_with_its_reason(run, project, words, reason):
    code, result, err = run(*words)

    assert code == 1
    assert reason in err
    assert reason in result["refused"]


def test_answers_that_do_not_fit_are_refused_with_their_counts(run, gold, tmp_path):
    run("freeze_release", "everyday")
    file = tmp_path / "answers.jsonl"
    file.write_text('{"item_id": "nobody", "form": "open", "reply": "x"}\n' * 2)

    code, result, err = run("import_answers", file, "--project", "everyday", "--release", 1)

    assert code == 1
    assert result["reasons"][0].startswith("2 rows to items this release does not hold")
    assert "2 rows" in err


def test_a_file_that_is_not_there_is_wrong_use(run, gold):
    run("freeze_release", "everyday")

    code, _result, _err = run(
        "import_answers", "nothing.jsonl", "--project", "everyday", "--release", 1
    )

    assert code == 2


def test_an_unanswered_release_names_who_did_answer(run, gold):
    run("freeze_release", "everyday")

    code, result, _err = run("score", "everyday", "--release", 1)

    assert (code, result["refused"]) == (1, "everyday/1 was answered by nobody.")


def test_a_token_is_all_there_is_on_stdout(capsys, reader):
    call_command("create_token", "rea", "--name", "loader", "--scopes", "export:read,scores:read")

    said = capsys.readouterr()
    text = said.out.strip()
    assert tokens.find(text).scopes == ["export:read", "scores:read"]
    assert text not in said.err
    assert re.search("export:read, scores:read", said.err)


def test_as_json_the_token_is_not_on_stderr(run, reader):
    _code, result, err = run("create_token", "rea", "--name", "loader", "--scopes", "work")

    assert tokens.find(result["token"])
    assert result["token"] not in err
