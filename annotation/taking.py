"""Taking a piece of work exactly once, from whoever the seat is still theirs."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotation import matters, work_drafts
from annotation import tags as tag_words
from annotation.leases import Grant, LeaseLost
from annotation.models import Judgement, Matter, Worker, WrittenText
from annotation.work_drafts import Basis
from curation import planned
from curation.models.base import NOTE_LENGTH
from curation.refusals import Refused


class Changed(Refused):
    """What was shown is not what stands now."""


class OtherContent(Refused):
    """This work was submitted before with other content; the first one stands."""


@dataclass(frozen=True)
class Submission:
    """What comes with every judgement: the grant it is made under and what the page showed.

    `shown` holds option ids in the order shown; `typed` is kept as a draft when this is refused,
    in place of the one it was based on.
    """

    grant: Grant
    guideline: int
    shown: tuple[int, ...] = ()
    pasted: bool = False
    typed: Mapping[str, object] = field(default_factory=dict)
    basis: Basis | None = None

    @property
    def key(self) -> str:
        """The server-made key of idempotency: a grant is worth one judgement."""
        return f"{self.grant.seat}.{self.grant.token}"


@dataclass(frozen=True)
class Taken:
    """A seat that has just been taken for the judgement about to be written."""

    matter: Matter
    shown_at: datetime
    submitted_at: datetime


# It is still the worker's while leased to them, or open again with nobody granted since. What they
# skipped, or were granted another seat of, is not. The draft is no longer needed.
TAKE = """
    WITH taken AS (
    UPDATE annotation_assignment seat
       SET status = 'done', owner_id = %(worker)s, lease_expires_at = NULL
     WHERE seat.id = %(seat)s AND seat.token = %(token)s AND (
           seat.status = 'leased' AND seat.owner_id = %(worker)s
        OR seat.status = 'open' AND EXISTS (
             SELECT 1 FROM annotation_exposure e
              WHERE e.seat_id = seat.id AND e.token = seat.token AND e.worker_id = %(worker)s)
           AND NOT EXISTS (
             SELECT 1 FROM annotation_assignment other
              WHERE other.matter_id = seat.matter_id AND other.owner_id = %(worker)s
                AND other.status <> 'undone'))
       AND NOT EXISTS (
             SELECT 1 FROM annotation_decline d
              WHERE d.matter_id = seat.matter_id AND d.worker_id = %(worker)s)
    RETURNING seat.id, seat.leased_at),
    gone AS (
    DELETE FROM annotation_workdraft draft USING taken
     WHERE draft.seat_id = taken.id AND draft.worker_id = %(worker)s)
    SELECT leased_at, clock_timestamp() FROM taken"""


def once(
    *,
    submission: Submission,
    worker: Worker,
    said: Mapping[str, object],
    judge: Callable[[Taken], Judgement],
) -> Judgement:
    """Take the seat and let `judge` write the judgement, both or neither.

    The same again returns the first judgement. A refusal leaves the seat as it was and keeps what
    was typed: `LeaseLost`, `Changed`, `OtherContent` (nothing kept: the seat is judged).
    """
    typed = submission.typed or said
    try:
        with transaction.atomic():
            return judge(_take(submission, worker))
    except LeaseLost as lost:
        # The same work may have been taken before, or while this one waited for the lock.
        if judgement := _again(submission, worker, said):
            return judgement
        _keep_typed(submission, worker, typed)
        raise lost
    except Refused:
        _keep_typed(submission, worker, typed)
        raise


def _keep_typed(submission: Submission, worker: Worker, typed: Mapping[str, object]) -> None:
    work_drafts.keep(grant=submission.grant, worker=worker, payload=typed, basis=submission.basis)


def _again(submission: Submission, worker: Worker, said: Mapping[str, object]) -> Judgement | None:
    first = Judgement.objects.filter(idempotency_key=submission.key).first()
    if first is None:
        return None
    if first.worker_id != worker.pk:
        raise LeaseLost(_("You do not hold this."))
    if first.payload_sha256 != digest(said):
        raise OtherContent(
            _("You have submitted this before, with other content. That one stands.")
        )
    return first


def is_judged(grant: Grant) -> bool:
    """Say whether the grant has brought its judgement."""
    return Judgement.objects.filter(seat=grant.seat, token=grant.token).exists()


def digest(said: Mapping[str, object]) -> str:
    """Return the sha256 (hex) of what was said."""
    written = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _take(submission: Submission, worker: Worker) -> Taken:
    grant = submission.grant
    matter = matters.locked_of(grant.seat)
    times = _take_seat(grant, worker) if matter else None
    if matter is None or times is None or matter.status == Matter.Status.WITHDRAWN:
        raise LeaseLost(_why_lost(matter, worker))
    _check_unchanged(submission, matter)
    return Taken(matter, *times)


def _why_lost(matter: Matter | None, worker: Worker) -> str:
    if matter and matter.status == Matter.Status.WITHDRAWN:
        return _("This was withdrawn: nobody is asked about it now. What you typed is kept.")
    if matter and matter.declines.filter(worker=worker).exists():
        return _("You skipped this or read what others said of it. What you typed is kept.")
    return _("You no longer hold this: somebody else has it now. What you typed is kept.")


def _take_seat(grant: Grant, worker: Worker) -> tuple[datetime, datetime] | None:
    try:
        values = {"seat": grant.seat, "token": grant.token, "worker": worker.pk}
        return planned.first(TAKE, values)
    except IntegrityError as error:
        if "one_seat_a_worker_and_matter" not in str(error):
            raise
        # The worker is granted another seat of this matter at this moment.
        raise LeaseLost(_("You no longer hold this. What you typed is kept.")) from error


def _check_unchanged(submission: Submission, matter: Matter) -> None:
    if matter.campaign.guideline_id != submission.guideline:
        raise Changed(_("The guideline has changed while you worked. Read what is new."))
    if matter.item.superseded_by_id is not None:
        raise Changed(_("The question has been replaced by a newer one. Skip this."))
    if matter.answer_id is None:
        live = set(matter.item.options.live().values_list("pk", flat=True))
        if live != set(submission.shown):
            raise Changed(_("The options have changed while you worked. Look at what is new."))


def keep_judgement(
    *,
    submission: Submission,
    taken: Taken,
    worker: Worker,
    said: Mapping[str, object],
    shown: Mapping[str, object],
    tags: tuple[str, ...],
    outcome: str = "",
    unfit: str = "",
) -> Judgement:
    """Write the judgement itself, once its seat is taken."""
    judgement = Judgement(
        seat_id=submission.grant.seat,
        matter=taken.matter,
        worker=worker,
        outcome=outcome,
        unfit=unfit,
        tags=tag_words.checked(tags, project=taken.matter.campaign.project) if tags else [],
        shown=shown,
        shown_at=taken.shown_at,
        submitted_at=taken.submitted_at,
        guideline_id=submission.guideline,
        pasted=submission.pasted,
        token=submission.grant.token,
        idempotency_key=submission.key,
        payload_sha256=digest(said),
    )
    return planned.insert(judgement)


def keep_reason(judgement: Judgement, text: str, *, field: str) -> None:
    """Keep a free remark beside the judgement."""
    if len(text) > NOTE_LENGTH:
        raise Refused(
            _("A remark has at most %(limit)s characters.") % {"limit": NOTE_LENGTH}, field=field
        )
    if text:
        WrittenText.objects.create(judgement=judgement, kind=WrittenText.Kind.REASON, text=text)
