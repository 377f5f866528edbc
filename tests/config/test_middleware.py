import pytest
from django.contrib import messages
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from psycopg import errors

from config import middleware
from curation.refusals import Refused

pytestmark = pytest.mark.django_db


def test_every_answer_carries_the_policy_even_a_404(client):
    for address in ("/sign-in/", "/nowhere/", "/healthz"):
        policy = client.get(address).headers["Content-Security-Policy"]

        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("address", ["/items/%00/", "/sign-in/?next=a%00b", "/sign-in/?%00=1"])
def test_a_nul_in_the_address_is_refused_at_the_door(client, address):
    assert client.get(address).status_code == 400


def test_a_nul_in_a_form_field_is_refused_with_the_form(client):
    answer = client.post("/sign-in/", {"username": "a\0b", "password": "x"})

    assert answer.status_code == 200
    assert answer.context["form"].errors["username"]


@pytest.mark.parametrize("charset", ["utf-7", "unicode_escape", "latin-1", "nope"])
def test_another_charset_is_refused_before_the_address_is_read_with_it(client, charset):
    answer = client.get("/healthz?x=1", headers={"content-type": f"text/html; charset={charset}"})

    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/work/", "http%3A//testserver/work/"),
        ("http://elsewhere/work/", "/"),
        ("", "/"),
    ],
)
def test_who_was_signed_out_comes_back_to_the_page_and_not_to_what_they_did(client, referer, back):
    answer = client.post("/projects/new/", headers={"referer": referer})

    assert answer.url == f"/sign-in/?next={back}"


def test_who_asks_for_a_page_comes_back_to_it(client):
    assert client.get("/work/?a=1").url == "/sign-in/?next=/work/%3Fa%3D1"


def refused_from(**headers):
    request = RequestFactory().post("/somewhere/", headers=headers)
    request.session = {}
    request._messages = messages.storage.default_storage(request)
    handler = middleware.refusals(lambda request: HttpResponse())
    return request, handler.process_exception(request, Refused("Not <now>."))


def test_a_refusal_becomes_a_message_on_the_page_the_person_came_from():
    request, answer = refused_from(referer="http://testserver/projects/x/")

    assert (answer.status_code, answer.url) == (302, "http://testserver/projects/x/")
    assert [str(message) for message in request._messages] == ["Not <now>."]


def test_a_refusal_to_htmx_is_a_fragment_it_swaps():
    _, answer = refused_from(hx_request="true")

    assert answer.status_code == 422
    assert "Not &lt;now&gt;." in answer.text
    assert "<html" not in answer.text


def test_nobody_is_sent_to_another_site_by_a_refusal():
    _, answer = refused_from(referer="https://evil.example/")

    assert answer.status_code == 409
    assert "Not &lt;now&gt;." in answer.text


def test_any_other_error_is_not_swallowed():
    handler = middleware.refusals(lambda request: HttpResponse())

    assert handler.process_exception(RequestFactory().get("/"), ValueError()) is None


def test_waiting_in_vain_for_a_lock_is_told_in_words_and_not_as_an_error():
    request = RequestFactory().post("/somewhere/", headers={"hx-request": "true"})
    busy = OperationalError("canceling statement due to lock timeout")
    busy.__cause__ = errors.LockNotAvailable()

    answer = middleware.refusals(lambda request: HttpResponse()).process_exception(request, busy)

    assert answer.status_code == 422
    assert "Try again in a moment" in answer.text


def test_any_other_trouble_of_the_database_is_not_hidden():
    handler = middleware.refusals(lambda request: HttpResponse())

    assert handler.process_exception(RequestFactory().get("/"), OperationalError("gone")) is None
