"""Calls move from status to status, many with one statement."""

from collections.abc import Sequence

from django.db import connection

from curation.drafting.turns import Next
from curation.models import Call

MOVE = """
UPDATE curation_call c
SET status = n.status, lease_expires_at = NULL, reserved = 0, problem = n.problem, tries = n.tries,
    structured = n.structured, max_tokens = n.max_tokens, fault = n.fault,
    not_before = statement_timestamp() + n.wait * interval '1 second'
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::int[], %s::text[], %s::int[], %s::text[],
    %s::float[])
    AS n (id, status, problem, tries, structured, max_tokens, fault, wait)
WHERE c.id = n.id
"""


def move(steps: Sequence[tuple[Call, Next]]) -> None:
    """Move the calls, whose rows are locked; a step that their life does not know is a fault."""
    for call, step in steps:
        if step.status not in Call.NEXT[Call.Status(call.status)]:
            raise ValueError(f"call {call.pk}: from {call.status} to {step.status}")
        call.status, call.problem = step.status, ""
        for name, value in step.fields.items():
            setattr(call, name, value)
    if not steps:
        return
    rows = [
        (c.pk, c.status, c.problem, c.tries, c.structured, c.max_tokens, c.fault, step.wait)
        for c, step in steps
    ]
    with connection.cursor() as cursor:
        cursor.execute(MOVE, [list(column) for column in zip(*rows, strict=True)])
