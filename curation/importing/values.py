"""Reading the values of one JSON object, and remembering everything that is wrong with them."""

from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from curation.importing.report import Fault, shown
from curation.models.base import storable
from curation.text import says_nothing


class Values:
    """The values of the object at a line."""

    def __init__(self, line: int, values: dict[str, Any]) -> None:
        self.line = line
        self.values = values
        self.faults: list[Fault] = []
        self.trimmed = False

    def fault(self, field: str, reason: str) -> None:
        self.faults.append(Fault(self.line, field, reason))

    def expect(self, wanted: Iterable[str], optional: Collection[str] = ()) -> None:
        """Complain about every key that is missing, and every one nobody asked for."""
        wanted = tuple(wanted)
        for key in wanted:
            if key not in self.values:
                self.fault(key, _("is missing"))
        for key in [key for key in self.values if key not in (*wanted, *optional)]:
            self.fault(
                shown(key),
                _("is not a key of this format, which has: %(known)s")
                % {"known": ", ".join([*wanted, *optional])},
            )

    def text(self, key: str, *, most: int) -> str:
        """Return a text that must be there, trimmed."""
        return self.checked(key, self.values[key], most=most) if key in self.values else ""

    def checked(self, field: str, value: object, *, most: int) -> str:
        """Return a value as text without surrounding space; complain about what is none."""
        if not isinstance(value, str):
            self.fault(field, _("must be a text in quotes"))
            return ""
        text = value.strip()
        self.trimmed = self.trimmed or text != value
        if reason := _unfit(text, most):
            self.fault(field, reason)
            return ""
        return text

    def name(self, key: str, *, most: int) -> str:
        """Return a text or whole number as text, such as an id."""
        value = self.values.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        return self.checked(key, value, most=most) if key in self.values else ""

    def one_of(self, key: str, known: Collection[str], default: str = "") -> str:
        """Return a known word, or the default where the key is left out."""
        if key not in self.values:
            return default
        value = self.values[key]
        if isinstance(value, str) and value in known:
            return value
        self.fault(key, _("must be one of: %(known)s") % {"known": ", ".join(known)})
        return ""

    def sequence(self, key: str) -> list[Any]:
        """Return a list, empty where the key is left out."""
        value = self.values.get(key, [])
        if isinstance(value, list):
            return value
        self.fault(key, _("must be a list in brackets"))
        return []


def _unfit(text: str, most: int) -> str:
    if len(text) > most:
        return _("is %(length)s characters long; %(limit)s are allowed") % {
            "length": len(text),
            "limit": most,
        }
    try:
        storable(text)
    except ValidationError as error:
        return str(error.messages[0])
    return _("is empty") if says_nothing(text) else ""
