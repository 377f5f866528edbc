"""Reading saved replies again by a command."""

import json

import pytest
from django.core.management import CommandError, call_command

from curation.drafting import applying, engine, plan, rereading
from curation.drafting.purposes import WORKS
from curation.models import Call, Purpose
from tests import factories
from tests.endpoint import completion, good_reply


@pytest.fixture
def run(project, drafter, server):
    """A run whose negative option came with words around it."""
    factories.make_item(project)
    server.reply = lambda asked: (
        completion(f"Sure! {json.dumps({'nonce': asked.nonce, 'option': 'Nobody minds.'})}")
        if asked.purpose == "negative_option"
        else good_reply(asked)
    )
    run = plan.plan(project=project, by=None).run
    engine.work(run_id=run.pk)
    return run


def reparse(capsys, *words):
    call_command("reparse", "everyday", *map(str, words), "--json")
    said = capsys.readouterr()
    return json.loads(said.out), said.err


def test_what_a_newer_parser_can_use_is_used_and_counted(run, server, capsys, monkeypatch):
    read, asked = WORKS[Purpose.NEGATIVE].read, server.count()

    def wise(call, attempt):
        attempt.content = attempt.content[attempt.content.find("{") :]
        return read(call, attempt)

    monkeypatch.setattr(WORKS[Purpose.NEGATIVE], "read", wise)
    monkeypatch.setattr(applying, "PARSER", "wise-3")
    monkeypatch.setattr(rereading, "PARSER", "wise-3")

    said, words = reparse(capsys, "--run", run.pk, "--purpose", "negative_option")

    assert (said["calls"], said["usable"]) == (1, 1)
    assert (said["before"], said["after"]) == ({"not_json": 1}, {})
    assert "1 calls can be used now" in words
    assert set(Call.objects.values_list("status", flat=True)) == {"done"}
    assert server.count() == asked


def test_where_nothing_is_new_nothing_changes(run, capsys):
    said, _words = reparse(capsys)

    assert (said["calls"], said["replies"], said["usable"]) == (1, 0, 0)
    assert said["after"] == {"not_json": 1}


def test_a_run_that_is_not_there_is_refused_and_an_odd_purpose_is_wrong_use(run, capsys):
    with pytest.raises(SystemExit):
        call_command("reparse", "everyday", "--run", "999999")
    with pytest.raises(CommandError):
        call_command("reparse", "everyday", "--purpose", "poems")
