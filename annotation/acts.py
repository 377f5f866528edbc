"""What a worker does with an item's options: accept, rewrite, reject, or write a missing one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from annotation.models import Judgement, OptionAct, Worker, WrittenText
from curation import options
from curation.models import Item, Option
from curation.models.base import NOTE_LENGTH
from curation.refusals import Refused
from curation.text import edit_distance


class OwnText(Refused):
    """Nobody signs what they wrote."""


@dataclass(frozen=True)
class ActOn:
    """One act on an option that was shown, or on the place of a missing one (no `option`)."""

    polarity: str
    act: str
    option: int | None = None
    text: str = ""
    reason: str = ""
    note: str = ""


def distances(acts: Sequence[ActOn]) -> dict[int, int]:
    """Return by option id how far each rewrite is from the text it follows, in characters.

    Reckoned apart, before anything is locked: for long texts it takes a while.
    """
    rewritten = {act.option: act for act in acts if act.act == OptionAct.Act.REWRITE}
    before = Option.objects.filter(pk__in=[pk for pk in rewritten if pk])
    return {
        option.pk: edit_distance(option.text, _text_of(rewritten[option.pk])) for option in before
    }


def _text_of(act: ActOn) -> str:
    return options.checked(act.text, field=field_of(act, "text"))


def check(acts: Sequence[ActOn], item: Item) -> None:
    """Refuse acts that do not say exactly one thing of every option and every missing place."""
    live = {option.pk: option for option in item.options.live()}
    missing = set(Option.Polarity.values) - {option.polarity for option in live.values()}
    said = sorted(act.option for act in acts if act.option)
    written = sorted(act.polarity for act in acts if act.act == OptionAct.Act.WRITE)
    if said != sorted(live):
        raise Refused(_("Say of each option whether you accept, rewrite or reject it."))
    if written != sorted(missing):
        raise Refused(_("Write the missing option, report the question as unfit, or skip."))
    for act in acts:
        _check_one(act, live.get(act.option or 0))


def _check_one(act: ActOn, option: Option | None) -> None:
    if act.act not in OptionAct.Act.values or (act.act == OptionAct.Act.WRITE) != (option is None):
        raise Refused(_("Say of each option whether you accept, rewrite or reject it."))
    if act.act == OptionAct.Act.REJECT and act.reason not in OptionAct.Reason.values:
        raise Refused(_("Say why you reject it."), field=field_of(act, "reason"))
    if len(act.note) > NOTE_LENGTH:
        raise Refused(
            _("A remark has at most %(limit)s characters.") % {"limit": NOTE_LENGTH},
            field=field_of(act, "note"),
        )


def field_of(act: ActOn, name: str) -> str:
    """Return how a refusal names a field of one act: by the option, or by the missing polarity."""
    return f"{act.option or act.polarity}:{name}"


def do(judgement: Judgement, act: ActOn, *, distance: int | None) -> OptionAct:
    """Write one act down, with the option it makes if it makes one."""
    option = Option.objects.get(pk=act.option) if act.option else None
    try:
        made = _made(judgement, act, option)
    except Refused as refused:
        raise type(refused)(str(refused), field=field_of(act, "text")) from refused
    if act.act == OptionAct.Act.ACCEPT and option:
        _refuse_own(option, judgement.worker)
    kept = OptionAct.objects.create(
        judgement=judgement,
        polarity=option.polarity if option else act.polarity,
        act=act.act,
        option=option,
        made=made,
        reason=act.reason if act.act == OptionAct.Act.REJECT else "",
        edit_distance=distance if act.act == OptionAct.Act.REWRITE else None,
    )
    _write_down(kept, act, made)
    return kept


def _made(judgement: Judgement, act: ActOn, option: Option | None) -> Option | None:
    author = judgement.worker.pseudonym
    if act.act == OptionAct.Act.REWRITE and option:
        return options.rewrite(
            option=option,
            text=act.text,
            author_ref=author,
            origin=Option.Origin.WORKER,
            decision_ref=f"judgement:{judgement.pk}",
        )
    if act.act == OptionAct.Act.WRITE:
        return options.propose(
            item=judgement.matter.item,
            polarity=act.polarity,
            text=act.text,
            origin=Option.Origin.WORKER,
            author_ref=author,
        )
    return None


def _refuse_own(option: Option, worker: Worker) -> None:
    mine = Option.objects.filter(
        item=option.item_id, normal_form=option.normal_form, author_ref=worker.pseudonym
    )
    if mine.exists():
        raise OwnText(_("You wrote this text, so somebody else has to sign it."))


def _write_down(kept: OptionAct, act: ActOn, made: Option | None) -> None:
    text = made.text if made else act.note if act.act == OptionAct.Act.REJECT else ""
    if text:
        WrittenText.objects.create(
            judgement=kept.judgement,
            act=kept,
            kind=WrittenText.Kind.OPTION if made else WrittenText.Kind.REASON,
            text=text,
        )
