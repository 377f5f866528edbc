import pytest

from curation import tag_words
from curation.refusals import Refused
from curation.tag_words import TagWords

GOOD = TagWords(name_en="Pets", name_zh="宠物", severity=2)


def test_space_around_words_and_aliases_given_twice_are_left_out():
    words = GOOD._replace(name_en=" Pets ", definition_en="Kind.\n", aliases=("Cat", "Cat "))

    assert tag_words.checked(words) == GOOD._replace(definition_en="Kind.", aliases=("Cat",))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name_en", " "),
        ("name_zh", ""),
        ("name_en", "x" * 121),
        ("name_zh", "宠\0物"),
        ("name_en", "a\nb"),
        ("definition_en", "x" * 2_001),
        ("definition_zh", "a\0b"),
        ("definition_en", "\ud800"),
        ("aliases", ("x" * 121,)),
        ("aliases", ("",)),
        ("aliases", tuple(map(str, range(51)))),
        ("severity", 5),
        ("severity", -1),
    ],
)
def test_words_that_are_no_good_are_refused_at_their_field(field, value):
    with pytest.raises(Refused) as refused:
        tag_words.checked(GOOD._replace(**{field: value}))

    assert refused.value.field == field


def test_a_refused_alias_is_named_by_its_line():
    with pytest.raises(Refused, match="Alias 2"):
        tag_words.checked(GOOD._replace(aliases=("Cat", "\0")))


def test_a_code_follows_from_its_parents():
    assert tag_words.code_of("care", "pets") == "care.pets"
    assert tag_words.code_of("", "pets") == "pets"
