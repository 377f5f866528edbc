"""Hotkeys and the leave warning in a real browser, on a page with nothing else."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "js"
PAGE = """
<button data-key="s" onclick="window.skipped = (window.skipped ?? 0) + 1">Skip <kbd>s</kbd></button>
<form data-main-form data-warn-leave>
  <section data-key-scope data-key="1" tabindex="-1" aria-labelledby="one"><h2 id="one">First</h2>
    <input type="radio" name="one" value="accept" data-key="a" aria-label="Accept">
    <input type="radio" name="one" value="reject" data-key="x" aria-label="Reject">
  </section>
  <section data-key-scope data-key="2" tabindex="-1" aria-labelledby="two"><h2 id="two">Second</h2>
    <input type="radio" name="two" value="accept" data-key="a" aria-label="Accept">
    <textarea name="words"></textarea>
  </section>
  <button type="submit" name="act" value="skip">Skip</button>
  <button type="submit" class="primary" name="act" value="submit">Submit</button>
</form>
<dialog id="keys-help"><dl data-keys-list></dl><input type="checkbox" data-keys-switch></dialog>
<script>
  window.acts = [];
  document.forms[0].addEventListener("submit", (event) => {
    event.preventDefault();
    window.acts.push(event.submitter?.value);
  });
</script>
"""


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto("http://127.0.0.1/")
    for name in ("keys.js", "leave.js"):
        page.add_script_tag(path=SCRIPTS / name)
    yield page
    context.close()


def chosen(page, name):
    return page.evaluate("(name) => document.forms[0].elements[name].value", name)


def test_a_key_presses_what_carries_it(page):
    page.keyboard.press("s")

    assert page.evaluate("window.skipped") == 1


def test_a_key_inside_a_card_belongs_to_the_card_in_focus(page):
    page.keyboard.press("2")
    page.keyboard.press("a")

    assert (chosen(page, "one"), chosen(page, "two")) == ("", "accept")


def test_no_key_works_while_somebody_types(page):
    page.focus("textarea")

    page.keyboard.type("sax")

    assert page.input_value("textarea") == "sax"
    assert page.evaluate("window.skipped") is None


@pytest.mark.parametrize(
    "event",
    [
        {"key": "s", "isComposing": True},
        {"key": "s", "ctrlKey": True},
        {"key": "s", "altKey": True},
        {"key": "s", "repeat": True},
    ],
)
def test_composing_modifiers_and_a_held_key_do_nothing(page, event):
    page.evaluate(
        "(init) => document.body.dispatchEvent(new KeyboardEvent('keydown', init))",
        {**event, "bubbles": True},
    )

    assert page.evaluate("window.skipped") is None


def test_nothing_fires_while_a_request_is_under_way(page):
    tell = (
        "(name) => document.body.dispatchEvent(new CustomEvent(name, {bubbles: true, detail: {}}))"
    )
    page.evaluate(tell, "htmx:beforeRequest")
    page.keyboard.press("s")
    page.keyboard.press("Control+Enter")
    assert page.evaluate("[window.skipped, window.acts.length]") == [None, 0]

    page.evaluate(tell, "htmx:afterRequest")
    page.keyboard.press("s")

    assert page.evaluate("window.skipped") == 1


def test_control_enter_submits_the_main_form_even_while_typing(page):
    page.focus("textarea")

    page.keyboard.press("Control+Enter")

    assert page.evaluate("window.acts") == ["submit"]


def test_the_question_mark_lists_every_key_with_its_words(page):
    page.keyboard.press("?")

    assert page.locator("#keys-help").get_attribute("open") is not None
    words = page.locator("[data-keys-list]").inner_text().split()
    assert words == ["s", "Skip", "1", "First", "a", "Accept", "x", "Reject", "2", "Second"]


def test_single_keys_can_be_switched_off(page):
    page.keyboard.press("?")
    page.uncheck("[data-keys-switch]")
    page.keyboard.press("Escape")

    page.keyboard.press("s")

    assert page.evaluate("window.skipped") is None


@pytest.mark.parametrize(("saved", "asked"), [(False, True), (True, False)])
def test_leaving_a_changed_form_asks_first_unless_it_was_saved(page, saved, asked):
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.type), dialog.accept()))
    page.fill("textarea", "a new text")
    if saved:
        page.evaluate("document.forms[0].dispatchEvent(new CustomEvent('saved', {bubbles: true}))")

    page.goto("http://127.0.0.1/elsewhere/")

    assert (dialogs == ["beforeunload"]) is asked
