"""Replies of a subject: answers to open questions, and picks among the options."""

import json
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from curation import verdicts
from curation.models import Answer, Call, Item, Pick, ReleaseRow, SubjectRun
from curation.models.answer import REPLY_LENGTH
from curation.models.base import storable
from curation.refusals import Refused
from scoring import orderings, picks
from scoring.reports import RECORDED

_OUTCOMES = {
    picks.Outcome.PICKED: Pick.Outcome.PICKED,
    picks.Outcome.BOTH: Pick.Outcome.SEVERAL,
    picks.Outcome.REFUSED: Pick.Outcome.REFUSED,
    picks.Outcome.UNREADABLE: Pick.Outcome.UNREADABLE,
}
_IDENTITY = ("subject_run", "item_id", "sample", "ordering")
_READ = ("shown", "reply", "outcome", "option_id", "parser", "call")


def record_answer(
    *, subject_run: SubjectRun, item: Item, sample: int = 0, reply: str, call: Call | None = None
) -> Answer:
    """Keep a reply to the open question. The first one of a sample stays; later ones are it."""
    answer, created = Answer.objects.get_or_create(
        subject_run=subject_run,
        item=item,
        sample=sample,
        defaults={"reply": checked(reply), "call": call},
    )
    if created:
        verdicts.carry_over(answer)
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
    kept, _created = Pick.objects.get_or_create(
        **{name: getattr(pick, name) for name in _IDENTITY},
        defaults={name: getattr(pick, name) for name in _READ},
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
        item_id=row.item_id,
        sample=sample,
        ordering=list(ordering),
        shown=list(shown),
        reply=reply,
        outcome=_OUTCOMES[read.outcome],
        option_id=shown[orderings.LETTERS.index(read.letter)] if read.letter else None,
        parser=picks.PARSER,
        call=call,
    )


def recorded_pick(*, subject_run: SubjectRun, row: ReleaseRow, positive: bool) -> Pick:
    """Return the outcome over all orderings that was read elsewhere, as a pick not saved yet.

    It has no ordering and no reply of its own: all that is known is whether the positive option
    was picked every time.
    """
    labels = json.loads(row.line)["labels"]
    return Pick(
        subject_run=subject_run,
        item_id=row.item_id,
        ordering=[],
        shown=[],
        reply=json.dumps(positive),
        outcome=Pick.Outcome.PICKED if positive else Pick.Outcome.SEVERAL,
        option_id=row.option_ids[labels.index(1)] if positive else None,
        parser=RECORDED,
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
