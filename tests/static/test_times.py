"""Times in the reader's own zone, in a real browser, on a page with nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
SCRIPTS = Path(__file__).resolve().parents[2] / "static" / "js"
NOW = datetime(2026, 11, 21, 12, 43, 11, tzinfo=UTC)


def time_of(moment, show, words="12:43 UTC"):
    return f'<time datetime="{moment.isoformat()}" data-show="{show}">{words}</time>'


@pytest.fixture
def look(browser):
    """Return a page as somebody elsewhere sees it at `NOW`."""
    contexts = []

    def page_of(body, *, zone="Asia/Shanghai", locale="zh-CN", lang="zh-Hans"):
        contexts.append(browser.new_context(timezone_id=zone, locale=locale))
        page = contexts[-1].new_page()
        page.clock.set_fixed_time(NOW)
        html = f'<!doctype html><html lang="{lang}"><body>{body}</body></html>'
        page.route("**/*", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.goto("http://127.0.0.1/")
        page.add_script_tag(path=SCRIPTS / "times.js")
        return page

    yield page_of
    for context in contexts:
        context.close()


@pytest.mark.parametrize(
    ("show", "words"),
    [("clock", "20:43"), ("seconds", "20:43:11"), ("full", "2026年11月21日 20:43")],
)
def test_a_time_is_told_in_the_zone_and_language_of_the_reader(look, show, words):
    page = look(time_of(NOW, show))

    assert page.inner_text("time") == words


def test_an_age_stays_and_its_title_is_told(look):
    page = look(time_of(NOW, "ago", "3 hours ago"))

    assert page.inner_text("time") == "3 hours ago"
    assert page.get_attribute("time", "title") == "2026年11月21日 20:43"


def test_a_time_of_another_day_there_has_its_date(look):
    page = look(time_of(NOW + timedelta(hours=4), "clock"))

    assert page.inner_text("time") == "2026年11月22日 00:43"


@pytest.mark.parametrize(
    ("locale", "words"), [("en-GB", "21 Nov 2026, 07:43"), ("zh-CN", "Nov 21, 2026, 07:43")]
)
def test_an_english_page_stays_english_as_it_is_written_where_the_reader_lives(look, locale, words):
    page = look(time_of(NOW, "full"), zone="America/New_York", locale=locale, lang="en")

    assert page.inner_text("time") == words


def test_what_comes_later_is_told_too(look):
    page = look("<main></main>")
    put = "(html) => { document.querySelector('main').innerHTML = html; }"
    told = "document.querySelector('time')?.textContent === '20:43'"

    for html in (time_of(NOW, "clock"), f"<p>{time_of(NOW, 'clock')}</p>"):
        page.evaluate(put, html)
        page.wait_for_function(told)
