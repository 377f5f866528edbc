"""Tags of severity 4: models draft no negative options there unless a curator switches each on."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from curation import audit
from curation.models import Item, ItemTag, Option, Project, RiskTag, SevereSwitch
from curation.refusals import Refused

SEVERE = 4
WITHHELD = "rule:severe"  # what decided on an option that was taken back for its item's tag


def of(project: Project) -> QuerySet[RiskTag]:
    """Return the severe tags of the project's taxonomy, each with whether it is `on`."""
    on = SevereSwitch.objects.filter(project=project, tag=OuterRef("pk"))
    tags = RiskTag.objects.filter(version=project.taxonomy_id, severity=SEVERE)
    return tags.annotate(on=Exists(on))


def closed(project: Project) -> QuerySet[RiskTag]:
    """Return every severe tag that is not switched on in the project."""
    on = SevereSwitch.objects.filter(project=project)
    return RiskTag.objects.filter(severity=SEVERE).exclude(pk__in=on.values("tag"))


def items_under(project: Project, tag: RiskTag) -> int:
    """Count the current items of the project that have the tag, from whomever."""
    tagged = ItemTag.objects.filter(tag=tag)
    items = Item.objects.current().filter(project=project)
    return items.filter(Q(main_tag=tag) | Q(pk__in=tagged.values("item"))).count()


def closing(item_ids: Iterable[int]) -> set[int]:
    """Return those of the items that have a severe tag which is not switched on."""
    on = SevereSwitch.objects.filter(project=OuterRef("project"), tag=OuterRef("main_tag"))
    on_too = SevereSwitch.objects.filter(project=OuterRef("item__project"), tag=OuterRef("tag"))
    tagged = ItemTag.objects.filter(~Exists(on_too), item=OuterRef("pk"), tag__severity=SEVERE)
    by_main_tag = Q(main_tag__severity=SEVERE) & ~Exists(on)
    items = Item.objects.filter(by_main_tag | Exists(tagged), pk__in=set(item_ids))
    return set(items.values_list("pk", flat=True))


def take_back(item_ids: Iterable[int]) -> None:
    """Leave behind the negative options that models proposed for items which prove to be severe.

    The items are locked, and nobody reviews them yet.
    """
    drafted = Option.objects.filter(
        item__in=closing(item_ids),
        polarity=Option.Polarity.NEGATIVE,
        origin=Option.Origin.MODEL,
        status=Option.Status.PROPOSED,
    )
    drafted.update(
        status=Option.Status.REJECTED,
        decision_ref=WITHHELD,
        decided_at=Now(),
        reason=_("the item has a tag of severity 4"),
    )


@transaction.atomic
def switch(*, project: Project, tag: RiskTag, on: bool, by: User | None) -> None:
    """Let models draft negative options under a severe tag, or no longer."""
    if tag.version_id != project.taxonomy_id or tag.severity != SEVERE:
        raise Refused(_("Only tags of severity 4 of the project's taxonomy have a switch."))
    switches = SevereSwitch.objects.filter(project=project, tag=tag)
    if on:
        _row, changed = SevereSwitch.objects.get_or_create(
            project=project, tag=tag, defaults={"by_ref": audit.ref(by)}
        )
    else:
        changed = bool(switches.delete()[0])
    if changed:
        audit.record(
            project=project,
            by=audit.ref(by),
            action="severe.on" if on else "severe.off",
            subject=f"project:{project.slug}",
            tag=tag.code,
        )
