"""The orders in which an item's options are shown.

An ordering is a tuple of indices into the item's stored options, in the order shown: in
``(2, 0, 1)`` the letter A stands for option 2. Identity stays with the option, so a pick is
mapped back before it is compared with anything.
"""

import random
from collections.abc import Sequence
from itertools import permutations
from math import factorial
from typing import TypeVar

Ordering = tuple[int, ...]
T = TypeVar("T")

MOST = 24  # every permutation of four options
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def wanted(count: int, *, most: int = MOST, seed: int = 0) -> tuple[Ordering, ...]:
    """The orderings in which ``count`` options are to be shown, the stored order first.

    Every permutation while there are at most ``most`` of them. Of more, a seeded sample of
    ``most`` (at least ``count``) that starts with the rotations, so that each option has stood in
    each place. The same arguments always give the same orderings, on any machine.
    """
    if not 2 <= count <= len(LETTERS):
        raise ValueError(f"{count} options: an item has 2 to {len(LETTERS)}")
    if factorial(count) <= most:
        return tuple(permutations(range(count)))
    stored = tuple(range(count))
    found = dict.fromkeys(stored[turn:] + stored[:turn] for turn in stored)
    source = random.Random(seed)  # noqa: S311  reproducible on purpose, guards no secret
    while len(found) < most:
        found.setdefault(_shuffled(stored, source))
    return tuple(found)


def _shuffled(options: Ordering, source: random.Random) -> Ordering:
    # Only random() promises the same sequence in every Python version; shuffle() does not.
    return tuple(sorted(options, key=lambda _: source.random()))


def is_ordering(indices: Sequence[int], count: int) -> bool:
    """True if the indices name each of ``count`` options exactly once."""
    return sorted(indices) == list(range(count))


def shown(options: Sequence[T], ordering: Ordering) -> tuple[T, ...]:
    """The options as the subject sees them."""
    return tuple(options[index] for index in ordering)


def option_at(letter: str, ordering: Ordering) -> int:
    """The index of the option that stood at this letter. Raises ``ValueError`` for none."""
    place = LETTERS.index(letter)
    if place >= len(ordering):
        raise ValueError(f"no option stood at {letter}")
    return ordering[place]
