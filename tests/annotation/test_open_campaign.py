import json

import pytest
from django.core.management import CommandError, call_command

from annotation.models import Campaign
from tests.annotation import acting

pytestmark = pytest.mark.django_db


def run(capsys, *args):
    call_command("open_campaign", *args, "--json")
    return json.loads(capsys.readouterr().out)


def test_a_review_is_opened_and_topped_up_by_name(project, capsys):
    acting.make_worker(project)
    acting.drafted_item(project)

    first = run(capsys, project.slug, "--kind", "review")
    again = run(capsys, project.slug, "--kind", "review")

    assert first == {
        "campaign": Campaign.objects.get().pk,
        "name": "Review",
        "kind": "review",
        "opened": True,
        "added": 1,
        "matters": 1,
        "workers": 1,
    }
    assert (again["opened"], again["added"], again["matters"]) == (False, 0, 1)


def test_answers_are_opened_under_a_name_of_ones_own(project, capsys):
    acting.make_answers(project)

    assert run(capsys, project.slug, "--kind", "answers", "--name", "Second look")["added"] == 1
    assert Campaign.objects.get().name == "Second look"


def test_without_json_the_result_is_told_in_words(project, capsys):
    call_command("open_campaign", project.slug, "--kind", "review")

    assert "Campaign “Review” (review): 0 added" in capsys.readouterr().out


def test_a_project_that_is_not_there_is_refused(db, capsys):
    with pytest.raises(SystemExit) as stopped:
        call_command("open_campaign", "nowhere", "--kind", "review", "--json")

    assert stopped.value.code == 1
    assert "refused" in json.loads(capsys.readouterr().out)


def test_an_unknown_kind_is_wrong_use(project):
    with pytest.raises(CommandError):
        call_command("open_campaign", project.slug, "--kind", "votes")


def test_care_for_workers_and_priority_are_chosen_with_it(project, capsys):
    acting.drafted_item(project)
    care = ("--exposure-day", "0", "--break-after", "0", "--qualified-only", "--priority", "3")

    run(capsys, project.slug, "--kind", "review", *care)

    campaign = Campaign.objects.get()
    assert (campaign.exposure_day, campaign.break_after, campaign.qualified_only) == (0, 0, True)
    assert campaign.lanes.get().priority == 3


def test_a_number_out_of_bounds_is_refused(project, capsys):
    with pytest.raises(SystemExit):
        call_command("open_campaign", project.slug, "--kind", "review", "--priority", "10")

    assert "0 to 9" in capsys.readouterr().err
