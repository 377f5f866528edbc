"""When two names mean the same model, and which models are kin: a judge of its own kind is lenient.

Names of models are no standard, so this errs towards the same: an account's prefix, a date and
"latest" make no other model.
"""

import re

_DATE = re.compile(r"[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|latest|preview)$|:(?:latest|free)$")
_FAMILY = re.compile(r"[a-z]+")
SCRIPTED = "rehearsal"  # what the names of scripted models begin with: they are all one program


def same(first: str, second: str) -> bool:
    return bool(first and second) and _core(first) == _core(second)


def kin(first: str, second: str) -> bool:
    """Say whether the names begin with the same word, such as two sizes of one model."""
    one, other = _FAMILY.match(_core(first)), _FAMILY.match(_core(second))
    return bool(one and other) and one[0] == other[0] != SCRIPTED  # type: ignore[index]


def _core(model: str) -> str:
    name = model.strip().casefold().rpartition("/")[2]
    while (shorter := _DATE.sub("", name)) != name:
        name = shorter
    return name
