"""Accounts: nobody can take a name for another's."""

import pytest
from django.contrib.auth.models import User

from curation import people
from curation.refusals import Refused
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "a garden at noon"


def test_an_account_can_sign_in(client):
    user = people.add(username="lin", password=PASSWORD, staff=True, by=None)

    assert user.is_staff
    assert client.login(username="lin", password=PASSWORD)


def test_a_chinese_name_is_a_name():
    assert people.add(username="林晓_2", password=PASSWORD, by=None).username == "林晓_2"


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "ADA", "ａｄａ", "аda", "a\u202eb", "a\0b", "x" * 151, "a\u200bda"],
)
def test_a_name_that_could_be_mistaken_is_refused(name):
    factories.make_user("ada")

    with pytest.raises(Refused) as refused:
        people.add(username=name, password=PASSWORD, by=None)

    assert refused.value.field == "username"
    assert User.objects.count() == 1


@pytest.mark.parametrize("password", ["", "short", "password", "12345678901", "lin-at-home"])
def test_a_weak_password_is_refused(password):
    with pytest.raises(Refused) as refused:
        people.add(username="lin-at-home", password=password, by=None)

    assert refused.value.field == "password"


def test_who_has_no_account_is_told_how_to_get_one():
    with pytest.raises(Refused, match="add_user nora"):
        people.named("nora")


def test_a_closed_account_is_not_found():
    factories.make_user("ada", is_active=False)

    with pytest.raises(Refused):
        people.named("ada")
