from itertools import permutations
from math import factorial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.orderings import is_ordering, option_at, shown, wanted


def test_two_options_are_shown_in_both_orders():
    assert wanted(2) == ((0, 1), (1, 0))


@pytest.mark.parametrize("count", [2, 3, 4])
def test_few_options_are_shown_in_every_order(count):
    assert set(wanted(count)) == set(permutations(range(count)))
    assert len(wanted(count)) == factorial(count)


@pytest.mark.parametrize("count", [5, 8, 24, 26])
def test_many_options_are_sampled_and_each_stands_in_each_place(count):
    orderings = wanted(count)

    assert len(set(orderings)) == len(orderings) == max(24, count)
    assert orderings[0] == tuple(range(count))
    assert all(set(column) == set(range(count)) for column in zip(*orderings, strict=True))


def test_the_sample_is_the_same_everywhere_and_for_ever():
    assert wanted(5)[5:8] == ((3, 2, 4, 1, 0), (2, 0, 3, 4, 1), (2, 1, 4, 3, 0))
    assert wanted(5) == wanted(5)
    assert wanted(5, seed=1) != wanted(5, seed=0)


@pytest.mark.parametrize("count", [0, 1, 27])
def test_an_item_has_two_to_twenty_six_options(count):
    with pytest.raises(ValueError, match="2 to 26"):
        wanted(count)


@given(st.integers(2, 26).flatmap(lambda count: st.permutations(range(count))))
def test_a_pick_maps_back_to_the_option_that_stood_there(ordering):
    ordering = tuple(ordering)
    options = [f"option {index}" for index in range(len(ordering))]

    for place, text in enumerate(shown(options, ordering)):
        letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place]
        assert options[option_at(letter, ordering)] == text


def test_a_letter_beyond_the_options_maps_to_nothing():
    with pytest.raises(ValueError, match="no option stood at C"):
        option_at("C", (0, 1))


def test_an_ordering_names_each_option_once():
    assert is_ordering((1, 0), 2)
    assert not is_ordering((0, 0), 2)
    assert not is_ordering((0,), 2)
    assert not is_ordering((0, 2), 2)
