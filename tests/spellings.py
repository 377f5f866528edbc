"""How a server may give a secret back, and where it is found again."""

import html
import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote


def plain(secret):
    return secret


def as_base64(secret):
    return b64encode(secret.encode()).decode()


def within_base64(secret):
    return urlsafe_b64encode(f"Bearer {secret} it was".encode()).decode()


def as_hex(secret):
    return secret.encode().hex()


def as_large_hex(secret):
    return secret.encode().hex().upper()


def in_an_address(secret):
    return "".join(f"%{ord(c):02X}" if not c.isalnum() else c for c in secret)


def twice_in_an_address(secret):
    return quote(in_an_address(secret))


def escaped_whole(secret):
    return "".join(f"\\u{ord(c):04x}" for c in secret)


def escaped_here_and_there(secret):
    return "".join(f"\\u{ord(c):04X}" if n % 3 else c for n, c in enumerate(secret))


def escaped_twice(secret):
    return json.dumps(escaped_here_and_there(secret))[1:-1]


def in_html(secret):
    return "".join(f"&#{ord(c)};" if n % 2 else html.escape(c) for n, c in enumerate(secret))


EVERY = (
    *(plain, as_base64, within_base64, as_hex, as_large_hex, in_an_address, twice_in_an_address),
    *(escaped_whole, escaped_here_and_there, escaped_twice, in_html),
)
# Something of these is left: the padding of base64, and what was around the secret.
PARTLY = (as_base64, within_base64)


def found(secret: str, held: bytes) -> list[str]:
    """Return the spellings of a secret that these bytes hold: plain, base64 or hex of any case."""
    # The bytes of base64 that stand for the secret alone, wherever it begins.
    cores = [
        encode(bytes(before) + secret.encode())[-(-before * 8 // 6) :].rstrip(b"=")[:-1]
        for before in range(3)
        for encode in (b64encode, urlsafe_b64encode)
    ]
    told = [secret for there in (secret.encode() in held,) if there]
    told += [core.decode() for core in cores if core in held]
    return told + ["hex"] * (secret.encode().hex().encode() in held.lower())
