"""One question as a file has it, whatever the format."""

from dataclasses import dataclass

from curation.models import Item
from curation.models.base import NAME_LENGTH


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A question with its options. Texts are trimmed; tags are names, not yet looked up."""

    line: int
    external_id: str
    question: str
    language: str
    kind: str = Item.Kind.BASE
    method: str = ""
    split: str = Item.Split.TEST
    tags: tuple[str, ...] = ()
    twin: str = ""
    parent: str = ""
    options: tuple[tuple[str, str], ...] = ()  # polarity and text
    trimmed: bool = False
    encoded: bool = False  # its text need not be in the script of its language


ID_LENGTH = NAME_LENGTH
