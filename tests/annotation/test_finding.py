import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation import campaigns, finding, leases
from annotation.leases import Grant, NothingLeft
from annotation.models import Assignment, Cursor, Enrolment, Lane
from tests.annotation import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def bob(project):
    return acting.make_worker(project)


@pytest.fixture
def campaign(project, ann, bob):
    """Answers to judge: 3 items with 3 seats each."""
    acting.make_answers(project, count=3)
    return acting.open_answers(project)


def claim(worker, campaign, **kw):
    return leases.claim(worker=worker, campaign=campaign, **kw)


def ranks(campaign):
    return sorted(set(campaign.seats.values_list("rank", flat=True)))


def judge_all(worker, campaign, count):
    return [acting.claim_and_judge(worker, campaign, "cannot_tell").seat for _ in range(count)]


class TestCursor:
    def test_each_claim_goes_on_where_the_last_one_ended(self, campaign, ann):
        seats = judge_all(ann, campaign, 3)

        assert [seat.rank for seat in seats] == ranks(campaign)
        assert Cursor.objects.get().reached == seats[-1].rank

    def test_what_was_given_back_comes_again_after_the_others(self, campaign, ann):
        first = claim(ann, campaign)
        leases.give_back(grant=Grant(first.pk, first.token), worker=ann)

        seats = judge_all(ann, campaign, 3)

        assert [seat.rank for seat in seats] == [*ranks(campaign)[1:], first.rank]
        assert Cursor.objects.get().reached == 1 + first.rank

    def test_a_seat_of_rank_zero_is_found(self, campaign, ann):
        Assignment.objects.filter(rank=ranks(campaign)[0]).update(rank=0)

        assert [seat.rank for seat in judge_all(ann, campaign, 3)][-1] == 0

    def test_two_workers_have_cursors_of_their_own(self, campaign, ann, bob):
        judge_all(ann, campaign, 2)

        assert claim(bob, campaign).rank == ranks(campaign)[0]


class TestLanes:
    def test_the_lane_left_furthest_behind_comes_first(self, project, ann):
        acting.make_answers(project, count=6)
        campaign = acting.open_answers(project, overlap=1, quorum=1)
        for seat in campaign.seats.select_related("lane").order_by("rank")[::2]:
            acting.move_to_lane(seat, severity=2)

        seen = [seat.rank for seat in judge_all(ann, campaign, 6)]

        # Not one lane after the other, but by turns; the ranks make it the order of all.
        assert seen == ranks(campaign)

    def test_the_highest_priority_is_handed_out_first(self, campaign, ann):
        last = campaign.seats.order_by("-rank").select_related("lane")[0]
        urgent = Lane.objects.create(
            campaign=campaign, priority=5, language=last.lane.language, severity=1
        )
        Assignment.objects.filter(matter=last.matter).update(lane=urgent)

        assert claim(ann, campaign).matter == last.matter

    @pytest.mark.parametrize(
        ("choice", "lane"),
        [
            ({"languages": ["zh"]}, {"language": "zh"}),
            ({"severity_limit": 1}, {"severity": 1}),
            ({"categories": ["other"]}, {"category": "other"}),
        ],
    )
    def test_a_worker_gets_only_what_they_chose(self, campaign, ann, choice, lane):
        seats = campaign.seats.select_related("lane").order_by("rank")
        for seat in seats:
            acting.move_to_lane(seat, language="en", severity=3, category="care")
        chosen = seats.last()
        acting.move_to_lane(chosen, **lane)
        Enrolment.objects.filter(worker=ann).update(**choice)

        assert claim(ann, campaign) == chosen
        leases.give_back(grant=Grant(chosen.pk, 1), worker=ann)
        acting.move_to_lane(chosen, language="en", severity=3, category="care")
        with pytest.raises(NothingLeft):
            claim(ann, campaign)

    def test_what_has_no_category_is_for_everybody(self, campaign, ann):
        for seat in campaign.seats.select_related("lane"):
            acting.move_to_lane(seat, category="")
        Enrolment.objects.filter(worker=ann).update(categories=["care"])

        assert claim(ann, campaign)

    def test_a_campaign_for_qualified_workers_is_for_nobody_else(self, campaign, ann):
        campaign.qualified_only = True
        campaign.save()
        with pytest.raises(NothingLeft):
            claim(ann, campaign)

        Enrolment.objects.filter(worker=ann).update(qualified=True)

        assert claim(ann, campaign)


