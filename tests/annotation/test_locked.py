from html import unescape

import pytest
from django.test import Client

from annotation import leases, locked
from annotation.models import Assignment, Matter
from annotation.tasks import sweep, withdraw_locked
from curation import escalations, tokens
from curation.models import Escalation, Item, Scope
from tests.annotation import acting

pytestmark = pytest.mark.django_db


def lock(item):
    escalations.lock([item.pk], found=Escalation.Found.DRAFT)


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def item(project):
    return acting.drafted_item(project)


@pytest.mark.parametrize("act", [locked.withdraw, sweep, withdraw_locked])
def test_an_open_matter_of_a_locked_item_is_withdrawn_and_nobody_can_claim_it(
    project, item, ann, act
):
    campaign = acting.open_review(project)
    lock(item)

    act()

    assert campaign.matters.get().status == Matter.Status.WITHDRAWN
    with pytest.raises(leases.NothingLeft):
        leases.claim(worker=ann, campaign=campaign)


def test_a_seat_in_hand_is_taken_back_and_the_worker_goes_on(project, item, ann):
    other = acting.drafted_item(project)
    campaign = acting.open_review(project, items=Item.objects.filter(pk=item.pk))
    seat = leases.claim(worker=ann, campaign=campaign)
    lock(item)

    assert locked.withdraw() == 1

    seat.refresh_from_db()
    assert (seat.status, seat.owner) == (Assignment.Status.CANCELLED, None)
    more = acting.open_review(project, items=Item.objects.filter(pk=other.pk))
    assert leases.claim(worker=ann, campaign=more).matter.item == other


def test_a_dispute_over_a_locked_item_is_withdrawn(project, item, ann):
    acting.make_worker(project)
    campaign = acting.open_review(project)
    acting.claim_and_review(ann, campaign, negative=acting.reject())
    lock(item)

    locked.withdraw()

    assert not campaign.matters.disputed().exists()


def test_other_matters_are_left_alone(project, item, ann):
    campaign = acting.open_review(project)

    assert locked.withdraw() == 0
    assert campaign.matters.get().status == Matter.Status.OPEN


def two_items(project):
    """Open a review of two items of which the first to be handed out is locked."""
    first, second = acting.drafted_item(project), acting.drafted_item(project)
    campaign = acting.open_review(project)
    campaign.seats.filter(matter__item=first).update(rank=0.1)
    campaign.seats.filter(matter__item=second).update(rank=0.2)
    lock(first)
    return campaign, second


def test_a_page_that_comes_before_the_withdrawal_shows_nothing_and_clears_the_way(
    client, project, ann
):
    campaign, second = two_items(project)
    client.force_login(ann.user)

    met = client.get(f"/work/{campaign.pk}/", follow=True)
    following = client.get(f"/work/{campaign.pk}/", follow=True)

    assert met.status_code == 404
    assert second.question in unescape(following.text)


def test_a_program_that_claims_before_the_withdrawal_gets_the_next_seat(project, ann):
    campaign, second = two_items(project)
    _token, text = tokens.create(user=ann.user, name="t", scopes=[Scope.WORK])
    program = Client(headers={"Authorization": f"Bearer {text}"})

    given = program.post(f"/api/v1/campaigns/{campaign.pk}/claim", {}, "application/json")

    assert given.json()["question"] == second.question
