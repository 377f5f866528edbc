from hypothesis import given
from hypothesis import strategies as st

from curation.text import edit_distance, fits_language, normal_form, without_unstorable

SHORT = st.text("ab中", max_size=9)


def by_the_book(old, new):
    """The Levenshtein distance by its definition (Levenshtein 1966)."""
    if not old or not new:
        return len(old) + len(new)
    return min(
        by_the_book(old[1:], new) + 1,
        by_the_book(old, new[1:]) + 1,
        by_the_book(old[1:], new[1:]) + (old[0] != new[0]),
    )


def test_distances_worked_by_hand():
    assert edit_distance("", "") == 0
    assert edit_distance("", "abc") == edit_distance("abc", "") == 3
    assert edit_distance("kitten", "sitting") == 3  # k→s, e→i, +g
    assert edit_distance("flaw", "lawn") == 2  # -f, +n
    assert edit_distance("还给失主", "交还失主") == 2


@given(SHORT, SHORT, SHORT)
def test_the_distance_is_a_distance(a, b, c):
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, b) == edit_distance(b, a)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))


@given(st.text("ab", max_size=4), st.text("ab", max_size=4))
def test_the_distance_is_the_one_of_the_definition(a, b):
    assert edit_distance(a, b) == by_the_book(a, b)


def test_the_longest_options_can_be_compared():
    assert edit_distance("ab" * 2_000, "ba" * 2_000) == 2


def test_texts_that_only_look_different_have_one_normal_form():
    assert normal_form(" Ｇｉｖｅ it\u200b  BACK ") == normal_form("give it back")


def test_what_cannot_be_stored_is_left_out():
    assert without_unstorable("a\0b\ud800c") == "abc"


def test_the_script_tells_the_language():
    assert fits_language("Is it mine?", "en")
    assert not fits_language("这是我的吗？", "en")
    assert not fits_language("Is it mine?", "zh")
