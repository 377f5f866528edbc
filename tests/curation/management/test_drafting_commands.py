"""Drafting and subject runs by commands alone, as a script would."""

import json
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from curation import endpoints, releases
from curation.drafting import engine
from curation.models import Endpoint, RoleAssignment, Run, Subject
from tests import factories
from tests.endpoint import completion, good_reply

LOCAL = ("--base-url", "http://127.0.0.1:9/v1", "--model", "quiet-model")


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
def working():
    """A thread that does what a worker process does."""
    stop = threading.Event()

    def work():
        while not stop.wait(0.05):
            for pk in Run.objects.filter(status="running").values_list("pk", flat=True):
                engine.work(run_id=pk)
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


def test_an_endpoint_is_added_once(project, run):
    words = ("everyday", "--name", "quiet", *LOCAL, "--roles", "positive,negative,tags")
    words += ("--input-price", "0.15", "--output-price", "0.6", "--key-env", "QUIET_API_KEY")

    code, said, _err = run("add_endpoint", *words)
    again, same, err = run("add_endpoint", *words)

    assert (code, again) == (0, 0)
    assert said["changed"] == ["created", "roles", "price"]
    assert same["changed"] == []
    assert "nothing was changed" in err
    endpoint = Endpoint.objects.get()
    assert (endpoint.price.input_price, endpoint.key_env) == (150_000, "QUIET_API_KEY")
    assert set(said["roles"]) == {"positive_option", "negative_option", "risk_tags"}


def test_other_values_change_an_endpoint_and_are_named(project, run):
    run("add_endpoint", "everyday", "--name", "quiet", *LOCAL, "--roles", "positive")

    _code, said, _err = run(
        *("add_endpoint", "everyday", "--name", "quiet", *LOCAL),
        *("--structured", "prompt", "--roles", "risk_tags"),
    )

    assert said["changed"] == ["structured", "roles"]
    assert RoleAssignment.objects.get().role == "risk_tags"


def test_silence_about_roles_and_settings_leaves_them(project, run):
    run(
        "add_endpoint", "everyday", "--name", "quiet", *LOCAL, "--roles", "tags", "--concurrency", 9
    )

    _code, said, _err = run("add_endpoint", "everyday", "--name", "quiet", *LOCAL)

    assert (said["changed"], said["roles"]) == ([], ["risk_tags"])
    assert Endpoint.objects.get().concurrency == 9


def test_naming_a_paused_endpoint_again_resumes_it(project, run):
    run("add_endpoint", "everyday", "--name", "quiet", *LOCAL)
    endpoints.pause(endpoint_id=Endpoint.objects.get().pk, reason="denied")

    run("add_endpoint", "everyday", "--name", "quiet", *LOCAL)

    assert Endpoint.objects.get().paused_reason == ""


