"""The life of an option."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from curation.models import Draft, Item, Option
from curation.models.base import OPTION_LENGTH, storable
from curation.refusals import Refused
from curation.text import normal_form


class SameText(Refused):
    """The item already has a live option that says this."""


def checked(text: str, *, field: str = "text") -> str:
    """Return the text, or refuse one that is empty, too long or cannot be stored."""
    if not normal_form(text):
        raise Refused(_("An option needs a text."), field=field)
    # The normal form may be longer than the text: one ligature becomes several letters.
    if max(len(text), len(normal_form(text))) > OPTION_LENGTH:
        raise Refused(
            _("An option has at most %(limit)s characters.") % {"limit": OPTION_LENGTH}, field=field
        )
    try:
        storable(text)
    except ValidationError as error:
        raise Refused(error.messages[0], field=field) from error
    return text


def propose(
    *,
    item: Item,
    polarity: Option.Polarity | str,
    text: str,
    origin: Option.Origin,
    author_ref: str,
    draft: Draft | None = None,
    flags: list[str] | None = None,
    supersedes: Option | None = None,
) -> Option:
    """Put a new option beside the item's others, not yet accepted by anyone."""
    checked(text)
    try:
        with transaction.atomic():
            return Option.objects.create(
                item=item,
                polarity=polarity,
                text=text,
                normal_form=normal_form(text),
                origin=origin,
                author_ref=author_ref,
                draft=draft,
                flags=flags or [],
                supersedes=supersedes,
            )
    except IntegrityError as error:
        if "no_two_live_options_say_the_same" not in str(error):
            raise
        raise SameText(_("The item already has an option with this text.")) from error


def propose_drafts(*, polarity: Option.Polarity, drafts: Iterable[Draft]) -> None:
    """Put what models drafted beside the options of their items.

    A text that an item already has is left out. The drafts hold `{"option": text}`, read and
    checked; their items are locked.
    """
    Option.objects.bulk_create(
        [
            Option(
                item_id=draft.item_id,
                polarity=polarity,
                text=checked((draft.parsed or {})["option"]),
                normal_form=normal_form((draft.parsed or {})["option"]),
                origin=Option.Origin.MODEL,
                author_ref=f"endpoint:{draft.attempt.call.endpoint.name}",
                draft=draft,
                flags=draft.flags,
            )
            for draft in drafts
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def rewrite(
    *, option: Option, text: str, author_ref: str, origin: Option.Origin, decision_ref: str
) -> Option:
    """Follow an option by a new text; refuse one that says the same."""
    if normal_form(text) == option.normal_form:
        raise SameText(_("The new text says the same as the old one: accept it instead."))
    _move(option, Option.Status.SUPERSEDED, decision_ref=decision_ref)
    return propose(
        item=option.item,
        polarity=option.polarity,
        text=text,
        origin=origin,
        author_ref=author_ref,
        supersedes=option,
    )


@transaction.atomic
def restore(*, earlier: Option, replaces: Option | None, decision_ref: str) -> Option:
    """Bring back an earlier text of the item, as its author's, in place of what followed it."""
    if replaces is not None:
        _move(replaces, Option.Status.SUPERSEDED, decision_ref=decision_ref)
    return propose(
        item=earlier.item,
        polarity=earlier.polarity,
        text=earlier.text,
        origin=Option.Origin(earlier.origin),
        author_ref=earlier.author_ref,
        draft=earlier.draft,
        flags=earlier.flags,
        supersedes=replaces,
    )


@transaction.atomic
def take_back(*, made: Option, decision_ref: str) -> None:
    """Leave a text behind that its writer takes back; what it followed stands as it stood."""
    earlier = made.supersedes
    _move(made, Option.Status.REJECTED, decision_ref=decision_ref, reason=_("taken back"))
    if earlier is None:
        return
    # The place of what follows the earlier text is free again.
    Option.objects.filter(pk=made.pk).update(supersedes=None)
    Option.objects.filter(pk=earlier.pk, status=Option.Status.SUPERSEDED).update(
        status=Option.Status.PROPOSED, decision_ref="", decided_at=None, reason=""
    )


def accept(*, option: Option, decision_ref: str) -> Option:
    """Make the option gold. Accepting an accepted one changes nothing."""
    if option.status == Option.Status.ACCEPTED:
        return option
    return _move(option, Option.Status.ACCEPTED, decision_ref=decision_ref)


def reject(*, option: Option, reason: str, decision_ref: str) -> Option:
    """Leave the option behind, saying why."""
    return _move(option, Option.Status.REJECTED, decision_ref=decision_ref, reason=reason)


def _move(option: Option, to: Option.Status, *, decision_ref: str, reason: str = "") -> Option:
    if to not in Option.NEXT[Option.Status(option.status)]:
        raise Refused(
            _("An option that is %(now)s cannot become %(to)s.")
            % {"now": option.get_status_display(), "to": to.label}
        )
    moved = Option.objects.filter(pk=option.pk, status=option.status).update(
        status=to, decision_ref=decision_ref, decided_at=Now(), reason=reason
    )
    if not moved:
        raise Refused(_("Somebody else has just decided on this option. Load it again."))
    option.status = to
    return option
