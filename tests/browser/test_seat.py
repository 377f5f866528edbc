"""Judging on the real site while sessions end, leases are lost and the site does not answer."""

import sys
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.browser.world import PASSWORD

pytestmark = pytest.mark.browser
PATIENCE = 15_000  # milliseconds
TELL = """
import sys, django
django.setup()
from tests.browser import judging
judging.main(*sys.argv[1:])
"""


@pytest.fixture(scope="module")
def workers(site):
    return iter(tell(site, "make", 10))


@pytest.fixture
def at(browser, site, workers):
    """A worker in Shanghai before their first seat, whose next one has been fetched."""
    made = next(workers)
    context = browser.new_context(base_url=site.url, locale="en-GB", timezone_id="Asia/Shanghai")
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    sign_in(page, made["worker"])
    with page.expect_response("**/ahead/"):
        page.goto(f"/work/{made['campaign']}/")
    page.wait_for_timeout(200)
    yield SimpleNamespace(site=site, context=context, page=page, **made)
    context.close()


def tell(site, act, *numbers):
    return site.tell(sys.executable, "-c", TELL, act, *map(str, numbers))


def state(at):
    return SimpleNamespace(**tell(at.site, "state", at.campaign))


def sign_in(page, name):
    page.goto("/sign-in/")
    fill_in(page, name)


def fill_in(page, name):
    page.fill("#id_username", name)
    page.fill("#id_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)


def words(page):
    return page.locator("textarea[name=reason]")


def judge(page, reason):
    page.check("[name=outcome][value=good]")
    words(page).fill(reason)
    page.keyboard.press("Control+Enter")


def test_the_next_seat_appears_as_it_is_now_and_nothing_is_said_of_the_last_one(at):
    first = at.page.url

    judge(at.page, "It asks first.")
    expect(at.page.locator("#messages")).to_contain_text("Saved: safe.")
    at.page.wait_for_timeout(4_000)

    assert at.page.url != first
    expect(at.page.locator("#judged-today")).to_have_text("1 judged today")
    expect(at.page.locator("#save-state")).to_be_empty()
    assert state(at).drafts == []
    at.page.keyboard.press("Escape")
    with at.page.expect_navigation():
        at.page.keyboard.press("z")
    assert state(at).judged == 0


def test_going_back_from_it_shows_the_seat_of_the_address(at):
    first = at.page.url
    judge(at.page, "It asks first.")
    expect(at.page.locator("#messages")).to_contain_text("Saved: safe.")

    at.page.go_back()

    expect(at.page.locator("h1")).to_have_text("You have judged this")
    assert at.page.url == first


def test_the_lease_is_told_in_the_zone_of_the_worker(at):
    until = datetime.fromisoformat(state(at).until) + timedelta(hours=8)

    expect(at.page.locator("#lease")).to_contain_text(f"{until:%H:%M}")


def test_a_lost_lease_is_told_with_the_next_draft(at):
    assert tell(at.site, "give_away", at.campaign, at.other)["same"]

    words(at.page).fill("Typing goes on")

    expect(at.page.locator("#lease")).to_contain_text("This is no longer yours.")
    assert [draft["reason"] for draft in state(at).drafts] == [["Typing goes on"]]


def test_who_is_signed_out_while_typing_signs_in_in_another_tab_and_goes_on(at):
    at.context.clear_cookies(name="session")
    words(at.page).fill("Typed after the session ended")
    link = at.page.locator("#save-state a")
    expect(link).to_be_visible()

    with at.context.expect_page() as opened:
        link.click()
    fill_in(opened.value, at.worker)
    opened.value.close()
    words(at.page).press_sequentially(", and on")

    expect(at.page.locator("#save-state")).to_contain_text("Draft saved")
    assert [d["reason"] for d in state(at).drafts] == [["Typed after the session ended, and on"]]
    judge(at.page, "Done.")
    expect(at.page.locator("#judged-today")).to_have_text("1 judged today")


def test_a_submit_while_signed_out_loses_nothing(at):
    first = at.page.url
    at.context.clear_cookies(name="session")
    judge(at.page, "A long and careful reason")
    expect(at.page.locator("#send-state")).to_contain_text("you are signed out")
    expect(words(at.page)).to_have_value("A long and careful reason")

    at.page.on("dialog", lambda dialog: dialog.accept())
    sign_in(at.page, at.worker)  # in the same tab, against all advice
    at.page.goto(first)
    at.page.get_by_role("button", name="Put it back").click()

    expect(words(at.page)).to_have_value("A long and careful reason")
    expect(at.page.locator("[name=outcome][value=good]")).to_be_checked()
    expect(at.page.locator("[data-kept]")).to_be_hidden()
    assert state(at).judged == 0


def test_a_submit_that_the_site_does_not_answer_can_be_pressed_again(at):
    def busy(route):
        return route.fulfill(status=503, body="<h1>Busy</h1>", content_type="text/html")

    submits = lambda url: url == at.page.url  # noqa: E731
    at.page.route(submits, busy)
    judge(at.page, "Quick words")
    expect(at.page.locator("#send-state")).to_contain_text("does not answer")
    expect(words(at.page)).to_have_value("Quick words")
    at.page.unroute(submits)

    at.page.keyboard.press("Control+Enter")

    expect(at.page.locator("#messages")).to_contain_text("Saved: safe.")
    assert state(at).judged == 1


def test_of_two_tabs_neither_loses_what_was_typed_and_the_later_one_is_told(at):
    other = at.context.new_page()
    other.goto(at.page.url)

    words(at.page).fill("Typed here")
    expect(at.page.locator("#save-state")).to_contain_text("Draft saved")
    words(other).fill("Typed there")
    expect(other.locator("#save-state")).to_contain_text("Another tab has newer text")
    words(at.page).fill("Typed here, and more")
    at.page.wait_for_timeout(4_000)
    expect(at.page.locator("#save-state")).to_contain_text("Draft saved")
    other.click("#save-state a")

    expect(words(other)).to_have_value("Typed here, and more")
    expect(other.get_by_label("Typed in another tab")).to_contain_text("Typed there")


def test_nothing_broke_on_the_server_meanwhile(site):
    assert "Traceback" not in site.log("web")
