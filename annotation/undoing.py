"""Undo: a worker takes back what they submitted last, as long as nothing follows from it.

Evidence stays: a row that takes back supersedes the judgement, and its seat ends as undone. The
worker gets a new seat of the matter (of a new round, in a review) with what they had said in it.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from annotation import leases, matters, shown, work_drafts
from annotation.leases import Grant
from annotation.models import (
    Assignment,
    Campaign,
    Decline,
    Enrolment,
    Judgement,
    Matter,
    OptionAct,
    Worker,
    WrittenText,
)
from annotation.taking import digest
from curation import options, planned
from curation.models import Option
from curation.refusals import Refused

UNDO_WITHIN = timedelta(minutes=10)


class CannotUndo(Refused):
    """Something follows from the judgement by now, or it is not the worker's last one."""


def may_undo(*, judgement: Judgement, worker: Worker) -> str:
    """Return why the worker may not take the judgement back, or nothing."""
    if judgement.worker_id != worker.pk or judgement.takes_back:
        return _("Only a judgement of your own can be taken back.")
    mine = Judgement.objects.standing().filter(
        worker=worker, matter__campaign=judgement.matter.campaign_id
    )
    if judgement.pk != mine.order_by("-pk").values_list("pk", flat=True).first():
        return _("Only the last judgement can be taken back.")
    if not recent([judgement]):
        return _("It is too late to take this back: that can be done for 10 minutes.")
    if _has_read_others(judgement, worker):
        return _("You have read what others said of this, so it stays.")
    return _why_settled(judgement)


def recent(judgements: Iterable[Judgement]) -> set[int]:
    """Return those the time to take back has not passed for.

    Any of them may become the last one, when those after it are taken back.
    """
    given = Judgement.objects.filter(pk__in=[judgement.pk for judgement in judgements])
    return set(given.filter(submitted_at__gt=Now() - UNDO_WITHIN).values_list("pk", flat=True))


def _has_read_others(judgement: Judgement, worker: Worker) -> bool:
    """Say whether they are a witness (`annotation.witnesses`) of what they have judged."""
    return Decline.objects.filter(
        worker=worker,
        matter__campaign_item=judgement.matter.campaign_item_id,
        reason=Decline.Reason.CONFLICT,
    ).exists()


def _why_settled(judgement: Judgement) -> str:
    """Say whether something follows from it: a verdict, a dispute, gold, or somebody's work."""
    matter = judgement.matter
    if matter.campaign.status == Campaign.Status.CLOSED:
        return _("The campaign is closed.")
    if not Enrolment.objects.filter(
        worker=judgement.worker_id, campaign=matter.campaign_id, status=Enrolment.Status.ACTIVE
    ).exists():
        return _("You do not take part in this campaign.")
    if matter.answer_id is not None:
        settled = matter.status != Matter.Status.OPEN
    else:
        following = _following(matter)
        settled = following is None or not _is_untouched(following, judgement)
    return _("This has been settled, or others go on from it, so it stays.") if settled else ""


def _following(matter: Matter) -> Matter | None:
    """Return the round that the judgement of this one has opened."""
    rounds = Matter.objects.filter(campaign_item=matter.campaign_item_id)
    # What a reviewer has decided on is no longer the worker's to take back.
    decided = rounds.filter(round__gte=matter.round, adjudication__isnull=False).exists()
    if matter.status != Matter.Status.SETTLED or decided:
        return None
    following = rounds.filter(round__gt=matter.round).order_by("round").first()
    return following if following and following.status == Matter.Status.OPEN else None


def _is_untouched(following: Matter, judgement: Judgement) -> bool:
    """Say whether nobody was shown the next round, and the texts are as the judgement left them."""
    if following.seats.filter(token__gt=0).exists():
        return False
    made = Option.objects.filter(pk__in=judgement.acts.values("made"))
    return not made.exclude(status=Option.Status.PROPOSED).exists()


@transaction.atomic
def undo(*, judgement: Judgement, worker: Worker) -> Grant:
    """Take the judgement back and lease its matter to the worker again; again, the same grant.

    What they hold meanwhile is given back. Raises `CannotUndo`.
    """
    matter = _locked(judgement, worker)
    judgement = Judgement.objects.get(pk=judgement.pk)
    judgement.matter = matter
    if again := _done_before(judgement, worker):
        return again
    following = _following(matter)
    if words := may_undo(judgement=judgement, worker=worker):
        raise CannotUndo(words)
    leases.hand_back_all(worker=worker, campaign=matter.campaign)
    _take_back(judgement)
    if following is None:
        seat = matters.add_seat(matter)
    else:
        _stand_again(judgement)
        matters.move(following, to=Matter.Status.WITHDRAWN)
        seat = matters.open_next_round(following).seats.get()
    grant = leases.grant(seat=seat, worker=worker)
    work_drafts.save(grant=grant, worker=worker, payload=_said(judgement, seat))
    return grant


