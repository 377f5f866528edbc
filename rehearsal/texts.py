"""How a rehearsal recognises a text again, and how it throws dice without chance."""

import hashlib
import unicodedata
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def normalise(text: str) -> str:
    """One spelling for texts that differ only in white space or in width of letters."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def question_key(text: str) -> str:
    """The name of a question in a key file: sha256 (hex) of its normalised UTF-8 text."""
    return digest(normalise(text))


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def fraction(*seed: str) -> float:
    """A number from 0 up to, not including, 1; the same for the same seed, always."""
    return int(digest("\x1f".join(seed))[:12], 16) / 16**12


def choose(options: Sequence[T], *seed: str) -> T:
    return options[int(fraction(*seed) * len(options))]
