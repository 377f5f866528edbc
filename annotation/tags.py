"""Risk tags as people choose and read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from curation import planned
from curation.models import Item, Project, RiskTag
from curation.refusals import Refused

LIMIT = 12


def checked(codes: Sequence[str], *, project: Project) -> list[str]:
    """Return the codes without repeats, or refuse one that the project's taxonomy does not have."""
    found = list(dict.fromkeys(codes))
    known = RiskTag.objects.filter(version=project.taxonomy_id, code__in=found).count()
    if len(found) > LIMIT or known != len(found):
        raise Refused(_("Choose tags of this project's taxonomy."), field="main_tag")
    return found


def name_of(tag: RiskTag) -> str:
    """Return the name in the reader's language."""
    return tag.name_zh if (get_language() or "").startswith("zh") else tag.name_en


def path_of(tag: RiskTag | None, known: dict[str, RiskTag]) -> list[str]:
    """Return the names from the dimension down to the tag; `known` maps codes to tags."""
    if tag is None:
        return []
    parts = tag.code.split(".")
    codes = [".".join(parts[:length]) for length in range(1, len(parts) + 1)]
    return [name_of(known[code]) for code in codes if code in known]


@dataclass(frozen=True)
class Suggestion:
    """A tag somebody proposed for an item, not checked by anyone."""

    tag: RiskTag
    by_model: bool


COLUMNS = planned.Columns(RiskTag, "tag")
SUGGESTED = f"""
    SELECT proposed.origin = 'model', {COLUMNS} FROM curation_itemtag proposed
      JOIN curation_risktag tag ON tag.id = proposed.tag_id
     WHERE proposed.item_id = %(item)s AND proposed.origin IN ('source', 'model')
     ORDER BY proposed.origin = 'model', proposed.score DESC NULLS LAST, proposed.id"""  # noqa: S608


def suggested(item: Item) -> list[Suggestion]:
    """Return the tags proposed by the source and by models, the source's first."""
    by_code: dict[str, Suggestion] = {}
    for by_model, *values in planned.every(SUGGESTED, {"item": item.pk}):
        tag = cast(RiskTag, COLUMNS.row(values))
        by_code.setdefault(tag.code, Suggestion(tag, by_model))
    return list(by_code.values())
