"""Raising and lowering how many people judge each answer of a campaign that is going on."""

import threading
from concurrent.futures import ThreadPoolExecutor, TimeoutError

import pytest
from django.db import connection, transaction

from annotation import adjudication, campaigns, leases, matters, overlap, undoing
from annotation.leases import LeaseLost, NothingLeft
from annotation.models import Assignment, Cursor, Matter, WorkDraft
from annotation.overlap import Changed, Overtaken
from curation.models import AuditEvent
from curation.refusals import Refused
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew(project):
    return [acting.make_worker(project) for _number in range(4)]


@pytest.fixture
def judging(project, crew):
    """Two answers with three seats each."""
    acting.make_answers(project, count=2)
    return acting.open_answers(project)


def change(campaign, to, *, seen=3, by=None):
    return overlap.change(campaign=campaign, to=to, seen=seen, by=by)


def seats(matter):
    """The seats that are wanted or judged, by number."""
    wanted = matter.seats.exclude(status__in=("cancelled", "undone"))
    return list(wanted.order_by("number").values_list("number", "status"))


def judge(matter, worker, outcome):
    """Let a worker judge this matter, whatever else waits."""
    seat = matter.seats.filter(status="open").order_by("number")[0]
    grant = leases.grant(seat=seat, worker=worker)
    seat.refresh_from_db()
    assert (seat.pk, seat.token) == (grant.seat, grant.token)
    return acting.judge(worker, seat, outcome)


def settle(matter, crew):
    for worker in crew[:2]:
        judge(matter, worker, "good")
    matter.refresh_from_db()
    assert matter.status == "settled"


def dispute(matter, crew):
    for worker in crew[:3]:
        judge(matter, worker, "cannot_tell")
    matter.refresh_from_db()
    assert matter.status == "disputed"


class TestRaise:
    def test_open_answers_get_the_seats_they_lack(self, judging, crew):
        begun, untouched = judging.matters.order_by("pk")
        judge(begun, crew[0], "good")

        assert change(judging, 5) == Changed(added=4)

        assert seats(begun) == [(1, "done"), *((n, "open") for n in (2, 3, 4, 5))]
        assert seats(untouched) == [(number, "open") for number in (1, 2, 3, 4, 5)]
        judging.refresh_from_db()
        assert judging.overlap == 5

    def test_new_seats_stand_where_the_others_of_their_matter_do(self, judging):
        change(judging, 4)

        for matter in judging.matters.all():
            assert matter.seats.values("lane", "rank").distinct().count() == 1
        assert set(judging.seats.values_list("token", "owner")) == {(0, None)}

    def test_what_is_settled_or_disputed_stays_as_it_is(self, judging, crew):
        settled, disputed = judging.matters.order_by("pk")
        settle(settled, crew)
        dispute(disputed, crew)

        assert change(judging, 5) == Changed()

        assert {matter.status for matter in judging.matters.all()} == {"settled", "disputed"}
        assert not judging.seats.open().exists()

    def test_a_quorum_is_looked_for_among_all_the_seats(self, judging, crew):
        matter = judging.matters.order_by("pk")[0]
        change(judging, 4)

        for worker in crew[:3]:
            judge(matter, worker, "cannot_tell")
        matter.refresh_from_db()
        assert matter.status == "open"
        judge(matter, crew[3], "cannot_tell")

        matter.refresh_from_db()
        assert (matter.status, matter.dispute) == ("disputed", "no_quorum")

    def test_an_answer_put_to_one_more_person_counts_the_seat_it_was_given(
        self, project, judging, crew
    ):
        matter = judging.matters.order_by("pk")[0]
        dispute(matter, crew)
        adjudication.ask_another(matter=matter, by=acting.make_reviewer(project))

        change(judging, 5)

        assert seats(matter) == [*((n, "done") for n in (1, 2, 3)), (4, "open"), (5, "open")]

    def test_a_seat_that_was_taken_back_is_not_counted(self, judging, crew):
        matter = judging.matters.order_by("pk")[0]
        undoing.undo(judgement=judge(matter, crew[0], "good"), worker=crew[0])

        change(judging, 4)

        assert seats(matter) == [(2, "open"), (3, "open"), (4, "leased"), (5, "open")]

    def test_who_found_nothing_left_finds_the_new_seats_at_once(self, project, crew):
        acting.make_answers(project)
        campaign = acting.open_answers(project, overlap=1, quorum=1)
        ann, bob, *_others = crew
        held = leases.claim(worker=ann, campaign=campaign)
        with pytest.raises(NothingLeft):
            leases.claim(worker=bob, campaign=campaign)

        change(campaign, 2, seen=1)

        assert leases.claim(worker=bob, campaign=campaign).matter == held.matter

    def test_cursors_lead_the_search_through_many_new_seats(self, judging, crew):
        ann = crew[0]
        for matter in judging.matters.all():
            judge(matter, ann, "good")
        with pytest.raises(NothingLeft):
            leases.claim(worker=ann, campaign=judging)
        assert Cursor.objects.exclude(empty_since=None).exists()

        change(judging, 4)

        assert not Cursor.objects.exclude(empty_since=None, empty_until=None).exists()

    def test_answers_that_are_added_later_get_as_many(self, project, judging):
        stale = campaigns.Campaign.objects.get()
        change(judging, 5)
        acting.make_answers(project, count=1)

        campaigns.top_up(campaign=stale, by=None)

        assert {len(seats(matter)) for matter in judging.matters.all()} == {5}

    def test_opening_the_campaign_again_keeps_the_number(self, project, judging):
        change(judging, 5)
        acting.make_answers(project, count=1)

        acting.open_answers(project)

        assert {len(seats(matter)) for matter in judging.matters.all()} == {5}

    def test_a_paused_campaign_may_be_changed(self, judging):
        campaigns.pause(campaign=judging, by=None)

        assert change(judging, 4) == Changed(added=2)


