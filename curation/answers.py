"""Replies of a subject: answers to open questions, and picks among the options."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from curation.models import Answer, Call, Item, Pick, ReleaseRow, SubjectRun
from curation.models.answer import REPLY_LENGTH
from curation.models.base import storable
from curation.refusals import Refused
from scoring import orderings, picks

_OUTCOMES = {
    picks.Outcome.PICKED: Pick.Outcome.PICKED,
    picks.Outcome.BOTH: Pick.Outcome.SEVERAL,
    picks.Outcome.REFUSED: Pick.Outcome.REFUSED,
    picks.Outcome.UNREADABLE: Pick.Outcome.UNREADABLE,
}


def record_answer(
    *, subject_run: SubjectRun, item: Item, sample: int = 0, reply: str, call: Call | None = None
) -> Answer:
    """Keep a reply to the open question. The first one of a sample stays; later ones are it."""
    answer, _created = Answer.objects.get_or_create(
        subject_run=subject_run,
        item=item,
        sample=sample,
        defaults={"reply": checked(reply), "call": call},
    )
    return answer


def record_pick(
    *,
    subject_run: SubjectRun,
    row: ReleaseRow,
    ordering: Sequence[int],
    sample: int = 0,
    reply: str,
    call: Call | None = None,
) -> Pick:
    """Read and keep a reply to a row of `mcq.jsonl` whose options stood in this ordering.

    `ordering` holds indices into the row's choices. The first reply of a sample stays.
    """
    pick = read_pick(
        subject_run=subject_run, row=row, ordering=ordering, sample=sample, reply=reply, call=call
    )
    identity = {"subject_run", "item", "sample", "ordering"}
    kept, _created = Pick.objects.get_or_create(
        **{name: getattr(pick, name) for name in identity},
        defaults={
            field.name: getattr(pick, field.name)
            for field in Pick._meta.concrete_fields
            if field.name not in identity | {"id", "created_at"}
        },
    )
    return kept


def read_pick(
    *,
    subject_run: SubjectRun,
    row: ReleaseRow,
    ordering: Sequence[int],
    sample: int = 0,
    reply: str,
    call: Call | None = None,
) -> Pick:
    """Read the reply into a pick that is not saved yet."""
    if not orderings.is_ordering(ordering, len(row.option_ids)):
        raise Refused(_("The ordering does not name each option once."), field="ordering")
    shown = orderings.shown(row.option_ids, tuple(ordering))
    read = picks.read_choice(checked(reply), len(shown))
    return Pick(
        subject_run=subject_run,
        item=row.item,
        sample=sample,
        ordering=list(ordering),
        shown=list(shown),
        reply=reply,
        outcome=_OUTCOMES[read.outcome],
        option_id=shown[orderings.LETTERS.index(read.letter)] if read.letter else None,
        parser=picks.PARSER,
        call=call,
    )


def checked(reply: str) -> str:
    """Return the reply, or refuse one that is too long or cannot be stored."""
    if len(reply) > REPLY_LENGTH:
        raise Refused(
            _("A reply has at most %(limit)s characters.") % {"limit": REPLY_LENGTH}, field="reply"
        )
    try:
        storable(reply)
    except ValidationError as error:
        raise Refused(error.messages[0], field="reply") from error
    return reply
