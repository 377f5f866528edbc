"""Showing the next seat's page that was fetched ahead, in a real browser."""

import json

import pytest

from tests.static.seat import SAVED, page_of

pytestmark = pytest.mark.browser
PARTS = '<div id="messages">Saved: safe.</div><span id="lease">until 12:43</span>'
TOLD = {"address": "/seats/8/", "key": "8.3", "parts": PARTS}
JSON = {"Content-Type": "application/json"}
SUBMIT = ("POST", "/seats/7/")


@pytest.fixture
def judging(site):
    """Seat 7 is open, and the page of seat 8 has been fetched."""
    site.answers["GET", "/ahead/"] = {
        "body": page_of(8, grant=0, text="Kept"),
        "headers": {"X-Seat": "8:signed"},
    }
    site.answers[SUBMIT] = {"body": json.dumps(TOLD), "headers": JSON}
    site.page.wait_for_timeout(1_500)
    assert ("GET", "/ahead/", "") in site.asked
    return site


def test_the_next_page_appears_with_its_lease_and_without_another_load(judging):
    page = judging.page
    page.click("text=Submit")
    page.wait_for_selector("text=Question 8")

    assert judging.posted("/seats/7/")[0].endswith("&ahead=8%3Asigned")
    assert page.input_value("[name=key]") == "8.3"
    assert page.inner_text("#messages") == "Saved: safe."
    assert page.inner_text("#lease") == "until 12:43"
    assert page.input_value("textarea") == "Kept"
    assert page.title() == "Seat 8"
    assert page.evaluate("location.pathname") == "/seats/8/"
    assert ("GET", "/seats/8/", "") not in judging.asked


def test_nothing_of_it_is_on_the_page_before_the_lease(judging):
    assert "Question 8" not in judging.page.content()


def test_no_draft_of_the_judged_seat_follows_and_nothing_is_said_of_it_on_the_next_page(judging):
    judging.answers["POST", "/seats/7/draft/"] = {"status": 422, "body": SAVED}
    judging.page.fill("textarea", "A last word")
    judging.page.click("text=Submit")
    judging.page.wait_for_selector("text=Question 8")
    judging.page.wait_for_timeout(3_500)

    assert judging.posted("/seats/7/draft/") == []
    assert judging.page.inner_text("#save-state") == ""


def test_to_give_back_asks_for_nothing_ahead(judging):
    judging.page.click("text=Give back")
    judging.page.wait_for_timeout(300)

    [given] = judging.posted("/seats/7/give-back/")
    assert "ahead" not in given
