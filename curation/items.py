"""The life of an item."""

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from curation import audit
from curation import options as option_verbs
from curation.models import Item, ItemTag, Option, RiskTag
from curation.refusals import Refused


class WrongStep(Refused):
    """The item is not where the step begins; somebody may have moved it first."""


def move(*, item: Item, to: Item.Status, reason: str = "") -> Item:
    """Move an item along its life, or refuse if the step is illegal or someone moved it first."""
    if to not in Item.NEXT[Item.Status(item.status)]:
        raise WrongStep(
            _("An item that is %(now)s cannot become %(to)s.")
            % {"now": item.get_status_display(), "to": Item.Status(to).label}
        )
    moved = Item.objects.filter(pk=item.pk, status=item.status).update(
        status=to, status_reason=reason
    )
    if not moved:
        raise WrongStep(_("Somebody else has just moved this item. Load it again."))
    item.status, item.status_reason = to, reason
    return item


@transaction.atomic
def make_gold(
    *,
    item: Item,
    options: Iterable[Option],
    tags: Iterable[RiskTag],
    main_tag: RiskTag,
    tag_origin: ItemTag.Origin,
    by: str,
    decision_ref: str,
) -> Item:
    """Take the signed options and tags as the item's gold and move the item to gold.

    `options` are the ones people signed; every other live option of the item is left behind as
    rejected. There must be at least one of each polarity.
    """

    chosen = list(options)
    if {o.polarity for o in chosen} != set(Option.Polarity.values):
        raise Refused(_("Gold needs a positive and a negative option."))
    for option in item.options.live().exclude(pk__in=[o.pk for o in chosen]):
        option_verbs.reject(
            option=option, reason=_("another text was taken"), decision_ref=decision_ref
        )
    for option in chosen:
        option_verbs.accept(option=option, decision_ref=decision_ref)
    settle_tags(item=item, tags=tags, main_tag=main_tag, origin=tag_origin, ref=decision_ref)
    move(item=item, to=Item.Status.GOLD)
    audit.record(
        project=item.project,
        by=by,
        action="item.gold",
        subject=f"item:{item.uid}",
        decision=decision_ref,
    )
    return item


def settle_tags(
    *,
    item: Item,
    tags: Iterable[RiskTag],
    main_tag: RiskTag,
    origin: ItemTag.Origin,
    ref: str,
) -> None:
    """Make these the accepted tags of the item; what others proposed stays as provenance."""
    wanted = {tag.pk: tag for tag in [main_tag, *tags]}
    ItemTag.objects.filter(item=item, accepted=True).update(accepted=False)
    for tag in wanted.values():
        ItemTag.objects.update_or_create(
            item=item, tag=tag, origin=origin, defaults={"accepted": True, "decision_ref": ref}
        )
    Item.objects.filter(pk=item.pk).update(main_tag=main_tag)
    item.main_tag = main_tag


@transaction.atomic
def reject(*, item: Item, reason: str, by: str, decision_ref: str) -> Item:
    """Take the item out of the set, saying why."""
    move(item=item, to=Item.Status.REJECTED, reason=reason)
    audit.record(
        project=item.project,
        by=by,
        action="item.reject",
        subject=f"item:{item.uid}",
        decision=decision_ref,
    )
    return item
