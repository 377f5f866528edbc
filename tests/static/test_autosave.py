"""Saving drafts by itself, in a real browser, on a page with nothing else."""

import pytest

from tests.static.seat import SAVED, SIGN_IN, UNREACHABLE, page_of

pytestmark = pytest.mark.browser
DRAFT = ("POST", "/seats/7/draft/")
SOON = {"timeout": 6_000}


def test_what_is_typed_is_saved_within_seconds_and_the_page_says_when(site):
    site.page.fill("textarea", "Half a sentence")
    site.page.wait_for_selector("text=Saved 12:03:11", **SOON)

    [draft] = site.posted("/seats/7/draft/")
    assert draft == "csrfmiddlewaretoken=first&key=7.1&pasted=&reason=Half+a+sentence"


def test_an_autosave_tells_of_the_lease_too(site):
    site.page.fill("textarea", "Half a sentence")
    site.page.wait_for_selector("text=Saved 12:03:11", **SOON)

    assert site.page.inner_text("#lease") == "lost"


def test_nothing_is_sent_while_nothing_changes(site):
    site.page.fill("textarea", "Once")
    site.page.wait_for_selector("text=Saved 12:03:11", **SOON)
    site.page.wait_for_timeout(3_500)

    assert len(site.posted("/seats/7/draft/")) == 1


def test_leaving_the_page_saves_at_once(site):
    site.page.fill("textarea", "Leaving")
    site.page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    site.page.wait_for_selector("text=Saved 12:03:11", timeout=2_000)

    assert len(site.posted("/seats/7/draft/")) == 1


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"status": 503}, "unreachable"),
        (UNREACHABLE, "unreachable"),
        ({"status": 404}, "refused"),
        (SIGN_IN, "signed-out"),
    ],
)
def test_a_failure_is_told_as_it_is_and_tried_again(site, answer, why):
    fine = site.answers[DRAFT]
    site.answers[DRAFT] = answer
    site.page.fill("textarea", "First")
    site.page.wait_for_selector(f"text=save-state: {why}", **SOON)
    site.answers[DRAFT] = fine

    site.page.type("textarea", " and more")
    site.page.wait_for_selector("text=Saved 12:03:11", **SOON)

    assert "First+and+more" in site.posted("/seats/7/draft/")[-1]


def test_what_the_site_says_of_a_refused_draft_is_told(site):
    site.answers[DRAFT] = {
        "status": 422,
        "headers": {"HX-Retarget": "#messages"},
        "body": "<p>This is too\n much text to keep.</p>",
    }
    site.page.fill("textarea", "Long")

    site.page.wait_for_selector("text=This is too much text to keep.", **SOON)


def test_coming_back_to_the_page_tries_again_at_once(site):
    fine = site.answers[DRAFT]
    site.answers[DRAFT] = SIGN_IN
    site.page.fill("textarea", "Before and after")
    site.page.wait_for_selector("text=save-state: signed-out", **SOON)
    site.answers[DRAFT] = fine

    site.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    site.page.wait_for_selector("text=Saved 12:03:11", timeout=2_000)


def test_signing_in_elsewhere_costs_no_draft_although_the_token_is_a_new_one(site):
    site.answers["GET", "/seats/7/"] = {"body": page_of(token="second")}

    def only_with_the_new_token(body):
        return {"body": SAVED, "status": 200 if "token=second" in body else 403}

    site.answers[DRAFT] = only_with_the_new_token

    site.page.fill("textarea", "Kept all the same")
    site.page.wait_for_selector("text=Saved 12:03:11", **SOON)

    assert len(site.posted("/seats/7/draft/")) == 2
    assert "second" in site.page.get_attribute("body", "hx-headers")


def test_leaving_with_something_unsaved_asks_first(site):
    asked = []
    site.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    site.answers[DRAFT] = {"status": 503}
    site.page.fill("textarea", "Not saved")
    site.page.wait_for_selector("text=save-state: unreachable", **SOON)

    site.page.goto(site.url + "/elsewhere/")

    assert asked == ["beforeunload"]


def test_a_paste_is_noted(site):
    site.page.evaluate(
        "document.querySelector('textarea').dispatchEvent(new Event('paste', {bubbles: true}))"
    )

    assert site.page.input_value("[name=pasted]") == "yes"


@pytest.mark.parametrize("button", ["Submit", "Skip"])
def test_a_submit_or_skip_is_not_followed_by_a_draft(site, button):
    site.page.fill("textarea", "Done")
    site.page.click(f"text={button}")
    site.page.wait_for_timeout(3_500)

    assert site.posted("/seats/7/draft/") == []


def test_signing_out_saves_first_what_was_typed_last(site):
    site.page.fill("textarea", "Last words")
    site.page.click("text=Sign out")
    site.page.wait_for_selector("text=Elsewhere")

    assert [path for method, path, _body in site.asked if method == "POST"] == [
        "/seats/7/draft/",
        "/sign-out/",
    ]
