"""Endpoints on their pages."""

import pytest

from curation import endpoints
from curation.models import Endpoint, RoleAssignment
from tests.endpoint import Fault, good_reply

ADDRESS = "/projects/everyday/endpoints/"
NEW = {
    "name": "quiet",
    "base_url": "http://127.0.0.1:9/v1",
    "model": "quiet-model",
    "structured": "json_schema",
    "token_parameter": "max_tokens",
    "concurrency": 4,
    "roles": ["positive_option", "risk_tags"],
    "input_price": "0.15",
    "output_price": "0.6",
    "extra_body": '{"temperature": null}',
}


@pytest.fixture
def signed_in(client, curator):
    client.force_login(curator)
    return client


def page_of(endpoint):
    return f"{ADDRESS}{endpoint.pk}/"


@pytest.mark.parametrize("person", ["reviewer", "worker", "reader", "stranger"])
@pytest.mark.parametrize("act", ["", "test/", "resume/"])
def test_for_others_the_pages_are_not_there(client, drafter, server, request, person, act):
    client.force_login(request.getfixturevalue(person))

    assert client.get(ADDRESS).status_code == 404
    assert client.post(page_of(drafter) + act, NEW).status_code == 404
    assert server.log == []


def test_an_empty_page_says_what_to_do(signed_in):
    assert "No endpoint yet" in signed_in.get(ADDRESS).text


def test_an_endpoint_is_named(signed_in, project, curator):
    answer = signed_in.post(ADDRESS, NEW, follow=True)

    assert "Test it before you start a run." in answer.text
    endpoint = Endpoint.objects.get(project=project)
    assert (endpoint.input_price, endpoint.extra_body) == (150_000, {"temperature": None})
    assert set(RoleAssignment.objects.values_list("role", flat=True)) == set(NEW["roles"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"base_url": "http://evil.example/v1"}, "is not allowed"),
        ({"base_url": "http://user:pw@127.0.0.1/v1"}, "may not hold a name or a key"),
        ({"key_env": "SECRET_KEY"}, "holds a secret of this site"),
        ({"key_env": "sk-a-real-key"}, "Capitals, digits and underscores"),
        ({"output_price": ""}, "Give both prices"),
        ({"extra_body": "[1]"}, "Give one JSON object"),
        ({"extra_body": '{"stream": true}'}, "may not set stream"),
        ({"concurrency": 0}, "greater than or equal to 1"),
        ({"name": "two words"}, "valid"),
        ({"model": "a\0b"}, "Null characters"),
        ({"input_price": "NaN"}, "Enter a number"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(signed_in, change, reason):
    answer = signed_in.post(ADDRESS, NEW | change)

    assert answer.status_code == 200
    assert reason in answer.text
    assert not Endpoint.objects.exists()


def test_a_name_that_is_taken_is_refused_beside_it(signed_in):
    signed_in.post(ADDRESS, NEW)

    assert "There already is an endpoint" in signed_in.post(ADDRESS, NEW).text


def test_the_form_shows_what_is_and_saving_it_unchanged_changes_nothing(signed_in, drafter):
    endpoints.update(
        endpoint=drafter,
        profile=endpoints.Profile(
            base_url=drafter.base_url,
            model="m",
            input_price=150_000,
            output_price=10_000_000,
            extra_body={"top_p": 0.9},
        ),
        by=None,
    )
    form = signed_in.get(page_of(drafter)).context["form"]
    shown = {field.html_name: field.value() for field in form if field.value() not in (None, "")}

    signed_in.post(page_of(drafter), shown)

    after = Endpoint.objects.get()
    assert endpoints.profile_of(after) == endpoints.profile_of(drafter)
    assert RoleAssignment.objects.count() == 3


def test_an_endpoint_is_changed_and_keeps_roles_the_page_does_not_offer(signed_in, drafter):
    endpoints.assign(endpoint=drafter, roles=["judge", "risk_tags"], by=None)

    signed_in.post(page_of(drafter), NEW | {"model": "loud-model", "roles": []})

    assert Endpoint.objects.get().model == "loud-model"
    assert set(RoleAssignment.objects.values_list("role", flat=True)) == {"judge"}


def test_a_test_makes_one_real_call_and_shows_what_came_back(signed_in, drafter, server):
    server.reply = lambda asked: good_reply(asked) | {"model": "quiet-model-2"}

    answer = signed_in.post(page_of(drafter) + "test/")

    assert server.count() == 1
    assert "in the shape that was asked for" in answer.text
    assert "quiet-model-2" in answer.text


def test_with_htmx_a_test_brings_its_fragment_alone(signed_in, drafter):
    answer = signed_in.post(page_of(drafter) + "test/", headers={"HX-Request": "true"})

    assert answer.text.strip().startswith('<div id="probe"')


def test_a_test_that_fails_says_so_in_our_words(signed_in, drafter, server):
    server.answers(Fault(401, {"error": {"message": "<b>Incorrect key sk-abcdefgh</b>"}}))

    answer = signed_in.post(page_of(drafter) + "test/")

    assert "The endpoint does not accept the key. (HTTP 401)" in answer.text
    assert "Incorrect key" not in answer.text


def test_a_paused_endpoint_says_why_and_is_resumed(signed_in, drafter):
    endpoints.pause(endpoint_id=drafter.pk, reason="no_key: QUIET_KEY")
    assert "QUIET_KEY" in signed_in.get(page_of(drafter)).text

    signed_in.post(page_of(drafter) + "resume/")

    assert Endpoint.objects.get().paused_reason == ""


def test_an_endpoint_of_another_project_is_not_there(signed_in, curator):
    from tests import factories

    other = factories.make_endpoint()

    assert signed_in.get(page_of(other)).status_code == 404


def test_the_page_speaks_chinese(signed_in, drafter):
    signed_in.cookies["django_language"] = "zh-hans"

    assert signed_in.get(page_of(drafter)).status_code == 200
