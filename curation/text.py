"""Normal forms: when two texts count as the same, and which script they are written in."""

import hashlib
import re
import unicodedata

_HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_SPACES = re.compile(r"\s+")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
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
    """Return the Levenshtein distance in characters.

    Bit-parallel after Myers (1999) and Hyyrö (2003): one step a character of `new`, so that two
    texts of some thousand characters take milliseconds.
    """
    if not old:
        return len(new)
    everywhere = (1 << len(old)) - 1
    last = 1 << (len(old) - 1)
    places: dict[str, int] = {}
    for place, character in enumerate(old):
        places[character] = places.get(character, 0) | 1 << place
    up, down, distance = everywhere, 0, len(old)
    for character in new:
        same = places.get(character, 0)
        diagonal = (((same & up) + up) ^ up) | same | down
        rises = down | ~(diagonal | up) & everywhere
        falls = up & diagonal
        distance += bool(rises & last) - bool(falls & last)
        rises = (rises << 1 | 1) & everywhere
        falls = (falls << 1) & everywhere
        up = falls | ~(diagonal | rises) & everywhere
        down = rises & diagonal
    return distance


def without_unstorable(text: str) -> str:
    """Return the text without what PostgreSQL and UTF-8 cannot hold: NUL and lone surrogates."""
    return _UNSTORABLE.sub("", text)


def fits_language(text: str, language: str) -> bool:
    """Say whether the script fits: Chinese holds Han characters, English holds hardly any."""
    han = len(_HAN.findall(text))
    if language == "zh" or not han:
        return (han > 0) == (language == "zh")
    letters = sum(character.isalpha() for character in text)
    return han * 10 <= letters
