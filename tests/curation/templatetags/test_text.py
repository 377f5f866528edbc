"""Foreign text, sums, rates and times on a page."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template
from django.utils import timezone

from curation.templatetags import text


def rebuilt(parts, *ops):
    return "".join(part for op, part in parts if op in ops)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("I would ask him calmly.", "I would ask him kindly, and soon."),
        ("我会平静地和他谈谈。", "我会友好地和他聊聊。"),
        ("用 Python 写的代码", "用 Rust 写的代码"),
        ("", "new"),
        ("old", ""),
        ("a_b  c\n\nd", "a_c  c\n d"),
    ],
)
def test_a_diff_holds_both_texts_whole(old, new):
    parts = text.diff(old, new)

    assert rebuilt(parts, "equal", "delete") == old
    assert rebuilt(parts, "equal", "insert") == new


def test_latin_text_is_compared_by_words():
    assert text.diff("ask him calmly", "ask him kindly") == [
        ("equal", "ask him "),
        ("delete", "calmly"),
        ("insert", "kindly"),
    ]


def test_chinese_text_is_compared_by_characters():
    assert text.diff("我会平静地谈", "我会冷静地谈") == [
        ("equal", "我会"),
        ("delete", "平"),
        ("insert", "冷"),
        ("equal", "静地谈"),
    ]


def test_changed_words_in_a_row_are_one_change():
    assert text.diff("a quick fox ran", "a slow cat ran") == [
        ("equal", "a "),
        ("delete", "quick fox"),
        ("insert", "slow cat"),
        ("equal", " ran"),
    ]


def test_the_same_text_has_no_change_and_no_text_has_no_parts():
    assert text.diff("same", "same") == [("equal", "same")]
    assert text.diff(None, None) == []


def test_a_diff_on_a_page_escapes_its_parts():
    page = Template(
        '{% load text %}{% include "shared/_diff.html" with parts=old|diff:new lang="en" only %}'
    )

    html = page.render(Context({"old": "<b>x", "new": "<script>x"}))

    assert "<script>" not in html
    assert "<ins>script</ins>" in html
    assert 'lang="en"' in html


@pytest.mark.parametrize(
    ("micro", "words"),
    [
        (None, "–"),
        (0, "0.00 USD"),
        (12, "< 0.0001 USD"),
        (12_300, "0.0123 USD"),
        (1_234_567, "1.23 USD"),
        (12_345_600_000, "12,345.60 USD"),
    ],
)
def test_money_keeps_the_decimals_that_matter(micro, words):
    assert text.money(micro) == words


@pytest.mark.parametrize(
    ("rate", "words"), [(None, "–"), (0.9467, "94.7 %"), (0, "0.0 %"), (1, "100.0 %")]
)
def test_a_rate_is_worded_with_one_decimal(rate, words):
    assert text.percent(rate) == words


@pytest.mark.parametrize(
    "character", ["\u202e", "\u200b", "\u2066", "\ufeff", "\u00ad", "\U000e0041", "\x1b", "\u3164"]
)
def test_a_character_that_hides_is_shown_and_no_longer_works(character):
    html = text.visible(f"a{character}b")

    assert character not in html
    assert f'title="{unicodedata.name(character, f"U+{ord(character):04X}")}"' in html


@pytest.mark.parametrize("words", ["plain", "你好，世界。", "a\nb\tc", "👩\u200d🚀", "naïve café"])
def test_ordinary_text_stays_as_it_is(words):
    assert text.visible(words) == f"<bdi>{words}</bdi>"


def test_markup_in_foreign_text_stays_text():
    assert text.visible('<script>"&') == "<bdi>&lt;script&gt;&quot;&amp;</bdi>"
    assert text.visible(None) == "<bdi></bdi>"


def test_a_moment_is_readable_by_people_and_machines():
    moment = datetime(2026, 11, 21, 2, 40, tzinfo=UTC)

    assert text.when(moment) == (
        '<time datetime="2026-11-21T02:40:00+00:00" data-show="full">21 Nov 2026, 02:40 UTC</time>'
    )
    assert text.when(None) == text.ago(None) == text.clock(None) == text.seconds(None) == "–"


def test_a_time_of_today_has_no_date_and_names_its_zone():
    now = timezone.now()

    assert f'data-show="clock">{now:%H:%M} UTC<' in text.clock(now)
    assert f'data-show="seconds">{now:%H:%M:%S} UTC<' in text.seconds(now)
    assert f"{now + timedelta(days=1):%Y, %H:%M} UTC<" in text.clock(now + timedelta(days=1))


def test_the_zone_is_that_of_the_site(settings):
    settings.TIME_ZONE = "Asia/Shanghai"

    words = text.when(datetime(2026, 11, 21, 20, 40, tzinfo=UTC))

    assert ">22 Nov 2026, 04:40 CST<" in words


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=20), ">just now<"),
        (timedelta(minutes=3, seconds=30), ">3\xa0minutes ago<"),
        (timedelta(days=90), " 20"),
    ],
)
def test_an_age_is_rounded_and_an_old_one_becomes_a_date(age, words):
    assert words in text.ago(timezone.now() - age)


def test_an_age_has_its_moment_in_its_title():
    moment = timezone.now() - timedelta(hours=2)

    assert f'data-show="ago" title="{text.moments.in_full(moment)}">' in text.ago(moment)


def test_long_texts_are_compared_by_lines_and_not_for_minutes():
    old, new = "a " * 10_000, "b " * 10_000

    assert text.diff(f"same\n{old}", f"same\n{new}") == [
        ("equal", "same\n"),
        ("delete", old),
        ("insert", new),
    ]
