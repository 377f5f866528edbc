"""The page of one's own tokens."""

import re

import pytest

from curation import tokens
from curation.models import Token
from tests import factories


@pytest.fixture
def signed_in(client, reader):
    client.force_login(reader)
    return client


def test_a_token_is_shown_once_and_works(signed_in, reader):
    made = signed_in.post("/tokens/", {"name": "loader", "scopes": ["export:read"]})
    text = re.search(r"ts_[\w-]{40,}", made.text)[0]

    assert tokens.find(text).user == reader
    assert made["Cache-Control"].count("no-store") == 1
    assert text not in signed_in.get("/tokens/").text


@pytest.mark.parametrize(
    "data",
    [{}, {"name": "loader"}, {"name": "loader", "scopes": "root"}, {"name": "", "scopes": "work"}],
)
def test_an_incomplete_form_makes_nothing_and_says_so(signed_in, data):
    response = signed_in.post("/tokens/", data)

    assert response.status_code == 200
    assert "errorlist" in response.text
    assert not Token.objects.exists()


def test_a_token_is_revoked_by_its_owner(signed_in, reader):
    token, text = tokens.create(user=reader, name="loader", scopes=["export:read"])

    page = signed_in.post(f"/tokens/{token.pk}/revoke/", follow=True).text

    assert tokens.find(text) is None
    assert "opens nothing any more" in page


def test_the_token_of_another_is_not_there(signed_in):
    token, text = tokens.create(user=factories.make_user("else"), name="x", scopes=["work"])

    assert signed_in.post(f"/tokens/{token.pk}/revoke/").status_code == 404
    assert tokens.find(text)
    assert token.prefix not in signed_in.get("/tokens/").text


def test_who_is_not_signed_in_is_asked_to(client, db):
    assert client.get("/tokens/").status_code == 302
