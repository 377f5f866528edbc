"""How sure a share can be."""

from math import sqrt

Z95 = 1.959963984540054  # two-sided 95 % point of the normal distribution


def wilson(count: int, total: int, z: float = Z95) -> tuple[float, float] | None:
    """Wilson's score interval of ``count`` out of ``total``; None of nothing.

    With p = count/total:  (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n).
    It stays inside [0, 1] and keeps its width at 0 and at all, where the simple one collapses.
    """
    if not 0 <= count <= total:
        raise ValueError(f"{count} of {total} is no share")
    if total == 0:
        return None
    share = count / total
    centre = share + z * z / (2 * total)
    reach = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    # Rounding must not leave 1e-17 where the formula gives exactly the edge.
    low = 0.0 if count == 0 else (centre - reach) / scale
    high = 1.0 if count == total else (centre + reach) / scale
    return low, high
