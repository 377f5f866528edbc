"""Work not yet submitted, kept so that nothing typed is lost."""

import json
from collections.abc import Mapping
from typing import cast

from django.db.models import F
from django.utils.translation import gettext as _

from annotation.leases import Grant, LeaseLost
from annotation.models import Exposure, Judgement, WorkDraft, Worker
from curation import planned
from curation.refusals import Refused

LIMIT = 100_000  # characters of JSON


def save(*, grant: Grant, worker: Worker, payload: Mapping[str, object]) -> WorkDraft:
    """Keep what the worker has typed so far on a seat that was ever theirs; the last one stays."""
    if len(json.dumps(payload)) > LIMIT:
        raise Refused(_("This is too much text to keep."))
    if not Exposure.objects.filter(seat=grant.seat, worker=worker).exists():
        raise LeaseLost(_("You do not hold this."))
    if Judgement.objects.filter(seat=grant.seat, worker=worker).exists():
        raise Refused(_("You have judged this already."))
    return WorkDraft.objects.update_or_create(
        seat_id=grant.seat, worker=worker, defaults={"payload": dict(payload)}
    )[0]


def keep(*, grant: Grant, worker: Worker, payload: Mapping[str, object]) -> None:
    """Keep the work of a submission that was refused, if it can be kept."""
    try:
        save(grant=grant, worker=worker, payload=payload)
    except Refused:
        pass  # the refusal of the submission itself is what the person has to hear


COLUMNS = planned.Columns(WorkDraft, "draft")
OF = f"""
    SELECT {COLUMNS} FROM annotation_workdraft draft
     WHERE draft.seat_id = %(seat)s AND draft.worker_id = %(worker)s"""  # noqa: S608 - columns


def of(*, seat: int, worker: Worker) -> WorkDraft | None:
    """Return what the worker typed on the seat and has not submitted."""
    row = planned.first(OF, {"seat": seat, "worker": worker.pk})
    return cast(WorkDraft, COLUMNS.row(row)) if row else None


def homeless(worker: Worker) -> list[WorkDraft]:
    """Return the worker's drafts on seats that are no longer theirs: work that was not taken."""
    return list(
        WorkDraft.objects.filter(worker=worker)
        .exclude(seat__owner=F("worker"))
        .select_related("seat__campaign")
        .order_by("-saved_at")[:20]
    )
