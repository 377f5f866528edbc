"""Work not yet submitted, kept so that nothing typed is lost."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from django.db.models import F
from django.utils.translation import gettext as _
from psycopg.types.json import Jsonb

from annotation.leases import Grant, LeaseLost
from annotation.models import Exposure, Judgement, WorkDraft, Worker
from curation import planned
from curation.refusals import Refused

LIMIT = 100_000  # characters of JSON


COLUMNS = planned.Columns(WorkDraft, "draft")


class Basis(NamedTuple):
    """What a page goes on from: the version of the draft it has seen, 0 for none, and its mark.

    By its mark a page is known whose last save was taken, though it never heard so.
    """

    version: int
    page: str


# Who does not say what they go on from goes on from what stands.
SAVE = f"""
    INSERT INTO annotation_workdraft AS draft (seat_id, worker_id, payload, version, page, saved_at)
    VALUES (%(seat)s, %(worker)s, %(payload)s, 1, %(page)s, clock_timestamp())
    ON CONFLICT (seat_id, worker_id) DO UPDATE SET (payload, aside, version, page, saved_at) = (
      SELECT said.front, nullif(said.back, said.front),
             draft.version + (said.front <> draft.payload)::int,
             CASE WHEN follows OR %(first)s THEN excluded.page ELSE draft.page END,
             clock_timestamp()
        FROM (SELECT %(version)s::int IS NULL OR draft.version = %(version)s
                     OR draft.page <> '' AND draft.page = excluded.page
                     OR draft.payload = excluded.payload AS follows) AS now,
             LATERAL (SELECT CASE WHEN follows OR %(first)s THEN excluded.payload
                                  ELSE draft.payload END AS front,
                             CASE WHEN follows THEN draft.aside
                                  WHEN %(first)s THEN draft.payload
                                  ELSE excluded.payload END AS back) AS said)
    RETURNING {COLUMNS}"""  # noqa: S608 - columns


def save(
    *,
    grant: Grant,
    worker: Worker,
    payload: Mapping[str, object],
    basis: Basis | None = None,
    first: bool = True,
) -> WorkDraft:
    """Keep what the worker has typed so far on a seat that was ever theirs.

    When another tab has saved since the `basis`, both texts are kept: this one in the first place,
    unless told otherwise, and the other one aside.
    """
    if len(json.dumps(payload)) > LIMIT:
        raise Refused(_("This is too much text to keep."))
    if not Exposure.objects.filter(seat=grant.seat, worker=worker).exists():
        raise LeaseLost(_("You do not hold this."))
    if Judgement.objects.filter(seat=grant.seat, worker=worker).exists():
        raise Refused(_("You have judged this already."))
    values = {
        "seat": grant.seat,
        "worker": worker.pk,
        "payload": Jsonb(dict(payload)),
        "version": basis.version if basis else None,
        "page": basis.page if basis else "",
        "first": first,
    }
    return cast(WorkDraft, COLUMNS.row(cast(tuple[Any, ...], planned.first(SAVE, values))))


def keep(
    *, grant: Grant, worker: Worker, payload: Mapping[str, object], basis: Basis | None = None
) -> None:
    """Keep the work of a submission that was refused, if it can be kept."""
    try:
        save(grant=grant, worker=worker, payload=payload, basis=basis)
    except Refused:
        pass  # the refusal of the submission itself is what the person has to hear


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
