"""Which addresses of endpoints may be called: only hosts that the operator named."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from curation.refusals import Refused

PORTS = {"http": 80, "https": 443}
LONGEST = 400


class NotAllowed(Refused):
    """The address is not one that this installation calls."""


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
    if "@" in base_url:
        raise _refusal(_("The address may not hold a name or a key."))
    if parts.query or parts.fragment or "?" in base_url or "#" in base_url:
        raise _refusal(_("The address may not hold a query."))
    if not host_allowed(host, PORTS[parts.scheme] if port is None else port):
        raise _refusal(
            _("The host %(host)s is not allowed: the operator lists hosts in LLM_ALLOWED_HOSTS.")
            % {"host": host}
        )
    return base_url


def host_allowed(host: str, port: int) -> bool:
    """Say whether an entry of LLM_ALLOWED_HOSTS names the host, with this port or with none."""
    allowed = [_entry(text) for text in settings.LLM_ALLOWED_HOSTS if text.strip()]
    return any(host.lower() == name and only in (None, port) for name, only in allowed)


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