class TestLower:
    def test_seats_that_nobody_holds_are_cancelled_the_newest_first(self, judging):
        assert change(judging, 2) == Changed(cancelled=2)

        for matter in judging.matters.all():
            assert seats(matter) == [(1, "open"), (2, "open")]

    def test_seats_that_are_held_or_judged_stay(self, judging, crew):
        first, second = judging.matters.order_by("pk")
        judge(first, crew[0], "good")
        held = [
            leases.grant(seat=seat, worker=worker)
            for seat, worker in zip(second.seats.order_by("number"), crew[:3], strict=True)
        ]

        assert change(judging, 2) == Changed(cancelled=1)

        assert seats(first) == [(1, "done"), (2, "open")]
        assert seats(second) == [(number, "leased") for number in (1, 2, 3)]
        assert len(held) == 3

    def test_a_lease_that_is_over_is_still_somebodys(self, judging, crew):
        matter = judging.matters.order_by("pk")[0]
        for seat, worker in zip(matter.seats.order_by("-number"), crew[:2], strict=False):
            leases.grant(seat=seat, worker=worker)
            acting.expire(seat)

        change(judging, 2)

        assert seats(matter) == [(2, "leased"), (3, "leased")]

    def test_what_somebody_was_shown_goes_last(self, judging, crew):
        """Who handed a seat back may still submit what they had, while nobody else takes it."""
        matter = judging.matters.order_by("pk")[0]
        seat = matter.seats.get(number=3)
        leases.grant(seat=seat, worker=crew[0])
        seat.refresh_from_db()
        leases.give_back(grant=acting.grant_of(seat), worker=crew[0])

        change(judging, 2)

        assert seats(matter) == [(1, "open"), (3, "open")]
        assert acting.judge(crew[0], seat, "good").seat == seat

    def test_work_on_a_seat_that_was_cancelled_is_kept_as_a_draft(self, judging, crew):
        matter = judging.matters.order_by("pk")[0]
        given = []
        for seat, worker in zip(matter.seats.order_by("number"), crew[:3], strict=True):
            leases.grant(seat=seat, worker=worker)
            seat.refresh_from_db()
            leases.give_back(grant=acting.grant_of(seat), worker=worker)
            given.append(seat)
        change(judging, 2)

        with pytest.raises(LeaseLost):
            acting.judge(crew[2], given[2], "good")

        assert WorkDraft.objects.get(seat=given[2]).worker == crew[2]

    def test_an_answer_that_waits_for_nobody_then_is_disputed(self, judging, crew):
        matter = judging.matters.order_by("pk")[0]
        judge(matter, crew[0], "good")
        judge(matter, crew[1], "bad")

        assert change(judging, 2) == Changed(cancelled=2, disputed=1)

        matter.refresh_from_db()
        assert (matter.status, matter.dispute) == ("disputed", "no_quorum")
        assert AuditEvent.objects.get(action="campaign.overlap").detail == {
            "before": 3,
            "to": 2,
            "added": 0,
            "cancelled": 2,
            "disputed": 1,
        }

    def test_an_answer_that_waits_for_who_holds_it_stays_open(self, judging, crew):
        matter = judging.matters.order_by("pk")[0]
        judge(matter, crew[0], "good")
        seat = matter.seats.filter(status="open")[0]
        leases.grant(seat=seat, worker=crew[1])

        assert change(judging, 2) == Changed(cancelled=2)

        seat.refresh_from_db()
        acting.judge(crew[1], seat, "bad")
        matter.refresh_from_db()
        assert matter.status == "disputed"

    def test_what_a_reviewer_put_to_one_more_person_keeps_that_seat(self, project, judging, crew):
        matter = judging.matters.order_by("pk")[0]
        dispute(matter, crew)
        adjudication.ask_another(matter=matter, by=acting.make_reviewer(project))

        assert change(judging, 2) == Changed(cancelled=1)

        matter.refresh_from_db()
        assert matter.status == "open"
        assert seats(matter)[-1] == (4, "open")

    def test_up_and_down_again_never_uses_up_the_seats(self, judging, crew):
        matter = judging.matters.order_by("pk")[0]
        change(judging, 25)
        change(judging, 2, seen=25)
        judgement = judge(matter, crew[0], "good")

        undoing.undo(judgement=judgement, worker=crew[0])

        assert len(seats(matter)) == 2

    def test_twenty_five_people_are_enough(self, judging):
        matter = judging.matters.order_by("pk")[0]
        change(judging, 25)

        with pytest.raises(Refused, match="Enough people"):
            matters.add_seat(matter)


