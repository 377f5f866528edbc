"""Replies as the parsers see them: one alphabet, no decoration, no thinking aloud."""

import re
import unicodedata

_THINKS = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_THOUGHT = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_BOXED = re.compile(r"\\boxed\s*\{\s*(?:\\text\s*\{)?([^{}]*)\}+")
_TABLE = str.maketrans(
    {
        **dict.fromkeys('*_`#\u200b\u200c\u200d\u2060\ufeff"“”', ""),
        **dict.fromkeys("’‘", "'"),
        **dict.fromkeys("【「『〔〖", "["),
        **dict.fromkeys("】」』〕〗", "]"),
    }
)


def without_thoughts(reply: str) -> str:
    """What was said after thinking aloud in ``<think>`` tags; thoughts cut short say nothing."""
    said = _THOUGHT.split(reply)[-1]
    return _THINKS.split(said)[0]


def plain(reply: str) -> str:
    """Full-width forms folded to ASCII, emphasis and quotes dropped, empty lines too.

    Runs of space become one, which also keeps the parsers' patterns from backtracking over them.
    """
    text = _BOXED.sub(r"[[\1]]", without_thoughts(reply))
    text = unicodedata.normalize("NFKC", text).translate(_TABLE)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
