"""Endpoints on their pages."""

from datetime import timedelta

import pytest
from django.utils import timezone

from curation import endpoints
from curation.models import AuditEvent, DraftRole, Endpoint, Price, RoleAssignment
from tests.endpoint import Fault, good_reply

ADDRESS = "/projects/everyday/endpoints/"
NEW = {
    "name": "quiet",
    "base_url": "http://127.0.0.1:9/v1",
    "model": "quiet-model",
    "structured": "json_schema",
    "token_parameter": "max_tokens",
    "concurrency": 4,
    "takes_seed": "on",
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
@pytest.mark.parametrize("act", ["", "test/", "resume/", "adopt/", "forget/", "prices/"])
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
    assert endpoint.extra_body == {"temperature": None}
    assert (endpoint.takes_temperature, endpoint.takes_seed) == (False, True)
    assert (endpoint.price.input_price, endpoint.price.since) == (150_000, timezone.localdate())
    assert set(RoleAssignment.objects.values_list("role", flat=True)) == set(NEW["roles"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"base_url": "http://evil.example/v1"}, "is not allowed"),
        ({"base_url": "http://user:pw@127.0.0.1/v1"}, "may not hold a name or a key"),
        ({"key_env": "SECRET_KEY"}, "holds a secret of this site"),
        ({"key_env": "sk-a-real-key"}, "Capitals, digits and underscores"),
        ({"output_price": ""}, "Give both prices"),
        ({"cached_price": "5"}, "cannot cost more"),
        ({"rate": 0}, "greater than or equal to 1"),
        ({"key_file": "../key"}, "Name a file alone"),
        ({"key_file": "quiet", "key_env": "QUIET_API_KEY"}, "in one way"),
        ({"key": "sk-a-real-key", "key_env": "QUIET_API_KEY"}, "in one way"),
        ({"key": "two words"}, "cannot be a key"),
        ({"extra_body": "[1]"}, "Give one JSON object"),
        ({"extra_body": "[" * 100_000}, "Enter a valid JSON"),
        ({"extra_body": '{"seed": ' + "9" * 5_000 + "}"}, "Enter a valid JSON"),
        ({"extra_body": '{"top_p": NaN}'}, "Enter a valid JSON"),
        ({"extra_body": '{"top_p": 1, "top_p": 2}'}, "Enter a valid JSON"),
        ({"extra_body": '{"a": ' + "[" * 100 + "]" * 100 + "}"}, "too long, or hold"),
        ({"extra_body": '{"\\ud800api_key": 1}'}, "too long, or hold"),
        ({"extra_body": '{"api_key": "hunter2hunter2"}'}, "say above where the key is"),
        ({"extra_body": '{"stream": true}'}, "may not set stream"),
        ({"concurrency": 0}, "greater than or equal to 1"),
        ({"name": "two words"}, "without spaces"),
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
            rate=90,
            holds_other_models=True,
            critic_format="category",
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


def test_an_endpoint_is_changed_and_may_fill_all_seven_roles(signed_in, drafter):
    signed_in.post(page_of(drafter), NEW | {"model": "loud-model", "roles": DraftRole.values})

    assert Endpoint.objects.get().model == "loud-model"
    assert set(RoleAssignment.objects.values_list("role", flat=True)) == set(DraftRole.values)
    assert RoleAssignment.objects.count() == 7


def test_a_stored_key_is_written_and_never_shown(signed_in, project, caplog):
    signed_in.post(ADDRESS, NEW | {"key": "sk-canary-0123456789-wxyz"})
    endpoint = Endpoint.objects.get()

    page = signed_in.get(page_of(endpoint)).text

    assert endpoints.key_of(endpoint) == "sk-canary-0123456789-wxyz"
    assert "…wxyz" in page
    pages = [page, signed_in.get(ADDRESS).text, caplog.text]
    pages.append(signed_in.post(page_of(endpoint), NEW | {"key": "canary two"}).text)
    assert not any("canary" in shown for shown in pages)


def test_a_form_that_comes_back_does_not_show_the_key_again(signed_in):
    answer = signed_in.post(ADDRESS, NEW | {"key": "sk-canary-0123456789-wxyz", "model": ""})

    assert answer.status_code == 200
    assert "canary" not in answer.text


def test_an_empty_field_keeps_the_stored_key_and_a_tick_forgets_it(signed_in, project):
    signed_in.post(ADDRESS, NEW | {"key": "sk-canary-0123456789-wxyz"})
    endpoint = Endpoint.objects.get()

    signed_in.post(page_of(endpoint), NEW | {"model": "other"})
    assert endpoints.key_of(Endpoint.objects.get()) == "sk-canary-0123456789-wxyz"

    signed_in.post(page_of(endpoint), NEW | {"forget_key": "on"})
    assert endpoints.key_of(Endpoint.objects.get()) == ""


def test_a_stored_key_is_not_taken_to_another_server(signed_in, project):
    signed_in.post(ADDRESS, NEW | {"key": "sk-canary-0123456789-wxyz"})
    endpoint = Endpoint.objects.get()

    answer = signed_in.post(page_of(endpoint), NEW | {"base_url": "http://localhost:9/v1"})

    assert "stays with its server" in answer.text
    assert Endpoint.objects.get().base_url == NEW["base_url"]


def test_a_price_is_added_to_the_table(signed_in, drafter):
    said = {"since": "2026-01-31", "input_price": "0.15", "output_price": "0.6"}
    signed_in.post(page_of(drafter) + "prices/", said)
    signed_in.post(page_of(drafter) + "prices/", said | {"since": "2026-02-28", "cached_price": 0})

    page = signed_in.get(page_of(drafter)).text

    assert page.index("2026-02-28") < page.index("2026-01-31")
    assert "0.1500 USD" in page
    assert "0.00 USD" in page


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"since": "soon"}, "Enter a valid date"),
        ({"since": ""}, "required"),
        ({"input_price": ""}, "required"),
        ({"output_price": "1e99"}, "less than or equal"),
        ({"cached_price": "9"}, "cannot cost more"),
    ],
)
def test_a_price_that_cannot_be_is_refused_beside_its_field(signed_in, drafter, change, reason):
    said = {"since": "2026-01-31", "input_price": "0.15", "output_price": "0.6"} | change

    answer = signed_in.post(page_of(drafter) + "prices/", said)

    assert answer.status_code == 200
    assert reason in answer.text
    assert not Price.objects.exists()


