"""How alike people judged the same things.

Both measures take units (one answer, one item) as the values given to them, None for a judgement
that is missing; who gave which does not matter to either. A unit with fewer than two values says
nothing about agreement and is left out.
"""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from enum import StrEnum

Units = Iterable[Iterable[Hashable | None]]


class Undefined(StrEnum):
    """Why there is no number."""

    NO_PAIRS = "no_pairs"  # no unit was judged twice
    NO_VARIATION = "no_variation"  # one value throughout: chance alone would agree as well


@dataclass(frozen=True, slots=True)
class Agreement:
    """A number, or None with the reason; over how many ``units`` and ``judgements``."""

    value: float | None
    units: int
    judgements: int
    reason: Undefined | None = None


def percent(units: Units) -> Agreement:
    """The share of pairs of judgements of one unit that are equal, over all pairs, 0 to 1.

    Σ_u Σ_c n_uc·(n_uc − 1)  /  Σ_u m_u·(m_u − 1), with n_uc judgements c among the m_u of unit u.
    """
    counts = _pairable(units)
    judgements = sum(count.total() for count in counts)
    if not counts:
        return Agreement(None, 0, 0, Undefined.NO_PAIRS)
    equal = sum(given * (given - 1) for count in counts for given in count.values())
    pairs = sum(count.total() * (count.total() - 1) for count in counts)
    return Agreement(equal / pairs, len(counts), judgements)


def alpha(units: Units) -> Agreement:
    """Krippendorff's alpha for nominal values: 1 − D_o/D_e, 1 for perfect, 0 for chance.

    Observed:  D_o = 1/n · Σ_u (m_u² − Σ_c n_uc²) / (m_u − 1)
    Expected:  D_e = (n² − Σ_c n_c²) / (n·(n − 1))

    n_uc: judgements c of unit u; m_u = Σ_c n_uc; n_c = Σ_u n_uc; n = Σ_c n_c; units with
    m_u < 2 left out of every sum. Below 0 people differ more than chance would.
    """
    counts = _pairable(units)
    totals: Counter[Hashable] = Counter()
    for count in counts:
        totals.update(count)
    n = totals.total()
    if not counts:
        return Agreement(None, 0, 0, Undefined.NO_PAIRS)
    expected = (n * n - _squares(totals)) / (n * (n - 1))
    if expected == 0:
        return Agreement(None, len(counts), n, Undefined.NO_VARIATION)
    observed = sum((c.total() ** 2 - _squares(c)) / (c.total() - 1) for c in counts) / n
    return Agreement(1 - observed / expected, len(counts), n)


def _pairable(units: Units) -> list[Counter[Hashable]]:
    counts = [Counter(value for value in unit if value is not None) for unit in units]
    return [count for count in counts if count.total() >= 2]


def _squares(count: Counter[Hashable]) -> int:
    return sum(given * given for given in count.values())
