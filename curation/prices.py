"""Prices as people write them, and as they are kept: whole micro-units of the currency."""

from decimal import Decimal

MICRO = 1_000_000
HIGHEST = 100_000  # of the currency, for a million tokens or as a cap


def micro(amount: Decimal) -> int:
    """Return the amount in micro-units; ValueError for one that is negative, huge or finer."""
    if not amount.is_finite() or not 0 <= amount <= HIGHEST * MICRO:
        raise ValueError("out of range")
    scaled = amount * MICRO
    if scaled != scaled.to_integral_value():
        raise ValueError("finer than a millionth")
    return int(scaled)


def decimal(amount: int | None) -> Decimal | None:
    """Return micro-units as a person writes the amount."""
    return None if amount is None else (Decimal(amount) / MICRO).normalize() + 0
