"""Fields that an endpoint's requests carry beyond those of a call, as a curator says them."""

import json
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from curation import redaction
from curation.models.base import storable
from curation.refusals import Refused

# These belong to the call itself; an endpoint may not send other ones.
RESERVED = {
    *("model", "messages", "stream", "n", "response_format", "tools", "max_completion_tokens"),
}
LARGEST = 2_000  # characters of JSON
DEEPEST = 20
MOST_TOKENS = 32_000
# What is kept here is shown to every curator. A token alone may be a word of the model's.
OF_KEYS = re.compile(
    r"api_?key|(access|private|secret)_?key|(access|auth|bearer)_?token"
    r"|authori[sz]ation|secret|passw(or)?d|passphrase|credential"
)


def check(extra: dict[str, Any]) -> None:
    """Refuse the first thing that is wrong with the fields."""
    names = _names(extra)
    text = _text(extra) if names is not None else ""
    if names is None or not text or len(text) > LARGEST:
        raise _refusal(_("Extra fields are too long, or hold what cannot be stored."))
    if reserved := RESERVED & extra.keys():
        raise _refusal(_("Extra fields may not set %(names)s.") % {"names": _listed(reserved)})
    most = extra.get("max_tokens", 1)
    if type(most) is not int or not 1 <= most <= MOST_TOKENS:
        raise _refusal(_("max_tokens is a number from 1 to %(limit)s.") % {"limit": MOST_TOKENS})
    if of_keys := {name for name in names if OF_KEYS.search(_plain(name))}:
        raise _refusal(
            _(
                "Every curator sees extra fields, so %(names)s may not be one: say above where "
                "the key is."
            )
            % {"names": _listed(of_keys)}
        )
    if redaction.hidden(text) != text:
        raise _refusal(_("Extra fields may not hold a key."))


def _names(extra: dict[str, Any]) -> set[str] | None:
    """Return the names at all depths, or nothing of what is too deep to be handled."""
    names: set[str] = set()
    waiting: list[tuple[int, Any]] = [(1, extra)]
    while waiting:
        depth, value = waiting.pop()
        if depth > DEEPEST:
            return None
        if isinstance(value, dict):
            names.update(value)
            waiting += [(depth + 1, inner) for inner in value.values()]
        elif isinstance(value, list):
            waiting += [(depth + 1, inner) for inner in value]
    return names


def _text(extra: dict[str, Any]) -> str:
    """Return the fields as JSON, or nothing if that cannot be stored."""
    try:
        text = json.dumps(extra, ensure_ascii=False, allow_nan=False)
        storable(text)
    except (ValueError, ValidationError):
        return ""
    return "" if "\\u0000" in text else text


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _refusal(words: str) -> Refused:
    return Refused(words, field="extra_body")
