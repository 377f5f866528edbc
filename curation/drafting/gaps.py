"""What the open items of a project lack: options, tags, checks."""

from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When

from curation import severe_tags
from curation.drafting import applying, checking
from curation.models import Item, ItemTag, Option, Project, Purpose

POLARITIES = {
    Purpose.POSITIVE: Option.Polarity.POSITIVE,
    Purpose.NEGATIVE: Option.Polarity.NEGATIVE,
}


def open_items(project: Project) -> QuerySet[Item]:
    """Return the items that drafts can still reach: current, and not yet under review."""
    return Item.objects.current().filter(project=project, status__in=applying.OPEN_TO_DRAFTS)


def lacking(project: Project) -> QuerySet[Item]:
    """Return the open items that lack an option of a polarity, or were never drafted."""
    whole = Q(_has_option(Option.Polarity.POSITIVE)) & Q(_has_option(Option.Polarity.NEGATIVE))
    return open_items(project).exclude(whole & ~Q(status=Item.Status.NEW) & Q(_has_tag()))


def wanted_items(project: Project, purpose: Purpose) -> QuerySet[Item]:
    """Return the items that lack what a purpose drafts."""
    items = open_items(project)
    if purpose == Purpose.TAGS:
        items = items.filter(Q(status=Item.Status.NEW) | ~_has_tag())
    else:
        items = items.exclude(_has_option(POLARITIES[purpose]))
    if purpose == Purpose.NEGATIVE:
        items = items.exclude(_is_severe(project))
    return items


def unchecked(project: Project) -> QuerySet[Item]:
    """Return the open items whose pair is whole and waits for the option checker."""
    return checking.unchecked(open_items(project))


def severe_items(project: Project) -> QuerySet[Item]:
    """Return the open items whose negative option models do not draft."""
    severe = open_items(project).filter(_is_severe(project))
    return severe.exclude(_has_option(Option.Polarity.NEGATIVE))


def _has_option(polarity: Option.Polarity) -> Case:
    return _has(Option.objects.live().filter(item=OuterRef("pk"), polarity=polarity))


def _has_tag() -> Case:
    return _has(ItemTag.objects.filter(item=OuterRef("pk")))


def _is_severe(project: Project) -> Q:
    severe = severe_tags.closed(project)
    tagged = ItemTag.objects.filter(item=OuterRef("pk"), tag__in=severe.values("pk"))
    return Q(main_tag__in=severe.values("pk")) | Q(_has(tagged))


def _has(rows: QuerySet[Any]) -> Case:
    """Say whether there is such a row, looked up item by item.

    A bare EXISTS becomes a join, and right after an import the database plans it for one item.
    """
    return Case(
        When(Exists(rows), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
