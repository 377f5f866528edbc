"""Answers that a subject gave elsewhere: an Answers JSONL, or FINE's result file, taken whole."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from curation import answer_reading, answers, audit, scores
from curation.answer_reading import NotTaken, SubjectReplies
from curation.exporting import MCQ
from curation.models import (
    Answer,
    Pick,
    Project,
    Release,
    ReleaseRow,
    Subject,
    SubjectRun,
    Verdict,
)
from curation.refusals import Refused
from scoring.parsers import ANCHORED
from scoring.records import Form, Reply
from scoring.wording import Kind, kind_of_item
from scoring.wording import Verdict as Finding

UNNAMED_JUDGE = "uploaded"
_BATCH = 1_000


@dataclass(frozen=True)
class Taken:
    """What one subject's part of a file became."""

    subject: str
    run: int
    answers: int
    picks: int
    verdicts: int


@dataclass(frozen=True)
class Imported:
    """A file that is in; `created` is False when it was in before."""

    sha256: str
    created: bool
    subjects: list[Taken]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def import_file(*, release: Release, path: Path, by: User | None) -> Imported:
    """Take every reply of the file as one run a subject over the release, or nothing at all.

    The same bytes again change nothing. Verdicts in the file are a judge's: they settle nothing.
    Raises OSError when the file cannot be read.
    """
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    with transaction.atomic():
        # The same file twice at once: the second waits here, and then finds it taken.
        Project.objects.select_for_update(no_key=True).get(pk=release.project_id)
        if taken := list(_taken(release, sha256)):
            return Imported(sha256, created=False, subjects=taken)
        for part in answer_reading.read(path, scores.items_of(release)):
            _take(release, part, sha256)
        audit.record(
            project=release.project,
            by=audit.ref(by),
            action="answers.import",
            subject=f"release:{release}",
            sha256=sha256,
        )
        return Imported(sha256, created=True, subjects=list(_taken(release, sha256)))


def _taken(release: Release, sha256: str) -> Iterator[Taken]:
    runs = SubjectRun.objects.filter(release=release, upload_sha256=sha256)
    for run in runs.select_related("subject").order_by("subject__name"):
        verdicts = Verdict.objects.filter(answer__subject_run=run).count()
        name, number = run.subject.name, run.number
        yield Taken(name, number, run.answers.count(), run.picks.count(), verdicts)


def _take(release: Release, part: SubjectReplies, sha256: str) -> None:
    subject = _subject(release.project, part)
    run = SubjectRun.objects.create(
        subject=subject,
        release=release,
        number=subject.subject_runs.filter(release=release).count() + 1,
        upload_sha256=sha256,
    )
    asked = {row.key: row for row in release.rows.filter(file=MCQ)}
    replies = [(asked[key], reply) for key, given in part.replies.items() for reply in given]
    try:
        _keep(run, replies)
    except Refused as refusal:
        raise NotTaken([str(refusal)]) from refusal


def _subject(project: Project, part: SubjectReplies) -> Subject:
    subject, _created = Subject.objects.get_or_create(
        project=project,
        name=part.name,
        defaults={"model": part.model, "decoding": part.decoding},
    )
    if part.model not in ("", subject.model):
        raise NotTaken(
            [
                _("Subject “%(name)s” is the model “%(here)s” here; the file says “%(there)s”.")
                % {"name": part.name, "here": subject.model, "there": part.model}
            ]
        )
    return subject


def _keep(run: SubjectRun, replies: Sequence[tuple[ReleaseRow, Reply]]) -> None:
    opens = [(row, reply) for row, reply in replies if reply.form is Form.OPEN]
    choices = [(row, reply) for row, reply in replies if reply.form is Form.CHOICE]
    kept = [
        Answer(
            subject_run=run,
            item_id=row.item_id,
            sample=reply.sample,
            reply=answers.checked(reply.reply),
        )
        for row, reply in opens
    ]
    Answer.objects.bulk_create(kept, batch_size=_BATCH)
    picks = [_pick(run, row, reply) for row, reply in choices]
    Pick.objects.bulk_create(picks, batch_size=_BATCH)
    judged = [
        _verdict(answer, row, reply)
        for answer, (row, reply) in zip(kept, opens, strict=True)
        if reply.verdict or reply.judge_reply is not None
    ]
    Verdict.objects.bulk_create(judged, batch_size=_BATCH)


def _pick(run: SubjectRun, row: ReleaseRow, reply: Reply) -> Pick:
    if reply.recorded is not None:
        return answers.recorded_pick(subject_run=run, row=row, positive=reply.recorded)
    return answers.read_pick(
        subject_run=run, row=row, ordering=reply.ordering, sample=reply.sample, reply=reply.reply
    )


def _verdict(answer: Answer, row: ReleaseRow, reply: Reply) -> Verdict:
    kind = kind_of_item(json.loads(row.line)["metadata"]["kind"]) or Kind.SAFETY
    found = ANCHORED.verdict(reply.verdict, reply.judge_reply, kind)
    return Verdict(
        answer=answer,
        outcome=found or Finding.UNDECIDED,
        source=Verdict.Source.JUDGE,
        judge_name=_judge_name(reply.judge),
        judge_reply=answers.checked(reply.judge_reply or ""),
    )


def _judge_name(given: str) -> str:
    """Return a name under which nobody takes the judge for people of this house."""
    if given in (Verdict.Source.PEOPLE, Verdict.Source.ADJUDICATION):
        return f"{UNNAMED_JUDGE} {given}"
    return given or UNNAMED_JUDGE
