import pytest

from annotation import leases, progress
from annotation.models import Decline
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(project):
    return [acting.make_worker(project) for _number in range(3)]


def numbers_of(campaign):
    return {row.worker: row for row in progress.of(campaign).workers}


def test_an_empty_campaign_is_all_zeros(project):
    found = progress.of(acting.open_answers(project))

    assert (found.total, found.ended, found.in_hand, found.stuck) == (0, 0, 0, 0)
    assert found.alpha.value is None


def test_items_are_done_once_nothing_of_them_waits(project, people):
    for _number in range(2):
        acting.drafted_item(project)
    campaign = acting.open_review(project)
    acting.claim_and_review(people[0], campaign)
    assert progress.totals(campaign) == (2, 0)

    acting.claim_and_review(people[1], campaign)

    assert progress.totals(campaign) == (2, 1)
    counts = {row["label"]: row["count"] for row in progress.of(campaign).items}
    assert counts["gold"] == 1


def test_a_dispute_is_not_done(project, people):
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    acting.claim_and_review(people[0], campaign, positive=acting.reject())

    assert progress.totals(campaign) == (1, 0)
    assert progress.of(campaign).matters["disputed"] == 1


def test_how_alike_a_worker_judged_is_the_share_of_equal_pairs(project, people):
    ann, bob, cid = people
    acting.make_answers(project, count=2)
    campaign = acting.open_answers(project, quorum=3)
    for outcomes in (("good", "bad", "bad"), ("good", "good", "bad")):
        for worker, outcome in zip(people, outcomes, strict=True):
            seat = leases.claim(worker=worker, campaign=campaign)
            acting.judge(worker, seat, outcome)

    rows = numbers_of(campaign)

    assert [rows[w].alike for w in (ann, bob, cid)] == [1 / 4, 2 / 4, 1 / 4]


def test_on_options_accepting_agrees_with_accepting_alone(project, people):
    ann, bob, _cid = people
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    acting.claim_and_review(ann, campaign)
    acting.claim_and_review(bob, campaign, negative=acting.rewrite("I just take it."))

    rows = numbers_of(campaign)

    assert (rows[ann].alike, rows[bob].alike) == (1 / 2, 1 / 2)


def test_who_judged_nothing_has_no_numbers_and_a_skip_is_counted(project, people):
    ann = people[0]
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    seat = leases.claim(worker=ann, campaign=campaign)
    leases.skip(grant=acting.grant_of(seat), worker=ann, reason=Decline.Reason.UNSURE)

    row = numbers_of(campaign)[ann]

    assert (row.judged, row.seconds, row.alike, row.skipped) == (0, None, None, 1)


def test_work_in_hand_is_counted_until_its_lease_is_over(project, people):
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    seat = leases.claim(worker=people[0], campaign=campaign)
    assert progress.of(campaign).in_hand == 1

    acting.expire(seat)

    assert progress.of(campaign).in_hand == 0
