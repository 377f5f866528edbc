"""What a server says in its headers of a model, or an address, that will go away."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from curation import redaction

LENGTH = 300  # characters that are kept
# RFC 9745 and RFC 8594, and what vendors call the same.
TOLD_BY = re.compile(r"deprecat|sunset|end-of-life|retire", re.IGNORECASE)
WARNS = re.compile(r"(?:^|-)warnings?$", re.IGNORECASE)
SUNSET = re.compile(r"\bsunset: ([^;]+)", re.IGNORECASE)


def told(headers: Mapping[str, str]) -> str:
    """Return the headers that warn, such as `sunset: …; warning: …`; empty where none does."""
    found = (
        f"{name.lower()}: {''.join(c for c in value if c.isprintable())}"
        for name, value in headers.items()
        if value and (TOLD_BY.search(name) or WARNS.search(name))
    )
    return redaction.hidden("; ".join(sorted(found)))[:LENGTH]


def ends_at(notice: str) -> datetime | None:
    """Return when the server says that it ends, if it says so in a way that can be read."""
    found = SUNSET.search(notice)
    try:
        at = parsedate_to_datetime(found[1]) if found else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else at.replace(tzinfo=UTC)