class TestEmpty:
    def exhausted(self, worker, campaign):
        judge_all(worker, campaign, 3)
        with pytest.raises(NothingLeft):
            claim(worker, campaign)

    def test_an_empty_lane_is_remembered(self, campaign, ann):
        self.exhausted(ann, campaign)

        cursor = Cursor.objects.get(enrolment__worker=ann)
        assert cursor.empty_since
        assert cursor.empty_until

    def test_what_is_opened_in_an_empty_lane_is_found_at_once(self, project, campaign, ann):
        self.exhausted(ann, campaign)
        acting.make_answers(project)
        campaigns.top_up(campaign=campaign, by=None)

        assert claim(ann, campaign).token == 1

    def test_what_another_gives_back_is_found_at_once(self, project, ann, bob):
        acting.drafted_item(project)
        campaign = acting.open_review(project)
        held = claim(bob, campaign)
        with pytest.raises(NothingLeft):
            claim(ann, campaign)

        leases.give_back(grant=Grant(held.pk, held.token), worker=bob)

        assert claim(ann, campaign) == held

    def test_it_is_searched_again_when_the_first_lease_of_another_ends(self, project, ann, bob):
        acting.drafted_item(project)
        campaign = acting.open_review(project, lease_seconds=30)
        held = claim(bob, campaign)

        with pytest.raises(NothingLeft):
            claim(ann, campaign)

        cursor = Cursor.objects.get(enrolment__worker=ann)
        assert cursor.empty_until == held.lease_expires_at

    def test_it_is_searched_again_after_a_while(self, campaign, ann):
        matter = judge_all(ann, campaign, 3)[0].matter
        with pytest.raises(NothingLeft):
            claim(ann, campaign)
        # As if its seats had been locked by a claim that came to nothing.
        Assignment.objects.filter(matter=matter).update(opened_in=1)
        Assignment.objects.filter(matter=matter, owner=ann).update(status="undone")
        with pytest.raises(NothingLeft):
            claim(ann, campaign)

        Cursor.objects.update(empty_until="2020-01-01T00:00Z")

        assert claim(ann, campaign).matter == matter


class TestPreferred:
    def test_a_seat_shown_ahead_is_taken_when_it_is_free(self, campaign, ann):
        chosen = campaign.seats.order_by("-rank")[0]

        assert claim(ann, campaign, preferred=chosen.pk) == chosen

    def test_otherwise_the_next_one_is(self, campaign, ann, bob):
        chosen = campaign.seats.order_by("-rank")[0]
        claim(bob, campaign, preferred=chosen.pk)

        seat = claim(ann, campaign, preferred=chosen.pk)

        assert seat.rank == ranks(campaign)[0]
        assert not Cursor.objects.filter(empty_since__isnull=False).exists()

    def test_looking_ahead_tells_what_a_claim_would_bring_and_changes_nothing(self, campaign, ann):
        seat = leases.ahead(worker=ann, campaign=campaign)

        assert seat.status == "open"
        assert not Cursor.objects.exists()
        assert acting.granted(seat, ann) == 0
        assert claim(ann, campaign) == seat

    def test_it_looks_past_the_seat_in_hand(self, campaign, ann):
        held = claim(ann, campaign)

        assert leases.ahead(worker=ann, campaign=campaign).rank == ranks(campaign)[1]
        assert held.rank == ranks(campaign)[0]


def test_a_claim_takes_two_statements_and_its_transaction(campaign, ann):
    with CaptureQueriesContext(connection) as queries:
        claim(ann, campaign)

    # Within a test the transaction is a savepoint.
    assert len(queries) == 4


def test_an_empty_lane_is_known_for_a_minute():
    assert finding.EMPTY_FOR == 60
