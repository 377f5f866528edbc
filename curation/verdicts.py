"""Verdicts on answers: what was found, and by whom."""

from collections.abc import Mapping
from functools import cache
from typing import cast

from django.db import transaction

from curation import planned
from curation.models import Answer, Call, Verdict


@transaction.atomic(savepoint=False)
def record(
    *,
    answer: Answer,
    outcome: Verdict.Outcome | str,
    source: Verdict.Source | str,
    distribution: Mapping[str, int] | None = None,
    decision_ref: str = "",
    judge_name: str = "",
    judge_reply: str = "",
) -> Verdict:
    """Keep a verdict: people's and adjudicated ones follow one another, each judge's its own.

    Said again it changes nothing; said otherwise the new one supersedes the old. What people
    found of a reply holds in every run that took the reply over from the same call.
    """
    said = {
        "outcome": outcome,
        "source": source,
        "distribution": dict(distribution or {}),
        "decision_ref": decision_ref,
        "judge_name": judge_name,
        "judge_reply": judge_reply,
    }
    kept = [_keep(Verdict(answer=each, **said)) for each in _told(answer, source)]
    return next(verdict for verdict in kept if verdict.answer_id == answer.pk)


@transaction.atomic
def carry_over(answer: Answer) -> Verdict | None:
    """Record what people found of the reply in an earlier run, if they did."""
    if answer.call_id is None:
        return None
    found = Verdict.objects.standing().settled().filter(answer__call=answer.call_id)
    last = found.exclude(answer=answer).order_by("pk").last()
    if last is None:
        return None
    return _keep(
        Verdict(
            answer=answer,
            outcome=last.outcome,
            source=last.source,
            distribution=last.distribution,
            decision_ref=last.decision_ref,
        )
    )


def _told(answer: Answer, source: Verdict.Source | str) -> list[Answer]:
    if answer.call_id is None or source == Verdict.Source.JUDGE:
        return [answer]
    # A run that takes the reply over at this moment ends before, or finds the verdict.
    Call.objects.select_for_update().get(pk=answer.call_id)
    return list(Answer.objects.filter(call=answer.call_id).order_by("subject_run"))


# Verdicts of one answer come one after the other, for only one of them can be first.
LOCK = "SELECT pg_advisory_xact_lock(%(room)s, (%(answer)s %% 2147483647)::int)"
ROOM = 7_301  # a number of ours, for the locks of verdicts alone


COLUMNS = planned.Columns(Verdict, "v")
STANDING = """
    SELECT {columns} FROM curation_verdict v
     WHERE v.answer_id = %(answer)s AND (v.source = 'judge') = %(by_judge)s
       AND (v.source <> 'judge' OR v.judge_name = %(judge)s)
       AND NOT EXISTS (SELECT 1 FROM curation_verdict later WHERE later.supersedes_id = v.id)
     ORDER BY v.id LIMIT 1"""


@cache
def standing() -> str:
    """Return the statement of the verdict that a new one would follow."""
    return STANDING.format(columns=COLUMNS)


def _keep(new: Verdict) -> Verdict:
    planned.first(LOCK, {"room": ROOM, "answer": new.answer_id})
    by_judge = new.source == Verdict.Source.JUDGE
    values = {"answer": new.answer_id, "by_judge": by_judge, "judge": new.judge_name}
    row = planned.first(standing(), values)
    last = cast(Verdict, COLUMNS.row(row)) if row else None
    if last and _says(last) == _says(new):
        return last
    new.supersedes = last
    return planned.insert(new)


def _says(verdict: Verdict) -> tuple[object, ...]:
    return (
        verdict.outcome,
        verdict.source,
        verdict.distribution,
        verdict.decision_ref,
        verdict.judge_reply,
    )
