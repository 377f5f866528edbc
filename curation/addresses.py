"""Which addresses of endpoints may be called: only hosts that the operator named.

A host counts as private when the operator named it so: in `LLM_ALLOWED_PRIVATE`, or as `localhost`
or a private address itself in `LLM_ALLOWED_HOSTS`. All others are reached with TLS, at public
addresses only: a name that somebody else may point elsewhere leads to nothing of ours.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from curation import redaction
from curation.refusals import Refused

PORTS = {"http": 80, "https": 443}
LONGEST = 400
NOT_PUBLIC_V4 = [
    ip_network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
    )
]
# Everything else of version 6 is local, a group, or carries an address of version 4 …
PUBLIC_V6 = ip_network("2000::/3")
# … as do some of these: Teredo and other protocols, examples, 6to4, examples again.
NOT_PUBLIC_V6 = [
    ip_network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]


class NotAllowed(Refused):
    """The address is not one that this installation calls; `problem` is a code of `problems`."""

    problem = "not_allowed"


class LeadsInside(NotAllowed):
    """The host is allowed, and its name leads to an address that is not public."""

    problem = "private_address"


def checked_address(base_url: str) -> str:
    """Return the address, or refuse one that is malformed or on a host nobody allowed."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refusal(_("That is not an address.")) from None
    printable = base_url.isascii() and base_url.isprintable() and not set(base_url) & set(' \\"<>')
    if parts.scheme not in PORTS or not host or not printable or len(base_url) > LONGEST:
        raise _refusal(_("Give an address such as https://api.example/v1."))
    if "@" in base_url or redaction.hidden(base_url) != base_url:
        raise _refusal(_("The address may not hold a name or a key."))
    if parts.query or parts.fragment or "?" in base_url or "#" in base_url:
        raise _refusal(_("The address may not hold a query."))
    if port == 0:
        raise _refusal(_("That is not an address."))
    port = port or PORTS[parts.scheme]
    _check_host(host, port)
    if parts.scheme != "https" and not named_private(host, port):
        raise _refusal(
            _("Use https for %(host)s: the operator did not name it in LLM_ALLOWED_PRIVATE.")
            % {"host": host}
        )
    return base_url


def host_allowed(host: str, port: int) -> bool:
    """Say whether the operator named the host, with this port or with none."""
    return _named(host, port, [*settings.LLM_ALLOWED_HOSTS, *settings.LLM_ALLOWED_PRIVATE])


def is_at(base_url: str, place: str) -> bool:
    """Say whether an address is at a host, or at a host and port."""
    parts = urlsplit(base_url)
    return _named(parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0), [place])


def named_private(host: str, port: int) -> bool:
    """Say whether an allowed host may be at a private address, and be called without TLS."""
    if host.lower() == "localhost" or _named(host, port, settings.LLM_ALLOWED_PRIVATE):
        return True
    try:
        return not is_public(ip_address(host))
    except ValueError:
        return False


def resolved(host: str, port: int) -> list[str]:
    """Look the host up once, and return the addresses that may be connected to.

    One answer that is not public refuses them all, unless the host was named as private. Raises
    OSError where nobody knows the name.
    """
    _check_host(host, port)
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError("no such name") from error
    found = list(dict.fromkeys(str(address[0]) for *_kind, address in answers))
    if named_private(host, port) or all(is_public(ip_address(one)) for one in found):
        return found
    raise LeadsInside(
        _("The name %(host)s leads to a private address.") % {"host": host}, field="base_url"
    )


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether the address is somebody's on the internet.

    `is_private` and `is_global` of the standard library let through what carries an address of
    version 4 in one of version 6, and shared addresses.
    """
    if isinstance(address, IPv4Address):
        return not any(address in block for block in NOT_PUBLIC_V4)
    return address in PUBLIC_V6 and not any(address in block for block in NOT_PUBLIC_V6)


def _check_host(host: str, port: int) -> None:
    if not host_allowed(host, port):
        raise _refusal(
            _("The host %(host)s is not allowed: the operator lists hosts in LLM_ALLOWED_HOSTS.")
            % {"host": host}
        )


def _named(host: str, port: int, texts: list[str]) -> bool:
    entries = [_entry(text) for text in texts if text.strip()]
    return any(host.lower() == name and only in (None, port) for name, only in entries)


def _entry(text: str) -> tuple[str, int | None]:
    text = text.strip().lower()
    if text.startswith("["):
        name, _bracket, rest = text[1:].partition("]")
    elif text.count(":") == 1:
        name, _colon, rest = text.partition(":")
    else:
        name, rest = text, ""
    port = rest.lstrip(":")
    return name, (int(port) if port.isdigit() else -1 if port else None)


def _refusal(words: str) -> NotAllowed:
    return NotAllowed(words, field="base_url")
