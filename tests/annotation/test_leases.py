import threading
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from annotation import campaigns, enrolments, leases
from annotation.leases import Grant, LeaseLost, NotEnrolled, NothingLeft
from annotation.models import Assignment, Decline, Enrolment, Exposure, Matter
from curation.refusals import Refused
from tests import factories
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def bob(project):
    return acting.make_worker(project)


@pytest.fixture
def review(project, ann, bob):
    """A review of three items, both workers enrolled."""
    for _number in range(3):
        acting.drafted_item(project)
    return acting.open_review(project)


def lease(worker, campaign):
    return leases.claim(worker=worker, campaign=campaign)


class TestClaim:
    def test_a_claim_leases_a_seat_by_the_clock_of_the_database(self, review, ann):
        seat = lease(ann, review)

        assert (seat.owner, seat.status, seat.token) == (ann, "leased", 1)
        length = seat.lease_expires_at - seat.leased_at
        assert abs(length - timedelta(seconds=review.lease_seconds)) < timedelta(seconds=1)

    def test_seats_come_by_rank(self, review, ann, bob):
        ranked = list(review.seats.order_by("rank", "number"))

        assert [lease(ann, review), lease(bob, review)] == ranked[:2]

    def test_seats_of_one_answer_come_by_number(self, project, ann, bob):
        acting.make_answers(project)
        campaign = acting.open_answers(project)

        assert [lease(ann, campaign).number, lease(bob, campaign).number] == [1, 2]

    def test_a_second_tab_gets_the_same_seat(self, review, ann):
        first, second = lease(ann, review), lease(ann, review)

        assert (first.pk, first.token) == (second.pk, second.token)
        assert acting.granted(first, ann) == 1

    def test_each_grant_leaves_an_exposure(self, review, ann):
        seat = lease(ann, review)

        exposure = Exposure.objects.get(worker=ann)
        assert (exposure.seat, exposure.token, exposure.severity) == (seat, 1, 2)

    def test_who_is_not_enrolled_gets_nothing(self, review, project):
        late = acting.make_worker(project)

        with pytest.raises(NotEnrolled):
            lease(late, review)

    def test_who_left_gets_nothing_and_what_was_in_hand_is_free(self, review, ann):
        seat = lease(ann, review)

        enrolments.leave(campaign=review, worker=ann)

        seat.refresh_from_db()
        assert seat.status == "open"
        with pytest.raises(NotEnrolled):
            lease(ann, review)

    def test_nothing_is_given_from_a_paused_campaign_but_what_is_in_hand(self, review, ann, bob):
        seat = lease(ann, review)
        campaigns.pause(campaign=review, by=None)

        assert lease(ann, review) == seat
        with pytest.raises(NothingLeft):
            lease(bob, review)

    def test_only_languages_the_worker_chose_are_given(self, project, ann):
        acting.drafted_item(project)
        chinese = acting.drafted_item(project, language="zh", question="可以借邻居的梯子吗？")
        campaign = acting.open_review(project)
        enrolments.choose(campaign=campaign, worker=ann, languages=["zh"], severity_limit=4)

        assert lease(ann, campaign).matter.item == chinese

    def test_nothing_above_the_workers_limit_is_given(self, review, ann):
        enrolments.choose(campaign=review, worker=ann, languages=["en"], severity_limit=1)

        with pytest.raises(NothingLeft):
            lease(ann, review)

    def test_no_second_seat_of_one_answer(self, project, ann):
        acting.make_answers(project)
        campaign = acting.open_answers(project)
        acting.claim_and_judge(ann, campaign, "good")

        with pytest.raises(NothingLeft):
            lease(ann, campaign)

    def test_the_writer_of_a_text_does_not_get_its_next_round(self, project, ann, bob):
        item = acting.drafted_item(project)
        campaign = acting.open_review(project)
        acting.claim_and_review(ann, campaign, positive=acting.rewrite("Ask first, then borrow."))

        with pytest.raises(NothingLeft):
            lease(ann, campaign)
        assert lease(bob, campaign).matter.item == item

    def test_the_writer_of_an_equal_text_does_not_get_it_either(self, project, ann, bob):
        cid = acting.make_worker(project)
        acting.drafted_item(project)
        campaign = acting.open_review(project, rewrites=9)
        acting.claim_and_review(ann, campaign, positive=acting.rewrite("Ask first."))
        acting.claim_and_review(bob, campaign, positive=acting.rewrite("Ask them."))
        acting.claim_and_review(cid, campaign, positive=acting.rewrite("ASK  first."))

        for worker in (ann, cid):
            with pytest.raises(NothingLeft):
                lease(worker, campaign)
        assert lease(bob, campaign)

    def test_who_signed_both_texts_does_not_get_the_next_round(self, project, ann, bob):
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        acting.claim_and_review(ann, campaign)

        with pytest.raises(NothingLeft):
            lease(ann, campaign)
        assert lease(bob, campaign)

    def test_who_signed_may_return_once_a_text_is_new(self, project, ann, bob):
        acting.make_worker(project)
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        acting.claim_and_review(ann, campaign)
        acting.claim_and_review(bob, campaign, negative=acting.rewrite("I just take it."))

        assert lease(ann, campaign).matter.round == 3

    def test_seats_of_a_settled_answer_are_not_given(self, project, ann, bob):
        cid = acting.make_worker(project)
        acting.make_answers(project)
        campaign = acting.open_answers(project)
        slow = lease(cid, campaign)
        for worker in (ann, bob):
            acting.claim_and_judge(worker, campaign, "good")
        acting.expire(slow)

        for worker in (cid, acting.make_worker(project)):
            enrolments.enrol(campaign=campaign, worker=worker)
            with pytest.raises(NothingLeft):
                lease(worker, campaign)
        slow.refresh_from_db()
        assert slow.status == "cancelled"


