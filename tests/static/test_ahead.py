"""Showing the next seat's page that was fetched ahead, in a real browser."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "js"
FORM = """<!doctype html><title>Seat {seat}</title>
<main><div id="messages"></div><h1>Question {seat}</h1>
<form method="post" action="/seats/{seat}/" data-ahead="/ahead/">
  <input type="hidden" name="key" value="{key}"><button>Submit</button>
  <button formaction="/give-back/">Give back</button>
</form></main>"""
TOLD = {"address": "/seats/8/", "key": "8.3", "messages": '<div id="messages">Saved: safe.</div>'}


@pytest.fixture
def site(browser):
    """Seat 7 is open, seat 8 is ahead; `site.answer` says how the submit is met."""
    context = browser.new_context()
    page = context.new_page()
    page.asked, page.posted = [], []
    page.answer = {"json": TOLD}
    page.next = {"body": FORM.format(seat=8, key="8.0"), "headers": {"X-Seat": "8"}}

    def reply(route):
        path = route.request.url.removeprefix("http://127.0.0.1")
        page.asked.append((route.request.method, path))
        if route.request.method == "POST":
            page.posted.append(route.request.post_data)
            if path == "/seats/7/" and "ahead=" in route.request.post_data:
                return route.fulfill(**page.answer)
        if path == "/ahead/":
            return route.fulfill(content_type="text/html", **page.next)
        return route.fulfill(content_type="text/html", body=FORM.format(seat=7, key="7.1"))

    page.route("**/*", reply)
    page.goto("http://127.0.0.1/seats/7/")
    page.add_script_tag(path=SCRIPTS / "ahead.js")
    yield page
    context.close()


def fetched(site):
    site.wait_for_timeout(1_500)
    assert ("GET", "/ahead/") in site.asked


def test_the_next_page_appears_with_its_lease_and_without_another_load(site):
    fetched(site)
    site.click("text=Submit")
    site.wait_for_selector("text=Question 8")

    assert site.posted == ["key=7.1&ahead=8"]
    assert site.input_value("[name=key]") == "8.3"
    assert site.inner_text("#messages") == "Saved: safe."
    assert site.title() == "Seat 8"
    assert site.evaluate("location.pathname") == "/seats/8/"
    assert ("GET", "/seats/8/") not in site.asked


def test_nothing_of_it_is_on_the_page_before_the_lease(site):
    fetched(site)

    assert "Question 8" not in site.content()


def test_before_it_has_come_the_form_goes_the_usual_way(site):
    site.click("text=Submit")
    site.wait_for_load_state()

    assert site.posted == ["key=7.1"]


def test_when_there_is_none_the_form_goes_the_usual_way(site):
    site.next = {"status": 204, "body": ""}
    fetched(site)
    site.click("text=Submit")
    site.wait_for_load_state()

    assert site.posted == ["key=7.1"]


def test_to_give_back_is_no_submit(site):
    fetched(site)
    site.click("text=Give back")
    site.wait_for_load_state()

    assert site.posted == ["key=7.1"]


def test_a_refused_form_is_shown_as_it_comes(site):
    site.answer = {"status": 422, "content_type": "text/html", "body": "<p>Say why.</p>"}
    fetched(site)
    site.click("text=Submit")

    site.wait_for_selector("text=Say why.")


def test_when_the_answer_cannot_be_read_the_usual_way_is_gone(site):
    site.answer = {"content_type": "application/json", "body": "{"}
    fetched(site)
    site.click("text=Submit")
    site.wait_for_function("document.readyState === 'complete'")
    site.wait_for_timeout(500)

    assert site.posted == ["key=7.1&ahead=8", "key=7.1"]