def test_what_the_endpoint_showed_is_told_and_forgotten(signed_in, drafter):
    Endpoint.objects.update(structured_found="prompt")
    assert "it only does “by the prompt alone”" in signed_in.get(page_of(drafter)).text

    for _ in range(2):
        signed_in.post(page_of(drafter) + "forget/")

    assert Endpoint.objects.get().structured_found == ""
    assert AuditEvent.objects.filter(action="endpoint.forget").count() == 1


def test_a_resting_endpoint_says_until_when_and_is_asked_again(signed_in, drafter):
    later = timezone.now() + timedelta(hours=1)
    Endpoint.objects.update(resting_until=later, rest_reason="often_failing")
    assert "failed several times in a row" in signed_in.get(page_of(drafter)).text
    assert "rests" in signed_in.get(ADDRESS).text

    signed_in.post(page_of(drafter) + "resume/")

    assert Endpoint.objects.get().resting_until is None


def test_what_a_test_found_is_taken_over(signed_in, drafter, server):
    server.answers(Fault(400, {"error": {"message": "no response_format here"}}))
    assert "Take this profile over" in signed_in.post(page_of(drafter) + "test/").text
    Endpoint.objects.update(structured_found="json_object")

    found = {"structured": "json_object", "token_parameter": "max_completion_tokens"}
    signed_in.post(page_of(drafter) + "adopt/", found)

    endpoint = Endpoint.objects.get()
    assert (endpoint.structured, endpoint.structured_found) == ("json_object", "")
    assert endpoint.token_parameter == "max_completion_tokens"
    assert not endpoint.takes_temperature
    assert RoleAssignment.objects.count() == 3


