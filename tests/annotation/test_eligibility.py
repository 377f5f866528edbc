"""Who is left for a matter: asked of few for a whole campaign, it is what asking each one says."""

import pytest

from annotation import eligibility, enrolments, leases
from annotation.models import Assignment, Enrolment, Matter
from tests import factories
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def bob(project):
    return acting.make_worker(project)


def stuck(campaign):
    """Return what is stuck in a campaign, after looking at each matter too."""
    found = eligibility.stuck(campaign)
    each = list(campaign.matters.order_by("pk").values_list("pk", flat=True))
    assert found == eligibility.stuck(campaign, each)
    return found


def judge(matter, worker, outcome="cannot_tell"):
    seat = matter.seats.filter(status="open").order_by("number")[0]
    leases.grant(seat=seat, worker=worker)
    seat.refresh_from_db()
    return acting.judge(worker, seat, outcome)


class TestAnswers:
    @pytest.fixture
    def judging(self, project, ann, bob):
        acting.make_answers(project, count=3)
        return acting.open_answers(project)

    def test_nothing_is_stuck_while_somebody_may_take_it(self, judging, ann):
        for matter in judging.matters.all():
            judge(matter, ann)

        assert stuck(judging) == []

    def test_what_everybody_has_judged_is_stuck(self, judging, ann, bob):
        first, *_others = judging.matters.order_by("pk")
        for worker in (ann, bob):
            judge(first, worker)

        assert stuck(judging) == [first.pk]

    def test_what_one_judged_and_the_other_declined_is_stuck(self, judging, ann, bob):
        first, *_others = judging.matters.order_by("pk")
        judge(first, ann)
        first.declines.create(worker=bob, reason="unsure")

        assert stuck(judging) == [first.pk]

    def test_what_somebody_holds_is_not(self, judging, ann, bob):
        first, *_others = judging.matters.order_by("pk")
        judge(first, ann)
        seat = first.seats.filter(status="open")[0]
        leases.grant(seat=seat, worker=bob)

        assert stuck(judging) == []

    def test_all_of_a_lane_is_stuck_that_nobody_reads(self, judging, ann, bob):
        other, *_others = judging.matters.order_by("pk")
        for seat in other.seats.all():
            acting.move_to_lane(seat, language="zh")

        Enrolment.objects.update(languages=["en"])

        assert stuck(judging) == [other.pk]

    def test_each_lane_asks_somebody_of_its_own(self, project, judging, ann, bob):
        """In one lane only bob may work, and he has judged; ann is least far in the other."""
        first, *_others = judging.matters.order_by("pk")
        judge(first, bob)
        for seat in first.seats.all():
            acting.move_to_lane(seat, severity=4)
        Enrolment.objects.filter(worker=ann).update(severity_limit=3)
        Enrolment.objects.filter(worker=bob).update(severity_limit=4)

        assert stuck(judging) == [first.pk]

    @pytest.mark.parametrize("gone", ["left", "no member", "not active"])
    def test_who_has_gone_is_not_asked(self, judging, ann, bob, gone):
        first, *_others = judging.matters.order_by("pk")
        judge(first, ann)

        if gone == "left":
            Enrolment.objects.filter(worker=bob).update(status="ended")
        elif gone == "no member":
            factories.Membership.objects.filter(user=bob.user).delete()
        else:
            type(bob.user).objects.filter(pk=bob.user_id).update(is_active=False)

        assert stuck(judging) == [first.pk]

    def test_a_matter_put_to_one_more_that_has_no_seat_left_is_stuck(self, judging, ann):
        """One judgement of two that a quorum needs, and nobody else is wanted."""
        first, *_others = judging.matters.order_by("pk")
        judge(first, ann)
        Assignment.objects.filter(matter=first, status="open").update(status="cancelled")
        Matter.objects.filter(pk=first.pk).update(dispute="nobody_left")

        assert stuck(judging) == [first.pk]


class TestReview:
    def test_what_everybody_wrote_or_rejected_is_stuck(self, project, ann, bob):
        item, plain = acting.drafted_item(project), acting.drafted_item(project)
        item.options.filter(polarity="positive").update(author_ref=ann.pseudonym)
        item.options.filter(polarity="negative").update(author_ref=bob.pseudonym)
        review = acting.open_review(project, items=type(item).objects.filter(pk=plain.pk))
        assert stuck(review) == []

        Enrolment.objects.all().delete()
        review = acting.open_review(project, "Other", items=type(item).objects.filter(pk=item.pk))

        assert review.matters.get().status == "disputed"
        Matter.objects.filter(campaign=review).update(status="open")
        assert stuck(review) == [review.matters.get().pk]

    def test_a_text_that_was_accepted_often_enough_elsewhere_asks_nobody(self, project, ann, bob):
        """Its options were signed by others in an earlier campaign; the newcomers never saw it."""
        item = acting.drafted_item(project)
        first = acting.open_review(project, acceptances=2)
        for worker in (ann, bob):
            acting.claim_and_review(worker, first)
        item.refresh_from_db()
        assert item.status == "gold"
        for worker in (ann, bob):
            factories.Membership.objects.filter(user=worker.user).delete()
        acting.make_worker(project)

        again = acting.open_review(project, "Again", items=type(item).objects.filter(pk=item.pk))

        Matter.objects.filter(campaign=again).update(status="open")
        assert stuck(again) == [again.matters.get().pk]

    def test_what_one_skipped_in_an_earlier_round_is_stuck_in_the_next(self, project, ann, bob):
        acting.drafted_item(project)
        review = acting.open_review(project)
        seat = leases.claim(worker=ann, campaign=review)
        leases.skip(grant=acting.grant_of(seat), worker=ann, reason="unsure")
        Enrolment.objects.filter(worker=bob).update(status="active")

        acting.claim_and_review(bob, review)

        last = review.matters.order_by("-round")[0]
        assert (last.status, last.dispute) == ("disputed", "nobody_left")
        Matter.objects.filter(pk=last.pk).update(status="open")
        assert stuck(review) == [last.pk]

    def test_choices_that_leave_nobody_hand_over_at_once(self, project, ann):
        acting.drafted_item(project)
        review = acting.open_review(project)

        enrolments.choose(campaign=review, worker=ann, languages=["zh"], severity_limit=4)

        assert review.matters.get().status == "disputed"
