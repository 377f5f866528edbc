from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from annotation import care, leases, waiting
from annotation.care import Break, Stretch
from annotation.leases import NothingLeft
from annotation.models import Enrolment, Exposure
from tests.annotation import acting

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def minutes_ago(number):
    return NOW - timedelta(minutes=number)


@pytest.mark.parametrize(
    ("stretch", "due"),
    [
        (Stretch(None, None, 0), None),
        (Stretch(minutes_ago(49), minutes_ago(1), 0), None),
        (Stretch(minutes_ago(50), minutes_ago(1), 0), (Break.WORK, care.LONG_BREAK)),
        (Stretch(minutes_ago(90), minutes_ago(10), 0), None),  # they had a pause
        (Stretch(minutes_ago(9), minutes_ago(1), 4), None),
        (Stretch(minutes_ago(9), minutes_ago(1), 5), (Break.SEVERE, care.SHORT_BREAK)),
        (Stretch(minutes_ago(60), minutes_ago(1), 5), (Break.WORK, care.LONG_BREAK)),
    ],
)
def test_a_break_is_due_after_a_long_stretch_or_severe_texts_in_a_row(stretch, due):
    assert care.break_due(stretch, now=NOW, after=50) == due


def test_a_campaign_may_have_no_breaks():
    assert care.break_due(Stretch(minutes_ago(90), minutes_ago(1), 9), now=NOW, after=0) is None


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


def reviewed(project, count, severity=1, **numbers):
    for _number in range(count):
        acting.drafted_item(project)
    campaign = acting.open_review(project, **numbers)
    for seat in campaign.seats.select_related("lane"):
        acting.move_to_lane(seat, severity=severity)
    return campaign


def nothing(worker, campaign):
    """Say why a claim brings nothing."""
    with pytest.raises(NothingLeft):
        leases.claim(worker=worker, campaign=campaign)
    [reason] = waiting.why_nothing(worker=worker, campaign=campaign)
    return reason


def points(worker):
    with connection.cursor() as cursor:
        cursor.execute(care.taken_by("%s"), [worker.pk])
        return cursor.fetchone()[0]


@pytest.mark.django_db
class TestExposure:
    def test_no_worker_is_shown_more_in_a_day_than_the_campaign_allows(self, project, ann):
        campaign = reviewed(project, 4, severity=3, exposure_day=15)
        for _number in range(2):
            acting.claim_and_review(ann, campaign)

        reason = nothing(ann, campaign)

        assert points(ann) == 12
        assert (reason.code, reason.number) == ("exposure", 2)
        first = Exposure.objects.filter(worker=ann).earliest("created_at")
        assert reason.until == first.created_at + timedelta(days=1)

    def test_milder_texts_go_on_when_a_severe_one_would_be_too_much(self, project, ann):
        campaign = reviewed(project, 3, severity=3, exposure_day=8)
        mild = campaign.seats.select_related("lane").order_by("-rank")[0]
        acting.move_to_lane(mild, severity=0)
        seen = [acting.claim_and_review(ann, campaign).seat.lane.severity for _number in range(2)]

        assert sorted(seen) == [0, 3]

    def test_without_a_limit_nothing_is_counted(self, project, ann):
        campaign = reviewed(project, 3, severity=4, exposure_day=0)

        for _number in range(3):
            acting.claim_and_review(ann, campaign)


@pytest.mark.django_db
class TestBreaks:
    def test_after_five_severe_texts_the_sixth_waits(self, project, ann):
        campaign = reviewed(project, 6, severity=3)
        for _number in range(5):
            acting.claim_and_review(ann, campaign)

        reason = nothing(ann, campaign)

        assert reason.code == "severe"
        assert "break until" in str(reason)

    def test_a_mild_text_between_begins_the_count_anew(self, project, ann):
        campaign = reviewed(project, 6, severity=3)
        mild = campaign.seats.select_related("lane").order_by("rank")[2]
        acting.move_to_lane(mild, severity=0)

        for _number in range(6):
            acting.claim_and_review(ann, campaign)

        assert Enrolment.objects.get(worker=ann).severe_in_a_row < 5

    def test_what_is_in_hand_is_not_taken_away_by_a_break(self, project, ann):
        campaign = reviewed(project, 2)
        held = leases.claim(worker=ann, campaign=campaign)
        enrolment = Enrolment.objects.get(worker=ann, campaign=campaign)
        care.begin_break(enrolment.pk, why=Break.WORK, lasts=care.LONG_BREAK)

        assert leases.claim(worker=ann, campaign=campaign) == held

    def test_when_a_break_is_over_work_goes_on(self, project, ann):
        campaign = reviewed(project, 1)
        enrolment = Enrolment.objects.get(worker=ann, campaign=campaign)
        care.begin_break(enrolment.pk, why=Break.WORK, lasts=timedelta(seconds=-1))

        assert leases.claim(worker=ann, campaign=campaign)


@pytest.mark.django_db
class TestDrops:
    def give_back(self, worker, campaign):
        seat = leases.claim(worker=worker, campaign=campaign)
        leases.give_back(grant=acting.grant_of(seat), worker=worker)

    def skip(self, worker, campaign, reason):
        seat = leases.claim(worker=worker, campaign=campaign)
        leases.skip(grant=acting.grant_of(seat), worker=worker, reason=reason)

    def test_who_drops_one_seat_after_the_other_waits_for_the_next(self, project, ann):
        acting.make_worker(project)
        campaign = reviewed(project, 8)
        for _number in range(care.DROPS // 2):
            self.give_back(ann, campaign)
            self.skip(ann, campaign, "unsure")

        assert nothing(ann, campaign).code == "drops"

    def test_to_skip_what_harms_is_free_however_often(self, project, ann):
        acting.make_worker(project)
        campaign = reviewed(project, 8)
        for _number in range(7):
            self.skip(ann, campaign, "harms_me")

        assert leases.claim(worker=ann, campaign=campaign)

    def test_the_same_seat_given_back_again_counts_once(self, project, ann):
        campaign = reviewed(project, 2)
        seat = leases.claim(worker=ann, campaign=campaign)
        for _number in range(care.DROPS):
            leases.give_back(grant=acting.grant_of(seat), worker=ann)

        assert Enrolment.objects.get(worker=ann).dropped == 1

    def test_drops_of_another_time_do_not_count(self, project, ann):
        acting.make_worker(project)
        campaign = reviewed(project, 8)
        for _number in range(care.DROPS - 1):
            self.give_back(ann, campaign)
        Enrolment.objects.update(dropped_since="2020-01-01T00:00Z")

        self.give_back(ann, campaign)

        assert leases.claim(worker=ann, campaign=campaign)
