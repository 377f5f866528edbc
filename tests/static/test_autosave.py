"""Saving drafts by itself, in a real browser, on a page with nothing else."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "js"
PAGE = """
<form method="post" data-autosave="/draft/" data-unsaved="Not saved">
  <input type="hidden" name="pasted" value="">
  <textarea name="o1-text" data-watch-paste></textarea>
  <p id="save-state"></p><div id="o1-change"></div>
  <button>Submit</button>
</form>
"""
SAVED = '<div id="saved"><p id="save-state">Saved 12:03:11</p><div id="o1-change">new</div></div>'


@pytest.fixture
def site(browser):
    """A page whose drafts land in `site.drafts`; `site.answers` says with what they are met."""
    context = browser.new_context()
    page = context.new_page()
    page.drafts, page.status = [], 200

    def answer(route):
        if route.request.url.endswith("/draft/"):
            page.drafts.append(route.request.post_data)
            return route.fulfill(body=SAVED, content_type="text/html", status=page.status)
        return route.fulfill(body=PAGE, content_type="text/html")

    page.route("**/*", answer)
    page.goto("http://127.0.0.1/")
    page.add_script_tag(path=SCRIPTS / "autosave.js")
    yield page
    context.close()


def test_what_is_typed_is_saved_within_seconds_and_the_page_says_when(site):
    site.fill("textarea", "Half a sentence")
    site.wait_for_selector("text=Saved 12:03:11", timeout=6_000)

    assert site.drafts == ["pasted=&o1-text=Half+a+sentence"]
    assert site.inner_text("#o1-change") == "new"


def test_nothing_is_sent_while_nothing_changes(site):
    site.fill("textarea", "Once")
    site.wait_for_selector("text=Saved 12:03:11", timeout=6_000)
    site.wait_for_timeout(3_500)

    assert len(site.drafts) == 1


def test_leaving_the_page_saves_at_once(site):
    site.fill("textarea", "Leaving")
    site.evaluate("window.dispatchEvent(new Event('pagehide'))")
    site.wait_for_selector("text=Saved 12:03:11", timeout=2_000)

    assert len(site.drafts) == 1


def test_a_failure_is_told_and_tried_again(site):
    site.status = 503
    site.fill("textarea", "First")
    site.wait_for_selector("text=Not saved", timeout=6_000)
    site.status = 200

    site.type("textarea", " and more")
    site.wait_for_selector("text=Saved 12:03:11", timeout=6_000)

    assert "First+and+more" in site.drafts[-1]


def test_a_paste_is_noted(site):
    site.evaluate(
        "document.querySelector('textarea').dispatchEvent(new Event('paste', {bubbles: true}))"
    )

    assert site.input_value("[name=pasted]") == "yes"


def test_a_submit_is_not_followed_by_a_draft(site):
    site.fill("textarea", "Done")
    site.click("button")
    site.wait_for_timeout(3_500)

    assert site.drafts == []