class TestRefusals:
    def test_who_looked_at_another_number_is_told_and_changes_nothing(self, judging):
        change(judging, 4)

        with pytest.raises(Overtaken, match="made it 4"):
            change(judging, 2, seen=3)

        assert {len(seats(matter)) for matter in judging.matters.all()} == {4}

    def test_no_number_is_below_the_quorum(self, judging):
        with pytest.raises(Refused, match="settled when 2 agree"):
            change(judging, 1)

        judging.refresh_from_db()
        assert judging.overlap == 3

    @pytest.mark.parametrize("number", [0, 26, -1, 2**40])
    def test_numbers_have_limits(self, judging, number):
        with pytest.raises(Refused):
            change(judging, number)

    def test_a_review_has_no_such_number(self, project):
        acting.drafted_item(project)

        with pytest.raises(Refused, match="one person after the other"):
            change(acting.open_review(project), 4)

    def test_a_closed_campaign_stays_as_it_is(self, judging):
        campaigns.close(campaign=judging, by=None)

        with pytest.raises(Refused, match="closed"):
            change(judging, 4)

    def test_the_same_number_changes_nothing_and_leaves_no_record(self, judging):
        assert change(judging, 3) == Changed()

        assert not AuditEvent.objects.filter(action="campaign.overlap").exists()


