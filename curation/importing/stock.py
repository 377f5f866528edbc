"""Comparing a file with the items that are there."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from curation.importing.checks import Findings, fingerprint
from curation.importing.formats import Format
from curation.importing.report import Fault, shown
from curation.models import Item, ItemTag, Option, Source

BATCH = 1_000
T = TypeVar("T")


def unchanged(found: Findings, format: Format, source: Source) -> set[str]:
    """Return the ids of rows that are items of the source already.

    A row whose id is that of an item with other content is a fault.
    """
    same: set[str] = set()
    differ: set[str] = set()
    for batch in batches(found.prints):
        for item in _as_imported(Item.objects.filter(source=source, external_id__in=batch)):
            is_same = _print_of(item) == found.prints[item.external_id]
            (same if is_same else differ).add(item.external_id)
    found.errors.add(_conflict(found.lines[id], id, format) for id in sorted(differ - same))
    return same


def look_for_relatives(found: Findings, format: Format, source: Source) -> None:
    """Add what is wrong or doubtful about rows beside items of other files."""
    found.errors.add(_parents_not_found(found, source))
    found.errors.add(_twins_taken(found, source))
    found.warnings.add(_asked_before(found, format, source))


def batches(things: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Cut anything into lists of at most so many."""
    left = iter(things)
    while batch := list(islice(left, size)):
        yield batch


def _as_imported(items: QuerySet[Item]) -> QuerySet[Item]:
    return items.select_related("parent").prefetch_related(
        Prefetch("options", Option.objects.filter(origin=Option.Origin.IMPORT)),
        Prefetch(
            "item_tags",
            ItemTag.objects.filter(origin=ItemTag.Origin.SOURCE).select_related("tag"),
        ),
    )


def _print_of(item: Item) -> bytes:
    return fingerprint(
        texts=(item.question, item.language, item.kind, item.method, item.split),
        family=(item.twin_group, item.parent.external_id if item.parent else ""),
        tags=(of.tag.code for of in item.item_tags.all()),
        options=((option.polarity, option.text) for option in item.options.all()),
    )


def _conflict(line: int, id: str, format: Format) -> Fault:
    return Fault(
        line,
        format.id,
        _("“%(id)s” is an item with other content; questions of other origin need another source")
        % {"id": shown(id)},
    )


def _asked_before(found: Findings, format: Format, source: Source) -> Iterator[Fault]:
    for batch in batches(found.questions):
        items = Item.objects.filter(project=source.project, content_hash__in=batch)
        # The row itself, imported before, is no news.
        others = items.exclude(source=source, external_id__in=found.lines.keys() & _ids(items))
        first = others.order_by("content_hash", "id").distinct("content_hash")
        for digest, id, name in first.values_list("content_hash", "external_id", "source__name"):
            yield Fault(
                found.questions[digest],
                format.question,
                _("asks the same as the item “%(id)s” of “%(source)s”")
                % {"id": shown(id), "source": shown(name)},
            )


def _ids(items: QuerySet[Item]) -> set[str]:
    return set(items.values_list("external_id", flat=True))


def _parents_not_found(found: Findings, source: Source) -> Iterator[Fault]:
    there: set[str] = set()
    for batch in batches(found.parents):
        items = Item.objects.filter(source=source, external_id__in=batch)
        there |= set(items.values_list("external_id", flat=True))
    for id, line in found.parents.items():
        if id in found.lines and id not in there:
            yield Fault(line, "parent", _("must stand on a line above this one"))
        elif id not in there:
            yield Fault(line, "parent", _("is no row above and no item of this source"))


def _twins_taken(found: Findings, source: Source) -> Iterator[Fault]:
    groups = dict.fromkeys(group for group, _language in found.twins)
    for batch in batches(groups):
        items = Item.objects.current().filter(project=source.project, twin_group__in=batch)
        for group, language, id, source_id in items.values_list(
            "twin_group", "language", "external_id", "source_id"
        ):
            line = found.twins.get((group, language))
            ours = source_id == source.pk and found.lines.get(id) == line
            if line and not ours:
                yield Fault(
                    line,
                    "twin",
                    _("the item “%(id)s” is the twin in this language already") % {"id": shown(id)},
                )
