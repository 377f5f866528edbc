from datetime import timedelta

import pytest
from django.utils import timezone

from annotation import campaigns, enrolments, leases, waiting
from annotation.models import Assignment, Enrolment
from curation import moments
from curation.templatetags.text import clock
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def bob(project):
    return acting.make_worker(project)


def reasons(worker, campaign):
    found = waiting.why_nothing(worker=worker, campaign=campaign)
    return [(reason.code, reason.number) for reason in found]


def test_while_work_is_free_or_in_hand_there_is_no_reason(project, ann):
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    assert reasons(ann, campaign) == []
    assert waiting.standing(worker=ann, campaign=campaign).free == 1

    leases.claim(worker=ann, campaign=campaign)

    assert reasons(ann, campaign) == []
    assert waiting.standing(worker=ann, campaign=campaign).numbers == {"mine": 1}


def test_who_is_not_enrolled_is_told_so(project, ann):
    campaign = acting.open_review(project)
    late = acting.make_worker(project)
    assert reasons(late, campaign) == [("not_enrolled", 0)]

    Enrolment.objects.filter(worker=ann).update(status="ended")

    assert reasons(ann, campaign) == [("not_enrolled", 0)]


def test_a_paused_or_closed_campaign_says_so(project, ann):
    acting.drafted_item(project)
    campaign = acting.open_review(project)

    campaigns.pause(campaign=campaign, by=None)
    assert reasons(ann, campaign) == [("paused", 0)]

    campaigns.close(campaign=campaign, by=None)
    assert reasons(ann, campaign) == [("closed", 0)]


def test_an_empty_campaign_says_so(project, ann):
    assert reasons(ann, acting.open_review(project)) == [("empty", 0)]


def test_work_held_by_others_names_the_time_the_first_comes_free(project, ann, bob):
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    seat = leases.claim(worker=ann, campaign=campaign)
    soon = timezone.now().replace(microsecond=0) + timedelta(minutes=7)
    Assignment.objects.filter(pk=seat.pk).update(lease_expires_at=soon)

    [reason] = waiting.why_nothing(worker=bob, campaign=campaign)

    assert (reason.code, reason.number, reason.until) == ("held", 1, soon)
    assert str(reason) == f"1 is held by somebody else until {moments.clock(soon)}."
    assert reason.in_html() == f"1 is held by somebody else until {clock(soon)}."


def test_an_expired_lease_of_another_is_free_work(project, ann, bob):
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    acting.expire(leases.claim(worker=ann, campaign=campaign))

    assert waiting.standing(worker=bob, campaign=campaign).free == 1


def test_an_answer_counts_as_free_while_one_of_its_seats_is(project, ann, bob):
    acting.make_answers(project)
    campaign = acting.open_answers(project)
    leases.claim(worker=ann, campaign=campaign)

    assert waiting.standing(worker=bob, campaign=campaign).numbers == {"free": 1}


def test_what_one_judged_waits_for_others(project, ann, bob):
    acting.make_answers(project, count=2)
    campaign = acting.open_answers(project)
    for _number in range(2):
        acting.claim_and_judge(ann, campaign, "good")

    assert reasons(ann, campaign) == [("done", 2)]


def test_every_reason_is_told_with_its_number(project, ann, bob):
    acting.make_worker(project)
    wrote, said, skipped, foreign, severe, held = (acting.drafted_item(project) for _ in range(6))
    campaign = acting.open_review(project)
    seats = {seat.matter.item_id: seat for seat in campaign.seats.select_related("matter__item")}

    def take(worker, item):
        return leases.claim(worker=worker, campaign=campaign, preferred=seats[item.pk].pk)

    acting.review(ann, take(ann, wrote), positive=acting.rewrite("Ask first."))
    acting.review(ann, take(ann, said))
    leases.skip(grant=acting.grant_of(take(ann, skipped)), worker=ann, reason="unsure")
    acting.move_to_lane(seats[foreign.pk], language="zh")
    acting.move_to_lane(seats[severe.pk], severity=4)
    enrolments.choose(campaign=campaign, worker=ann, languages=["en"], severity_limit=3)
    take(bob, held)

    assert reasons(ann, campaign) == [
        ("held", 1),
        ("skipped", 1),
        ("language", 1),
        ("severity", 1),
        ("wrote", 1),
        ("said", 1),
    ]


def test_when_all_is_judged_the_disputes_are_named(project, ann):
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    acting.claim_and_review(ann, campaign, positive=acting.reject())

    assert reasons(ann, campaign) == [("with_reviewers", 1)]


def test_when_all_is_settled_the_number_is_told(project, ann):
    acting.drafted_item(project)
    campaign = acting.open_review(project, acceptances=1)
    acting.claim_and_review(ann, campaign)

    [reason] = waiting.why_nothing(worker=ann, campaign=campaign)

    assert str(reason) == "All is done: 1 is settled."


@pytest.mark.parametrize("code", waiting.WORDS)
def test_every_reason_has_words_for_one_and_for_many(code):
    one, many = str(waiting.Reason(code, 1)), str(waiting.Reason(code, 2))

    assert "%" not in one + many
    assert one
