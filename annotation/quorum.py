"""Settling an answer: once enough workers name the same definite outcome."""

from django.db.models import Count, Subquery

from annotation import matters
from annotation.models import Assignment, Matter, Outcome
from annotation.signoff import Why
from curation import verdicts
from curation.models import Verdict
from scoring import aggregation
from scoring.aggregation import Settlement, Standing

NOT_WANTED = (Assignment.Status.CANCELLED, Assignment.Status.UNDONE)


def found(matter: Matter) -> Settlement:
    """Return where the answer stands after everything said of it so far."""
    seated = matter.seats.exclude(status__in=NOT_WANTED).values("matter").annotate(n=Count("pk"))
    given = matter.judgements.standing().order_by("id")
    rows = list(given.values_list("outcome", Subquery(seated.values("n"))))
    return aggregation.settle(
        [outcome for outcome, _seats in rows],
        quorum=matter.campaign.quorum,
        seats=max([matter.campaign.quorum, *(seats for _outcome, seats in rows)]),
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
