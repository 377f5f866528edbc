"""Who asks is known by a token in the header, and by nothing else."""

import pytest
from django.test import Client
from django.utils import timezone

from curation import tokens

URL = "/api/v1/projects/"


def with_header(value):
    return Client(headers={"Authorization": value}).get(URL)


@pytest.fixture
def token(curator):
    return tokens.create(user=curator, name="loader", scopes=["export:read"])


def test_a_token_opens_the_door(token):
    response = with_header(f"Bearer {token[1]}")

    assert response.status_code == 200
    assert [project["role"] for project in response.json()["results"]] == ["curator"]


def test_without_a_token_the_answer_says_what_is_wanted(db):
    response = Client().get(URL)

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "value", ["Bearer", "Bearer ", "Bearer ts_wrong", "Basic Y29yYTpx", "Bearer ключ", "ts_x"]
)
def test_a_header_without_a_good_token_is_refused(token, value):
    response = with_header(value.encode().decode("latin-1"))

    assert response.status_code == 401


def test_a_session_does_not_open_the_api(curator):
    client = Client()
    client.force_login(curator)

    assert client.get(URL).status_code == 401


def test_a_revoked_token_opens_nothing(token, curator):
    tokens.revoke(token=token[0], by=curator)

    assert with_header(f"Bearer {token[1]}").status_code == 401


def test_an_expired_token_opens_nothing(token):
    token[0].expires_at = timezone.now()
    token[0].save()

    assert with_header(f"Bearer {token[1]}").status_code == 401


def test_the_token_of_a_closed_account_opens_nothing(token, curator):
    curator.is_active = False
    curator.save()

    assert with_header(f"Bearer {token[1]}").status_code == 401


@pytest.mark.parametrize("name", ["token", "access_token", "api_key"])
def test_a_token_in_the_address_is_refused(token, name):
    response = Client(headers={"Authorization": f"Bearer {token[1]}"}).get(URL, {name: token[1]})

    assert response.status_code == 400
    assert token[1] not in response.text
