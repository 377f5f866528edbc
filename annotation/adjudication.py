"""Adjudication: a reviewer settles what people could not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from annotation import matters, quorum, recusals, rounds, witnesses
from annotation import tags as tags_of
from annotation.models import (
    Adjudication,
    Assignment,
    Campaign,
    Matter,
    Outcome,
    Unfit,
    Worker,
)
from curation import items, options, verdicts
from curation.models import Option, Verdict
from curation.models.base import NOTE_LENGTH
from curation.refusals import Refused
from curation.text import normal_form


class NotYours(Refused):
    """Nobody adjudicates what they judged or wrote."""


class AlreadySettled(Refused):
    """Somebody settled it first; `first` is that adjudication."""

    def __init__(self, message: object, *, first: Adjudication) -> None:
        super().__init__(message)
        self.first = first


@dataclass(frozen=True)
class Take:
    """What a reviewer takes for one polarity: an option of the item, or a text of their own."""

    option: int | None = None
    text: str = ""


def why_not(*, matter: Matter, by: Worker) -> str:
    """Return why this worker may not settle the matter, or nothing."""
    return recusals.words(recusals.asked(Matter.objects.filter(pk=matter.pk), by).get())


@transaction.atomic
def settle_answer(
    *,
    matter: Matter,
    by: Worker,
    outcome: Outcome | str,
    reason: str,
    tags: Sequence[str] = (),
    contested: bool = False,
) -> Adjudication:
    """Settle a disputed answer; the verdict keeps what people said."""
    matter = _disputed(matter, by)
    if matter.answer is None or outcome not in Outcome.values:
        raise Refused(_("Say what you find of the answer."), field="outcome")
    made = _adjudicate(
        matter,
        by,
        reason,
        outcome=outcome,
        tags=tags_of.checked(tags, project=matter.campaign.project),
        contested=contested,
    )
    matters.move(matter, to=Matter.Status.SETTLED)
    if not matter.campaign_item.control:
        undecided = outcome == Outcome.CANNOT_TELL
        verdicts.record(
            answer=matter.answer,
            outcome=Verdict.Outcome.UNDECIDED if undecided else outcome,
            source=Verdict.Source.ADJUDICATION,
            distribution=quorum.found(matter).distribution,
            decision_ref=f"adjudication:{made.pk}",
        )
    return made


@transaction.atomic
def settle_review(
    *,
    matter: Matter,
    by: Worker,
    takes: Mapping[str, Take],
    tags: Sequence[str],
    reason: str,
    contested: bool = False,
) -> Adjudication:
    """Settle the options of a disputed item, by polarity; the first tag is the main one.

    Options of the item that are taken become gold with it. A text of the reviewer's own needs one
    foreign acceptance first, so it opens a new round.
    """
    matter = _disputed(matter, by)
    if matter.answer_id is not None:
        raise Refused(_("Say what you find of the answer."), field="outcome")
    chosen = _chosen(matter, takes)
    if not tags:
        raise Refused(_("Choose the main risk tag."), field="main_tag")
    made = _adjudicate(
        matter,
        by,
        reason,
        options={polarity: option.pk if option else None for polarity, option in chosen.items()},
        tags=tags_of.checked(tags, project=matter.campaign.project),
        contested=contested,
    )
    ref = f"adjudication:{made.pk}"
    for polarity, option in chosen.items():
        _put_in_place(matter, polarity, option, takes[polarity].text, by=by, ref=ref)
    rounds.advance(matter=matter, decision_ref=ref, by=by.pseudonym)
    return made


@transaction.atomic
def settle_unfit(*, matter: Matter, by: Worker, unfit: Unfit | str, reason: str) -> Adjudication:
    """Take the item of a disputed matter out of the set: its question is unfit."""
    matter = _disputed(matter, by)
    if matter.answer_id is not None or unfit not in Unfit.values:
        raise Refused(_("Say why the question is unfit."), field="unfit")
    made = _adjudicate(matter, by, reason, unfit=unfit)
    matters.move(matter, to=Matter.Status.SETTLED)
    if not matter.campaign_item.control:
        items.reject(
            item=matter.item,
            reason=f"{Unfit(unfit).value}: {reason}"[:NOTE_LENGTH],
            by=by.pseudonym,
            decision_ref=f"adjudication:{made.pk}",
        )
    return made


@transaction.atomic
def send_back(*, matter: Matter, by: Worker, note: str) -> Matter:
    """Give a disputed item back to workers for another round, with a note they will read."""
    matter = _disputed(matter, by)
    if matter.answer_id is not None:
        raise Refused(_("An answer is put to one more worker instead."))
    _adjudicate(matter, by, note)
    _refuse_if_closed(matter)
    matters.move(matter, to=Matter.Status.SETTLED)
    following = rounds.ask_next(matter)
    if following.status != Matter.Status.OPEN:
        raise Refused(_("Nobody enrolled is left who could take it: settle it yourself."))
    return following


@transaction.atomic
def ask_another(*, matter: Matter, by: Worker) -> Assignment:
    """Put a disputed answer to one more worker; who judged it themselves may not.

    Who asks knows what the others said, so they are not that worker.
    """
    matter = matters.locked(matter.pk)
    if words := why_not(matter=matter, by=by):
        raise NotYours(words)
    witnesses.read(matter=matter, by=by)
    return matters.ask_another(matter=matter, by=by)


def _disputed(matter: Matter, by: Worker) -> Matter:
    matter = matters.locked(matter.pk)
    if first := Adjudication.objects.filter(matter=matter).select_related("by").first():
        raise AlreadySettled(
            _("%(who)s has settled this already: %(reason)s")
            % {"who": first.by.pseudonym, "reason": first.reason},
            first=first,
        )
    if matter.status != Matter.Status.DISPUTED:
        raise Refused(_("This matter is %(now)s.") % {"now": matter.get_status_display()})
    if words := why_not(matter=matter, by=by):
        raise NotYours(words)
    witnesses.read(matter=matter, by=by)  # whatever they decide, no later round is theirs
    return matter


def _adjudicate(matter: Matter, by: Worker, reason: str, **said: object) -> Adjudication:
    """Write the decision down first: its trigger looks at what the reviewer wrote before it."""
    reason = reason.strip()
    if not reason or len(reason) > NOTE_LENGTH:
        raise Refused(
            _("Give a reason of at most %(limit)s characters.") % {"limit": NOTE_LENGTH},
            field="reason",
        )
    try:
        with transaction.atomic():
            return Adjudication.objects.create(matter=matter, by=by, reason=reason, **said)
    except IntegrityError as error:
        if "nobody adjudicates what they judged or wrote" not in str(error):
            raise
        raise NotYours(_("Somebody else has to settle this.")) from error


def _chosen(matter: Matter, takes: Mapping[str, Take]) -> dict[str, Option | None]:
    """Return by polarity the option taken, or None for a text that nobody has written yet."""
    if set(takes) != set(Option.Polarity.values):
        raise Refused(_("Take a text for each option."))
    chosen = {polarity: _known(matter, polarity, take) for polarity, take in takes.items()}
    if None in chosen.values():
        _refuse_if_closed(matter)
    return chosen


def _known(matter: Matter, polarity: str, take: Take) -> Option | None:
    options_there = matter.item.options.filter(polarity=polarity)
    if take.option:
        option = options_there.filter(pk=take.option).first()
        if option is None:
            raise Refused(_("This text is not one of the item's."), field=f"{polarity}-take")
        return option
    text = options.checked(take.text, field=f"{polarity}-text")
    return options_there.filter(normal_form=normal_form(text)).order_by("-pk").first()


def _put_in_place(
    matter: Matter, polarity: str, option: Option | None, text: str, *, by: Worker, ref: str
) -> None:
    live = list(matter.item.options.live().filter(polarity=polarity))
    if option in live:
        live.remove(option)
    elif option is not None:
        options.restore(earlier=option, replaces=live.pop(0) if live else None, decision_ref=ref)
    elif live:
        options.rewrite(
            option=live.pop(0),
            text=text,
            author_ref=by.pseudonym,
            origin=Option.Origin.REVIEWER,
            decision_ref=ref,
        )
    else:
        options.propose(
            item=matter.item,
            polarity=polarity,
            text=text,
            origin=Option.Origin.REVIEWER,
            author_ref=by.pseudonym,
        )
    for other in live:
        options.reject(option=other, reason=_("another text was taken"), decision_ref=ref)


def _refuse_if_closed(matter: Matter) -> None:
    if matter.campaign.status == Campaign.Status.CLOSED:
        raise Refused(
            _("The campaign is closed, so nobody can sign a new text: take one that is there.")
        )
