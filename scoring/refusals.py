"""The one way this package says no."""

from collections.abc import Sequence


class NotScored(Exception):
    """These answers cannot be scored against this release; ``reasons`` says why, for a person."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("; ".join(self.reasons))
