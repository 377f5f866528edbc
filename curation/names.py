"""Names of things and people: short, visible, on one line."""

import unicodedata

from django.utils.translation import gettext as _

from curation.models.base import NAME_LENGTH
from curation.refusals import Refused


def checked(name: str, *, field: str, most: int = NAME_LENGTH) -> str:
    """Return the name without surrounding space, or refuse one nobody could read or tell apart."""
    name = name.strip()
    if not name:
        raise Refused(_("A name is needed."), field=field)
    if len(name) > most:
        raise Refused(_("A name has at most %(limit)s characters.") % {"limit": most}, field=field)
    if not visible(name):
        raise Refused(_("A name holds no invisible or control characters."), field=field)
    return name


def visible(text: str) -> bool:
    """Say whether every character can be seen: no controls, no direction marks, no line breaks."""
    hidden = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
    return not any(unicodedata.category(character) in hidden for character in text)
