import pytest
from django.utils import translation

from annotation import tags
from curation.refusals import Refused
from tests import factories

pytestmark = pytest.mark.django_db


def test_codes_are_kept_in_order_without_repeats(project):
    assert tags.checked(["law", "care", "law"], project=project) == ["law", "care"]


@pytest.mark.parametrize("codes", [["nonsense"], ["law", ""], [f"x{n}" for n in range(13)]])
def test_codes_of_no_taxonomy_are_refused(project, codes):
    with pytest.raises(Refused):
        tags.checked(codes, project=project)


def test_codes_of_another_taxonomy_are_refused(project):
    factories.make_tag(factories.make_taxonomy(), "elsewhere")

    with pytest.raises(Refused):
        tags.checked(["elsewhere"], project=project)


def test_a_path_names_every_level_in_the_readers_language(project):
    known = {tag.code: tag for tag in project.taxonomy.tags.all()}

    with translation.override("zh-hans"):
        chinese = tags.path_of(known["care.body"], known)

    assert tags.path_of(known["care.body"], known) == ["Care", "Body"]
    assert chinese == ["关怀", "身体"]
    assert tags.path_of(None, known) == []


def test_what_the_source_says_comes_first_and_hides_the_same_from_a_model(project):
    item = factories.make_item(project)
    factories.make_item_tag(item)

    [suggestion] = tags.suggested(item)

    assert (suggestion.tag.code, suggestion.by_model) == ("care.body", False)
