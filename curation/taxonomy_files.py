"""Taxonomy files: what one looks like, and those that come with the product."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from curation.models.base import NAME_LENGTH, NOTE_LENGTH
from curation.refusals import Refused

FOLDER = Path(__file__).parent / "data" / "taxonomies"
LEVELS = 4

Name = Annotated[str, StringConstraints(min_length=1, max_length=NAME_LENGTH)]
Note = Annotated[str, StringConstraints(max_length=NOTE_LENGTH)]


class TagFile(BaseModel):
    """A tag; its code is the path of codes from level 1, dotted."""

    model_config = ConfigDict(extra="forbid", strict=True)

    code: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$", max_length=80)
    ]
    name_en: Name
    name_zh: Name
    definition_en: Note = ""
    definition_zh: Note = ""
    aliases: list[Name] = []
    severity: Annotated[int, Field(ge=0, le=4)] = 1
    children: list["TagFile"] = []

    def facts(self) -> dict[str, Any]:
        """Return everything but its place in the tree."""
        return {name: getattr(self, name) for name in FACTS}


FACTS = tuple(name for name in TagFile.model_fields if name != "children")


class TaxonomyFile(BaseModel):
    """One version of a taxonomy with its tags, nested at most four deep."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+$", max_length=50)]
    number: Annotated[int, Field(ge=1)]
    title_en: Name
    title_zh: Name
    tags: Annotated[list[TagFile], Field(min_length=1)]

    def walk(self) -> Iterator[tuple[TagFile | None, TagFile]]:
        """Yield every tag with its parent, from top to bottom."""
        return _walk(self.tags, None)


def _walk(tags: list[TagFile], parent: TagFile | None) -> Iterator[tuple[TagFile | None, TagFile]]:
    for tag in tags:
        yield parent, tag
        yield from _walk(tag.children, tag)


def built_in() -> dict[str, Path]:
    """Return the files of the taxonomies that come with the product, by name."""
    return {path.stem: path for path in sorted(FOLDER.glob("*.json"))}


def read(path: Path) -> TaxonomyFile:
    """Return the file's content, or refuse it with every fault."""
    try:
        file = TaxonomyFile.model_validate(json.loads(path.read_bytes()))
    except (OSError, ValueError, ValidationError, RecursionError) as error:
        raise Refused(
            _("%(file)s is not a taxonomy: %(why)s") % {"file": path.name, "why": error}
        ) from error
    _check_codes(file)
    return file


def _check_codes(file: TaxonomyFile) -> None:
    seen: set[str] = set()
    for parent, tag in file.walk():
        above, _dot, _own = tag.code.rpartition(".")
        if above != (parent.code if parent else "") or tag.code.count(".") >= LEVELS:
            raise Refused(
                _("The code “%(code)s” does not follow from its parent's.") % {"code": tag.code}
            )
        if tag.code in seen:
            raise Refused(_("The code “%(code)s” stands twice.") % {"code": tag.code})
        seen.add(tag.code)
