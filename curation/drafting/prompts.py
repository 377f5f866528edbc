"""Our instruction texts: files with declared slots, pinned once released.

A file `<name>_v<N>.<language>.txt` holds a `[system]` part, which may be missing, and a `[user]`
part. Slots are written `$question`; every file uses exactly the slots declared here. `$nonce`
stays open in the filled messages: it is made from the call and put in when the call is sent, so
that nobody who writes a question can know the marks that will stand around it.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from django.utils.translation import gettext as _

from curation.models import Prompt, Purpose
from curation.refusals import Refused

FOLDER = Path(__file__).parent / "prompts"
NONCE = "nonce"
SLOTS: dict[str, set[str]] = {
    Purpose.POSITIVE: {"question", NONCE},
    Purpose.NEGATIVE: {"question", NONCE},
    Purpose.TAGS: {"question", "taxonomy", NONCE},
    Purpose.CHECK: {"question", "positive", "negative", NONCE},
    Purpose.CHOICE: {"question", "options", NONCE},
    Purpose.EXPANSION: {"question", "number", NONCE},
    Purpose.JUDGE: {"question", "answer", NONCE},
    # A critic is asked in the words of its form.
    Purpose.CRITIQUE: {"question", "answer", "taxonomy", NONCE},
    "critique_text": {"question", "answer", NONCE},
    "critique_category": {"question", "answer", "taxonomy", NONCE},
}
VERSIONS: dict[str, int] = {
    Purpose.POSITIVE: 2,
    Purpose.NEGATIVE: 2,
    Purpose.TAGS: 2,
    Purpose.CHECK: 1,
    Purpose.CHOICE: 1,
    Purpose.EXPANSION: 1,
    Purpose.JUDGE: 1,
    Purpose.CRITIQUE: 1,
    "critique_text": 1,
    "critique_category": 1,
}
_PARTS = re.compile(r"^\[(system|user)\]\n", re.MULTILINE)

Messages = list[dict[str, str]]


@dataclass(frozen=True)
class PromptFile:
    """A prompt as its file holds it. The messages are templates that still have all slots."""

    name: str
    version: int
    language: str
    text: str
    messages: tuple[tuple[str, Template], ...]

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    def fill(self, **slots: str) -> Messages:
        """Return the messages with every slot filled but the nonce.

        They stay templates, so a `$` of the data is doubled.
        """
        escaped = {name: value.replace("$", "$$") for name, value in slots.items()}
        return [
            {"role": role, "content": template.safe_substitute(escaped)}
            for role, template in self.messages
        ]


class BadPrompt(Exception):
    """A file of ours is not as declared; a fault of the build, not of a person."""


@cache
def load(name: str, language: str) -> PromptFile:
    """Return the current version of a prompt, checked."""
    version = VERSIONS[name]
    path = FOLDER / f"{name}_v{version}.{language}.txt"
    text = path.read_text(encoding="utf-8")
    file = parsed(name, version, language, text)
    used = {slot for _role, template in file.messages for slot in template.get_identifiers()}
    sound = all(template.is_valid() for _role, template in file.messages)
    if used != SLOTS[name] or "$$" in text or not sound:
        raise BadPrompt(f"{path.name} uses the slots {sorted(used)}")
    return file


@cache
def parsed(name: str, version: int, language: str, text: str) -> PromptFile:
    """Return the prompt that a text holds: a `[user]` part, and perhaps a `[system]` part first."""
    before, *parts = _PARTS.split(text)
    messages = tuple(
        (role, Template(body.strip())) for role, body in zip(parts[::2], parts[1::2], strict=True)
    )
    if before or [role for role, _template in messages] not in (["system", "user"], ["user"]):
        raise BadPrompt(f"{name}_v{version} needs a [user] part, and may have a [system] before")
    return PromptFile(name, version, language, text, messages)


def pinned(row: Prompt) -> PromptFile:
    """Return the prompt as it was when the row was made."""
    return parsed(row.name, row.version, row.language, row.text)


def registered(name: str, language: str) -> tuple[PromptFile, Prompt]:
    """Return the prompt and its row, made at first use.

    Refuses a file that was changed after it was used: a released prompt is followed by the next
    version, never edited.
    """
    file = load(name, language)
    row, _created = Prompt.objects.get_or_create(
        name=name,
        version=file.version,
        language=language,
        defaults={"text": file.text, "checksum": file.checksum},
    )
    if row.checksum != file.checksum:
        raise Refused(
            _("The prompt %(name)s was changed after it was used: give it a new version.")
            % {"name": row}
        )
    return file, row
