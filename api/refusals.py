"""Refusals as programs read them: a stable type for each, and what one needs to go on."""

from http import HTTPStatus
from typing import Any

from annotation import corrections, guideline_drafts
from annotation.adjudication import AlreadySettled, NotYours
from annotation.leases import LeaseLost, NotEnrolled, NothingLeft
from annotation.taking import Changed, OtherContent
from annotation.undoing import CannotUndo
from curation import taxonomy_drafts
from curation.refusals import Refused

URN = "urn:touchstone:"
REFUSED = f"{URN}refused"
OVERTAKEN = "overtaken"
KINDS: dict[type[Refused], str] = {
    NotEnrolled: "not-enrolled",
    NothingLeft: "nothing-left",
    LeaseLost: "lease-lost",
    Changed: "changed",
    OtherContent: "other-content",
    CannotUndo: "cannot-undo",
    AlreadySettled: "already-settled",
    NotYours: "not-yours",
    corrections.InHand: "in-hand",
    corrections.Overtaken: OVERTAKEN,
    guideline_drafts.Overtaken: OVERTAKEN,
    taxonomy_drafts.Overtaken: OVERTAKEN,
}


class Told(Refused):
    """A refusal with further members of its problem document, and the field as the API names it."""

    def __init__(self, cause: Refused, *, field: str | None = None, **members: Any) -> None:
        super().__init__(str(cause), field=cause.field if field is None else field)
        self.kind = kind_of(cause)
        self.members = {**members_of(cause), **members}


def kind_of(error: Refused) -> str:
    """Return the type of the problem document."""
    if isinstance(error, Told):
        return error.kind
    known = (KINDS[kind] for kind in type(error).__mro__ if kind in KINDS)
    return next((URN + name for name in known), REFUSED)


def status_of(error: Refused) -> HTTPStatus:
    """Return the status: what stands is not what the edit began from, or simply no."""
    overtaken = kind_of(error) == URN + OVERTAKEN
    return HTTPStatus.PRECONDITION_FAILED if overtaken else HTTPStatus.CONFLICT


def members_of(error: Refused) -> dict[str, Any]:
    """Return what the problem document holds beyond the usual."""
    return error.members if isinstance(error, Told) else {}
