"""The audit of pages finds what it is for."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.browser
AUDIT = (Path(__file__).parent / "audit.js").read_text()
WANTED = {"lang": "zh-Hans", "names": ["ada"], "focus": True}
GOOD = """<!doctype html><html lang="zh-Hans"><title>好 · Touchstone</title><body><h1>标题</h1>
<label for="a">名称</label><input id="a"><a href="/">首页</a><p>ada 与 <code>item</code></p>
<p lang="en">A question in English.</p><p>quiet-model, mcq.jsonl</p><p hidden>Not seen</p>"""
FAULTS = {
    '<p style="width: 3000px">宽</p>': "wider than the window: <p >",
    "<h1>又一个</h1>": "2 h1",
    '<p id="a">二</p>': "id a twice",
    "<input name=x>": "nameless <input x>",
    "<button><svg aria-hidden=true></svg></button>": "nameless <button >",
    "<img src=data:,>": "no text for <img >",
    "<label for=b>名称</label>": "label for nothing: b",
    "<p aria-labelledby=c>三</p>": "<p > aria-labelledby nothing: c",
    "<p>Some words</p>": "not in Chinese: Some words",
    "<p>Quiet</p>": "not in Chinese: Quiet",
    '<input aria-label="Search" title="查找">': "aria-label not in Chinese: Search",
    "<a href=/ style='outline: none'>无框</a>": "focus unseen on <a >",
}


@pytest.fixture(scope="module")
def page(browser):
    return browser.new_page(viewport={"width": 400, "height": 400})


def faults(page, html):
    page.set_content(html)
    page.keyboard.press("Tab")
    return page.evaluate(AUDIT, WANTED)


def test_a_good_page_has_no_faults(page):
    assert faults(page, GOOD) == []


@pytest.mark.parametrize(("html", "words"), FAULTS.items())
def test_each_fault_is_named(page, html, words):
    assert faults(page, GOOD + html) == [words]


def test_a_page_says_its_language_and_title(page):
    assert faults(page, "<title> · Touchstone</title><h1>标题</h1>") == ["lang is ", "no title"]
