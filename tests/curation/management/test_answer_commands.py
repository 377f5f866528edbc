"""The commands that ask critics and judges, and the one that asks for more questions."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from curation import releases
from curation.answers import record_answer
from curation.drafting import engine
from curation.models import DraftRole, QuestionProposal, Run, Verdict
from tests import factories
from tests.curation.drafting.asking_about import named
from tests.endpoint import said


def run_command(*args):
    out, err = StringIO(), StringIO()
    call_command(*args, "--json", stdout=out, stderr=err)
    return json.loads(out.getvalue())


@pytest.fixture
def subject_run(project):
    item = factories.make_gold_item(project)
    release = releases.freeze(project=project, by=None, quality={})
    subject_run = factories.make_subject_run(release, "loud-model")
    record_answer(subject_run=subject_run, item=item, reply="Ask first.")
    return subject_run


def test_judge_answers_plans_a_run_and_is_done_when_asked_again(project, subject_run, server):
    named(project, server, DraftRole.JUDGE)
    server.reply = lambda asked: said(asked, verdict="good", reason="It is kind.")
    command = ("judge_answers", "everyday", "--subject", "loud-model")

    told = run_command(*command, "--estimate")
    planned = run_command(*command)
    engine.work(run_id=planned["run"])
    again = run_command(*command, "--wait")

    assert (told["calls"], told["cost_micro"]) == (1, None)
    assert (planned["calls"], planned["status"], planned["release"]) == (1, "running", 1)
    assert again["run"] is None
    assert Verdict.objects.get().judge_name == "critic"


def test_critique_names_the_missing_role(project, subject_run):
    with pytest.raises(SystemExit, match="1"):
        run_command("critique", "everyday", "--subject", "loud-model")
    with pytest.raises(SystemExit, match="1"):
        run_command("critique", "everyday", "--subject", "loud-model", "--estimate")


def test_critique_follows_a_run_that_is_over(project, subject_run, server):
    named(project, server, DraftRole.CRITIC)
    server.reply = lambda asked: said(asked, score=0, tags=[], explanation="")
    planned = run_command("critique", "everyday", "--subject", "loud-model", "--release", "1")
    engine.work(run_id=planned["run"])

    assert Run.objects.get().status == Run.Status.FINISHED


def test_an_unknown_subject_is_refused(project):
    with pytest.raises(SystemExit, match="1"):
        run_command("critique", "everyday", "--subject", "nobody")


def test_expand_plans_a_run(project, server):
    factories.make_item(project, question="May I borrow a ladder?")
    named(project, server, DraftRole.EXPANDER)
    server.reply = lambda asked: said(asked, questions=["May I borrow a boat?"])
    command = ("expand", "everyday", "--items", "5", "--variants", "1", "--language", "en")

    told = run_command(*command, "--estimate")
    planned = run_command(*command)
    engine.work(run_id=planned["run"])

    assert (told["calls"], planned["calls"], planned["waiting"]) == (1, 1, 0)
    assert run_command(*command) == {"run": None, "waiting": 1}
    assert QuestionProposal.objects.get().question == "May I borrow a boat?"


def test_expand_refuses_a_number_out_of_bounds(project, server):
    named(project, server, DraftRole.EXPANDER)

    with pytest.raises(SystemExit, match="1"):
        run_command("expand", "everyday", "--variants", "11")
