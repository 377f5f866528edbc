"""Characters that nobody sees, and that say something to a program or turn what is read around."""

import re
import unicodedata

JOINERS = "\u200c\u200d"
# Controls of direction; marks without width; letters that are blank; selectors and tags in which
# a whole text can be hidden.
_UNSEEN = (
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\u00ad\u034f\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"
    "\u115f\u1160\u17b4\u17b5\u3164\uffa0"
    "\U000e0000-\U000e0fff"
)
_ALWAYS = re.compile(f"[{_UNSEEN}]")
_ANY = re.compile(f"[{_UNSEEN}{JOINERS}]")
# Scripts in which a joiner between two letters changes how they are written.
_JOINED = (
    *("ARABIC", "SYRIAC", "NKO", "MONGOLIAN", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI"),
    *("ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "TIBETAN", "MYANMAR", "KHMER"),
)


def without(text: str) -> str:
    """Return what is seen of a text."""
    return _ANY.sub("", text)


def marks_in(text: str) -> bool:
    """Say whether a text holds such a character; joiners may stand where a script needs them."""
    if _ALWAYS.search(text):
        return True
    return any(
        character in JOINERS and not (place and _takes_joiner(text[place - 1]))
        for place, character in enumerate(text)
    )


def _takes_joiner(before: str) -> bool:
    """Say whether a joiner may follow: a letter of such a script, or a part of an emoji."""
    emoji = unicodedata.category(before) in ("So", "Sk") or before == "\ufe0f"
    return emoji or unicodedata.name(before, "").startswith(_JOINED)
