"""Recusals: nobody adjudicates what they judged or wrote."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from annotation.models import Judgement, Matter, Worker
from curation.models import Option


def asked(matters: QuerySet[Matter], by: Worker) -> QuerySet[Matter]:
    """Annotate each matter with whether the worker `has_judged` it or `has_written` in it."""
    mine = Judgement.objects.filter(worker=by)
    of_item = mine.filter(matter__item=OuterRef("item"))
    # The same reply may stand in another run.
    of_call = mine.filter(matter__answer__call=OuterRef("answer__call"))
    written = Option.objects.filter(item=OuterRef("item"), author_ref=by.pseudonym)
    return matters.annotate(
        has_judged=Q(answer=None) & Exists(of_item.filter(matter__answer=None))
        | Exists(of_item.filter(matter__answer=OuterRef("answer")))
        | Exists(of_call),
        has_written=Q(answer=None) & Exists(written),
    )


def words(matter: Matter) -> str:
    """Return why the worker who was asked about may not settle the matter, or nothing."""
    if matter.has_judged:  # type: ignore[attr-defined]
        return _("You judged this yourself, so somebody else has to settle it.")
    if matter.has_written:  # type: ignore[attr-defined]
        return _("You wrote a text of this item, so somebody else has to settle it.")
    return ""
