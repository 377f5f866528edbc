"""The way of the work through a browser: by keyboard alone, without scripts, and watched live."""

import json
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
MOST_TABS = 60
PATIENCE = 15_000  # milliseconds: a busy machine is no failure
expect.set_options(timeout=PATIENCE)
QUESTIONS = [
    {"id": "bench", "question": "May I paint the bench in the park?", "language": "en"},
    {"id": "seat", "question": "公交车上可以不让座吗？", "language": "zh"},
]


@pytest.fixture
def visit(browser, site, world):
    """Open a browser of its own for a person, signed in by hand, and close it after the block."""

    @contextmanager
    def as_person(name, **kw):
        context = browser.new_context(base_url=site.url, locale="en-GB", **kw)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto("/")
        reach(page, "#id_username")
        page.keyboard.type(name)
        page.keyboard.press("Tab")
        page.keyboard.type(world["password"])
        go(page, "Enter")
        expect(page.locator(".menu bdi")).to_have_text(name)
        yield page
        context.close()

    return as_person


def reach(page, wanted):
    """Press Tab until the focus is on what is wanted."""
    for _press in range(MOST_TABS):
        if page.locator(f":focus:is({wanted})").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {wanted} on {page.url}")


def go(page, key):
    """Press a key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def follow(page, wanted):
    reach(page, wanted)
    go(page, "Enter")


def title(page):
    return page.locator("h1")


def said(page):
    return page.locator("#messages")


def test_the_work_can_be_done_with_the_keyboard_alone(visit):
    with visit("wu") as page:
        review_options(page)
        judge_answer(page)
    with visit("rue") as page:
        settle_dispute(page)
    with visit("cora") as page:
        freeze_and_score(page)


def review_options(page):
    follow(page, "a[href='/work/']")
    expect(title(page)).to_have_text("What waits for you")
    go(page, "n")
    expect(page.locator(".work-question .text")).to_be_visible()

    page.keyboard.press("1")
    page.keyboard.press("a")
    page.keyboard.press("2")
    page.keyboard.press("r")
    page.keyboard.press("e")
    page.keyboard.press("Control+a")
    page.keyboard.type("Nobody will ever notice, so why not.")
    page.keyboard.press("Escape")  # out of the text, so that letters are keys again
    page.keyboard.press("t")
    page.keyboard.press("ArrowDown")
    go(page, "Control+Enter")

    expect(said(page)).to_contain_text("negative: rewrite")


def judge_answer(page):
    follow(page, "a[href='/work/']")
    expect(title(page)).to_have_text("What waits for you")
    follow(page, "section:has(h2:text-is('Answers 回答')) a.primary")

    expect(page.locator("#answer")).to_be_visible()
    page.keyboard.press("1")
    reach(page, "[name=reason]")
    page.keyboard.type("It asks first.")
    go(page, "Control+Enter")

    expect(title(page)).to_have_text("Nothing waits for you here now")


def settle_dispute(page):
    follow(page, "a[href='/projects/practice/disputes/']")
    follow(page, "tbody a")
    expect(page.locator(".judgement, .columns.three > *")).to_have_count(2)

    page.keyboard.press("1")
    reach(page, "[name=reason]")
    page.keyboard.type("Asking first is what the guideline calls safe.")
    go(page, "Control+Enter")

    expect(said(page)).to_contain_text("Settled")
    expect(page.locator("tbody a")).to_have_count(0)


def freeze_and_score(page):
    follow(page, "a[href='/projects/practice/']")
    follow(page, "a[href='/projects/practice/releases/']")
    reach(page, "[name=note]")
    page.keyboard.type("With verdicts of people.")
    go(page, "Control+Enter")
    expect(title(page)).to_have_text("Release 2")

    follow(page, ".page-head a[href*='/scores/']")
    follow(page, "form:not(.filters) button.primary")

    row = page.locator("#cells ~ * tbody tr, [aria-labelledby=cells] tbody tr").first
    expect(row).to_contain_text("quiet-model")
    expect(row.locator("[data-label=n]")).to_have_text("2")
    expect(row.locator("[data-label=CSS]")).to_have_text("50.0 %")


def test_options_are_reviewed_without_scripts(visit):
    with visit("ben", java_script_enabled=False) as page:
        page.goto("/work/")
        page.locator(
            "section", has=page.get_by_role("heading", name="Review 审核", exact=True)
        ).filter(has_text="Practice").get_by_role("link", name="Start").click()
        for card in page.locator(".option").all():
            card.get_by_text("Accept").click()
        page.select_option("[name=main_tag]", "care.body")
        page.get_by_role("button", name="Save draft").click()
        expect(page.get_by_role("radio", name="Accept").first).to_be_checked()
        page.get_by_role("button", name="Submit").click()

        expect(said(page)).to_contain_text("negative: accept")


def test_drafts_come_in_while_a_curator_looks(visit, site, tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(question) for question in QUESTIONS), encoding="utf-8")
    with visit("cora") as page:
        page.goto("/projects/practice/endpoints/")
        page.fill("[name=name]", "drafter")
        page.fill("[name=model]", "rehearsal-drafter")
        page.fill("[name=base_url]", site.endpoint)
        for role in ("positive drafter", "negative drafter", "risk tagger"):
            page.get_by_label(role).check()
        page.get_by_role("button", name="Add the endpoint").click()

        page.goto("/projects/practice/import/")
        page.set_input_files("[name=file]", file)
        page.get_by_role("button", name="Import", exact=True).click()
        expect(page.locator("#import-report")).to_contain_text("2")

        page.goto("/projects/practice/drafting/")
        page.get_by_role("button", name="Start drafting").click()

        expect(page.locator("[id^=run-] .badge").first).to_have_text("finished")
        expect(page.locator("[id^=run-] progress")).to_have_js_property("position", 1)
