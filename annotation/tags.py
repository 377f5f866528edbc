"""Risk tags as people choose and read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from curation.models import Item, ItemTag, Project, RiskTag
from curation.refusals import Refused

LIMIT = 12


def checked(codes: Sequence[str], *, project: Project) -> list[str]:
    """Return the codes without repeats, or refuse one that the project's taxonomy does not have."""
    found = list(dict.fromkeys(codes))
    known = RiskTag.objects.filter(version=project.taxonomy_id, code__in=found).count()
    if len(found) > LIMIT or known != len(found):
        raise Refused(_("Choose tags of this project's taxonomy."), field="main_tag")
    return found


KNOWN_FOR = 60  # seconds: a version in use is not edited, but may be loaded anew
_known: dict[int, tuple[float, list[RiskTag]]] = {}


def of_version(version: int) -> list[RiskTag]:
    """Return every tag of a taxonomy version in its order; asked for at every page of work."""
    now = monotonic()
    since, found = _known.get(version, (-KNOWN_FOR, []))
    if now - since >= KNOWN_FOR or not found:
        found = list(RiskTag.objects.filter(version=version))
        _known[version] = now, found
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


def suggested(item: Item) -> list[Suggestion]:
    """Return the tags proposed by the source and by models, the source's first."""
    found = ItemTag.objects.filter(
        item=item, origin__in=[ItemTag.Origin.SOURCE, ItemTag.Origin.MODEL]
    ).select_related("tag")
    by_code: dict[str, Suggestion] = {}
    for proposed in sorted(
        found, key=lambda p: (p.origin == ItemTag.Origin.MODEL, -(p.score or 0))
    ):
        by_model = proposed.origin == ItemTag.Origin.MODEL
        by_code.setdefault(proposed.tag.code, Suggestion(proposed.tag, by_model))
    return list(by_code.values())
