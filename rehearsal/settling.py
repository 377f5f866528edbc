"""Stub."""

from rehearsal.browser import Browser


def settle_all(browser: Browser, path: str) -> int:
    return 0