class TestExpiry:
    def test_an_expired_seat_goes_to_the_next_with_a_higher_token(self, project, ann, bob):
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        seat = acting.expire(lease(ann, campaign))

        again = lease(bob, campaign)

        assert (again.pk, again.owner, again.token) == (seat.pk, bob, 2)

    def test_ones_own_expired_lease_does_not_lock_one_out(self, project, ann):
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        acting.expire(lease(ann, campaign))

        again = lease(ann, campaign)

        assert again.token == 2
        assert again.lease_expires_at > timezone.now()

    def test_handing_back_an_expired_lease_keeps_its_token(self, review, ann):
        seat = acting.expire(lease(ann, review))
        enrolments.choose(campaign=review, worker=ann, languages=["zh"], severity_limit=4)

        with pytest.raises(NothingLeft):
            lease(ann, review)

        seat.refresh_from_db()
        assert (seat.status, seat.owner, seat.token) == ("open", None, 1)


class TestHeartbeat:
    def test_a_heartbeat_renews_the_lease_without_a_new_token(self, review, ann):
        seat = lease(ann, review)
        Assignment.objects.filter(pk=seat.pk).update(lease_expires_at=timezone.now())

        told = leases.heartbeat(grant=acting.grant_of(seat), worker=ann)

        seat.refresh_from_db()
        assert (seat.token, told.is_over) == (1, False)
        assert told.until == seat.lease_expires_at > timezone.now() + timedelta(minutes=19)

    def test_a_lease_is_renewed_up_to_four_times_its_length(self, review, ann):
        seat = lease(ann, review)
        length = timedelta(seconds=review.lease_seconds)
        begun = timezone.now() - 3.5 * length
        Assignment.objects.filter(pk=seat.pk).update(leased_at=begun, lease_expires_at=begun)

        assert leases.heartbeat(grant=acting.grant_of(seat), worker=ann).until == begun + 4 * length

    def test_a_heartbeat_never_shortens_a_lease(self, review, ann):
        seat = lease(ann, review)
        until = timezone.now() + timedelta(days=1)
        Assignment.objects.filter(pk=seat.pk).update(lease_expires_at=until)

        assert leases.heartbeat(grant=acting.grant_of(seat), worker=ann).until == until

    def test_a_lease_that_ended_is_told_while_nobody_has_taken_the_seat(self, review, ann):
        seat = acting.expire(lease(ann, review))

        told = leases.heartbeat(grant=acting.grant_of(seat), worker=ann)

        assert told.is_over
        assert acting.review(ann, seat)

    def test_a_lost_lease_is_told_at_once(self, review, ann, bob):
        seat = acting.expire(lease(ann, review))
        lease(bob, review)

        with pytest.raises(LeaseLost):
            leases.heartbeat(grant=acting.grant_of(seat), worker=ann)


