"""Locked items, by their ids, for the one who decides; nobody else is told of them."""

import pytest

from curation import escalations
from curation.models import Escalation, Item
from tests import factories

ADDRESS = "/projects/everyday/locked/"


@pytest.fixture
def item(project):
    item = factories.make_item(project, external_id="fa-7", question="Words that nobody reads.")
    escalations.lock([item.pk], found=Escalation.Found.QUESTION)
    return item


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
def test_for_others_nothing_is_there(client, item, request, person):
    client.force_login(request.getfixturevalue(person))
    address = f"{ADDRESS}{item.escalations.get().pk}/"

    assert client.get(ADDRESS).status_code == 404
    assert client.post(address, {"decision": "false_alarm"}).status_code == 404
    item.refresh_from_db()
    assert item.status == Item.Status.LOCKED


def test_the_id_is_shown_and_the_text_is_not(client, item, curator):
    client.force_login(curator)

    page = client.get(ADDRESS).text

    assert "fa-7" in page
    assert item.question not in page


def test_the_first_page_tells_who_decides_that_something_waits(client, item, curator):
    client.force_login(curator)

    assert "1 locked item waits for your decision" in client.get("/").text


def test_a_named_contact_decides_and_the_curator_no_longer_does(client, item, curator, reader):
    client.force_login(curator)
    client.post("/projects/everyday/safety/contact/", {"contact": reader.pk})
    assert client.get(ADDRESS).status_code == 404
    assert "waits for your decision" not in client.get("/").text
    client.force_login(reader)
    assert "waits for your decision" in client.get("/").text

    address = f"{ADDRESS}{item.escalations.get().pk}/"
    said = client.post(address, {"decision": "false_alarm"}, follow=True).text

    item.refresh_from_db()
    assert "Unlocked: the item goes on." in said
    assert item.status == Item.Status.NEW


def test_what_is_kept_locked_says_so(client, item, curator):
    client.force_login(curator)
    address = f"{ADDRESS}{item.escalations.get().pk}/"

    said = client.post(address, {"decision": "confirmed"}, follow=True).text

    assert "stays locked" in said


def test_no_decision_is_refused_in_words(client, item, curator):
    client.force_login(curator)
    address = f"{ADDRESS}{item.escalations.get().pk}/"

    assert "Say whether it is a false alarm." in client.post(address, follow=True).text


def test_only_members_can_be_named(client, project, curator, stranger):
    client.force_login(curator)

    answer = client.post("/projects/everyday/safety/contact/", {"contact": stranger.pk})

    assert answer.status_code == 422
