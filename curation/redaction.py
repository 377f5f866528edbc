"""Secrets are replaced wherever words leave the process: in logs, reports, and kept replies.

A secret is known by its value once it was remembered, in the spellings that servers give back:
plain, as hex, as base64, and with any character escaped. What looks like a key is hidden too.
"""

import html
import logging
import re
import sys
import traceback
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from functools import lru_cache
from types import TracebackType
from typing import Any

MASK = "[key]"
# What is shorter may be a word of any text; local servers take "none" or "ollama" for a key.
SHORTEST = 8
LOOKS_LIKE_A_KEY = re.compile(r"\bsk-[A-Za-z0-9_-]{8,}|\bBearer\s+[^\s\"'\\<>]+")

BASE64 = (b64encode, urlsafe_b64encode)
ESCAPED = re.compile(r"\\+(?:u([0-9a-f]{4})|x([0-9a-f]{2}))?|%(?:25)?([0-9a-f]{2})", re.IGNORECASE)

_remembered: set[str] = set()


def remember(secret: str) -> str:
    """Hide this text from now on in whatever this process logs or reports, and return it."""
    if len(secret) >= SHORTEST:
        _remembered.add(secret)
    return secret


def hidden(text: str) -> str:
    """Return the text without any secret that was remembered, and without what looks like one."""
    for secret in list(_remembered):
        text = _without(secret, text)
    return LOOKS_LIKE_A_KEY.sub(MASK, text)


def without(secret: str, body: bytes) -> bytes:
    """Return a body without this secret, whatever its encoding."""
    if len(secret) < SHORTEST:
        return body
    return _without(secret, body.decode("latin-1")).encode("latin-1")


def without_keys(body: bytes) -> bytes:
    """Return a body without what looks like a key, whosever it is."""
    return LOOKS_LIKE_A_KEY.sub(MASK, body.decode("latin-1")).encode("latin-1")


class Record(logging.LogRecord):
    """A record that holds its final words, so that no handler of anybody sees others."""

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.msg, self.args = hidden(_words(self)), ()
        if self.exc_info and self.exc_info[0]:
            self.exc_text = hidden("".join(traceback.format_exception(*self.exc_info)).rstrip())
        if self.stack_info:
            self.stack_info = hidden(self.stack_info)


def install() -> None:
    """Let every logger of this process make such records, whoever configured its handlers."""
    logging.setLogRecordFactory(Record)
    sys.excepthook = _tell


def _words(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # `logging` would print the arguments, and whatever they hold
        return f"{record.msg} {record.args!r}"


def _tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.stderr.write(hidden("".join(traceback.format_exception(kind, error, trace))))


def _without(secret: str, text: str) -> str:
    forms = _forms(secret)
    plain = _unescaped(text)
    # Looking for every spelling is slow, and hardly ever is there anything to find.
    if not any(form in text or bare in plain for form, bare in forms) and (
        secret.encode().hex() not in text.lower()
    ):
        return text
    for pattern in _patterns(secret):
        text = pattern.sub(MASK, text)
    return text


@lru_cache(maxsize=256)
def _forms(secret: str) -> list[tuple[str, str]]:
    """Return what the secret may look like, itself and in a text `_unescaped`."""
    data = secret.encode()
    # The bytes of a body are read one by one, so more than ASCII is looked for in UTF-8 too.
    forms = {secret, data.decode("latin-1")}
    forms |= {_core(encode, data, before) for encode in BASE64 for before in range(3)}
    return [(form, _unescaped(form)) for form in sorted(forms)]


@lru_cache(maxsize=256)
def _patterns(secret: str) -> list[re.Pattern[str]]:
    """Return what finds it in any spelling; slow to make, and only needed once there is one."""
    patterns = [re.compile("".join(map(_any_spelling, form))) for form, _bare in _forms(secret)]
    return [*patterns, re.compile(secret.encode().hex(), re.IGNORECASE)]


def _core(encode: Callable[[bytes], bytes], data: bytes, before: int) -> str:
    """Return the characters that stand for these bytes alone when so many others precede them."""
    whole = encode(bytes(before) + data).decode()
    return whole[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]


def _any_spelling(character: str) -> str:
    """Match a character as it is, or as JSON, addresses, HTML or Python escape it."""
    code = ord(character)
    return (
        rf"(?:\\{{0,4}}{re.escape(character)}"
        rf"|\\{{1,4}}(?i:u{code:04x}|x{code:02x})"
        rf"|%(?:25)?(?i:{code:02x})"
        rf"|&(?:amp;)?\#(?:0{{0,4}}{code}|(?i:x)0{{0,4}}(?i:{code:x}));"
        rf"|{re.escape(html.escape(character))})"
    )


def _unescaped(text: str) -> str:
    """Return the text with all escapes meant, and without any backslash."""
    if "&" in text:
        text = html.unescape(html.unescape(text))
    return ESCAPED.sub(_meant, text)


def _meant(found: re.Match[str]) -> str:
    code = found[1] or found[2] or found[3]
    return chr(int(code, 16)).strip("\\") if code else ""
