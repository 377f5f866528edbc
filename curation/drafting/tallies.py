"""The tallies of a run, which database triggers write at every change: summed, and folded."""

from collections import Counter
from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum

from curation.models import RunTally

FOLD = """
WITH old AS (DELETE FROM curation_runtally WHERE run_id = %s RETURNING *)
INSERT INTO curation_runtally
    (run_id, purpose, status, calls, attempts, input_tokens, output_tokens, cost, priced)
SELECT run_id, purpose, status, sum(calls), sum(attempts), sum(input_tokens), sum(output_tokens),
    sum(cost), sum(priced)
FROM old GROUP BY run_id, purpose, status
"""


@dataclass(frozen=True)
class Used:
    """What attempts used; the cost (micro-units) is None when no price was known."""

    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int | None = None


def counts(run_id: int) -> Counter[tuple[str, str]]:
    """Return how many calls of the run stand where, by purpose and status."""
    rows = RunTally.objects.filter(run=run_id).exclude(status="")
    summed = rows.values_list("purpose", "status").annotate(n=Sum("calls")).order_by()
    return Counter({(purpose, status): n for purpose, status, n in summed if n})


def total(run_id: int) -> int:
    """Return how many calls the run wants."""
    return counts(run_id).total()


def used(run_id: int) -> Used:
    """Return what the attempts of the run used so far."""
    names = ("attempts", "input_tokens", "output_tokens", "cost", "priced")
    found = RunTally.objects.filter(run=run_id).aggregate(**{n: Sum(n) for n in names})
    priced = found.pop("priced")
    return Used(**{n: found[n] or 0 for n in names[:3]}, cost=found["cost"] if priced else None)


def fold(run_id: int) -> None:
    """Put the changes of a run together; rows that others are writing now are left for later."""
    with connection.cursor() as cursor:
        cursor.execute(FOLD, [run_id])
