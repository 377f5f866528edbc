"""Long lists come a page at a time, forward and back."""

import pytest

from curation import pages
from curation.models import Item
from curation.pages import page_of
from tests import factories


@pytest.fixture
def items(project):
    return [factories.make_item(project) for _number in range(7)]


def test_pages_follow_one_another_to_the_end(items):
    seen, after = [], ""
    while True:
        page = page_of(Item.objects.all(), after=after, size=3)
        seen += page.rows
        if page.next_cursor is None:
            break
        after = str(page.next_cursor)

    assert seen == items


def test_going_back_shows_the_page_before(items):
    page = page_of(Item.objects.all(), before=str(items[6].pk), size=3)

    assert page.rows == items[3:6]
    assert page.next_cursor == items[5].pk
    assert page.previous_cursor == items[3].pk


def test_the_first_page_has_nothing_before_it(items):
    assert page_of(Item.objects.all(), size=3).previous_cursor is None
    assert page_of(Item.objects.all(), before=str(items[2].pk), size=3).previous_cursor is None


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 30, "²"])
def test_a_cursor_that_is_none_shows_the_first_page(items, cursor):
    assert page_of(Item.objects.all(), after=cursor, size=3).rows == items[:3]


def test_counting_stops_at_the_limit(items, monkeypatch):
    monkeypatch.setattr(pages, "COUNTED", 5)

    page = page_of(Item.objects.all(), size=3)

    assert (page.count, page.more) == (5, True)
