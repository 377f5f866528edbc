"""Submitting a seat without losing a word, in a real browser."""

import pytest

from tests.static.seat import SIGN_IN, UNREACHABLE, page_of

pytestmark = pytest.mark.browser
SUBMIT = ("POST", "/seats/7/")
ONWARD = {"headers": {"HX-Redirect": "/seats/8/"}, "body": ""}
NEXT = ("GET", "/seats/8/")


@pytest.fixture
def judged(site):
    site.answers[SUBMIT] = ONWARD
    site.answers[NEXT] = {"body": page_of(8)}
    site.page.fill("textarea", "A careful reason")
    return site


def test_a_submit_leads_to_where_the_site_says(judged):
    judged.page.click("text=Submit")
    judged.page.wait_for_url("**/seats/8/")

    assert judged.posted("/seats/7/") == [
        "csrfmiddlewaretoken=first&key=7.1&pasted=&reason=A+careful+reason"
    ]
    assert judged.page.evaluate("sessionStorage.length") == 0


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"status": 503, "body": "<h1>Busy</h1>"}, "unreachable"),
        (UNREACHABLE, "unreachable"),
        (SIGN_IN, "signed-out"),
        ({"status": 404}, "refused"),
    ],
)
def test_what_does_not_arrive_is_told_on_the_form_and_can_be_sent_again(judged, answer, why):
    judged.answers[SUBMIT] = answer
    judged.page.click("text=Submit")
    judged.page.wait_for_selector(f"text=send-state: {why}")
    assert judged.page.input_value("textarea") == "A careful reason"
    judged.answers[SUBMIT] = ONWARD

    judged.page.click("text=Submit")
    judged.page.wait_for_url("**/seats/8/")

    first, second = judged.posted("/seats/7/")
    assert first == second


def test_after_a_failed_submit_the_draft_is_saved_again(judged):
    judged.answers[SUBMIT] = {"status": 503}

    judged.page.click("text=Submit")

    judged.page.wait_for_selector("text=Saved 12:03:11", timeout=6_000)
    assert judged.page.inner_text("#send-state") == "send-state: unreachable"


def test_that_one_is_signed_out_is_told_once(judged):
    judged.sign_out()

    judged.page.click("text=Submit")
    judged.page.wait_for_timeout(4_000)

    assert judged.page.inner_text("#send-state") == "send-state: signed-out"
    assert judged.page.inner_text("#save-state") == ""
    assert len(judged.posted("/seats/7/draft/")) == 1


def test_what_the_site_says_of_a_refused_submit_is_told_on_the_form(judged):
    judged.answers[SUBMIT] = {
        "status": 422,
        "headers": {"HX-Retarget": "#messages"},
        "body": "<p>Too many at once; again in a moment.</p>",
    }

    judged.page.click("text=Submit")

    judged.page.wait_for_selector("#send-state:has-text('Too many at once')")
    assert judged.page.input_value("textarea") == "A careful reason"


def test_a_form_with_mistakes_is_shown_as_it_comes(judged):
    judged.answers[SUBMIT] = {"status": 422, "body": "<p>Say why.</p>"}

    judged.page.click("text=Submit")

    judged.page.wait_for_selector("text=Say why.")


def test_pressing_twice_sends_once(judged):
    judged.page.evaluate(
        "() => { const form = document.querySelector('[data-seat]');"
        " form.requestSubmit(); form.requestSubmit(); }"
    )
    judged.page.wait_for_url("**/seats/8/")

    assert len(judged.posted("/seats/7/")) == 1


def test_when_the_answer_cannot_be_read_the_usual_way_is_gone(judged):
    judged.answers[SUBMIT] = {"headers": {"Content-Type": "application/json"}, "body": "{"}

    judged.page.click("text=Submit")
    judged.page.wait_for_timeout(500)

    assert len(judged.posted("/seats/7/")) == 2
