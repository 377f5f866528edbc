"""What is typed on a seat and has not arrived stays in the tab, for its writer alone."""

import pytest

from tests.static.seat import page_of

pytestmark = pytest.mark.browser
PAGE = ("GET", "/seats/7/")
OFFER = "[data-kept]"


@pytest.fixture
def lost(site):
    """The session ended while somebody typed, and they left the page."""
    site.page.on("dialog", lambda dialog: dialog.accept())
    site.sign_out()
    site.page.fill("textarea", "Typed after\nthe session ended")
    site.page.goto(site.url + "/sign-in/")
    site.answers[PAGE] = {"body": page_of()}
    return site


def kept(site):
    return site.page.evaluate("sessionStorage.length")


def test_after_signing_in_it_is_offered_on_its_seat_and_put_back_as_a_draft(lost):
    lost.open()

    assert lost.page.text_content(f"{OFFER} .text") == "Typed after\nthe session ended"
    lost.page.click("text=Put it back")
    lost.page.wait_for_timeout(300)
    draft = lost.posted("/seats/7/draft/")[-1]
    assert "reason=Typed+after%0D%0Athe+session+ended" in draft
    assert "key=7.1" in draft


def test_it_can_be_thrown_away(lost):
    lost.open()
    lost.page.click("text=Throw it away")

    assert not lost.page.is_visible(OFFER)
    assert kept(lost) == 0


def test_it_is_gone_once_the_site_has_it(lost):
    lost.answers[PAGE] = {
        "body": page_of(text="Typed after\nthe session ended", attributes="data-saved")
    }
    lost.open()

    assert not lost.page.is_visible(OFFER)
    assert kept(lost) == 0


def test_nobody_else_sees_it(lost):
    lost.answers[PAGE] = {"body": page_of(person="2")}
    lost.open()

    assert not lost.page.is_visible(OFFER)
    assert kept(lost) == 0


def test_it_goes_after_a_working_day(lost):
    lost.page.evaluate(
        "() => { const name = sessionStorage.key(0);"
        " const typed = JSON.parse(sessionStorage.getItem(name)); typed.at -= 13 * 3600 * 1000;"
        " sessionStorage.setItem(name, JSON.stringify(typed)); }"
    )
    lost.open()

    assert kept(lost) == 0


def test_signing_out_leaves_nothing_behind(site):
    site.page.fill("textarea", "Private words")
    assert kept(site) == 1

    site.page.click("text=Sign out")
    site.page.wait_for_selector("text=Elsewhere")

    assert kept(site) == 0


@pytest.mark.parametrize("button", ["Skip", "Submit", "Give back"])
def test_what_is_submitted_skipped_or_given_back_is_not_kept(site, button):
    for act in ("", "give-back/"):
        site.answers["POST", f"/seats/7/{act}"] = {"headers": {"HX-Redirect": "/work/"}}
    site.page.fill("textarea", "Some words")

    site.page.click(f"text={button}")
    site.page.wait_for_selector("text=Elsewhere")

    assert kept(site) == 0
