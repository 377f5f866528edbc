import pytest

from annotation import history
from curation import options
from curation.models import Option
from tests import factories

pytestmark = pytest.mark.django_db


def test_a_new_item_has_only_its_import():
    item = factories.make_item()

    events = history.of_item(item)

    assert [(event.title, event.text) for event in events] == [("Imported", item.question)]


def test_imported_options_and_releases_are_part_of_the_story():
    item = factories.make_item()
    positive, negative = factories.make_options(item)
    factories.make_release_row(None, item)

    events = history.of_item(item)

    assert [event.title for event in events] == [
        "Imported",
        "Option imported: positive",
        "Option imported: negative",
        "In release 1",
    ]
    assert {positive.text, negative.text} <= {event.text for event in events}


def test_the_story_of_one_item_holds_nothing_of_another():
    item, other = factories.make_item(), factories.make_item()
    factories.make_options(other)

    assert len(history.of_item(item)) == 1


def test_an_option_left_behind_stays_in_the_story():
    item = factories.make_item()
    option = factories.make_option(item)
    options.reject(option=option, reason="unclear", decision_ref="judgement:1")

    assert option.text in {event.text for event in history.of_item(item)}
    assert not Option.objects.filter(item=item).live().exists()