@pytest.mark.parametrize(
    ("words", "code", "reason"),
    [
        (("nowhere", "--name", "q", *LOCAL), 1, "no project"),
        (
            ("everyday", "--name", "q", "--base-url", "http://evil.example", "--model", "m"),
            1,
            "evil",
        ),
        (("everyday", "--name", "q", *LOCAL, "--input-price", "1"), 1, "both prices"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused(project, run, words, code, reason):
    exit_code, _said, err = run("add_endpoint", *words)

    assert (exit_code, Endpoint.objects.count()) == (code, 0)
    assert reason in err


@pytest.mark.parametrize(
    "words",
    [
        ("--roles", "chief"),
        ("--input-price", "cheap", "--output-price", "1"),
        ("--extra-body", "[1]"),
        ("--extra-body", "[" * 100_000),
        ("--extra-body", '{"top_p": 1, "top_p": 2}'),
        ("--structured", "yaml"),
    ],
)
def test_wrong_use_is_told_apart(project, words):
    with pytest.raises(CommandError):
        call_command("add_endpoint", "everyday", "--name", "q", *LOCAL, *words)

    assert not Endpoint.objects.exists()


def test_drafting_without_roles_is_refused_by_name(project, run):
    factories.make_item(project)

    code, said, err = run("draft", "everyday")

    assert code == 1
    assert "positive drafter" in err
    assert said == {"refused": err.strip()}


@pytest.mark.django_db(transaction=True)
def test_a_draft_that_waits_follows_the_run_to_its_end(project, drafter, run, working):
    for _ in range(3):
        factories.make_item(project)
    factories.make_item(project, main_tag=project.taxonomy.tags.get(severity=4))

    code, said, err = run("draft", "everyday", "--wait")

    assert code == 0
    assert (said["status"], said["ended"], said["severe"]) == ("finished", 11, 1)
    assert said["planned"] == {"positive_option": 4, "negative_option": 3, "risk_tags": 4}
    assert "11 of 11" in err
    assert "severity 4" in err


def test_when_nothing_is_left_drafting_says_so(project, drafter, run):
    code, said, err = run("draft", "everyday", "--wait")

    assert (code, said["run"]) == (0, None)
    assert "Nothing is left to draft" in err


def test_what_could_not_be_used_is_said_and_asked_for_anew(project, drafter, server, run):
    factories.make_item(project)
    server.reply = lambda asked: completion("ERR")
    run("draft", "everyday")
    engine.work(run_id=project.runs.get().pk)

    _code, said, err = run("draft", "everyday")
    assert "Nothing is left" not in err
    assert "1 items lack an option" in err
    assert "3 replies could not be used: --again asks anew." in err
    assert (said["run"], said["unusable"], said["lacking"]) == (None, 3, 1)

    server.reply = good_reply
    code, said, _err = run("draft", "everyday", "--again")
    assert code == 0
    assert said["planned"] == {"positive_option": 1, "negative_option": 1, "risk_tags": 1}
    engine.work(run_id=said["run"])
    _code, said, err = run("draft", "everyday")
    assert "Nothing is left to draft." in err
    assert run("draft", "everyday", "--again")[0] == 1


def test_what_drafting_takes_is_estimated_and_nothing_is_asked(project, drafter, server, run):
    factories.make_item(project)

    code, said, err = run("draft", "everyday", "--estimate")

    assert (code, said["calls"], said["cost_micro"]) == (0, 3, None)
    assert "3 calls, about" in err
    factories.make_price(drafter, 150_000, 600_000)
    assert run("draft", "everyday", "--estimate")[1]["cost_micro"] > 0
    assert run("draft", "everyday", "--estimate", "--again")[1]["calls"] == 0
    assert not project.runs.exists()
    assert server.count() == 0


def test_a_draft_that_only_a_person_can_help_on_is_refused(project, drafter, run):
    factories.make_item(project)
    endpoints.pause(endpoint_id=drafter.pk, reason="denied: HTTP 401")

    code, _said, err = run("draft", "everyday", "--wait")

    assert code == 1
    assert "quiet is paused" in err


def test_without_waiting_a_draft_only_plans(project, drafter, server, run):
    factories.make_item(project)

    code, said, _err = run("draft", "everyday")

    assert (code, said["status"], said["calls"], said["ended"]) == (0, "running", 3, 0)
    assert server.log == []


@pytest.mark.django_db(transaction=True)
def test_a_subject_is_made_and_run_and_the_same_again_changes_nothing(
    project, drafter, server, run, working
):
    factories.make_gold_item(project)
    releases.freeze(project=project, by=None, quality={})
    words = ("run_subject", "everyday", "--subject", "quiet-s", "--release", 1)

    code, said, _err = run(*words, "--endpoint", "quiet", "--wait")
    again, same, _err = run(*words, "--wait")

    assert (code, again) == (0, 0)
    assert (said["status"], said["ended"]) == ("finished", 3)
    assert same["subject_run"] == said["subject_run"]
    assert (server.count(), Subject.objects.count()) == (3, 1)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--subject", "new", "--release", 1), "name its --endpoint"),
        (("--subject", "new", "--release", 1, "--endpoint", "nobody"), "no endpoint"),
        (("--subject", "new", "--release", 9, "--endpoint", "quiet"), "no release 9"),
    ],
)
def test_a_subject_run_that_cannot_be_is_refused(project, drafter, run, words, reason):
    factories.make_gold_item(project)
    releases.freeze(project=project, by=None, quality={})

    code, _said, err = run("run_subject", "everyday", *words)

    assert code == 1
    assert reason in err


def test_a_subject_stays_with_its_endpoint(project, drafter, run):
    factories.make_gold_item(project)
    releases.freeze(project=project, by=None, quality={})
    run("run_subject", "everyday", "--subject", "s", "--release", 1, "--endpoint", "quiet")
    factories.make_endpoint(project, name="other")

    code, _said, err = run(
        *("run_subject", "everyday", "--subject", "s", "--release", 1, "--endpoint", "other")
    )

    assert code == 1
    assert "another endpoint" in err
