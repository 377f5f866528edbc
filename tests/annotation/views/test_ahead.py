import pytest
from django.urls import reverse

from annotation import leases
from annotation.models import Assignment, Cursor, Exposure, Judgement, WorkDraft
from curation.templatetags.text import clock
from tests.annotation import acting
from tests.annotation.views.pages import main_form, open_next, seat_address, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(project):
    return acting.make_worker(project)


@pytest.fixture
def bob(project):
    return acting.make_worker(project)


@pytest.fixture
def judging(client, project, ann, bob):
    client.force_login(ann.user)
    acting.make_answers(project, count=3)
    return acting.open_answers(project, overlap=1, quorum=1)


def ahead(client, campaign):
    return client.get(reverse("work-ahead", args=[campaign.pk]))


def submit(client, page, seat):
    fields = main_form(page) | {"outcome": "good", "ahead": seat}
    return client.post(seat_address(page), fields)


def test_the_next_page_is_rendered_and_nothing_is_leased(client, judging, ann):
    page = open_next(client, judging)
    before = list(Cursor.objects.values())

    answer = ahead(client, judging)

    seat = Assignment.objects.get(pk=answer["X-Seat"])
    assert seat.pk != page.context["sheet"].seat.pk
    assert (seat.status, seat.token) == ("open", 0)
    assert Exposure.objects.filter(seat=seat).count() == 0
    assert list(Cursor.objects.values()) == before
    assert main_form(answer)["key"] == [f"{seat.pk}.0"]
    assert answer["Cache-Control"] == "no-store"


def test_what_was_typed_there_before_is_on_the_page_fetched_ahead(client, judging, ann):
    open_next(client, judging)
    seat = ahead(client, judging)["X-Seat"]
    WorkDraft.objects.create(seat_id=seat, worker=ann, payload={"reason": ["Long work."]})

    answer = ahead(client, judging)

    assert main_form(answer)["reason"] == ["Long work."]
    assert "Draft saved" in text_of(answer)


def test_a_page_fetched_ahead_cannot_be_submitted_without_its_lease(client, judging, ann):
    page = open_next(client, judging)
    answer = ahead(client, judging)
    seat = reverse("seat", args=[answer["X-Seat"]])

    assert client.post(seat, main_form(answer) | {"outcome": "good"}).status_code == 404
    assert page.status_code == 200
    assert not Judgement.objects.exists()


def test_the_submit_brings_the_lease_of_the_seat_that_was_fetched(client, judging, ann):
    page = open_next(client, judging)
    seat = ahead(client, judging)["X-Seat"]

    told = submit(client, page, seat).json()

    held = Assignment.objects.get(owner=ann, status="leased")
    assert told["key"] == f"{seat}.{held.token}"
    assert told["address"] == reverse("seat", args=[held.pk])
    assert "Saved: safe." in told["parts"]


def test_what_was_true_at_the_fetch_is_told_anew_with_the_lease(client, judging, ann):
    page = open_next(client, judging)
    answer = ahead(client, judging)
    assert "0 judged today" in text_of(answer)

    told = submit(client, page, answer["X-Seat"]).json()

    held = Assignment.objects.get(owner=ann, status="leased")
    assert f'"key": "{held.pk}.{held.token}"' in told["parts"]
    assert f"Yours until {clock(held.lease_expires_at)}" in told["parts"]
    assert "1 judged today" in told["parts"]


def test_when_another_was_faster_the_usual_way_is_gone(client, judging, bob):
    page = open_next(client, judging)
    seat = ahead(client, judging)["X-Seat"]
    leases.claim(worker=bob, campaign=judging, preferred=int(seat))

    answer = submit(client, page, seat)

    assert answer.url == reverse("work-campaign", args=[judging.pk])
    following = client.get(answer.url, follow=True)
    assert str(following.context["sheet"].seat.pk) != seat
    assert "Saved: safe." in text_of(following)


def test_when_nothing_comes_next_there_is_no_page(client, judging):
    for _number in range(2):
        page = open_next(client, judging)
        client.post(seat_address(page), main_form(page) | {"outcome": "good"})
    open_next(client, judging)

    assert ahead(client, judging).status_code == 204


@pytest.mark.parametrize("odd", ["", "x", "0", "9" * 30, "-1"])
def test_an_odd_seat_ahead_changes_nothing(client, judging, odd):
    answer = submit(client, open_next(client, judging), odd)

    assert answer.url == reverse("work-campaign", args=[judging.pk])


def test_the_page_at_hand_cannot_choose_the_next_seat(client, project, ann, bob):
    client.force_login(ann.user)
    acting.make_answers(project, count=6)
    campaign = acting.open_answers(project, overlap=1, quorum=1)
    page = open_next(client, campaign)
    first, *_others, last = campaign.seats.open().order_by("rank")

    answer = submit(client, page, last.pk)

    assert answer.url == reverse("work-campaign", args=[campaign.pk])
    assert open_next(client, campaign).context["sheet"].seat == first
