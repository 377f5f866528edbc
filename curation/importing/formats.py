"""The formats that can be read, and how a file shows which one it is."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from curation.importing import fine, lines, own, seval
from curation.importing.rows import Row
from curation.importing.values import Values
from curation.refusals import Refused

AUTO = "auto"
_LOOKED_AT = 100  # lines


@dataclass(frozen=True)
class Format:
    """A format: how a row is read, what the file calls its fields, and what goes without saying."""

    name: str
    title: str
    signs: frozenset[str]  # keys that no other format has
    read: Callable[[Values, str], Row]
    source: str  # name of the source where none is given
    language: str = ""  # of rows that do not say; empty: guessed, or each row says
    guessed: bool = False
    question: str = "question"
    id: str = "id"
    tags: str = "tags"


FORMATS = {
    found.name: found
    for found in (
        Format(
            name="fine",
            title="FINE",
            signs=frozenset({"category", *fine.OPTIONS}),
            read=fine.read,
            source="FINE file",
            language="en",
            tags="category",
        ),
        Format(
            name="s-eval",
            title="S-Eval",
            signs=frozenset({"traceid", "risk_type", "prompt", "ext"}),
            read=seval.read,
            source="S-Eval file",
            guessed=True,
            question="prompt",
            id="traceid",
            tags="risk_type",
        ),
        Format(
            name="jsonl",
            title="JSONL",
            signs=frozenset({"question", "options", "language"}),
            read=own.read,
            source="JSONL file",
        ),
    )
}


def chosen(name: str, stream: BinaryIO, start: int) -> Format:
    """Return the format of that name; for "auto", the one the first rows show."""
    if name != AUTO:
        if name not in FORMATS:
            raise Refused(
                _("There is no format “%(name)s”. There are: %(known)s.")
                % {"name": name, "known": ", ".join([AUTO, *FORMATS])},
                field="format",
            )
        return FORMATS[name]
    for line in islice(lines.read(stream, start), _LOOKED_AT):
        if found := _shown_by(line.values):
            return found
    raise Refused(
        _(
            "The first lines are no rows of FINE, S-Eval or our own format. Wanted is one JSON "
            "object a line, with at least a question."
        )
    )


def _shown_by(values: dict[str, Any]) -> Format | None:
    return next((f for f in FORMATS.values() if f.signs & values.keys()), None)
