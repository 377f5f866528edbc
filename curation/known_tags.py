"""The tags of a taxonomy version, kept for a while: they are asked for at every page and call."""

from time import monotonic

from curation.models import RiskTag

KNOWN_FOR = 60  # seconds: a version in use is not edited, but may be loaded anew
_known: dict[int, tuple[float, list[RiskTag]]] = {}


def of_version(version: int) -> list[RiskTag]:
    """Return every tag of a taxonomy version in its order."""
    now = monotonic()
    since, found = _known.get(version, (-KNOWN_FOR, []))
    if now - since >= KNOWN_FOR or not found:
        found = list(RiskTag.objects.filter(version=version))
        _known[version] = now, found
    return found
