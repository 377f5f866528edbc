"""Long lists a page at a time, in the order of their ids, however far one goes."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

SIZE = 50
COUNTED = 1_000  # beyond it a list is only "more than that"
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """A page of rows, with the ids to go on from."""

    rows: list[M]
    next_cursor: int | None
    previous_cursor: int | None
    count: int  # at most COUNTED
    more: bool  # whether there are more than `count` in all


def page_of(found: QuerySet[M], *, after: str = "", before: str = "", size: int = SIZE) -> Page[M]:
    """Return the page after or before an id; a cursor that is none is taken as no cursor."""
    start, end = _cursor(after), _cursor(before)
    if end is not None:
        rows = list(found.filter(pk__lt=end).order_by("-pk")[: size + 1])
        more_behind, more_ahead = len(rows) > size, True
        rows = rows[:size][::-1]
    else:
        rows = list((found.filter(pk__gt=start) if start else found).order_by("pk")[: size + 1])
        more_behind, more_ahead = bool(start), len(rows) > size
        rows = rows[:size]
    counted = found.order_by()[: COUNTED + 1].count()
    return Page(
        rows=rows,
        next_cursor=rows[-1].pk if rows and more_ahead else None,
        previous_cursor=rows[0].pk if rows and more_behind else None,
        count=min(counted, COUNTED),
        more=counted > COUNTED,
    )


def _cursor(given: str) -> int | None:
    return int(given) if given.isdecimal() and len(given) < 19 else None
