"""Ids that come from outside: from forms, and from drafts that were forms once."""

import re

_ID = re.compile(r"[0-9]{1,18}")  # fits a bigint


def as_id(text: str) -> int | None:
    """Return the text as the id of a row, or None when it cannot be one."""
    return int(text) if _ID.fullmatch(text) else None
