import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.agreement import Undefined, alpha, percent


def test_two_people_worked_by_hand():
    # Units aa, aa, ab, bb. Pairs: 3 of 4 agree.
    # n_a = 5, n_b = 3, n = 8. D_o = (4 − 2)/1/8 = 0.25. D_e = (64 − 25 − 9)/(8·7) = 30/56.
    # alpha = 1 − 0.25·56/30 = 0.53333.
    units = [["a", "a"], ["a", "a"], ["a", "b"], ["b", "b"]]

    assert percent(units).value == 0.75
    assert alpha(units).value == pytest.approx(0.533333, abs=1e-6)


def test_missing_judgements_worked_by_hand():
    # Units aab, bb, a: the last one has no pair. Pairs: 1 of 3, and 1 of 1: 2 of 4 agree.
    # n_a = 2, n_b = 3, n = 5. D_o = ((9 − 5)/2 + 0)/5 = 0.4. D_e = (25 − 4 − 9)/(5·4) = 0.6.
    # alpha = 1 − 0.4/0.6 = 1/3.
    units = [["a", "a", "b"], [None, "b", "b"], ["a", None, None]]

    found = alpha(units)

    assert percent(units).value == 0.5
    assert found.value == pytest.approx(1 / 3)
    assert (found.units, found.judgements) == (2, 5)


def test_the_textbook_example_with_four_observers():
    # Krippendorff's own reliability data; he gives 0.743 for nominal values.
    table = [
        "1 2 3 3 2 1 4 1 2 . . .",
        "1 2 3 3 2 2 4 1 2 5 . 3",
        ". 3 3 3 2 3 4 2 2 5 1 .",
        "1 2 3 3 2 4 4 1 2 5 1 .",
    ]
    observers = [[None if mark == "." else mark for mark in line.split()] for line in table]

    assert alpha(zip(*observers, strict=True)).value == pytest.approx(0.743, abs=5e-4)


def test_steady_disagreement_is_below_chance():
    # n_a = n_b = 2, n = 4. D_o = 1. D_e = (16 − 8)/12 = 2/3. alpha = 1 − 3/2.
    assert alpha([["a", "b"], ["b", "a"]]).value == pytest.approx(-0.5)


@pytest.mark.parametrize("units", [[], [["a"]], [["a", None], [None, "b"]], [[]]])
@pytest.mark.parametrize("measure", [alpha, percent])
def test_without_a_pair_there_is_no_number(measure, units):
    found = measure(units)

    assert found.value is None
    assert found.reason is Undefined.NO_PAIRS


def test_without_variation_alpha_cannot_tell_agreement_from_habit():
    units = [["a", "a"], ["a", "a", "a"]]

    assert alpha(units).value is None
    assert alpha(units).reason is Undefined.NO_VARIATION
    assert percent(units).value == 1.0


units = st.lists(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=5), max_size=12)


@given(units)
def test_alpha_is_at_most_one_and_one_only_if_all_agree(drawn):
    found = alpha(drawn)

    if found.value is not None:
        assert found.value <= 1
        assert (found.value == 1) == (percent(drawn).value == 1)


@given(units, st.randoms())
def test_neither_who_judged_nor_the_order_matters(drawn, random):
    shuffled = [random.sample(unit, len(unit)) for unit in random.sample(drawn, len(drawn))]

    assert alpha(shuffled).value == pytest.approx(alpha(drawn).value)
    assert percent(shuffled) == percent(drawn)
