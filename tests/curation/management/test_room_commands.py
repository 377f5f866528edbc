"""Commands: exit codes, one object on stdout with --json, everything else on stderr."""

import io
import json

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command, execute_from_command_line

from curation.models import Item, Project, TaxonomyVersion
from tests import factories
from tests.curation.importing.files import bare_row, fine_row, jsonl

pytestmark = pytest.mark.django_db


def run(*words):
    """Return exit code, stdout and stderr of a command."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*words, stdout=out, stderr=err)
    except SystemExit as end:
        return end.code, out.getvalue(), err.getvalue()
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), err.getvalue()


MAKE = ("create_project", "mild", "--name", "Mild", "--taxonomy", "faef", "--languages", "en, zh")


@pytest.fixture
def mild():
    assert run(*MAKE)[0] == 0
    return Project.objects.get(slug="mild")


@pytest.fixture
def written(tmp_path):
    def write(rows, name="mild.jsonl"):
        path = tmp_path / name
        path.write_bytes(jsonl(rows).getvalue())
        return str(path)

    return write


def test_a_project_is_made_with_what_it_needs(mild):
    assert mild.languages == ["en", "zh"]
    assert mild.taxonomy.name == "faef"
    assert not mild.rehearsal


def test_making_it_again_changes_nothing(mild):
    code, out, _err = run(*MAKE, "--json")

    assert code == 0
    assert json.loads(out)["created"] is False
    assert Project.objects.count() == 1


def test_making_another_of_the_same_name_is_refused(mild):
    code, out, err = run(*MAKE, "--rehearsal", "--json")

    assert code == 1
    assert "already has the short name" in err
    assert "already has the short name" in json.loads(out)["refused"]


def test_a_curator_is_named_with_the_project():
    factories.make_user("cora")

    run(*MAKE, "--curator", "cora")

    assert Project.objects.get().memberships.get().user.username == "cora"


def test_a_curator_without_account_stops_the_making():
    code, _out, err = run(*MAKE, "--curator", "cora")

    assert code == 1
    assert "add_user cora" in err
    assert not Project.objects.exists()


@pytest.mark.parametrize(
    "words",
    [
        ("create_project", "mild"),
        ("import_questions", "nowhere.jsonl", "--project", "mild"),
        ("import_questions", "nowhere.jsonl", "--project", "mild", "--format", "csv"),
        ("add_member", "mild", "ada", "--role", "king"),
        ("add_user", "lin", "--password-env", "NOT_SET_ANYWHERE"),
    ],
)
def test_wrong_use_ends_with_two(words, capsys):
    with pytest.raises(SystemExit) as end:
        execute_from_command_line(["manage.py", *words])

    assert end.value.code == 2
    assert capsys.readouterr().err


def test_a_member_is_added_once_and_for_all(mild):
    factories.make_user("ada")
    words = ("add_member", "mild", "ada", "--role", "worker")

    assert run(*words)[:2] == run(*words)[:2] == (0, "ada is worker in mild.\n")


@pytest.mark.parametrize(
    ("slug", "user", "advice"), [("mild", "nora", "add_user nora"), ("none", "ada", "none")]
)
def test_a_member_of_nothing_or_nobody_is_refused_with_advice(mild, slug, user, advice):
    factories.make_user("ada")

    code, _out, err = run("add_member", slug, user, "--role", "worker")

    assert code == 1
    assert advice in err


def test_an_account_takes_its_password_from_the_environment(client, monkeypatch):
    monkeypatch.setenv("SECRET_OF_LIN", "a garden at noon")
    words = ("add_user", "lin", "--password-env", "SECRET_OF_LIN", "--staff")

    first = run(*words)
    monkeypatch.setenv("SECRET_OF_LIN", "another garden")
    second = run(*words, "--json")

    assert first[0] == second[0] == 0
    assert json.loads(second[1]) == {"user": "lin", "staff": True, "created": False}
    assert client.login(username="lin", password="a garden at noon")


def test_nobody_is_asked_for_a_password_where_there_is_no_terminal(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())

    code, _out, err = run("add_user", "lin")

    assert code == 2
    assert "--password-env" in err
    assert not User.objects.exists()


def test_a_weak_password_is_refused(monkeypatch):
    monkeypatch.setenv("SECRET_OF_LIN", "lin")

    assert run("add_user", "lin", "--password-env", "SECRET_OF_LIN")[0] == 1


def test_a_taxonomy_is_loaded_by_name_or_file(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text('{"name": "mine"}')

    assert run("load_taxonomy", "s-eval")[1] == "Taxonomy s-eval, version 1: 33 tags.\n"
    assert run("load_taxonomy", "none")[0] == 1
    assert run("load_taxonomy", str(path))[0] == 1
    assert run("load_taxonomy", str(tmp_path / "absent.json"))[0] == 1
    assert TaxonomyVersion.objects.count() == 1


def test_an_import_reports_on_one_line(mild, written):
    file = written([fine_row(1), fine_row(2)])

    assert run("import_questions", file, "--project", "mild")[:2] == (
        0,
        "Imported: 2 items are new, 0 were there unchanged.\n",
    )
    assert run("import_questions", file, "--project", "mild")[:2] == (
        0,
        "This file is imported already: nothing was changed.\n",
    )


def test_an_import_as_json_is_one_object(mild, written):
    code, out, err = run(
        "import_questions", written([bare_row(1)]), "--project", "mild", "--json", "--dry-run"
    )

    assert code == 0
    found = json.loads(out)
    assert (found["created"], found["dry_run"], found["errors"]) == (1, True, [])
    assert "Dry run" in err
    assert not Item.objects.exists()


def test_a_refused_import_names_every_line(mild, written):
    file = written([fine_row(1), fine_row(2, question=""), fine_row(1)])

    code, out, err = run("import_questions", file, "--project", "mild", "--json")

    assert code == 1
    assert "error: line 2: question: is empty" in err
    assert "error: line 3: id: “1” stands on line 1 already" in err
    assert [fault["line"] for fault in json.loads(out)["errors"]] == [2, 3]
    assert not Item.objects.exists()


def test_where_questions_come_from_is_said_with_the_import(mild, written):
    file = written([fine_row(1)])

    run("import_questions", file, "--project", "mild", "--source", "A choir", "--licence", "CC0")

    assert (mild.sources.get().name, mild.sources.get().licence) == ("A choir", "CC0")
