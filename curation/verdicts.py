"""Verdicts on answers: what was found, and by whom."""

from collections.abc import Mapping

from django.db import transaction

from curation.models import Answer, SubjectRun, Verdict


@transaction.atomic
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

    Said again it changes nothing; said otherwise the new one supersedes the old.
    """
    # Only one verdict can be first, so two at once must come one after the other.
    SubjectRun.objects.select_for_update(no_key=True).get(pk=answer.subject_run_id)
    new = Verdict(
        answer=answer,
        outcome=outcome,
        source=source,
        distribution=dict(distribution or {}),
        decision_ref=decision_ref,
        judge_name=judge_name,
        judge_reply=judge_reply,
    )
    last = _standing(new)
    if last and _says(last) == _says(new):
        return last
    new.supersedes = last
    new.save(force_insert=True)
    return new


def _standing(new: Verdict) -> Verdict | None:
    found = Verdict.objects.standing().filter(answer=new.answer)
    if new.source == Verdict.Source.JUDGE:
        return found.by_judge(new.judge_name).first()
    return found.settled().first()


def _says(verdict: Verdict) -> tuple[object, ...]:
    return (
        verdict.outcome,
        verdict.source,
        verdict.distribution,
        verdict.decision_ref,
        verdict.judge_reply,
    )
