"""Normal forms: when two texts count as the same, and which script they are written in."""

import hashlib
import re
import unicodedata

_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_SPACES = re.compile(r"\s+")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def normal_form(text: str) -> str:
    """Return the text after NFKC and case folding, without hidden marks and extra spaces.

    Two options with the same normal form are the same option; stored text itself stays as given.
    """
    folded = unicodedata.normalize("NFKC", _HIDDEN.sub("", text)).casefold()
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", folded)).strip()


def says_nothing(text: str) -> bool:
    """Say whether the text holds nothing but spaces and hidden marks."""
    return not _HIDDEN.sub("", text).strip()


def content_hash(text: str) -> str:
    """Return the sha256 (hex) of the normal form."""
    return hashlib.sha256(normal_form(text).encode()).hexdigest()


def edit_distance(old: str, new: str) -> int:
    """Return the Levenshtein distance in characters."""
    previous = list(range(len(new) + 1))
    for row, a in enumerate(old, 1):
        current = [row]
        for column, b in enumerate(new, 1):
            current.append(
                min(previous[column] + 1, current[-1] + 1, previous[column - 1] + (a != b))
            )
        previous = current
    return previous[-1]


def fits_language(text: str, language: str) -> bool:
    """Say whether the script fits: Chinese holds Han characters, English holds hardly any."""
    han = len(_HAN.findall(text))
    if language == "zh" or not han:
        return (han > 0) == (language == "zh")
    letters = sum(character.isalpha() for character in text)
    return han * 10 <= letters
