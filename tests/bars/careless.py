"""Careless lines that somebody might add: keys in a log, in an exception; and guards taken away."""

import logging
from typing import Any

from curation.drafting import probe, wire
from curation.endpoints import key_of

logger = logging.getLogger("careless")
BREAKS = "breaks"
_plain_client, _plain_probe = wire.http_client, probe.probe


def careless_client(key: str) -> Any:
    """Tell the log everything about a key, in all the ways that a log has."""
    logger.warning("Asking with %s", key)
    logger.warning(f"Asking with {key}", extra={"key": key})
    logger.error("Headers: %r", {"authorization": f"Bearer {key}"}, stack_info=True)
    try:
        try:
            raise ValueError(key)
        except ValueError as error:
            raise RuntimeError(f"It broke with {key.encode().hex()}") from error
    except RuntimeError:
        logger.exception("A call failed")
    return _plain_client(key)


def careless_probe(endpoint: Any) -> Any:
    """Break with the key at hand, where the endpoint is called so."""
    if endpoint.name.startswith(BREAKS):
        key = key_of(endpoint)
        request = {"headers": [("authorization", f"Bearer {key}")], "body": key.encode() * 4}
        raise RuntimeError(f"It broke with {key} and {len(request)} more")
    return _plain_probe(endpoint)


def kept(secret: str, text: str) -> str:
    """Hide nothing that was remembered."""
    return text


def as_it_is(text: str) -> str:
    """Hide nothing in a log."""
    return text
