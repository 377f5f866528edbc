"""The `custom_id` of a line in a batch file: which call it asks for, and in which file.

A call may go out in several files, so its key alone does not say what a result answers. Some
endpoints take 64 characters of letters, figures, `-` and `_` at most, so the key is in base64.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

BARE = re.compile(r"[0-9a-f]{64}")  # as in files written before they were told apart
NAMED = re.compile(r"([A-Za-z0-9_-]{43})-([1-9]\d{0,17})")


def made(key: str, file_id: int) -> str:
    return f"{_short(key)}-{file_id}"


def read(custom_id: str) -> tuple[str, int | None] | None:
    """Return the key and the number of the file, if it names one; None for what is not ours."""
    if BARE.fullmatch(custom_id):
        return custom_id, None
    if not (found := NAMED.fullmatch(custom_id)):
        return None
    key = urlsafe_b64decode(found[1] + "=").hex()
    return (key, int(found[2])) if _short(key) == found[1] else None


def _short(key: str) -> str:
    return urlsafe_b64encode(bytes.fromhex(key)).decode().rstrip("=")
