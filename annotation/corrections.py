"""A curator corrects an option that nobody is working on. It needs signing like any new text."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from annotation import matters, workers
from annotation.models import Assignment, Matter
from curation import audit, options
from curation.models import Item, Option
from curation.refusals import Refused

REF = "correction"


class Overtaken(Refused):
    """Another text stands where the corrected one stood; `now` is that option, if there is one."""

    def __init__(self, now: Option | None) -> None:
        super().__init__(
            _("Another text stands here by now. Yours is kept: compare the two and save again.")
            if now
            else _("This option was rejected meanwhile. Your text is kept below.")
        )
        self.now = now


class InHand(Refused):
    """Somebody is working on the item, or a reviewer has to."""


@transaction.atomic
def correct(*, option: Option, text: str, by: User) -> Option:
    """Follow an option by the curator's text. Raises `Overtaken` and `InHand`."""
    options.checked(text)
    _refuse_in_hand(option)
    item = Item.objects.select_related("project").get(pk=option.item_id)
    if words := why_not(item):
        raise Refused(words)
    fresh = Option.objects.select_for_update(of=("self",)).get(pk=option.pk)
    if fresh.status not in Option.LIVE:
        raise Overtaken(instead_of(fresh))
    if fresh.text == text:
        raise Refused(_("Nothing was changed."), field="text")
    author = workers.of(by).pseudonym
    made = options.rewrite(
        option=fresh,
        text=text,
        author_ref=author,
        origin=Option.Origin.REVIEWER,
        decision_ref=f"{REF}:{author}",
    )
    audit.record(
        project=item.project,
        by=audit.ref(by),
        action="option.correct",
        subject=f"option:{made.pk}",
        was=fresh.pk,
    )
    return made


def why_not(item: Item) -> str:
    """Say why no option of the item can be corrected, or nothing."""
    if item.status in (Item.Status.GOLD, Item.Status.REJECTED) or item.superseded_by_id:
        return _("The item is decided: its texts stay as they are.")
    return ""


def _refuse_in_hand(option: Option) -> None:
    """Keep seats from being claimed until the new text stands, or refuse.

    Locks are taken as everywhere: the matter, then its seats. A claim passes over locked seats.
    """
    unsettled = Matter.objects.filter(
        item=option.item_id, status__in=[Matter.Status.OPEN, Matter.Status.DISPUTED]
    )
    for pk in unsettled.order_by("pk").values_list("pk", flat=True):
        matter = matters.locked(pk)
        if matter.status == Matter.Status.DISPUTED:
            raise InHand(_("A reviewer has to decide on this item: correct it there."))
        seats = Assignment.objects.filter(matter=pk)
        list(seats.select_for_update().order_by("pk").values_list("pk"))
        if seats.in_hand().exists():
            raise InHand(_("Somebody is working on this item right now. Try again later."))


def instead_of(option: Option) -> Option | None:
    """Return what stands in the place of an option that was followed."""
    follows = Option.objects.filter(supersedes=option.pk).first()
    while follows and follows.status == Option.Status.SUPERSEDED:
        follows = Option.objects.filter(supersedes=follows.pk).first()
    return follows if follows and follows.status in Option.LIVE else None