def test_what_no_test_can_find_is_not_taken_over(signed_in, drafter):
    signed_in.post(page_of(drafter) + "adopt/", {"structured": "yaml", "token_parameter": "x"})

    assert Endpoint.objects.get().structured == "json_schema"


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

    assert "The endpoint does not accept the key: HTTP 401." in answer.text
    assert "Incorrect key" not in answer.text


def test_a_request_that_is_not_taken_is_explained_in_the_words_of_the_server(
    signed_in, drafter, server
):
    words = {"error": {"message": "<b>max_tokens</b> is not supported; key sk-abcdefgh12345"}}
    server.reply = lambda asked: Fault(400, words)

    text = signed_in.post(page_of(drafter) + "test/").text

    assert "The endpoint does not take this request: HTTP 400." in text
    assert "What the server said" in text
    assert "&lt;b&gt;max_tokens&lt;/b&gt; is not supported" in text
    assert "sk-abcdefgh12345" not in text


def test_the_words_of_the_server_are_capped(signed_in, drafter, server):
    server.reply = lambda asked: Fault(400, {"error": {"message": "y" * 9_000}})

    text = signed_in.post(page_of(drafter) + "test/").text

    assert "y" * 1_900 in text
    assert "y" * 2_001 not in text


def test_a_test_says_in_which_process_it_looked_for_the_key(signed_in, drafter):
    Endpoint.objects.update(key_env="QUIET_API_KEY")

    text = signed_in.post(page_of(drafter) + "test/").text

    assert "not set where the site runs; workers look where they run: QUIET_API_KEY." in text
    assert "not set where the worker runs" not in text


def test_a_paused_endpoint_says_why_and_is_resumed(signed_in, drafter):
    endpoints.pause(endpoint_id=drafter.pk, reason="no_key: QUIET_API_KEY")
    assert "QUIET_API_KEY" in signed_in.get(page_of(drafter)).text

    signed_in.post(page_of(drafter) + "resume/")

    assert Endpoint.objects.get().paused_reason == ""


def test_an_endpoint_is_paused_by_hand_and_every_press_is_answered(signed_in, drafter, curator):
    page = page_of(drafter)

    paused = signed_in.post(page + "pause/", follow=True).text
    again = signed_in.post(page + "pause/", follow=True).text
    resumed = signed_in.post(page + "resume/", follow=True).text
    once_more = signed_in.post(page + "resume/", follow=True).text
    forgotten = signed_in.post(page + "forget/", follow=True).text

    assert "It is paused: nothing more is asked here." in paused
    assert "Paused: A curator paused it." in paused
    assert "until its settings change" not in paused
    assert "It is paused already." in again
    assert "It is asked again." in resumed
    assert "It was neither paused nor at rest." in once_more
    assert "It was asked in the way its profile says." in forgotten


def test_an_endpoint_of_another_project_is_not_there(signed_in, curator):
    from tests import factories

    other = factories.make_endpoint()

    assert signed_in.get(page_of(other)).status_code == 404


def test_the_page_speaks_chinese(signed_in, drafter):
    signed_in.cookies["django_language"] = "zh-hans"

    assert signed_in.get(page_of(drafter)).status_code == 200


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        ("sunset: Thu, 31 Dec 2026 12:00:00 GMT", "goes away on <time"),
        ("deprecation: true", "may go away"),
    ],
)
def test_the_page_says_that_the_model_goes_away(signed_in, drafter, notice, words):
    Endpoint.objects.update(notice=notice)

    text = signed_in.get(page_of(drafter)).text

    assert words in text
    assert notice in text


def test_the_page_says_that_another_system_replies(signed_in, drafter):
    assert "Another system" not in signed_in.get(page_of(drafter)).text
    Endpoint.objects.update(
        fingerprint="fp_2", fingerprint_before="fp_<1>", fingerprint_since=timezone.now()
    )

    text = signed_in.get(page_of(drafter)).text

    assert "Another system behind the model has replied since <time" in text
    assert "fp_2" in text
    assert "fp_&lt;1&gt;" in text
    assert "fp_<1>" not in text
