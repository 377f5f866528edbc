"""Which hosts endpoints may be at where the operator names none."""

from urllib.parse import SplitResult

LOOPBACK = ["127.0.0.1", "localhost", "::1"]


def allowed_by_default(site: SplitResult) -> list[str]:
    """Return this machine, for the rehearsal and local models; none of it to a public site.

    Any port of it would be within reach of every curator there.
    """
    return [] if site.scheme == "https" else LOOPBACK
