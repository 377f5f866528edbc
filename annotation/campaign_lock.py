"""The lock of a campaign: many work under it; who closes, pauses or changes it has it alone.

Locks are always taken in one order: enrolment, campaign, matter (several by their ids), seat.

Two locks stand behind each other. First the advisory one, whose queue is fair: PostgreSQL lets
those who share a row overtake who waits to have it alone, so that a pause waited as long as people
went on submitting. Then the row's own: it gives the row as it is once the wait is over, and also
holds against a writer who has forgotten to queue. Who shares the lock never asks to have it alone.
"""

from curation import planned

ROOM = 7_302  # a number of ours, for the locks of campaigns alone

# Two campaigns whose numbers fall together only wait for each other now and then.
_KEY = f"{ROOM}, mod(%s, 2147483647)::int"


def sharing(campaign: str) -> str:
    """Return the expression that waits in the queue and shares the lock; `campaign` is SQL.

    It belongs into a materialized part of the statement that then locks the row, FOR SHARE.
    """
    return f"pg_advisory_xact_lock_shared({_KEY % campaign})"


ALONE = f"SELECT pg_advisory_xact_lock({_KEY % '%(campaign)s::bigint'})"


def alone(campaign: int) -> None:
    """Wait until nobody works under the campaign, and keep it so until the transaction ends.

    Everything that changes its row begins with this.
    """
    planned.first(ALONE, {"campaign": campaign})
