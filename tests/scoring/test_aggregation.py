import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.aggregation import Standing, settle


def test_two_of_three_settle():
    settled = settle(["good", "bad", "good"])

    assert (settled.standing, settled.outcome) == (Standing.SETTLED, "good")
    assert settled.distribution == {"good": 2, "bad": 1}
    assert not settled.is_unanimous


def test_the_quorum_settles_before_every_seat_has_spoken():
    settled = settle(["bad", "bad"])

    assert (settled.standing, settled.outcome) == (Standing.SETTLED, "bad")
    assert settled.is_unanimous


@pytest.mark.parametrize("judgements", [[], ["good"], ["good", "bad"], ["undecided"] * 2])
def test_without_a_quorum_and_with_seats_left_it_stays_open(judgements):
    assert settle(judgements).standing is Standing.OPEN


@pytest.mark.parametrize(
    "judgements",
    [
        ["good", "bad", "undecided"],
        ["undecided"] * 3,
        ["undecided", "undecided", "good"],
        ["a", "b", "c"],
    ],
)
def test_with_every_seat_in_and_no_quorum_it_is_disputed(judgements):
    disputed = settle(judgements)

    assert (disputed.standing, disputed.outcome) == (Standing.DISPUTED, "")
    assert sum(disputed.distribution.values()) == 3


def test_the_first_outcome_to_reach_the_quorum_stands():
    settled = settle(["bad", "good", "bad", "good", "good"], quorum=2, seats=5)

    assert settled.outcome == "bad"
    assert settled.distribution == {"bad": 2, "good": 3}


def test_what_cannot_settle_may_have_another_name():
    assert settle(["skip", "skip"], seats=2, indefinite="skip").standing is Standing.DISPUTED


@pytest.mark.parametrize(("quorum", "seats"), [(0, 3), (4, 3), (1, 0)])
def test_a_quorum_the_seats_cannot_reach_is_an_error(quorum, seats):
    with pytest.raises(ValueError, match="never be met"):
        settle([], quorum=quorum, seats=seats)


rules = st.integers(1, 6).flatmap(lambda seats: st.tuples(st.integers(1, seats), st.just(seats)))


@given(st.lists(st.sampled_from(["good", "bad", "undecided"]), max_size=8), rules)
def test_settling_is_final_and_only_by_a_definite_quorum(judgements, rule):
    quorum, seats = rule
    found = settle(judgements, quorum=quorum, seats=seats)

    if found.standing is Standing.SETTLED:
        assert found.outcome in ("good", "bad")
        assert found.distribution[found.outcome] >= quorum
        later = settle([*judgements, "bad", "good"], quorum=quorum, seats=seats)
        assert later.outcome == found.outcome
    else:
        assert all(judgements.count(word) < quorum for word in ("good", "bad"))
        assert (found.standing is Standing.DISPUTED) == (len(judgements) >= seats)
