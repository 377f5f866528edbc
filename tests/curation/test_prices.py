from decimal import Decimal

import pytest

from curation.prices import decimal, micro


@pytest.mark.parametrize(
    ("amount", "kept"), [("0.15", 150_000), ("0", 0), ("12.000001", 12_000_001)]
)
def test_an_amount_is_kept_in_whole_micro_units(amount, kept):
    assert micro(Decimal(amount)) == kept
    assert decimal(kept) == Decimal(amount)


@pytest.mark.parametrize("amount", ["-1", "0.0000001", "NaN", "Infinity", "1e12"])
def test_an_amount_that_cannot_be_a_price_is_an_error(amount):
    with pytest.raises(ValueError, match=r"range|finer"):
        micro(Decimal(amount))


def test_an_unknown_price_stays_unknown():
    assert decimal(None) is None
