"""The people of a project."""

import pytest

from curation.models import Role
from tests import factories

ADDRESS = "/projects/everyday/members/"


@pytest.fixture
def signed_in(client, curator):
    client.force_login(curator)
    return client


def member_address(project, user):
    return f"{ADDRESS}{project.memberships.get(user=user).pk}/"


def test_a_curator_sees_everybody_with_their_role(signed_in, worker):
    page = signed_in.get(ADDRESS).text

    assert "ada" in page
    assert '<option value="worker" selected>' in page


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
def test_for_others_the_page_is_not_there(client, project, curator, request, person):
    user = request.getfixturevalue(person)
    client.force_login(user)

    assert client.get(ADDRESS).status_code == 404
    assert client.post(ADDRESS, {"username": user, "role": "curator"}).status_code == 404
    answer = client.post(member_address(project, curator), {"role": "worker"})
    assert answer.status_code == 404
    assert project.memberships.get(user=curator).role == Role.CURATOR


def test_somebody_is_added(signed_in, project, stranger):
    answer = signed_in.post(ADDRESS, {"username": "stan", "role": "reader"}, follow=True)

    assert "stan is a member now." in answer.text
    assert project.memberships.get(user=stranger).role == Role.READER


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"username": "nora", "role": "reader"}, "There is no account “nora”."),
        ({"username": "", "role": "reader"}, "This field is required."),
        ({"username": "cora", "role": "king"}, "Select a valid choice."),
        ({"username": "cora", "role": "reader"}, "cora is the only curator"),
    ],
)
def test_a_refusal_keeps_what_was_typed(signed_in, project, data, reason):
    answer = signed_in.post(ADDRESS, data)

    assert answer.status_code == 422
    assert reason in answer.text
    assert f'value="{data["username"]}"' in answer.text or not data["username"]
    assert project.memberships.count() == 1


def test_a_role_is_changed(signed_in, project, worker):
    address = member_address(project, worker)

    signed_in.post(address, {"act": "role", "role": "reviewer"})

    assert project.memberships.get(user=worker).role == Role.REVIEWER


def test_the_last_curator_cannot_step_down(signed_in, project, curator):
    answer = signed_in.post(
        member_address(project, curator),
        {"act": "role", "role": "worker"},
        headers={"Referer": f"http://testserver{ADDRESS}"},
        follow=True,
    )

    assert "cora is the only curator" in answer.text
    assert project.memberships.get(user=curator).role == Role.CURATOR


def test_somebody_is_taken_out(signed_in, project, worker):
    answer = signed_in.post(member_address(project, worker), {"act": "remove"}, follow=True)

    assert "ada has left the project." in answer.text
    assert not project.memberships.filter(user=worker).exists()


def test_a_member_of_another_project_is_not_there(signed_in, worker):
    other = factories.make_project()
    user = factories.make_member(other, Role.WORKER)

    assert signed_in.post(f"{ADDRESS}{other.memberships.get().pk}/").status_code == 404
    assert other.memberships.filter(user=user).exists()


def test_changing_takes_a_post(signed_in, project, worker):
    assert signed_in.get(member_address(project, worker)).status_code == 405
