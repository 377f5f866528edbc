"""Settling an answer: once enough workers name the same definite outcome."""

from collections.abc import Sequence

from annotation import many, matters
from annotation.models import Campaign, Matter, Outcome
from annotation.signoff import Why
from curation import planned, verdicts
from curation.models import Verdict
from scoring import aggregation
from scoring.aggregation import Settlement, Standing

# Every standing outcome in the order given, with the number of judgements that were wanted.
GIVEN = """
    SELECT j.outcome, (SELECT count(*) FROM annotation_assignment seat
                        WHERE seat.matter_id = %(matter)s
                          AND seat.status NOT IN ('cancelled', 'undone'))
      FROM annotation_judgement j
     WHERE j.matter_id = %(matter)s AND NOT j.takes_back
       AND NOT EXISTS (SELECT 1 FROM annotation_judgement later WHERE later.supersedes_id = j.id)
     ORDER BY j.id"""


# The same of many matters, a row each.
GIVEN_OF_MANY = """
    SELECT j.matter_id, array_agg(j.outcome ORDER BY j.id),
           (SELECT count(*) FROM annotation_assignment seat
             WHERE seat.matter_id = j.matter_id AND seat.status NOT IN ('cancelled', 'undone'))
      FROM annotation_judgement j
     WHERE j.matter_id = ANY(%(matters)s) AND NOT j.takes_back
       AND NOT EXISTS (SELECT 1 FROM annotation_judgement later WHERE later.supersedes_id = j.id)
     GROUP BY j.matter_id"""


def found(matter: Matter) -> Settlement:
    """Return where the answer stands after everything said of it so far."""
    rows = planned.every(GIVEN, {"matter": matter.pk})
    seats = max((seats for _outcome, seats in rows), default=0)
    return _settlement(matter.campaign, [outcome for outcome, _seats in rows], seats)


def _settlement(campaign: Campaign, outcomes: Sequence[str], seats: int) -> Settlement:
    return aggregation.settle(
        outcomes,
        quorum=campaign.quorum,
        seats=max(campaign.quorum, seats),
        indefinite=Outcome.CANNOT_TELL,
    )


def advance(*, matter: Matter, decision_ref: str) -> None:
    """Settle the answer, put it before a reviewer, or wait; late work on a settled one is kept."""
    if matter.status != Matter.Status.OPEN:
        return
    settlement = found(matter)
    if settlement.standing is Standing.DISPUTED:
        matters.move(matter, to=Matter.Status.DISPUTED, why=Why.NO_QUORUM)
    elif settlement.standing is Standing.SETTLED:
        matters.move(matter, to=Matter.Status.SETTLED)
        _record(matter, settlement, decision_ref)


def dispute_complete(campaign: Campaign, matters: Sequence[int]) -> int:
    """Put those of the matters before a reviewer whose last wanted judgement is in; how many.

    They are open and locked, and some of their seats have gone. None can have been settled by that.
    """
    rows = planned.every(GIVEN_OF_MANY, {"matters": list(matters)})
    complete = [
        matter
        for matter, outcomes, seats in rows
        if _settlement(campaign, outcomes, seats).standing is Standing.DISPUTED
    ]
    return many.dispute(complete, why=Why.NO_QUORUM)


def _record(matter: Matter, settlement: Settlement, decision_ref: str) -> None:
    if matter.answer is None or matter.campaign_item.control:
        return  # the outcome of a control is known already
    verdicts.record(
        answer=matter.answer,
        outcome=settlement.outcome,
        source=Verdict.Source.PEOPLE,
        distribution=settlement.distribution,
        decision_ref=decision_ref,
    )
