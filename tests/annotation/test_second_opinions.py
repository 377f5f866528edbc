from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from annotation import leases, second_opinions, undoing
from annotation.models import Judgement
from curation import tokens
from curation.models import Call, Purpose, Scope
from tests import factories
from tests.annotation import acting

pytestmark = pytest.mark.django_db
REASON = acting.CHECKERS_REASON


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def campaign(project, ann):
    acting.make_worker(project)
    acting.checked(acting.drafted_item(project), distinct=False)
    return acting.open_review(project)


def told(worker):
    mine = list(
        Judgement.objects.standing()
        .filter(worker=worker)
        .select_related("matter__campaign", "matter__item")
    )
    return second_opinions.after(mine)


def test_who_judged_a_pair_reads_what_the_checker_said_of_it(campaign, ann, monkeypatch):
    judgement = acting.claim_and_review(ann, campaign)
    monkeypatch.setattr(undoing, "UNDO_WITHIN", timedelta(0))

    [check] = told(ann)[judgement.pk]

    assert (check.reason, check.doubts) == (REASON, True)
    assert (False, "the two are not distinct") in check.words


def test_nothing_is_told_while_the_judgement_may_be_taken_back(campaign, ann):
    acting.claim_and_review(ann, campaign)

    assert told(ann) == {}


def test_nothing_is_told_of_what_can_be_taken_back_after_a_later_one(project, campaign, ann):
    acting.checked(acting.drafted_item(project), distinct=False)
    campaign = acting.open_review(project)
    first = acting.claim_and_review(ann, campaign)
    later = acting.claim_and_review(ann, campaign)

    before = told(ann)
    undoing.undo(judgement=later, worker=ann)
    undoing.undo(judgement=Judgement.objects.get(pk=first.pk), worker=ann)

    assert before == {}


def test_a_check_of_another_pair_is_not_told(campaign, ann, monkeypatch):
    item = campaign.matters.get().item
    judgement = acting.claim_and_review(ann, campaign)
    factories.make_option(item, "negative")
    acting.checked(item, reason="Another pair.")
    monkeypatch.setattr(undoing, "UNDO_WITHIN", timedelta(0))

    assert [check.reason for check in told(ann)[judgement.pk]] == [REASON]


@pytest.mark.parametrize("act", ["open", "late"])
def test_a_seat_shows_nothing_of_the_checker(client, campaign, ann, act):
    client.force_login(ann.user)
    seat = leases.claim(worker=ann, campaign=campaign)
    if act == "late":
        acting.expire(seat)

    page = unescape(client.get(f"/work/seats/{seat.pk}/").text)

    assert campaign.matters.get().item.question in page
    for word in (REASON, "checker", "has doubts", "not distinct"):
        assert word not in page


def test_my_judgements_tell_it_and_name_no_endpoint(client, campaign, ann, monkeypatch):
    client.force_login(ann.user)
    acting.claim_and_review(ann, campaign)
    before = client.get("/work/judgements/").text
    monkeypatch.setattr(undoing, "UNDO_WITHIN", timedelta(0))

    after = client.get("/work/judgements/").text

    assert REASON not in before
    assert REASON in after
    assert Call.objects.get(purpose=Purpose.CHECK).endpoint.name not in after


def test_a_reviewer_reads_it_with_the_dispute(client, project, campaign, ann, reviewer):
    acting.claim_and_review(ann, campaign, negative=acting.reject())
    client.force_login(reviewer)

    page = client.get(f"/projects/everyday/matters/{campaign.matters.disputed().get().pk}/").text

    assert REASON in page
    assert "the two are not distinct" in page
    assert "the checker has doubts" in page


def test_a_curator_reads_it_on_the_page_of_the_item(client, project, campaign, curator):
    client.force_login(curator)

    page = client.get(f"/projects/everyday/items/{campaign.matters.get().item.uid}/").text

    assert REASON in page
    assert "the checker has doubts" in page
    assert Call.objects.get(purpose=Purpose.CHECK).endpoint.name in page


def test_a_program_that_holds_a_seat_is_told_nothing_of_the_checker(campaign, ann):
    seat = leases.claim(worker=ann, campaign=campaign)
    _token, text = tokens.create(user=ann.user, name="t", scopes=[Scope.WORK])
    program = Client(headers={"Authorization": f"Bearer {text}"})

    told = program.get(f"/api/v1/assignments/{seat.pk}/")

    assert told.json()["question"] == campaign.matters.get().item.question
    for word in (REASON, "checker", "doubts", "distinct"):
        assert word not in told.text
