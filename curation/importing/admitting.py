"""Making items of rows that were found good."""

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from curation import copying, escalations, suspicion
from curation.importing.rows import Row
from curation.importing.stock import batches
from curation.models import Escalation, ImportFile, Item, ItemTag, Option, RiskTag
from curation.tag_names import TagNames
from curation.text import content_hash, normal_form

BOTH = set(Option.Polarity.values)
Columns = dict[str, Any]


class Admission:
    """Turns rows into items with options and tags, a batch at a time, inside a transaction."""

    def __init__(self, *, file: ImportFile, tags: TagNames) -> None:
        self.file = file
        self.tags = tags

    def admit(self, rows: Iterable[Row]) -> None:
        for batch in batches(rows):
            self.admit_batch(batch)

    def admit_batch(self, rows: list[Row]) -> None:
        ids = copying.add(Item, [self.item_of(row) for row in rows])
        pairs = list(zip(rows, ids, strict=True))
        copying.add(Option, [o for row, item in pairs for o in self.options_of(row, item)])
        copying.add(ItemTag, [t for row, item in pairs for t in self.tags_on(row, item)])
        self.lock_suspected(pairs)
        self.join_parents({item: row.parent for row, item in pairs if row.parent})

    def lock_suspected(self, pairs: list[tuple[Row, int]]) -> None:
        by_text = [item for row, item in pairs if any(map(suspicion.in_text, _texts(row)))]
        by_tag = [item for row, item in pairs if suspicion.in_tags(self.tags_of(row))]
        escalations.lock(by_text, found=Escalation.Found.QUESTION)
        escalations.lock(by_tag, found=Escalation.Found.TAG)

    def item_of(self, row: Row) -> Columns:
        """Return the item; with an option of each polarity it needs no drafting."""
        complete = {polarity for polarity, _text in row.options} == BOTH
        main_tag = next(iter(self.tags_of(row)), None)
        return {
            "uid": uuid.uuid4(),
            "project_id": self.file.project_id,
            "source_id": self.file.source_id,
            "import_file_id": self.file.pk,
            "external_id": row.external_id,
            "question": row.question,
            "content_hash": content_hash(row.question),
            "language": row.language,
            "kind": row.kind,
            "method": row.method,
            "split": row.split,
            "twin_group": row.twin,
            "main_tag_id": main_tag.pk if main_tag else None,
            "status": Item.Status.DRAFTED if complete else Item.Status.NEW,
        }

    def options_of(self, row: Row, item: int) -> Iterator[Columns]:
        for polarity, text in row.options:
            yield {
                "item_id": item,
                "polarity": polarity,
                "text": text,
                "normal_form": normal_form(text),
                "origin": Option.Origin.IMPORT,
                "author_ref": f"import:{self.file.pk}",
            }

    def tags_on(self, row: Row, item: int) -> Iterator[Columns]:
        for tag in self.tags_of(row):
            yield {"item_id": item, "tag_id": tag.pk, "origin": ItemTag.Origin.SOURCE}

    def tags_of(self, row: Row) -> list[RiskTag]:
        found = (self.tags.find(name) for name in row.tags)
        return list({tag.pk: tag for tag in found if tag}.values())

    def join_parents(self, wanted: dict[int, str]) -> None:
        """Point items to their parents, which were made before them or with them."""
        if not wanted:
            return
        found = Item.objects.filter(source=self.file.source, external_id__in=wanted.values())
        parents = {parent.external_id: parent for parent in found.order_by("revision")}
        children = Item.objects.in_bulk(wanted)
        for id, child in children.items():
            child.parent = parents[wanted[id]]
        Item.objects.bulk_update(children.values(), ["parent"])


def _texts(row: Row) -> list[str]:
    return [row.question, *(text for _polarity, text in row.options)]
