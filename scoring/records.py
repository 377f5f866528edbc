"""What goes into a score: the items of a release, and a subject's replies to them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scoring.orderings import LETTERS, Ordering
from scoring.rows import Row
from scoring.wording import Kind, Verdict


class Form(StrEnum):
    """How the item was put: as an open question, or with its options."""

    OPEN = "open"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class ReleaseItem:
    """One item of a release. ``labels[i]`` is True where ``choices[i]`` is positive."""

    id: str
    item_id: str
    choices: tuple[str, ...]
    labels: tuple[bool, ...]
    question: str = ""
    language: str = ""
    dimension: str = ""
    tags: tuple[str, ...] = ()
    kind: str = ""
    release: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply of the subject to one item in one form.

    ``item_id`` may be an item's ``item_id`` or its ``id``. ``ordering`` is empty for an open
    reply. ``kind`` is what the verdict's word gave away. ``recorded`` stands for a choice whose
    outcome over every ordering was read elsewhere (FINE's ``mul_result``); its text is not read.
    ``place`` names the row in messages.
    """

    item_id: str
    form: Form
    reply: str
    ordering: Ordering = ()
    sample: int = 0
    verdict: Verdict | None = None
    kind: Kind | None = None
    judge: str = ""
    judge_reply: str | None = None
    recorded: bool | None = None
    options_sha256: str = ""
    place: str = ""


def options_hash(choices: Sequence[str]) -> str:
    """SHA-256 in hex of the choices as one compact UTF-8 JSON list, in the stored order."""
    text = json.dumps(list(choices), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def release_item(values: Mapping[str, object], place: str = "row") -> ReleaseItem:
    """An item from a row of ``mcq.jsonl``. Raises ``NotScored`` naming the place and the field."""
    row = Row(place, dict(values))
    metadata = row.part("metadata")
    choices = _choices(row)
    if metadata.text("options_sha256", default="") not in ("", options_hash(choices)):
        metadata.refuse("options_sha256", "is not the hash of the row's choices")
    return ReleaseItem(
        id=row.name("id"),
        item_id=row.name("item_id"),
        choices=choices,
        labels=_labels(row, len(choices)),
        question=row.text("question", default=""),
        language=row.text("language", default=""),
        dimension=metadata.text("dimension", default=""),
        tags=row.texts("tags"),
        kind=metadata.text("kind", default=""),
        release=metadata.text("release", default=""),
    )


def _choices(row: Row) -> tuple[str, ...]:
    choices = row.texts("choices")
    if not 2 <= len(choices) <= len(LETTERS):
        row.refuse("choices", f"must be 2 to {len(LETTERS)} options, {len(choices)} found")
    if not all(choice.strip() for choice in choices):
        row.refuse("choices", "holds an empty option")
    return choices


def _labels(row: Row, count: int) -> tuple[bool, ...]:
    if not row.given("labels"):
        answer = row.number("answer", default=count)
        if answer >= count:
            row.refuse("answer", "names none of the choices, and there are no labels")
        return tuple(index == answer for index in range(count))
    labels = row.numbers("labels")
    if len(labels) != count or not set(labels) <= {0, 1}:
        row.refuse("labels", f"must be {count} numbers, 1 for a positive option and 0 for another")
    if 1 not in labels:
        row.refuse("labels", "no option is positive")
    answer = row.number("answer", default=labels.index(1))
    if answer >= count or labels[answer] != 1:
        row.refuse("answer", "names no option that the labels call positive")
    return tuple(label == 1 for label in labels)