class TestGiveBack:
    def test_a_seat_given_back_is_free_for_others_and_keeps_its_token(self, review, ann, bob):
        seat = lease(ann, review)

        leases.give_back(grant=acting.grant_of(seat), worker=ann)

        again = lease(bob, review)
        assert (again.pk, again.token) == (seat.pk, 2)

    def test_giving_back_twice_changes_nothing(self, review, ann):
        seat = lease(ann, review)

        for _time in range(2):
            leases.give_back(grant=acting.grant_of(seat), worker=ann)

        seat.refresh_from_db()
        assert (seat.status, seat.token) == ("open", 1)

    def test_nobody_gives_back_what_another_holds(self, review, ann, bob):
        seat = lease(ann, review)

        with pytest.raises(LeaseLost):
            leases.give_back(grant=acting.grant_of(seat), worker=bob)

        seat.refresh_from_db()
        assert seat.owner == ann

    def test_a_seat_that_is_not_wanted_any_more_is_cancelled(self, project, ann, bob):
        cid = acting.make_worker(project)
        acting.make_answers(project)
        campaign = acting.open_answers(project)
        slow = lease(cid, campaign)
        for worker in (ann, bob):
            acting.claim_and_judge(worker, campaign, "good")

        leases.give_back(grant=acting.grant_of(slow), worker=cid)

        slow.refresh_from_db()
        assert slow.status == "cancelled"


