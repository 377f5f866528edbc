"""What a tag says: names, definitions, aliases and severity, and the code it stands under."""

import re
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from curation import names
from curation.models.base import NOTE_LENGTH, storable
from curation.models.taxonomy import CODE_LENGTH, TagFacts
from curation.refusals import Refused
from curation.taxonomy_files import LEVELS

HIGHEST = 4  # severity
MOST_ALIASES = 50
MOST_TAGS = 1_000
_NAME = re.compile(r"[A-Za-z0-9_]+")


class TagWords(NamedTuple):
    """Everything of a tag that may be edited."""

    name_en: str
    name_zh: str
    definition_en: str = ""
    definition_zh: str = ""
    aliases: tuple[str, ...] = ()
    severity: int = 1


def of(tag: TagFacts) -> TagWords:
    """Return what a tag says."""
    said = {name: getattr(tag, name) for name in TagWords._fields}
    return TagWords(**said | {"aliases": tuple(tag.aliases)})


def checked(words: TagWords) -> TagWords:
    """Return the words without space around them, or refuse the first field that is no good."""
    if words.severity not in range(HIGHEST + 1):
        raise Refused(_("A severity is 0 to 4."), field="severity")
    return TagWords(
        name_en=names.checked(words.name_en, field="name_en"),
        name_zh=names.checked(words.name_zh, field="name_zh"),
        definition_en=_definition(words.definition_en, "definition_en"),
        definition_zh=_definition(words.definition_zh, "definition_zh"),
        aliases=_aliases(words.aliases),
        severity=words.severity,
    )


def code_of(parent: str, name: str) -> str:
    """Return the code of a new tag below a parent, or of a dimension, or refuse it."""
    if not _NAME.fullmatch(name):
        raise Refused(
            _("A code holds letters from a to z, digits and underscores only."), field="code"
        )
    code = f"{parent}.{name}" if parent else name
    if len(code) > CODE_LENGTH:
        raise Refused(
            _("A code has at most %(limit)s characters.") % {"limit": CODE_LENGTH}, field="code"
        )
    if code.count(".") >= LEVELS:
        raise Refused(_("Tags stand at most %(levels)s deep.") % {"levels": LEVELS}, field="parent")
    return code


def _definition(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > NOTE_LENGTH:
        raise Refused(
            _("A definition has at most %(limit)s characters.") % {"limit": NOTE_LENGTH},
            field=field,
        )
    try:
        storable(text)
    except ValidationError as error:
        raise Refused(error.messages[0], field=field) from error
    return text


def _aliases(aliases: tuple[str, ...]) -> tuple[str, ...]:
    if len(aliases) > MOST_ALIASES:
        raise Refused(
            _("A tag has at most %(limit)s aliases.") % {"limit": MOST_ALIASES}, field="aliases"
        )
    for line, alias in enumerate(aliases, 1):
        try:
            names.checked(alias, field="aliases")
        except Refused as refused:
            raise Refused(
                _("Alias %(line)s: %(why)s") % {"line": line, "why": refused}, field="aliases"
            ) from refused
    return tuple(dict.fromkeys(alias.strip() for alias in aliases))
