import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.intervals import wilson


def test_nothing_has_no_interval():
    assert wilson(0, 0) is None


def test_five_of_ten_worked_by_hand():
    # z² = 3.8415; centre (0.5 + 0.19207)/1.38415 = 0.5; reach √(0.025 + 0.0096036)·1.96/1.38415
    assert wilson(5, 10) == pytest.approx((0.236593, 0.763407), abs=1e-6)


def test_the_edges_are_exact_and_the_width_is_kept():
    # Of none among n the upper end is z²/(n + z²): 3.8415/13.8415.
    assert wilson(0, 10) == (0.0, pytest.approx(0.277533, abs=1e-6))
    assert wilson(10, 10) == (pytest.approx(0.722467, abs=1e-6), 1.0)


@pytest.mark.parametrize(("count", "total"), [(-1, 2), (3, 2), (1, 0)])
def test_a_count_outside_its_total_is_no_share(count, total):
    with pytest.raises(ValueError, match="no share"):
        wilson(count, total)


counts = st.integers(1, 10_000).flatmap(
    lambda total: st.tuples(st.integers(0, total), st.just(total))
)


@given(counts)
def test_the_interval_holds_the_share_and_mirrors_its_complement(pair):
    count, total = pair
    low, high = wilson(count, total)

    assert 0 <= low <= count / total <= high <= 1
    assert wilson(total - count, total) == pytest.approx((1 - high, 1 - low))