def _locked(judgement: Judgement, worker: Worker) -> Matter:
    """Lock all that an undo may touch, in the order of all; return the matter of the judgement.

    That is what the worker holds meanwhile too, for they give it back. Seats of later rounds are
    locked so that no claim takes one any more; claims pass over locked seats.
    """
    campaign = judgement.matter.campaign_id
    enrolments = Enrolment.objects.filter(worker=worker, campaign=campaign)
    list(enrolments.select_for_update(of=("self",), no_key=True).values_list("pk"))
    held = Assignment.objects.held_by(worker).filter(campaign=campaign)
    later = Matter.objects.filter(
        campaign_item=judgement.matter.campaign_item_id, round__gt=judgement.matter.round
    )
    touched = {judgement.matter_id, *held.values_list("matter", flat=True)}
    touched.update(later.values_list("pk", flat=True))
    found = {pk: matters.locked(pk) for pk in sorted(touched)}
    seats = Assignment.objects.filter(matter__in=later, status=Assignment.Status.OPEN)
    list(seats.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    return found[judgement.matter_id]


def _key(judgement: Judgement) -> str:
    return f"undo.{judgement.pk}"


def _done_before(judgement: Judgement, worker: Worker) -> Grant | None:
    """Return the seat that an undo of this judgement gave, while the worker still holds it."""
    if not Judgement.objects.filter(idempotency_key=_key(judgement), worker=worker).exists():
        return None
    held = Assignment.objects.held_by(worker).filter(
        matter__campaign_item=judgement.matter.campaign_item_id
    )
    seat = held.first()
    if seat is None:
        raise CannotUndo(_("You have taken this back already."))
    return Grant(seat.pk, seat.token)


def _take_back(judgement: Judgement) -> None:
    Assignment.objects.filter(pk=judgement.seat_id).update(status=Assignment.Status.UNDONE)
    planned.insert(
        Judgement(
            seat_id=judgement.seat_id,
            matter_id=judgement.matter_id,
            worker_id=judgement.worker_id,
            shown=judgement.shown,
            shown_at=judgement.shown_at,
            submitted_at=judgement.submitted_at,
            guideline_id=judgement.guideline_id,
            token=judgement.token,
            idempotency_key=_key(judgement),
            payload_sha256=digest({"undo": judgement.pk}),
            supersedes_id=judgement.pk,
            takes_back=True,
        )
    )


def _stand_again(judgement: Judgement) -> None:
    """Put the options back as they stood before the judgement's acts."""
    ref = f"judgement:{judgement.pk}"
    for act in judgement.acts.select_related("made", "option"):
        if act.made is not None:
            options.take_back(made=act.made, decision_ref=ref)


def _said(judgement: Judgement, seat: Assignment) -> dict[str, list[str]]:
    """Return what was said as the fields of the page, for a draft."""
    reasons = WrittenText.objects.filter(judgement=judgement, act__isnull=True)
    reason = [written.text for written in reasons]
    fields: dict[str, list[str]] = {"guideline": [str(judgement.guideline_id)]}
    if judgement.matter.answer_id is not None:
        return fields | {
            "outcome": [judgement.outcome],
            "reason": reason,
            "tags": list(judgement.tags),
        }
    fields |= {
        "unfit": [judgement.unfit],
        "note": reason,
        "main_tag": judgement.tags[:1],
        "tags": judgement.tags[1:],
    }
    acts = list(judgement.acts.select_related("option", "made", "written_text"))
    for number, place in enumerate(shown.places(seat.matter.item), 1):
        fields |= _of_place(f"o{number}", place, acts)
    return fields


def _of_place(name: str, place: shown.Place, acts: list[OptionAct]) -> Mapping[str, list[str]]:
    number = place.option.pk if place.option else None
    found = (a for a in acts if a.option_id == number and a.polarity == place.polarity)
    act = next(found, None)
    fields = {f"{name}-id": [str(number or "")], f"{name}-polarity": [place.polarity]}
    if act is None:
        return fields
    written = getattr(act, "written_text", None)
    return fields | {
        f"{name}-act": [act.act],
        f"{name}-text": [act.made.text if act.made else place.option.text if place.option else ""],
        f"{name}-reason": [act.reason],
        f"{name}-note": [written.text] if written and not act.made else [],
    }
