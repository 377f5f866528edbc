import pytest
from django.conf import settings

from annotation import campaigns, tasks
from annotation.models import Matter
from config.celery import app
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def matter(project, ann):
    acting.drafted_item(project)
    return acting.open_review(project).matters.get()


def leave_the_project(worker):
    worker.user.memberships.all().delete()


def test_what_nobody_may_take_since_somebody_left_the_project_goes_to_the_reviewers(matter, ann):
    leave_the_project(ann)

    tasks.sweep()

    matter.refresh_from_db()
    assert (matter.status, matter.dispute) == ("disputed", "nobody_left")


def test_what_somebody_may_take_stays_open(matter):
    tasks.sweep()

    assert Matter.objects.get().status == "open"


def test_a_paused_campaign_waits_for_its_curator(matter, ann):
    leave_the_project(ann)
    campaigns.pause(campaign=matter.campaign, by=None)

    tasks.sweep()

    assert Matter.objects.get().status == "open"


def test_the_sweep_is_scheduled_under_the_name_the_workers_know():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)
    assert tasks.sweep.name in {e["task"] for e in settings.CELERY_BEAT_SCHEDULE.values()}