class TestSkip:
    def skip(self, seat, worker, reason=Decline.Reason.HARMS_ME):
        return leases.skip(grant=acting.grant_of(seat), worker=worker, reason=reason)

    def test_what_is_skipped_stays_away_from_that_worker_alone(self, project, ann, bob):
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        seat = lease(ann, campaign)

        self.skip(seat, ann)

        with pytest.raises(NothingLeft):
            lease(ann, campaign)
        assert lease(bob, campaign) == seat

    def test_what_is_skipped_stays_away_in_later_rounds_too(self, project, ann, bob):
        acting.make_worker(project)
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        self.skip(lease(ann, campaign), ann)
        acting.claim_and_review(bob, campaign, positive=acting.rewrite("Ask first."))

        with pytest.raises(NothingLeft):
            lease(ann, campaign)

    def test_a_skip_needs_a_reason_of_the_list(self, review, ann):
        seat = lease(ann, review)

        with pytest.raises(Refused):
            self.skip(seat, ann, "because")

        seat.refresh_from_db()
        assert seat.owner == ann

    def test_skipping_twice_is_skipping_once(self, review, ann):
        seat = lease(ann, review)

        assert self.skip(seat, ann) == self.skip(seat, ann)

    def test_what_was_skipped_cannot_be_submitted_from_a_forgotten_tab(self, review, ann):
        seat = lease(ann, review)
        submission = acting.submission_of(seat)
        self.skip(seat, ann)

        with pytest.raises(LeaseLost):
            acting.review(ann, seat, submission=submission)

    def test_a_skip_is_honoured_after_the_lease_was_lost(self, project, ann, bob):
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        seat = acting.expire(lease(ann, campaign))
        lease(bob, campaign)

        self.skip(seat, ann)

        seat.refresh_from_db()
        assert seat.owner == bob
        assert Decline.objects.get().worker == ann

    def test_nobody_skips_what_they_never_had(self, review, ann, bob):
        seat = lease(ann, review)

        with pytest.raises(LeaseLost):
            self.skip(seat, bob)

    def test_nobody_skips_what_they_judged(self, project, ann):
        acting.make_answers(project)
        campaign = acting.open_answers(project)
        seat = lease(ann, campaign)
        acting.judge(ann, seat, "good")

        with pytest.raises(Refused):
            self.skip(seat, ann)

    def test_when_everybody_skips_a_reviewer_gets_it(self, project, ann, bob):
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        self.skip(lease(ann, campaign), ann)
        assert Matter.objects.get().status == "open"

        self.skip(lease(bob, campaign), bob)

        matter = Matter.objects.get()
        assert (matter.status, matter.dispute) == ("disputed", "nobody_left")
        assert matter.seats.get().status == "cancelled"

    def test_a_matter_waits_for_who_holds_another_seat_of_it(self, project, ann, bob):
        acting.make_answers(project)
        campaign = acting.open_answers(project)
        lease(bob, campaign)

        self.skip(lease(ann, campaign), ann)

        assert Matter.objects.get().status == "open"


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Real threads with their own connections."""

    def run(self, *calls):
        start = threading.Barrier(len(calls))

        def one(call):
            try:
                start.wait()
                return call()
            finally:
                connection.close()

        with ThreadPoolExecutor(len(calls)) as pool:
            return [future.result() for future in [pool.submit(one, call) for call in calls]]

    def test_two_workers_never_get_the_same_seat(self, project):
        people = [acting.make_worker(project) for _number in range(4)]
        for _number in range(4):
            acting.drafted_item(project)
        campaign = acting.open_review(project)

        seats = self.run(*(lambda w=worker: lease(w, campaign) for worker in people))

        assert len({seat.pk for seat in seats}) == 4
        assert {seat.owner_id for seat in seats} == {worker.pk for worker in people}

    def test_two_workers_get_two_seats_of_one_answer(self, project):
        ann, bob = acting.make_worker(project), acting.make_worker(project)
        acting.make_answers(project)
        campaign = acting.open_answers(project)

        seats = self.run(lambda: lease(ann, campaign), lambda: lease(bob, campaign))

        assert len({seat.pk for seat in seats}) == 2
        assert len({seat.matter_id for seat in seats}) == 1

    def test_two_tabs_get_one_seat_and_one_grant(self, project):
        ann = acting.make_worker(project)
        for _number in range(3):
            acting.drafted_item(project)
        campaign = acting.open_review(project)

        seats = self.run(*[lambda: lease(ann, campaign)] * 4)

        assert len({(seat.pk, seat.token) for seat in seats}) == 1
        assert Exposure.objects.count() == 1

    def test_a_claim_passes_over_a_locked_seat_without_waiting(self, project):
        ann, bob = acting.make_worker(project), acting.make_worker(project)
        for _number in range(2):
            acting.drafted_item(project)
        campaign = acting.open_review(project)
        first = campaign.seats.order_by("rank")[0]

        with transaction.atomic():
            Assignment.objects.select_for_update().get(pk=first.pk)
            [seat] = self.run(lambda: lease(bob, campaign))

        assert seat != first
        assert lease(ann, campaign) == first

    def test_nothing_is_leased_in_a_campaign_that_is_being_closed(self, project):
        ann = acting.make_worker(project)
        acting.drafted_item(project)
        campaign = acting.open_review(project)

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                campaigns.close(campaign=campaign, by=None)
                claimed = pool.submit(self.run, lambda: lease(ann, campaign))
                with pytest.raises(TimeoutError):
                    claimed.result(0.5)

            with pytest.raises(NothingLeft):
                claimed.result()

    def test_a_campaign_is_not_closed_over_a_claim_under_way(self, project):
        ann = acting.make_worker(project)
        acting.drafted_item(project)
        campaign = acting.open_review(project)

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                lease(ann, campaign)
                closed = pool.submit(self.run, lambda: campaigns.close(campaign=campaign, by=None))
                with pytest.raises(TimeoutError):
                    closed.result(0.5)

            with pytest.raises(Refused, match="in hand"):
                closed.result()

    def test_a_seat_given_back_while_its_answer_is_settled_is_for_nobody(self, project):
        ann, bob, cid = (acting.make_worker(project) for _number in range(3))
        acting.make_answers(project)
        campaign = acting.open_answers(project)
        acting.claim_and_judge(ann, campaign, "good")
        seats = [lease(bob, campaign), lease(cid, campaign)]

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                acting.judge(bob, seats[0], "good")
                given = pool.submit(self.run, lambda: give_back(seats[1], cid))
                wait([given], 0.5)
            given.result()

        seats[1].refresh_from_db()
        assert Matter.objects.get().status == "settled"
        assert seats[1].status == "cancelled"

    def test_a_seat_given_back_twice_at_once_is_one_drop(self, project):
        ann = acting.make_worker(project)
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        give_back(lease(ann, campaign), ann)
        seat = lease(ann, campaign)

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                list(Enrolment.objects.select_for_update())
                given = pool.submit(self.run, *[lambda: give_back(seat, ann)] * 2)
                wait([given], 0.5)
            given.result()

        assert Enrolment.objects.get().dropped == 2

    @pytest.mark.parametrize("drop", ["give back", "skip"])
    def test_what_is_submitted_at_this_moment_is_not_dropped(self, project, drop):
        ann = acting.make_worker(project)
        acting.make_answers(project)
        campaign = acting.open_answers(project, overlap=1, quorum=1)
        seat = lease(ann, campaign)

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                acting.judge(ann, seat, "good")
                dropped = pool.submit(self.run, lambda: DROPS[drop](seat, ann))
                wait([dropped], 0.5)
            wait([dropped])

        assert Enrolment.objects.get().dropped == 0
        assert Assignment.objects.get().status == "done"


def give_back(seat, worker):
    return leases.give_back(grant=acting.grant_of(seat), worker=worker)


def skip(seat, worker):
    return leases.skip(grant=acting.grant_of(seat), worker=worker, reason="unsure")


DROPS = {"give back": give_back, "skip": skip}


def test_a_grant_is_known_by_its_exposure(review, ann, bob):
    seat = lease(ann, review)

    assert leases.was_granted(seat=seat.pk, token=1, worker=ann)
    assert not leases.was_granted(seat=seat.pk, token=2, worker=ann)
    assert not leases.was_granted(seat=seat.pk, token=1, worker=bob)
    assert Grant(seat.pk, 1) == acting.grant_of(seat)
    assert factories.make_project() != review.project
