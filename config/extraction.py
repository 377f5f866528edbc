"""Where the words are: finding what the sources offer for translation."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from django.utils.translation.template import templatize

ROOTS = ("config", "curation", "annotation", "api", "templates")
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
COMMENT_TAGS = ["Translators:"]
LOCALE = "zh_Hans"


def template(root: Path) -> Catalog:
    """Gather every message of the sources; the places are files with line numbers."""
    # zh_Hans alone is no locale of Babel's plural table, and Chinese knows one form anyway.
    catalog = Catalog(locale="zh_Hans_CN")
    for path in sources(root):
        for line, message, comments, context in _messages(path):
            where = [(path.relative_to(root).as_posix(), line)]
            catalog.add(message, None, where, auto_comments=comments, context=context)
    return catalog


def sources(root: Path) -> list[Path]:
    """List the files that may hold words for people, in one order everywhere."""
    found = [
        path
        for room in ROOTS
        for pattern in ("*.py", "*.html", "*.txt")
        for path in (root / room).rglob(pattern)
    ]
    return sorted(path for path in found if "migrations" not in path.parts)


def _messages(path: Path) -> Iterator[tuple[int, Any, list[str], str | None]]:
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        text = gettext_calls(text, path.name)
    return extract(
        "python", io.BytesIO(text.encode()), KEYWORDS, COMMENT_TAGS, strip_comment_tags=True
    )


def gettext_calls(source: str, name: str = "") -> str:
    """Turn a template into lines of gettext calls that Babel reads as Python, line for line.

    Babel's own Django extractor fails on today's templates. What Django's templatize leaves between
    the calls keeps its indentation, at which Python's tokenizer would stumble.
    """
    lines = templatize(source, origin=name).split("\n")
    return "\n".join(re.sub(r"[^\S\n]+", " ", line).strip() for line in lines)
