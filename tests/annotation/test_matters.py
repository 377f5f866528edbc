import pytest

from annotation import matters
from annotation.models import Matter
from annotation.signoff import Why
from curation.refusals import Refused
from tests.annotation import acting

pytestmark = pytest.mark.django_db


def test_a_matter_moves_only_along_its_life(project):
    acting.drafted_item(project)
    matter = acting.open_review(project).matters.get()
    matters.move(matter, to=Matter.Status.SETTLED)

    with pytest.raises(Refused):
        matters.move(matter, to=Matter.Status.DISPUTED, why=Why.TAGS)


def test_of_two_who_move_a_matter_the_second_is_refused(project):
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    first, second = campaign.matters.get(), campaign.matters.get()
    matters.move(first, to=Matter.Status.DISPUTED, why=Why.REJECTED)

    with pytest.raises(Refused):
        matters.move(second, to=Matter.Status.SETTLED)


def test_the_next_round_has_one_seat_like_the_last(project):
    acting.drafted_item(project)
    matter = acting.open_review(project).matters.get()

    following = matters.open_next_round(matter)

    last, seat = matter.seats.get(), following.seats.get()
    assert (following.round, seat.number, seat.status, seat.token) == (2, 1, "open", 0)
    for name in ("lane_id", "rank", "campaign_id"):
        assert getattr(seat, name) == getattr(last, name)


def test_what_nobody_can_take_is_handed_to_reviewers(project):
    ann = acting.make_worker(project)
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    ann.enrolments.update(languages=["zh"])

    assert matters.hand_over_stuck(campaign=campaign, by=None) == 1

    assert Matter.objects.get().dispute == "nobody_left"


def test_what_somebody_can_take_is_left_alone(project):
    acting.make_worker(project)
    acting.drafted_item(project)
    campaign = acting.open_review(project)

    assert matters.hand_over_stuck(campaign=campaign, by=None) == 0


def test_a_worker_who_lost_their_role_can_take_nothing(project):
    ann = acting.make_worker(project)
    acting.drafted_item(project)
    campaign = acting.open_review(project)
    project.memberships.filter(user=ann.user).update(role="reader")

    assert matters.hand_over_stuck(campaign=campaign, by=None) == 1
