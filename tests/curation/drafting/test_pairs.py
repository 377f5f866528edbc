import pytest

from curation.drafting import pairs
from curation.models import Option
from tests import factories

SHORT = "Ask them first."


def flagged(project, positive, negative):
    item = factories.make_item(project)
    factories.make_option(item, "positive", text=positive)
    factories.make_option(item, "negative", text=negative)
    pairs.flag_lopsided([item.pk])
    pairs.flag_lopsided([item.pk])
    return dict(Option.objects.values_list("polarity", "flags"))


@pytest.mark.parametrize("longer", ["positive", "negative"])
def test_an_option_three_times_as_long_as_the_other_is_flagged_once(project, longer):
    texts = {"positive": SHORT, "negative": SHORT, longer: "x" * 3 * len(SHORT)}

    flags = flagged(project, **texts)

    assert flags == {"positive": [], "negative": [], longer: ["lopsided"]}


def test_less_than_that_is_not(project):
    assert flagged(project, SHORT, "x" * (3 * len(SHORT) - 1)) == {"positive": [], "negative": []}


def test_options_of_one_polarity_are_not_held_against_each_other(project):
    item = factories.make_item(project)
    factories.make_option(item, "positive", text="Ask.")
    factories.make_option(item, "positive", text=SHORT * 3)

    pairs.flag_lopsided([item.pk])

    assert set(map(tuple, Option.objects.values_list("flags", flat=True))) == {()}
