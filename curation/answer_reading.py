"""What a file of answers says, matched with the release it claims to answer."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from curation.models import Subject
from curation.models.base import NAME_LENGTH, storable
from curation.refusals import Refused
from scoring import matching, rows
from scoring.answers import read_answers
from scoring.records import ReleaseItem, Reply
from scoring.refusals import NotScored
from scoring.wording import kind_of_item

MAX_FILE = 256 * 1024 * 1024  # bytes
LARGEST_DECODING = 2_000  # characters of JSON
_NO_SLUG = re.compile(r"[^A-Za-z0-9_-]+")


class NotTaken(Refused):
    """Nothing of the file was taken; `details` holds every reason with its count."""

    def __init__(self, reasons: Iterable[str]) -> None:
        self.details = {"reasons": list(reasons)}
        super().__init__("\n".join(self.details["reasons"]))


@dataclass(frozen=True)
class SubjectReplies:
    """One subject's part of a file: its replies by the row of `mcq.jsonl` they answer."""

    name: str
    model: str
    decoding: dict[str, Any]
    replies: Mapping[str, Sequence[Reply]]


def read(path: Path, items: Sequence[ReleaseItem]) -> list[SubjectReplies]:
    """Read the whole file. Raises NotTaken with every kind of fault, and OSError."""
    if path.stat().st_size > MAX_FILE:
        raise NotTaken([_("The file has more than %(limit)s bytes.") % {"limit": MAX_FILE}])
    try:
        found = _named(read_answers(path, items), path)
        told = _told(path)
        read = [
            _replies(name, told.get(name, ("", {})), _matched(items, replies))
            for name, replies in found.items()
        ]
    except NotScored as refusal:
        raise NotTaken(refusal.reasons) from refusal
    if not any(found.values()):
        raise NotTaken([_("The file holds no replies.")])
    if len({subject.name for subject in read}) < len(read):
        raise NotTaken([_("Two subjects of the file have names that are too much alike.")])
    return read


def _named(found: dict[str, list[Reply]], path: Path) -> dict[str, list[Reply]]:
    """Call a subject that the file does not name by the name of the file. Raises NotScored."""
    if "" not in found:
        return found
    if len(found) > 1:
        raise NotScored([f"{len(found[''])} replies name no subject, others do"])
    return {path.stem: found[""]}


def _replies(
    name: str, facts: tuple[str, dict[str, Any]], replies: Mapping[str, Sequence[Reply]]
) -> SubjectReplies:
    model, decoding = facts
    slug = slug_of(name)
    return SubjectReplies(slug, model or (name if name != slug else ""), decoding, replies)


def slug_of(name: str) -> str:
    """Return the name with hyphens for what a file name and an address cannot hold."""
    slug = _NO_SLUG.sub("-", name).strip("-")
    if not 0 < len(slug) <= (Subject._meta.get_field("name").max_length or 0):
        raise NotTaken([_("“%(name)s” cannot name a subject.") % {"name": name[:80]}])
    return slug


def _matched(items: Sequence[ReleaseItem], replies: Iterable[Reply]) -> dict[str, list[Reply]]:
    found = matching.by_item(items, replies)
    kinds = {item.id: kind_of_item(item.kind) for item in items}
    given = [(kinds[key], reply) for key, of_item in found.items() for reply in of_item]
    foreign = [reply.place for kind, reply in given if reply.kind not in (None, kind)]
    unnamable = [reply.place for _kind, reply in given if len(reply.judge) > NAME_LENGTH]
    reasons = [
        *matching.counted("with a verdict in the words of another kind", foreign),
        *matching.counted(f"with a judge's name of over {NAME_LENGTH} characters", unnamable),
    ]
    if reasons:
        raise NotScored(reasons)
    return found


def _storable(part: rows.Row, decoding: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(decoding, ensure_ascii=False, allow_nan=False)
        storable(text)
    except (ValueError, RecursionError, ValidationError):
        text = "\\u0000"
    if len(text) > LARGEST_DECODING or "\\u0000" in text:
        part.refuse("decoding", "is too long, or holds what cannot be stored")
    return decoding


def _told(path: Path) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return model and decoding of each subject, where the file tells. Raises NotScored."""
    told: dict[str, tuple[str, dict[str, Any]]] = {}
    for row in rows.read(path):
        if isinstance(row.values.get("subject"), dict):
            part = row.part("subject")
            model = part.text("model", default="", longest=NAME_LENGTH)
            facts = (model, _storable(part, part.part("decoding").values))
            if told.setdefault(part.name("name"), facts) != facts:
                row.refuse("subject", "says something else than a row before")
    return told
