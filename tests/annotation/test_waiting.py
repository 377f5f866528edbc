from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from annotation import campaigns, corrections, enrolments, leases, standings, waiting
from annotation.models import Assignment, Campaign, Cursor, Enrolment, Exposure, Lane
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


def standing(worker, campaign):
    return standings.of(worker=worker, campaigns=[campaign])[campaign.pk]


def test_while_work_is_free_or_in_hand_there_is_no_reason(project, ann):
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    assert reasons(ann, campaign) == []
    assert standing(ann, campaign).free == 1

    leases.claim(worker=ann, campaign=campaign)

    assert reasons(ann, campaign) == []
    assert standing(ann, campaign).numbers == {"mine": 1}


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

    assert standing(bob, campaign).free == 1


def test_an_answer_counts_as_free_while_one_of_its_seats_is(project, ann, bob):
    acting.make_answers(project)
    campaign = acting.open_answers(project)
    leases.claim(worker=ann, campaign=campaign)

    assert standing(bob, campaign).numbers == {"free": 1}


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


class TestClaim:
    def test_what_a_change_of_a_text_makes_free_is_found_at_once(self, project, ann, bob, curator):
        item = acting.drafted_item(project)
        campaign = acting.open_review(project)
        acting.claim_and_review(ann, campaign, positive=acting.rewrite("A text of mine."))
        with pytest.raises(leases.NothingLeft) as nothing:
            waiting.claim(worker=ann, campaign=campaign)
        assert [reason.code for reason in nothing.value.reasons] == ["wrote"]

        mine = item.options.live().get(polarity="positive")
        corrections.correct(option=mine, text="A text of another.", by=curator)

        assert waiting.claim(worker=ann, campaign=campaign).matter.item == item

    def test_what_begins_again_is_found_at_once(self, project, ann):
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        campaigns.pause(campaign=campaign, by=None)
        with pytest.raises(leases.NothingLeft):
            waiting.claim(worker=ann, campaign=campaign)

        campaigns.resume(campaign=campaign, by=None)

        assert leases.claim(worker=ann, campaign=campaign)

    @pytest.mark.django_db(transaction=True)
    def test_what_is_locked_right_now_is_told_and_found_afterwards(self, project, ann):
        acting.drafted_item(project)
        campaign = acting.open_review(project)

        with ThreadPoolExecutor(1) as pool, transaction.atomic():
            list(Assignment.objects.select_for_update())
            with pytest.raises(leases.NothingLeft) as nothing:
                pool.submit(apart, lambda: waiting.claim(worker=ann, campaign=campaign)).result()
        [reason] = nothing.value.reasons

        assert (reason.code, reason.number) == ("changing", 1)
        assert "try again in a moment" in str(reason)
        assert waiting.claim(worker=ann, campaign=campaign)

    def test_who_does_not_take_part_is_told_so(self, project, ann):
        campaign = acting.open_review(project)
        Enrolment.objects.all().delete()

        with pytest.raises(leases.NotEnrolled) as nothing:
            waiting.claim(worker=ann, campaign=campaign)

        assert [reason.code for reason in nothing.value.reasons] == ["not_enrolled"]


def apart(call):
    """Run it on a connection of its own."""
    try:
        return call()
    finally:
        connection.close()


class TestMoreThanIsLookedAt:
    """Where a lane has more seats than are counted."""

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch):
        monkeypatch.setattr(standings, "MOST", 3)
        standings._statement.cache_clear()
        yield
        standings._statement.cache_clear()

    def judged(self, project, worker, count, of, severity=1, **numbers):
        acting.make_answers(project, count=of)
        campaign = acting.open_answers(project, overlap=2, quorum=2, **numbers)
        Lane.objects.update(severity=severity)
        for _number in range(count):
            acting.claim_and_judge(worker, campaign, "good")
        return campaign

    def nothing(self, worker, campaign):
        with pytest.raises(leases.NothingLeft) as nothing:
            waiting.claim(worker=worker, campaign=campaign)
        return {reason.code: reason for reason in nothing.value.reasons}

    def test_the_limit_of_exposure_is_named_with_its_end(self, project, ann):
        campaign = self.judged(project, ann, 5, of=8, severity=2, exposure_day=15)

        told = self.nothing(ann, campaign)["exposure"]

        first = Exposure.objects.earliest("created_at").created_at
        assert told.until == first + timedelta(days=1)
        assert str(told).startswith("2+ are too severe")

    def test_it_is_named_too_where_only_what_was_judged_is_seen(self, project, ann):
        campaign = self.judged(project, ann, 5, of=8, severity=2, exposure_day=15)
        Cursor.objects.update(reached=0)

        told = self.nothing(ann, campaign)

        assert str(told["done"]).startswith("You have judged 3+ that are")
        assert told["exposure"].until

    def test_what_others_hold_is_counted_wherever_it_is(self, project, ann, bob):
        campaign = self.judged(project, ann, 4, of=5)
        cid = acting.make_worker(project)
        enrolments.enrol(campaign=campaign, worker=cid)
        last = campaign.matters.exclude(judgements__worker=ann).get()
        held = [
            leases.claim(worker=worker, campaign=campaign, preferred=seat.pk)
            for worker, seat in zip((bob, cid), last.seats.order_by("number"), strict=True)
        ]
        Cursor.objects.update(reached=0)

        told = self.nothing(ann, campaign)

        assert (told["held"].number, told["held"].more) == (1, False)
        assert told["held"].until == min(seat.lease_expires_at for seat in held)
        assert told["done"].more

    def test_nothing_is_said_to_be_left_before_all_was_searched(self, project, ann):
        campaign = self.judged(project, ann, 4, of=5)
        Cursor.objects.update(reached=0)
        assert standing(ann, campaign).free == 0

        assert reasons(ann, campaign) == []
        assert waiting.claim(worker=ann, campaign=campaign)

    def test_what_is_opened_later_is_seen_wherever_it_is(self, project, ann):
        campaign = self.judged(project, ann, 5, of=5)
        self.nothing(ann, campaign)
        acting.make_answers(project)

        campaigns.top_up(campaign=campaign, by=None)

        assert standing(ann, campaign).free == 1


def test_many_campaigns_are_read_like_one(project, ann, django_assert_max_num_queries):
    for number in range(6):
        if number % 2:
            acting.make_answers(project)
            acting.open_answers(project, f"Answers {number}")
        else:
            acting.drafted_item(project)
            acting.open_review(project, f"Review {number}")
    found = list(Campaign.objects.order_by("pk"))
    single = [waiting.overview(worker=ann, campaigns=[each])[0] for each in found]

    with django_assert_max_num_queries(5):
        together = waiting.overview(worker=ann, campaigns=found)

    assert together == single
    assert [waits.free for waits in together] == [1] * 6
