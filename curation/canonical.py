"""JSON with exactly one way to write it, so that equal content has equal bytes."""

import hashlib
import json
from collections.abc import Mapping

# Legal inside a JSON text, and yet the end of a line to many readers.
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\u0085\u2028\u2029"}


def line(values: Mapping[str, object]) -> str:
    """Return one line of JSON without its end: keys as they come, no spaces, text as it is."""
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(_LINE_ENDS)


def page(values: Mapping[str, object]) -> str:
    """Return JSON to be read by people too, with its end of line."""
    return json.dumps(values, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def sha256(text: str) -> str:
    """Return the hash of the UTF-8 bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
