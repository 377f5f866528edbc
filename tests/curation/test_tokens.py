"""A token is known by its hash alone, and only while it is in force."""

from datetime import timedelta

import pytest
from django.utils import timezone

from curation import tokens
from curation.models import AuditEvent, Token
from curation.refusals import Refused
from tests import factories


@pytest.fixture
def user(db):
    return factories.make_user("cora")


def test_the_text_of_a_token_is_kept_nowhere(user):
    token, text = tokens.create(user=user, name="loader", scopes=["export:read"])

    kept = [str(value) for value in Token.objects.values_list().get()]
    assert text.startswith("ts_")
    assert len(text) > 40
    assert not any(text in value for value in kept)
    assert text.startswith(token.prefix)
    assert len(token.prefix) == 10
    assert text not in str(AuditEvent.objects.values())


def test_a_token_is_found_by_its_text(user):
    token, text = tokens.create(user=user, name="loader", scopes=["export:read", "scores:read"])

    assert tokens.find(text) == token
    assert token.scopes == ["export:read", "scores:read"]


@pytest.mark.parametrize("text", ["", "ts_", "ts_nothing", "ключ", "a\0b", "\ud800", "x" * 10_000])
def test_what_is_no_token_is_not_found(user, text):
    assert tokens.find(text) is None


def test_a_revoked_token_is_not_found_again(user):
    token, text = tokens.create(user=user, name="loader", scopes=["curate"])

    first = tokens.revoke(token=token, by=user).revoked_at
    second = tokens.revoke(token=token, by=user).revoked_at

    assert tokens.find(text) is None
    assert first == second
    assert AuditEvent.objects.filter(action="token.revoke").count() == 1


@pytest.mark.parametrize(("ends", "found"), [(timedelta(hours=1), True), (timedelta(0), False)])
def test_a_token_ends_when_it_says_so(user, ends, found):
    token, text = tokens.create(user=user, name="loader", scopes=["curate"])
    Token.objects.filter(pk=token.pk).update(expires_at=timezone.now() + ends)

    assert (tokens.find(text) is not None) is found


@pytest.mark.parametrize(
    ("name", "scopes", "field"),
    [
        ("loader", [], "scopes"),
        ("loader", ["root"], "scopes"),
        ("", ["curate"], "name"),
        ("x" * 121, ["curate"], "name"),
        ("line\nbreak", ["curate"], "name"),
        ("right\u202eleft", ["curate"], "name"),
    ],
)
def test_a_token_that_makes_no_sense_is_refused(user, name, scopes, field):
    with pytest.raises(Refused) as refusal:
        tokens.create(user=user, name=name, scopes=scopes)

    assert refusal.value.field == field
    assert not Token.objects.exists()


def test_a_name_is_used_once_by_a_user_and_again_by_another(user):
    tokens.create(user=user, name="loader", scopes=["curate"])

    with pytest.raises(Refused, match="already"):
        tokens.create(user=user, name="loader", scopes=["curate"])
    tokens.create(user=factories.make_user("rea"), name="loader", scopes=["curate"])

    assert Token.objects.count() == 2