@pytest.mark.django_db(transaction=True)
class TestOthersAtWork:
    @staticmethod
    def run(act):
        try:
            return act()
        finally:
            connection.close()

    def test_a_judgement_under_way_counts_before_the_seats_are_added(self, judging, crew):
        """The third of three is in without a quorum: disputed, so nothing is added any more."""
        matter = judging.matters.order_by("pk")[0]
        for worker in crew[:2]:
            judge(matter, worker, "cannot_tell")

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                judge(matter, crew[2], "cannot_tell")
                changed = pool.submit(self.run, lambda: change(judging, 5))
                with pytest.raises(TimeoutError):
                    changed.result(0.5)

            assert changed.result() == Changed(added=2)

        assert matter.seats.count() == 3

    def test_a_judgement_that_comes_while_seats_are_added_is_not_the_last_one(self, judging, crew):
        matter = judging.matters.order_by("pk")[0]
        for worker in crew[:2]:
            judge(matter, worker, "cannot_tell")
        seat = matter.seats.get(status="open")
        leases.grant(seat=seat, worker=crew[2])
        seat.refresh_from_db()

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                change(judging, 4)
                judged = pool.submit(self.run, lambda: acting.judge(crew[2], seat, "cannot_tell"))
                with pytest.raises(TimeoutError):
                    judged.result(0.5)

            judged.result()

        matter.refresh_from_db()
        assert (matter.status, len(seats(matter))) == ("open", 4)

    def test_a_seat_claimed_at_this_moment_stays_and_another_goes(self, judging, crew):
        matter, other = judging.matters.order_by("pk")
        for worker in crew[2:]:
            judge(other, worker, "good")

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                leases.grant(seat=matter.seats.get(number=3), worker=crew[0])
                lowered = pool.submit(self.run, lambda: change(judging, 2))
                with pytest.raises(TimeoutError):
                    lowered.result(0.5)

            assert lowered.result() == Changed(cancelled=1)

        assert seats(matter) == [(1, "open"), (3, "leased")]

    def test_two_curators_do_not_both_raise_it(self, judging):
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                change(judging, 4)
                other = pool.submit(self.run, lambda: change(judging, 5))
                with pytest.raises(TimeoutError):
                    other.result(0.5)

            with pytest.raises(Overtaken):
                other.result()

        assert {len(seats(matter)) for matter in judging.matters.all()} == {4}

    def test_raising_while_people_submit_leaves_no_answer_with_too_few(self, project, crew):
        """Everybody judges as fast as they can; meanwhile it goes 3, 4, 3, 4 and ends at 4."""
        acting.make_answers(project, count=12)
        judging = acting.open_answers(project, quorum=2, break_after=0, exposure_day=0)
        begun = threading.Barrier(len(crew) + 1)

        def work(worker):
            begun.wait()
            for _number in range(12):
                try:
                    acting.claim_and_judge(worker, judging, "cannot_tell")
                except NothingLeft:
                    return

        with ThreadPoolExecutor(len(crew)) as pool:
            working = [pool.submit(self.run, lambda w=w: work(w)) for w in crew]
            begun.wait()
            change(judging, 4)
            change(judging, 3, seen=4)
            change(judging, 4)
            for one in working:
                one.result()
        for worker in crew:  # what was opened when they had gone
            self.finish(worker, judging)

        for matter in Matter.objects.all():
            wanted = seats(matter)
            assert matter.status == "disputed"
            assert {status for _number, status in wanted} == {"done"}
            assert len(wanted) == matter.judgements.count()
            # Who was complete in between is disputed then, at 3; nobody at fewer.
            assert len(wanted) in {3, 4}
        assert not Assignment.objects.open().exists()

    @staticmethod
    def finish(worker, campaign):
        try:
            while True:
                acting.claim_and_judge(worker, campaign, "cannot_tell")
        except NothingLeft:
            pass
