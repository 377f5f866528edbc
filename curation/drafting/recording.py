"""Replies of a subject, from a call to answers and picks."""

import json
from typing import Any

from curation import answers
from curation.drafting.targets import ordering_of
from curation.exporting import MCQ
from curation.models import Attempt, Call, Purpose, ReleaseRow, SubjectRun
from curation.models.answer import REPLY_LENGTH


def line(row: ReleaseRow) -> dict[str, Any]:
    """Return a row of `mcq.jsonl` as the object it is."""
    values: dict[str, Any] = json.loads(row.line)
    return values


def record(call: Call, attempt: Attempt, declined: bool) -> tuple[Call.Status, str]:
    """Record the reply in every subject run that wants it; a refusal is data like any other."""
    if len(attempt.content) > REPLY_LENGTH:
        return Call.Status.UNUSABLE, "too_long"
    for subject_run in SubjectRun.objects.filter(run__run_calls__call=call):
        record_in(subject_run, call, attempt.content)
    return (Call.Status.REFUSED, "refused") if declined else (Call.Status.DONE, "")


def record_in(subject_run: SubjectRun, call: Call, reply: str) -> None:
    if call.purpose == Purpose.OPEN:
        answers.record_answer(
            subject_run=subject_run, item=call.item, sample=call.sample, reply=reply, call=call
        )
        return
    answers.record_pick(
        subject_run=subject_run,
        row=ReleaseRow.objects.get(release=subject_run.release, file=MCQ, item=call.item),
        ordering=ordering_of(call.target),
        sample=call.sample,
        reply=reply,
        call=call,
    )
