import pytest
from django.urls import reverse

from tests import factories

pytestmark = pytest.mark.django_db


def test_home_shows_my_projects_with_my_role_and_no_others(client, project, reader):
    client.force_login(reader)
    factories.make_project(name="Somebody else's")

    page = client.get("/")

    assert "Everyday risks" in page.text
    assert reverse("releases", args=[project.slug]) in page.text
    assert reverse("items", args=[project.slug]) not in page.text
    assert "Somebody else" not in page.text


def test_home_tells_a_newcomer_whom_to_ask(client, stranger):
    client.force_login(stranger)

    assert "Ask the curator" in client.get("/").text


def test_home_of_an_operator_offers_a_first_project(client, db):
    client.force_login(factories.make_user("ops", is_staff=True))

    assert reverse("new-project") in client.get("/").text


def test_home_needs_a_sign_in(client, db):
    assert client.get("/").url == "/sign-in/?next=/"
